"""The map in the office: the city on any day, what each area came from and became, how many groups and doors it holds."""

from datetime import date

import pytest
from fastapi import FastAPI
from sqlmodel import select

from skills.areas.models import Area, Level
from tests.cast import City
from tests.client import Client, Page
from tests.conftest import AsPerson
from tests.households.test_find import statements


def area(city: City, name: str, valid_to: date) -> Area:
    """A ward of former times by its short name and last day."""
    with city.database.reading() as db:
        return db.exec(
            select(Area).where(Area.level == Level.WARD, Area.short_name == name, Area.valid_to == valid_to)
        ).one()


def lines(page: Page) -> list[str]:
    """The rows of the page, as they read."""
    return [e.text for e in page.all("a") if e.attrs.get("href", "").startswith("/admin/areas/")]


def test_the_city_then_a_former_district_then_a_ward_then_its_groups(city: City, as_person: AsPerson) -> None:
    """Four taps down, each with its counts; the ward's doors are counted for who reads its reports."""
    khanh = as_person("Khánh")
    top = khanh.page("/admin/areas")
    assert top.h1 == "Thành phố Đà Nẵng"
    district = next(line for line in lines(top) if line.startswith("Khu vực Hải Châu"))
    assert district == "Khu vực Hải Châu 2 phường, xã · 3 tổ dân phố · 11 hộ"
    below = khanh.page(top.link(district))
    ward = khanh.page(below.link("Phường Hải Châu 3 tổ dân phố · 11 hộ"))
    assert "Thuộc Khu vực Hải Châu , Thành phố Đà Nẵng" in ward.text
    assert ward.link("Xem báo cáo") == f"/reports?area={city.wards['Hải Châu'].id}"
    group = khanh.page(ward.link("Tổ 12 9 hộ"))
    assert group.h1 == "Tổ 12"
    assert "Hộ trong danh sách 9" in group.text


def test_the_map_has_no_secrets_but_doors_are_counted_within_reach(city: City, as_person: AsPerson) -> None:
    """Thu reads An Hải on the map, and how many groups it has, but neither its doors nor its report."""
    thu = as_person("Thu")
    theirs = thu.page(f"/admin/areas/{city.wards['An Hải'].id}")
    assert "Tổ dân phố, thôn 1" in theirs.text
    assert "Hộ trong danh sách —" in theirs.text
    assert "Xem báo cáo" not in theirs.text
    own = thu.page(f"/admin/areas/{city.wards['Hải Châu'].id}")
    assert "Hộ trong danh sách 11" in own.text


def test_on_a_day_before_the_merger_the_old_wards_are_there(city: City, as_person: AsPerson) -> None:
    """The district was one, the ward that is there today was not; the page says what was there instead."""
    tam = as_person("Tâm")
    then = tam.page("/admin/areas?day=1/6/2025")
    assert "Quận Hải Châu" in then.text
    assert "Khu vực Hải Châu" not in then.text
    today = tam.page(f"/admin/areas/{city.wards['Hải Châu'].id}?day=1/6/2025")
    assert "Ngày 01/06/2025 không có đơn vị này." in today.text
    assert any("Thạch Thang" in line for line in lines(today))
    old = area(city, "Thạch Thang", date(2025, 6, 30))
    gone = tam.page(f"/admin/areas/{old.id}")
    assert "Về sau thành" in gone.text
    assert "Phường Hải Châu nhập · 01/07/2025" in lines(gone)
    came = tam.page(f"/admin/areas/{city.wards['Hải Châu'].id}")
    back = next(e for e in came.all("a") if "Thạch Thang" in e.text).attrs["href"]
    assert "Vào ngày 30/06/2025" in tam.page(back).text


@pytest.mark.parametrize("typed", ["hai chau", "HẢI CHÂU", "chau hai", "phường hải châu"])
def test_a_place_is_found_without_accents(city: City, as_person: AsPerson, typed: str) -> None:
    found = as_person("Thu").page("/admin/areas?q=" + typed.replace(" ", "+"))
    assert "Phường Hải Châu Phường" in lines(found)


def test_a_group_is_found_with_its_ward(city: City, as_person: AsPerson) -> None:
    found = as_person("Thu").page("/admin/areas?q=to+3")
    assert "Tổ 3 Phường An Hải" in lines(found)


@pytest.mark.parametrize("query", ["day=30/02/2026", "day=hôm+qua", "x=1", "q=" + "a" * 81])
def test_what_cannot_be_read_is_said(city: City, as_person: AsPerson, query: str) -> None:
    answer = as_person("Thu").get(f"/admin/areas?{query}")
    assert answer.status_code == 422
    assert "Thành phố Đà Nẵng" in Page(answer).text
    if query.startswith("day=30"):
        assert Page(answer).one("input", name="day").attrs["value"] == "30/02/2026"


@pytest.mark.parametrize("query", ["q=%25", "q=_", "q=%00", "q=%ff", "q=%f0%9f%98%80", "day=&q=", "q=a&q=b"])
def test_odd_addresses_are_no_errors_of_ours(city: City, as_person: AsPerson, query: str) -> None:
    assert as_person("Thu").get(f"/admin/areas?{query}").status_code in (200, 422)


@pytest.mark.parametrize(("who", "told"), [("Hoài", 403), ("Lộc", 403), ("Thu", 200), ("Tâm", 200), ("Yến", 200)])  # fmt: skip
def test_who_reads_the_map(city: City, as_person: AsPerson, who: str, told: int) -> None:
    client: Client = as_person(who)
    assert client.get("/admin/areas").status_code == told
    assert client.get(f"/admin/areas/{city.whole.id}").status_code == told


def test_an_area_that_never_was_is_not_found(as_person: AsPerson) -> None:
    thu = as_person("Thu")
    assert thu.get("/admin/areas/999999").status_code == 404
    assert thu.get("/admin/areas/0").status_code in (404, 422)


def test_the_page_of_the_city_is_a_few_statements(city: City, as_person: AsPerson, app: FastAPI) -> None:
    """Its groups and doors are counted in one statement each, whatever there is."""
    khanh = as_person("Khánh")
    heard = statements(app.state.database)
    khanh.page("/admin/areas")
    assert sum("ward_block" in said for said in heard) == 1
    assert sum("count(DISTINCT" in said for said in heard) == 1
