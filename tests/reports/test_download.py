"""The file: bytes that a spreadsheet reads right, and nothing in it that one would work out."""

import csv
import io
from datetime import date

import pytest
from sqlmodel import Session

from skills.areas.models import Area
from skills.reports.download import guarded
from tests.cast import City
from tests.conftest import AsPerson
from tests.reports.conftest import Log


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_one_row_an_area_and_the_sum(as_person: AsPerson, log: Log, city: City) -> None:
    log("Hoài", "12", date(2026, 8, 3), people=2, people_new=1, skills={1: 3})
    log("Mai", "31", date(2026, 8, 14), people=4)
    answer = as_person("Thu").get("/reports/download.csv?period=2026-08&sort=visits&desc=1")
    assert answer.status_code == 200
    assert answer.content.startswith(b"\xef\xbb\xbfT")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert (
        answer.headers["content-disposition"] == 'attachment; filename="bao-cao-phuong-hai-chau-2026-08.csv"'
    )
    told = rows(answer.content)
    assert [row["Đơn vị"] for row in told] == ["Tổ 12", "Tổ 13", "Tổ 40", "Cộng: Phường Hải Châu"]
    assert [row["Lượt gặp"] for row in told] == ["1", "0", "1", "2"]
    assert [row["Số người được hướng dẫn"] for row in told] == ["2", "0", "4", "6"]
    assert {(row["Từ ngày"], row["Đến ngày"]) for row in told} == {("2026-08-01", "2026-08-31")}
    assert answer.content.count(b"\r\n") == 5


def test_the_city_has_each_ward_under_its_former_district(as_person: AsPerson, log: Log, city: City) -> None:
    log("Hoài", "12", date(2026, 8, 3), people=2)
    told = rows(as_person("Khánh").get("/reports/download.csv?period=2026-08").content)
    assert len(told) == 25 + 94 + 1
    wards = [row for row in told if row["Cấp"] == "phường, xã"]
    assert sum(int(row["Lượt gặp"]) for row in wards) == int(told[-1]["Lượt gặp"]) == 1
    hai_chau = next(row for row in wards if row["Đơn vị"] == "Phường Hải Châu")
    assert hai_chau["Thuộc"] == "Khu vực Hải Châu"
    assert hai_chau["Số hiệu"] == str(city.wards["Hải Châu"].id)


def test_what_was_taught_is_a_file_too(as_person: AsPerson, log: Log) -> None:
    """A line for each skill with its levels, for the same area, days and map; the page links to it."""
    log("Hoài", "12", date(2026, 8, 3), skills={1: 3, 7: 2})
    log("Mai", "31", date(2026, 8, 14), skills={7: 3})
    thu = as_person("Thu")
    address = thu.page("/reports?period=2026-08").link("Tải CSV theo kỹ năng")
    told = rows(thu.get(address).content)
    assert [(row["Mã"], row["Thực hành"], row["Tự làm được"], row["Cộng"]) for row in told] == [
        ("NT01", "0", "1", "1"),
        ("CQ01", "1", "1", "2"),
    ]
    assert {row["Đơn vị"] for row in told} == {"Phường Hải Châu"}
    assert thu.get("/reports/download.csv?by=sorcery").status_code == 422


def test_the_head_speaks_the_readers_language(as_person: AsPerson) -> None:
    person = as_person("Thu")
    person.cookies.set("language", "en")
    head = person.get("/reports/download.csv?period=2026-08").content.decode("utf-8-sig").splitlines()[0]
    assert "Lượt gặp" not in head


def test_an_area_that_was_not_there_has_empty_cells(as_person: AsPerson, city: City) -> None:
    told = rows(as_person("Khánh").get(f"/reports/download.csv?area={city.whole.id}&period=2025-03").content)
    assert len(told) == 1
    assert told[0]["Lượt gặp"] == ""


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+84905", "-5", "@SUM(A1)", "\tx", "\rx", "＝1+1", "＋1", "－1", "＠x", " =1", "\ufeff=1"],
)
def test_no_text_is_taken_for_a_formula(text: str) -> None:
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["Tổ 12", "Phường Hải Châu", "", "K45/12", "12-14"])
def test_plain_words_stay_as_they_are(text: str) -> None:
    assert guarded(text) == text


def test_a_group_with_the_name_of_a_formula_is_text_in_the_file(as_person: AsPerson, city: City) -> None:
    with city.database.writing() as db:
        _rename(db, city.groups["Tổ 13"].id, "=HYPERLINK(1)")
    content = as_person("Thu").get("/reports/download.csv?period=2026-08").content.decode()
    assert ",'=HYPERLINK(1)," in content
    assert ",=HYPERLINK" not in content


def _rename(db: Session, area_id: int, name: str) -> None:
    area = db.get(Area, area_id)
    assert area is not None
    area.name = name


def test_figures_of_ones_own_are_no_file(as_person: AsPerson) -> None:
    assert as_person("Hoài").get("/reports/download.csv").status_code == 404
