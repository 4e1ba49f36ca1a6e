"""The trail as a file, with a mark of who took it and when; taking it is itself written into the trail.

A file of a million lines is read two thousand at a time, each in a short transaction of its own, and is held in memory at no time.
"""

import csv
import io
import secrets
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

import xlsxwriter
from sqlmodel import Session

from skills import clock
from skills.admin.audit.find import IN_A_FILE, Line, chain_by_chain, lines_for_a_file
from skills.admin.audit.forms import ExportForm, TrailQuery
from skills.admin.audit.scope import scope_of
from skills.audit import trail
from skills.db import Database, uuid7
from skills.language import Language, current, speaking
from skills.language import gettext as _
from skills.people.viewer import Viewer
from skills.reports.download import guarded

MOST_IN_A_SHEET = 1_000_000  # lines; a sheet has room for 1 048 576
_PIECE = 1 << 16


@dataclass(frozen=True)
class Taken:
    """A file that somebody takes: its number, which stands in the file and in the trail, and when."""

    id: uuid.UUID
    at: datetime
    viewer: Viewer
    asked: TrailQuery
    language: Language


def take(db: Session, viewer: Viewer, form: ExportForm) -> Taken:
    """Writes down that the viewer takes the file; what goes into it is read afterwards, up to this moment."""
    now = clock.now()
    made = Taken(
        uuid7(now, secrets.token_bytes(10)), now, viewer, form.model_copy(update={"before": None}), current()
    )
    narrowed = [name for name, value in form.asked().items() if value and name != "what"]
    trail.write(
        db,
        trail.chain_of(db, viewer.person_id),
        viewer.person_id,
        "audit.exported",
        made.id,
        [form.what, form.file, *narrowed],
    )
    return made


def file_name(taken: Taken, kind: str) -> str:
    """nhat-ky-20261125-1a2b3c.csv: the day, and the end of the file's number."""
    return f"nhat-ky-{clock.local(taken.at):%Y%m%d}-{str(taken.id)[-6:]}.{kind}"


def csv_pieces(database: Database, taken: Taken) -> Iterator[bytes]:
    """The file as CSV, piece by piece: UTF-8 with a byte order mark, and no text that a spreadsheet would work out."""
    yield "\ufeff".encode()
    for rows in _rows(database, taken):
        written = io.StringIO()
        csv.writer(written, lineterminator="\r\n").writerows([guarded(cell) for cell in row] for row in rows)
        yield written.getvalue().encode()


def xlsx_pieces(database: Database, taken: Taken) -> Iterator[bytes]:
    """The file as XLSX, every cell a text; rows go to the disk as they are written, and a full sheet is followed by another."""
    with tempfile.TemporaryFile() as file:
        _write_book(file, database, taken)
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece


def _write_book(file: IO[bytes], database: Database, taken: Taken) -> None:
    book = xlsxwriter.Workbook(file, {"constant_memory": True})
    book.set_properties({"author": taken.viewer.full_name, "comments": str(taken.id)})
    sheet, place = book.add_worksheet(), 0
    for rows in _rows(database, taken):
        for row in rows:
            if place > MOST_IN_A_SHEET:
                sheet, place = book.add_worksheet(), 0
            for column, cell in enumerate(row):
                sheet.write_string(place, column, cell)
            place += 1
    book.close()


def _rows(database: Database, taken: Taken) -> Iterator[list[list[str]]]:
    """The mark, the heads of the columns, and the lines. Each part is made in the language in which the file was asked for."""
    with speaking(taken.language):
        head = [_mark(taken), _heads(taken.asked)]
    yield head
    after = None
    while True:
        with database.reading() as db, speaking(taken.language):
            scope = scope_of(db, taken.viewer)
            rows = chain_by_chain(db, scope, taken.asked, after, IN_A_FILE)
            lines = [
                _cells(line) for line in lines_for_a_file(db, taken.viewer, rows) if line.row.at <= taken.at
            ]
        if not rows:
            return
        after = rows[-1].key
        if lines:
            yield lines


def _mark(taken: Taken) -> list[str]:
    told: dict[str, Any] = {
        "name": taken.viewer.full_name,
        "moment": f"{clock.local(taken.at):%d/%m/%Y %H:%M}",
        "id": str(taken.id),
    }
    return [_("%(name)s tải lúc %(moment)s, mã tệp %(id)s") % told]


def _heads(asked: TrailQuery) -> list[str]:
    last = _("Lý do") if asked.what == "reads" else _("Mục đổi")
    return [_("Lúc"), _("Địa bàn"), _("Việc"), _("Người làm"), _("Đối tượng"), last, _("Mã"), _("Thứ tự")]


def _cells(line: Line) -> list[str]:
    row = line.row
    moment = f"{clock.local(row.at):%d/%m/%Y %H:%M:%S}"
    return [moment, line.place, line.sentence, line.actor, line.subject, line.detail, row.subject, str(row.n)]
