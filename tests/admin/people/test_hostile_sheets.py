"""Files of bad faith are refused with a sentence, or read as the text they are; in seconds, in little memory."""

import json
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from skills.admin.people import cells
from skills.admin.people.read_file import _CELLS, LARGEST, Cells, Unreadable, read_file
from tests.admin.people.hostile_sheets import SHEETS, Hostile, package, raw_entry, sheet, workbook

MEASURED = """
import pathlib, runpy, sys
sys.argv = sys.argv[1:]
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
finally:
    peak = pathlib.Path("/proc/self/status").read_text()
    print(peak.partition("VmHWM:")[2].split()[0], file=sys.stderr)
"""  # kilobytes of memory that the process had at its highest


def became(sent: Callable[[], Cells]) -> str:
    """The code with which a file was refused, or "" when it was read."""
    try:
        sent()
    except Unreadable as error:
        refused = error
    else:
        return ""
    assert len(refused.sentence) > 20
    return refused.code


def test_there_are_enough_of_them() -> None:
    assert len(SHEETS) >= 30
    assert len({each.name for each in SHEETS}) == len(SHEETS)


@pytest.mark.parametrize("hostile", SHEETS, ids=lambda each: each.name)
def test_it_is_refused_or_harmless(hostile: Hostile) -> None:
    data = hostile.make()
    started = time.monotonic()
    assert became(lambda: read_file(hostile.file_name, data)) == hostile.code
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("hostile", SHEETS, ids=lambda each: each.name)
def test_it_takes_little_memory_and_time(hostile: Hostile) -> None:
    """Of the process itself, under the limits that it sets for itself. Files of no kind or too large never get there."""
    data = hostile.make()
    if hostile.code in ("kind", "empty", "large") or hostile.file_name.endswith("m"):
        return
    kind = hostile.file_name.rpartition(".")[2]
    command = [sys.executable, "-I", "-X", "utf8", "-c", MEASURED, str(_CELLS), kind]
    done = subprocess.run(command, input=data, capture_output=True, env={}, cwd="/", check=True)
    assert int(done.stderr.split()[-1]) < 512 * 1024
    assert len(done.stdout) < 1024 * 1024


def test_a_reader_that_wants_more_than_it_may_have_is_ended() -> None:
    """The limits hold for what the guard did not foresee: memory and time."""
    greedy = "import sys; sys.argv = ['', 'csv']; import runpy, io; c = runpy.run_path({!r}); c['main'].__globals__['read_csv'] = {}; c['main']('csv')"
    hungry = greedy.format(str(_CELLS), "lambda data: iter([[b'x' * (600 * 1024 * 1024)]])")
    done = subprocess.run([sys.executable, "-I", "-c", hungry], input=b"", capture_output=True, check=True)
    assert json.loads(done.stdout) == {"refused": "memory"}
    slow = greedy.format(str(_CELLS), "lambda data: iter(lambda: [], 1)").replace(
        "c['main']('csv')", "c['main'].__globals__.update(SECONDS=1, MOST_ROWS=10**12); c['main']('csv')"
    )
    done = subprocess.run([sys.executable, "-I", "-c", slow], input=b"", capture_output=True, check=False)
    assert done.returncode < 0


def test_nothing_of_the_program_is_in_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting, no secret: what breaks out of the reader finds nothing there."""
    monkeypatch.setenv("TUNGNHA_SECRET_KEY", "not for everybody")
    seen: dict[str, object] = {}
    real = subprocess.run

    def watch(command: list[str], **options: object) -> object:
        seen.update(options)
        return real(command, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "run", watch)
    read_file("a.xlsx", package())
    assert seen["env"] == {}
    assert "import skills" not in _CELLS.read_text(encoding="utf-8")
    assert "from skills" not in _CELLS.read_text(encoding="utf-8")


def test_what_honest_programs_save_is_read() -> None:
    """Numbers stay numbers of a telephone, text keeps what a formula would be, and empty rows are passed over."""
    rows = [["Danh sách"], [], ["Họ và tên", "SĐT"], ["Lê Văn An", "0935000001"], ["=1+1", "+84 935 000 002"]]
    read = read_file("Danh sách.XLSX", workbook(rows))
    assert read.rows == [
        (1, ["Danh sách", ""]),
        (3, ["Họ và tên", "SĐT"]),
        (4, ["Lê Văn An", "0935000001"]),
        (5, ["=1+1", "+84 935 000 002"]),
    ]
    for sign in ";,\t":
        text = f'Họ tên{sign}Số điện thoại\r\n\r\n"Lê Văn An"{sign}0935000001\r\n'
        for data in (text.encode(), text.encode("utf-8-sig")):
            assert read_file("a.csv", data).rows == [
                (1, ["Họ tên", "Số điện thoại"]),
                (3, ["Lê Văn An", "0935000001"]),
            ]
    assert read_file("a.csv", b"sep=;\nA, B;C\n").rows == [(1, ["A, B", "C"])]


def test_a_number_without_its_zero_is_not_given_a_point() -> None:
    """A spreadsheet that takes 0935000001 for a number keeps 935000001."""
    data = package(
        sheet().replace(
            '<c r="B2" t="inlineStr"><is><t>0935000001</t></is></c>', '<c r="B2"><v>935000001</v></c>'
        )
    )
    assert read_file("a.xlsx", data).rows[1] == (2, ["Lê Văn An", "935000001"])


def test_more_rows_than_can_be_taken_are_not_given() -> None:
    read = read_file("a.xlsx", workbook([[f"Tên {n}"] for n in range(600)]))
    assert read.more
    assert len(read.rows) == cells.MOST_GIVEN


def test_an_entry_that_is_nothing_special_does_no_harm() -> None:
    """A picture, a theme, a note of the program that saved it."""
    assert read_file("a.xlsx", raw_entry("xl/media/image1.png", b"\x89PNG" + b"\0" * 500)).rows
    assert LARGEST == 5 * 1024 * 1024


def test_what_office_programs_put_into_a_file_is_no_reason_to_refuse_it() -> None:
    """Themes, printers, pictures, links, calculation, and rows without cells down to the very last one."""
    rows = sheet().replace(
        "</sheetData>", '<row r="1048576" customHeight="1"/><row r="1048577"/></sheetData>'
    )
    rows = rows.replace("<sheetData>", '<cols><col min="1" max="16384" width="9"/></cols><sheetData>')
    rows = rows.replace('<row r="2">', '<row r="2"><c r="XFD2" s="3"/>')  # painted, and empty
    parts: dict[str, str | bytes] = {
        "docProps/core.xml": "<a/>", "docProps/app.xml": "<a/>", "docProps/custom.xml": "<a/>", "xl/theme/theme1.xml": "<a/>",
        "docProps/thumbnail.jpeg": b"\xff\xd8\xff\xe0" + bytes(900), "xl/styles.xml": "<styleSheet/>", "xl/calcChain.xml": "<calcChain/>",
        "xl/externalLinks/externalLink1.xml": "<a/>", "xl/drawings/vmlDrawing1.vml": "<xml><br></xml>", "customXml/item1.xml": "\ufeff<a/>",
    }  # fmt: skip
    for number in range(1, 11):
        parts[f"xl/printerSettings/printerSettings{number}.bin"] = b"\x00\x01" * 700
        parts[f"xl/worksheets/sheet{number + 1}.xml"] = sheet()
        parts[f"xl/worksheets/_rels/sheet{number}.xml.rels"] = "<Relationships/>"
    assert [cells for _number, cells in read_file("a.xlsx", package(rows, parts)).rows][1][:2] == [
        "Lê Văn An",
        "0935000001",
    ]
