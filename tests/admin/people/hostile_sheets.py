"""Files that nobody sends in good faith, and some that are only odd; each is made here, none is kept in the repository."""

import io
import stat
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

import xlsxwriter

MB = 1024 * 1024
TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    "</Types>"
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
WORKBOOK = (
    '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    f'xmlns:r="{_OFFICE}"><sheets><sheet name="Danh sách" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
WORKBOOK_RELS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
)
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
ROW = "".join(
    f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'
    for place, text in (("A1", "Họ tên"), ("B1", "Số điện thoại"))
)
GOOD_ROW = (
    ROW.replace("A1", "A2")
    .replace("B1", "B2")
    .replace("Họ tên", "Lê Văn An")
    .replace("Số điện thoại", "0935000001")
)


def sheet(
    rows: str = f'<row r="1">{ROW}</row><row r="2">{GOOD_ROW}</row>', head: str = "", dimension: str = "A1:B2"
) -> str:
    """The XML of a worksheet. `head` stands before its root element."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}<worksheet {_MAIN}><dimension ref="{dimension}"/>'
        f"<sheetData>{rows}</sheetData></worksheet>"
    )


def package(
    worksheet: str | bytes = "", more: dict[str, str | bytes] | None = None, **changed: str | bytes
) -> bytes:
    """A small workbook with one worksheet; `more` adds parts, `changed` replaces types, rels, workbook or workbook_rels."""
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": changed.get("types", TYPES),
        "_rels/.rels": changed.get("rels", RELS),
        "xl/workbook.xml": changed.get("workbook", WORKBOOK),
        "xl/_rels/workbook.xml.rels": changed.get("workbook_rels", WORKBOOK_RELS),
        "xl/worksheets/sheet1.xml": worksheet or sheet(),
        **(more or {}),
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return made.getvalue()


def workbook(rows: list[list[str]]) -> bytes:
    """An honest workbook, as xlsxwriter makes it; every cell is text."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False}) as book:
        page = book.add_worksheet()
        for at, row in enumerate(rows):
            for column, text in enumerate(row):
                page.write_string(at, column, text)
    return made.getvalue()


def raw_entry(name: str, content: bytes = b"x", mode: int = 0) -> bytes:
    """The small workbook with one more entry, whose name and kind are written as given."""
    made = io.BytesIO(package())
    with zipfile.ZipFile(made, "a") as target:
        entry = zipfile.ZipInfo(name)
        entry.filename = entry.orig_filename = name  # the constructor would tidy it
        entry.external_attr = mode << 16
        target.writestr(entry, content)
    return made.getvalue()


def _duplicate() -> bytes:
    other = package(more={"xl/worksheets/sheetX.xml": sheet()})
    return other.replace(b"sheetX.xml", b"sheet1.xml")


def _lying_sizes() -> bytes:
    """Thirty megabytes that say of themselves that they are a hundred bytes."""
    data = bytearray(package(more={"xl/media/a.xml": b"<a>" + b" " * (30 * MB) + b"</a>"}))
    real = struct.pack("<I", 30 * MB + 7)
    return bytes(data).replace(real, struct.pack("<I", 100))


def _locked() -> bytes:
    """The flag of an entry that is locked with a password, in both lists."""
    data = bytearray(package())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            data[at + place] |= 1
            at = data.find(mark, at + 4)
    return bytes(data)


def _far(cell: str, row: int) -> bytes:
    return package(sheet(f'<row r="1">{ROW}</row><row r="{row}"><c r="{cell}"><v>1</v></c></row>'))


def _shared_strings() -> bytes:
    """Nearly fifty megabytes of texts that are all different."""
    texts = "".join(f"<si><t>{number}{'ấ' * 24}</t></si>" for number in range(500_000))
    head = f'<?xml version="1.0"?><sst {_MAIN} count="500000" uniqueCount="500000">'
    return package(
        workbook_rels=WORKBOOK_RELS.replace(
            "</Relationships>",
            f'<Relationship Id="rId2" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        ),
        more={"xl/sharedStrings.xml": f"{head}{texts}</sst>"},
    )


def _columns() -> bytes:
    """A row of a million cells without a place: a reader counts them on."""
    cells = "".join(f"<c><v>{number * 7919 % 1_000_003}</v></c>" for number in range(1_000_000))
    return package(sheet(f'<row r="1">{cells}</row>'))


def _deep() -> bytes:
    opened = "".join(f'<x a="{number * 7919 % 1_000_003}">' for number in range(200_000))
    return package(sheet(f'<row r="1">{opened}{"</x>" * 200_000}</row>'))


def _two_directories() -> bytes:
    """Two packages one behind the other: which list of entries counts, readers disagree about."""
    return package(_far("XFD9", 9)) + package()


LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(97 + n)} "{f"&{chr(96 + n)};" * 10}">' for n in range(1, 10))
    + "]>"
)


@dataclass(frozen=True)
class Hostile:
    """A file, and what becomes of it: the code it is refused with, or "" where it is harmless and is read."""

    name: str
    file_name: str
    make: Callable[[], bytes]
    code: str


HEAD = "Họ tên;Số điện thoại\n".encode()
SHEETS = [
    Hostile("bomb of one part", "a.xlsx", lambda: package(more={"xl/media/a.xml": b" " * (49 * MB)}), "bomb"),
    Hostile("more unpacked than may be", "a.xlsx", lambda: package(more={f"xl/{n}.bin": bytes(11 * MB) for n in range(5)}), "bomb"),
    Hostile("sizes that lie", "a.xlsx", _lying_sizes, "damaged"),
    Hostile("a package in the package", "a.xlsx", lambda: package(more={"xl/media/inner.png": package()}), "inner_file"),
    Hostile("a workbook of the old kind inside", "a.xlsx", lambda: package(more={"xl/embeddings/o.bin": b"\xd0\xcf\x11\xe0" + b"x" * 99}), "inner_file"),
    Hostile("a program inside", "a.xlsx", lambda: package(more={"xl/media/image1.png": b"MZ" + b"\0" * 99}), "inner_file"),
    Hostile("an entity from a file", "a.xlsx", lambda: package(sheet(head='<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>').replace("Lê Văn An", "&x;")), "entities"),
    Hostile("an entity from another server", "a.xlsx", lambda: package(sheet(head='<!DOCTYPE w SYSTEM "http://127.0.0.1:9/x.dtd">')), "entities"),
    Hostile("a billion laughs", "a.xlsx", lambda: package(sheet(head=LAUGHS).replace("Lê Văn An", "&j;")), "entities"),
    Hostile("laughs among the shared texts", "a.xlsx", lambda: package(more={"xl/sharedStrings.xml": f'<?xml version="1.0"?>{LAUGHS}<sst {_MAIN}><si><t>&j;</t></si></sst>'}), "entities"),
    Hostile("a declaration in the list of types", "a.xlsx", lambda: package(types=TYPES.replace("?><Types", "?><!DOCTYPE Types []><Types")), "entities"),
    Hostile("XML in two bytes a letter", "a.xlsx", lambda: package(sheet().replace("UTF-8", "UTF-16").encode("utf-16")), "damaged"),
    Hostile("XML of a code page", "a.xlsx", lambda: package(sheet().replace("UTF-8", "utf-7").encode()), "damaged"),
    Hostile("a macro", "a.xlsx", lambda: package(more={"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" + b"x" * 99}), "macros"),
    Hostile("a macro under another name", "a.xlsx", lambda: package(types=TYPES.replace("sheet.main", "sheet.macroEnabled.main")), "macros"),
    Hostile("a sheet of old macros", "a.xlsx", lambda: package(more={"xl/macrosheets/sheet1.xml": sheet()}), "macros"),
    Hostile("a workbook that says it has macros", "a.xlsm", package, "macros"),
    Hostile("a million columns", "a.xlsx", _columns, "size"),
    Hostile("a cell in the last column", "a.xlsx", lambda: _far("XFD2", 2), "size"),
    Hostile("a cell in the last row", "a.xlsx", lambda: _far("A1048576", 1_048_576), "size"),
    Hostile("a place that is none", "a.xlsx", lambda: _far("ZZZZ99999999999", 2), "damaged"),
    Hostile("a claim of a billion rows", "a.xlsx", lambda: package(sheet(dimension="A1:XFD1048576")), ""),
    Hostile("twenty thousand rows and one", "a.xlsx", lambda: package(sheet("".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 20_002)))), "size"),
    Hostile("shared texts without end", "a.xlsx", _shared_strings, ""),
    Hostile("elements in elements", "a.xlsx", _deep, ""),
    Hostile("a link to a file of the server", "a.xlsx", lambda: raw_entry("xl/worksheets/sheet2.xml", b"/etc/passwd", stat.S_IFLNK | 0o777), "path"),
    Hostile("a way out of the package", "a.xlsx", lambda: raw_entry("../../etc/cron.d/x"), "path"),
    Hostile("a path of its own", "a.xlsx", lambda: raw_entry("/etc/passwd"), "path"),
    Hostile("a path of Windows", "a.xlsx", lambda: raw_entry("..\\..\\x.xml"), "path"),
    Hostile("two parts of one name", "a.xlsx", _duplicate, "twice"),
    Hostile("two packages in one file", "a.xlsx", _two_directories, ""),
    Hostile("a thousand parts", "a.xlsx", lambda: package(more={f"xl/media/{n}.xml": "<a/>" for n in range(1000)}), "entries"),
    Hostile("cut off", "a.xlsx", lambda: package()[:-120], "damaged"),
    Hostile("nothing but a beginning", "a.xlsx", lambda: b"PK\x03\x04" + b"\xff" * 5000, "damaged"),
    Hostile("a part that is broken", "a.xlsx", lambda: package().replace(package()[60:90], b"\xff" * 30), "damaged"),
    Hostile("XML that is none", "a.xlsx", lambda: package("<worksheet><sheetData><row>"), "damaged"),
    Hostile("locked with a password", "a.xlsx", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4000, "locked"),
    Hostile("its parts locked with a password", "a.xlsx", _locked, "locked"),
    Hostile("the old kind", "a.xls", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4000, "kind"),
    Hostile("a package of something else", "a.xlsx", lambda: raw_zip({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<a/>"}), "no_workbook"),
    Hostile("a picture that calls itself a sheet", "a.xlsx", lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 2000, "kind"),
    Hostile("a sheet that calls itself text", "a.csv", package, "kind"),
    Hostile("a page that calls itself a sheet", "a.html", lambda: b"<script>alert(1)</script>", "kind"),
    Hostile("no byte", "a.csv", lambda: b"", "empty"),
    Hostile("formulas in the place of names", "a.xlsx", lambda: workbook([["Họ tên", "Số điện thoại"], ['=HYPERLINK("http://127.0.0.1","x")', "0935000001"]]), ""),
    Hostile("formulas that were worked out", "a.xlsx", lambda: package(sheet().replace('<c r="A2" t="inlineStr"><is><t>Lê Văn An</t></is></c>', '<c r="A2" t="str"><f>WEBSERVICE("http://127.0.0.1:9")</f><v>Lê Văn An</v></c>')), ""),
    Hostile("text with zero bytes", "a.csv", lambda: HEAD + b"L\0e;0935000001\n", "nul"),
    Hostile("a line of ten megabytes", "a.csv", lambda: HEAD + b"a" * (10 * MB), "large"),
    Hostile("a line of four megabytes", "a.csv", lambda: HEAD + b"a" * (4 * MB), "csv"),
    Hostile("a quotation that never ends", "a.csv", lambda: HEAD + b'"' + b"a\n" * MB, "csv"),
    Hostile("text in two bytes a letter", "a.csv", lambda: (HEAD.decode() + "Lê Văn An;0935000001").encode("utf-16"), "encoding"),
    Hostile("text of a code page", "a.csv", lambda: b"Ho ten;So dien thoai\nL\xea V\xe3n An;0935000001\n", "encoding"),
    Hostile("two million empty lines", "a.csv", lambda: HEAD + b"\n" * (2 * MB), "size"),
    Hostile("four million cells in a line", "a.csv", lambda: HEAD + b";" * (4 * MB), "size"),
]  # fmt: skip


def raw_zip(parts: dict[str, str]) -> bytes:
    """A package of these parts alone."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return made.getvalue()
