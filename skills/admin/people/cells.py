"""The cells of a file that somebody sent, read where it can do no harm: a process of its own, with little memory and little time.

`read_file.py` runs this file; nothing of the program is imported here and no setting is passed on. First the guard looks at
everything, then the reader of spreadsheets is given only what the guard has read.
"""

import csv
import io
import json
import re
import resource
import stat
import sys
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, NoReturn
from xml.parsers import expat

MEMORY = 512 * 1024 * 1024  # bytes of address space
SECONDS = 4  # of the processor; whoever waits in front of the page waits no longer

MOST_ROWS, MOST_COLUMNS = 20_000, 40
MOST_GIVEN = 511  # rows with something in them: five hundred names, what stands above them, and one too many
LONGEST_CELL = 300  # characters that are given; nothing that is looked for is longer

MOST_ENTRIES = 64  # a workbook of a ward's office with several sheets, pictures and printers has thirty
MOST_UNPACKED = 50 * 1024 * 1024  # bytes
MOST_RATIO = (
    100  # of entries larger than a megabyte: small ones of one letter repeated are common and harmless
)
MOST_ELEMENTS = 2_000_000  # of XML, in all parts

_NEEDED = re.compile(
    r"(\[content_types\]\.xml|_rels/\.rels|xl/(_rels/|worksheets/|worksheets/_rels/)?[^/]+\.(xml|rels))"
)
_MACROS = re.compile(rb"vbaproject|macroenabled|macrosheet", re.IGNORECASE)
# a file inside the file: zip, OLE, RAR, 7z, gzip, a Windows program, an ELF program
_INNER = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\xd0\xcf\x11\xe0",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
    b"MZ",
    b"\x7fELF",
)
_CELL = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")


class Refused(Exception):
    """The file is not read on; the code says why."""


def main(kind: str) -> None:
    """Reads a file of that kind ("xlsx" or "csv") from the input and writes what was found as JSON."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    for nothing in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE):  # no names in a dump, no file written
        resource.setrlimit(nothing, (0, 0))
    data = sys.stdin.buffer.read()
    try:
        answer = given(read_xlsx(data) if kind == "xlsx" else read_csv(data))
    except Refused as refused:
        answer = {"refused": str(refused)}
    except MemoryError:
        answer = {"refused": "memory"}
    sys.stdout.write(json.dumps(answer, ensure_ascii=False))


def given(rows: Iterator[list[Any]]) -> dict[str, Any]:
    """The rows that hold something, each with its number in the sheet."""
    found: list[tuple[int, list[str]]] = []
    for number, row in enumerate(rows, start=1):
        if number > MOST_ROWS or len(row) > MOST_COLUMNS:
            raise Refused("size")
        cells = [_text(cell)[:LONGEST_CELL] for cell in row]
        if any(cells):
            if len(found) == MOST_GIVEN:
                return {"rows": found, "more": True}
            found.append((number, cells))
    return {"rows": found, "more": False}


def _text(cell: Any) -> str:
    """As it is read on the screen: a telephone number that a spreadsheet took for a number has no point behind it."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


# XLSX


def read_xlsx(data: bytes) -> Iterator[list[Any]]:
    """The rows of the first sheet. What formulas came to is read, and no formula is worked out."""
    parts = {name: content for name, content in unpack(data).items() if _NEEDED.fullmatch(name.lower())}
    if not {"[content_types].xml", "xl/workbook.xml"} <= {name.lower() for name in parts}:
        raise Refused("no_workbook")
    look_into(parts)
    return _rows_of(_packed_anew(parts))


def unpack(data: bytes) -> dict[str, bytes]:
    """The parts of the package by name, each looked at before it is unpacked and counted while it is."""
    try:
        package = zipfile.ZipFile(io.BytesIO(data))
        entries = package.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, OverflowError, UnicodeError):
        raise Refused("damaged") from None
    if len(entries) > MOST_ENTRIES:
        raise Refused("entries")
    if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise Refused("bomb")
    if len({entry.orig_filename.lower() for entry in entries}) < len(entries):
        raise Refused("twice")
    parts, unpacked = {}, 0
    for entry in entries:
        _look_at(entry)
        try:
            with package.open(entry) as part:
                content = part.read(MOST_UNPACKED - unpacked + 1)
        except (
            zipfile.BadZipFile,
            zlib.error,
            ValueError,
            NotImplementedError,
            EOFError,
            RuntimeError,
            OSError,
        ):
            raise Refused("damaged") from None
        unpacked += len(content)
        if unpacked > MOST_UNPACKED or len(content) > max(MOST_RATIO * entry.compress_size, 1024 * 1024):
            raise Refused("bomb")
        if content.startswith(_INNER):
            raise Refused("macros" if _MACROS.search(entry.filename.encode()) else "inner_file")
        parts[entry.filename] = content
    return parts


def _look_at(entry: zipfile.ZipInfo) -> None:
    """Refuses an entry by what stands in the list of the package, before any of it is unpacked."""
    name, kind = entry.orig_filename, stat.S_IFMT(entry.external_attr >> 16)
    if entry.flag_bits & 0x1:
        raise Refused("locked")
    if name.startswith("/") or "\\" in name or ":" in name or "\0" in name or ".." in name.split("/"):
        raise Refused("path")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise Refused("path")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refused("damaged")
    if _MACROS.search(name.encode("utf-8", "replace")):
        raise Refused("macros")
    if entry.file_size > max(MOST_RATIO * entry.compress_size, 1024 * 1024):
        raise Refused("bomb")


def look_into(parts: dict[str, bytes]) -> None:
    """Refuses XML that declares anything of its own, cells beyond the most, and macros."""
    left = MOST_ELEMENTS
    for name, content in parts.items():
        left -= _look_into_xml(content, left)
        if name.lower() == "[content_types].xml" and _MACROS.search(content):
            raise Refused("macros")


def _look_into_xml(content: bytes, most: int) -> int:
    """How many elements there are. Position is followed as readers of spreadsheets follow it: where a cell says, or one further on."""
    elements = row = column = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal elements, row, column
        elements += 1
        if elements > most:
            raise Refused("size")
        tag = name.rpartition(":")[2]
        if tag == "row":
            row, column = _number(attributes["r"]) if "r" in attributes else row + 1, 0
        elif tag == "c":
            column += 1
            if "r" in attributes:
                row, column = _place(attributes["r"])
        elif tag in ("v", "is") and (row > MOST_ROWS or column > MOST_COLUMNS):
            raise Refused("size")

    def encoded(_version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() != "utf-8":
            raise Refused("damaged")

    def refuse(*_told: object) -> NoReturn:
        raise Refused("entities")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.XmlDeclHandler = encoded
    parser.StartDoctypeDeclHandler = refuse
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Refused("damaged")  # two readers would read two things
    try:
        parser.Parse(content, True)
    except expat.ExpatError:
        raise Refused("damaged") from None
    return elements


def _place(reference: str) -> tuple[int, int]:
    """Row and column of "B7", counted from one."""
    match = _CELL.fullmatch(reference)
    if match is None:
        raise Refused("damaged")
    column = 0
    for letter in match[1].upper():
        column = 26 * column + ord(letter) - ord("A") + 1
    return int(match[2]), column


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 7:
        raise Refused("damaged")
    return int(text)


def _packed_anew(parts: dict[str, bytes]) -> io.BytesIO:
    """A package of what was looked at and nothing else: two readers of one package may see two lists of entries in it."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as made:
        for name, content in parts.items():
            made.writestr(name, content)
    parts.clear()
    package.seek(0)
    return package


def _rows_of(package: io.BytesIO) -> Iterator[list[Any]]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        sheet = CalamineWorkbook.from_filelike(package).get_sheet_by_index(0)
        if sheet.total_height > MOST_ROWS or sheet.total_width > MOST_COLUMNS:
            raise Refused("size")
        return iter(sheet.to_python(skip_empty_area=False))
    except (CalamineError, OSError, ValueError, IndexError):
        raise Refused("damaged") from None
    except Refused:
        raise
    except Exception:
        raise Refused("damaged") from None


# CSV


def read_csv(data: bytes) -> Iterator[list[Any]]:
    """The rows of a text of UTF-8; the sign between the cells is the one of ; , and tab that is most frequent in the first line."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Refused("encoding")
    if b"\0" in data:
        raise Refused("nul")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused("encoding") from None
    first, _, rest = text.partition("\n")
    said = re.fullmatch(r"sep=(.)\r?", first)  # Excel's own way of saying it
    if said:
        text, first = rest, said[1]
    between = max(";,\t", key=first.count)
    csv.field_size_limit(10_000)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=between, strict=True)
    return _csv_rows(reader)


def _csv_rows(reader: Iterator[list[str]]) -> Iterator[list[Any]]:
    try:
        yield from reader
    except csv.Error:
        raise Refused("csv") from None


if __name__ == "__main__":
    main(sys.argv[1])
