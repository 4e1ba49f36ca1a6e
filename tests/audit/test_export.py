"""The trail as a file: marked with who took it, itself in the trail, and with nothing in it that a spreadsheet works out."""

import csv
import io
import tracemalloc
import uuid
import zipfile
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from skills.admin.audit import export
from skills.admin.audit.find import IN_A_FILE
from skills.admin.audit.forms import ExportForm
from skills.audit import trail
from skills.people.models import Person
from skills.reports.download import guarded
from tests.audit.book import broken, entries
from tests.cast import City
from tests.client import Client
from tests.conftest import AsPerson

HEADS = ["Lúc", "Địa bàn", "Việc", "Người làm", "Đối tượng", "Mục đổi", "Mã", "Thứ tự"]


def file_of(client: Client, kind: str, **fields: str) -> Any:
    """The answer to the button under the list."""
    answer = client.post("/admin/audit/export", {"file": kind, **fields})
    assert answer.status_code == 200, answer.text[:2000]
    return answer


def csv_rows(content: bytes) -> list[list[str]]:
    """The lines of a CSV file."""
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def xlsx_rows(content: bytes, sheet: int = 0) -> list[list[Any]]:
    """The lines of a sheet."""
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(sheet).to_python()


@pytest.fixture
def written(city: City) -> None:
    """Three changes in Hải Châu, one in An Hải."""
    with city.database.writing() as db:
        ward = city.wards["Hải Châu"].id
        trail.write(
            db, ward, city.people["Thu"].id, "person.dismissed", city.people["Bảo"].id, ["dismissed_at"]
        )
        trail.write(db, ward, None, "person.added", city.people["Mai"].id, ["full_name", "phone"])
        trail.write(db, ward, city.people["Khánh"].id, "person.reset", city.people["Mai"].id, ["password"])
        trail.write(
            db, city.wards["An Hải"].id, city.people["Phúc"].id, "person.added", city.people["Ngân"].id
        )


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_lines_of_ones_reach_with_a_mark(city: City, as_person: AsPerson, kind: str) -> None:
    """First who and when and the number of the file, then the heads, then the lines as on the page."""
    answer = file_of(as_person("Thu"), kind)
    rows = csv_rows(answer.content) if kind == "csv" else xlsx_rows(answer.content)
    taken = next(each for each in entries(city.database) if each.action == "audit.exported")
    mark, heads, *lines = rows
    assert mark[0].startswith("Nguyễn Thị Thu tải lúc ")
    assert mark[0].endswith(f"mã tệp {taken.subject}")
    assert heads == HEADS
    told = [line[2] for line in lines if "nhật ký" not in line[2]]
    assert len(told) == 3
    assert told[0].startswith("Người ngoài địa bàn (…")
    assert told[1:] == ["Máy chủ thêm Đỗ Thị Mai", "Nguyễn Thị Thu cho Phạm Quốc Bảo nghỉ"]
    assert "Khánh" not in str(rows)
    assert "Ngân" not in str(rows)
    assert all(isinstance(cell, str) for row in rows for cell in row)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-disposition"].endswith(f'-{taken.subject[-6:]}.{kind}"')


@pytest.mark.usefixtures("written")
def test_taking_it_is_in_the_trail(city: City, as_person: AsPerson) -> None:
    """Who, which file, and by what it was narrowed; in the chain of her ward."""
    file_of(as_person("Thu"), "csv", action="person.added", day="28/8/2026")
    last = [each for each in entries(city.database) if each.ward_id == city.wards["Hải Châu"].id][-1]
    assert (last.action, last.actor_id, last.fields) == (
        "audit.exported",
        city.people["Thu"].id,
        "changes,csv,action,day",
    )
    assert str(uuid.UUID(last.subject)) == last.subject
    assert broken(city.database) == {}


@pytest.mark.usefixtures("written")
def test_narrowed_as_the_page_was(city: City, as_person: AsPerson) -> None:
    """What the page shows is what the file holds, through the form that the page has."""
    thu = as_person("Thu")
    page = thu.page("/admin/audit?action=person.added")
    answer = thu.submit(page, "/admin/audit/export", file="csv")
    assert [line[2] for line in csv_rows(answer.content)[2:]] == ["Máy chủ thêm Đỗ Thị Mai"]
    assert thu.post("/admin/audit/export", {"file": "docx"}).status_code == 422
    assert thu.post("/admin/audit/export", {"file": "csv", "role": "city_admin"}).status_code == 422


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠"])
def test_no_name_becomes_a_formula(city: City, as_person: AsPerson, begins: str) -> None:
    """Somebody is called like a formula: in CSV an apostrophe stands before it, in XLSX the cell is text."""
    if begins != "\0":  # no database of ours takes it
        with city.database.writing() as db:
            person = db.get_one(Person, city.people["Bảo"].id)
            person.full_name = f"{begins}HYPERLINK(1)"
    with city.database.writing() as db:
        trail.write(
            db, city.wards["Hải Châu"].id, city.people["Bảo"].id, "person.added", city.people["Mai"].id
        )
    thu = as_person("Thu")
    assert guarded(f"{begins}1+1") == f"'{begins}1+1"
    if begins == "\0":
        return
    cells = [cell for row in csv_rows(file_of(thu, "csv").content) for cell in row]
    assert not [cell for cell in cells if cell.startswith(begins)]
    assert any(cell.startswith(f"'{begins}HYPERLINK") for cell in cells)
    with zipfile.ZipFile(io.BytesIO(file_of(thu, "xlsx").content)) as inside:
        sheet = inside.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert 't="n"' not in sheet
    assert sheet.count("<c ") == sheet.count('t="inlineStr"')


def test_a_long_trail_is_read_piece_by_piece(
    city: City, as_person: AsPerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More lines than are read at once, in two chains, and more than a sheet holds: each once, in order, in both kinds of file."""
    monkeypatch.setattr(export, "IN_A_FILE", 50)
    monkeypatch.setattr(export, "MOST_IN_A_SHEET", 100)
    with city.database.writing() as db:
        for n in range(130):
            trail.write(db, city.wards["Hải Châu"].id, None, "totals.rebuilt", n)
            trail.write(db, city.wards["An Hải"].id, None, "totals.rebuilt", n)
    khanh = as_person("Khánh")
    lines = [(line[1], line[6]) for line in csv_rows(file_of(khanh, "csv").content)[2:]]
    wards = sorted((city.wards["Hải Châu"], city.wards["An Hải"]), key=lambda ward: ward.id)
    expected = [(ward.name, str(n)) for ward in wards for n in reversed(range(130))]
    assert [line for line in lines if line[0] != "Cả thành phố"] == expected
    content = file_of(khanh, "xlsx").content
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert len(book.sheet_names) == 3
    both = [row for sheet in range(3) for row in xlsx_rows(content, sheet)]
    assert [
        (row[1], row[6]) for row in both[2:] if len(row) > 6 and row[1] in {ward.name for ward in wards}
    ] == expected


def test_a_long_trail_is_never_in_memory(city: City, as_person: AsPerson) -> None:
    """Six thousand lines in a file of CSV: one piece at a time, none larger than what is read at once."""
    with city.database.writing() as db:
        for n in range(3 * IN_A_FILE):
            trail.write(db, city.wards["Hải Châu"].id, None, "totals.rebuilt", n)
        taken = export.take(db, city.viewer("Khánh"), ExportForm(file="csv"))
    tracemalloc.start()
    sizes = [len(piece) for piece in export.csv_pieces(city.database, taken)]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(sizes) == 2 + 3  # the byte order mark, the head, and three times what is read at once
    assert sum(sizes) > 600_000
    assert peak < 30_000_000
