"""The page of the trail, and the same as a file."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from skills.admin.audit.export import csv_pieces, file_name, take, xlsx_pieces
from skills.admin.audit.find import find_page
from skills.admin.audit.forms import ExportForm, TrailQuery
from skills.admin.audit.words import choices
from skills.forms import FormErrors, read
from skills.people.permissions import Permission
from skills.people.viewer import Viewer
from skills.web.forms import Fields
from skills.web.gate import MayReadAudit, MayReadAuditConfirmed
from skills.web.render import render
from skills.web.transaction import Db, ReadDb

router = APIRouter()

_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@router.get("/admin/audit")
def index(request: Request, viewer: MayReadAudit, db: ReadDb) -> Response:
    """The newest lines within reach, or the older ones, narrowed to what the address asks for."""
    typed = request.query_params
    asked = read(TrailQuery, {name: typed.getlist(name) for name in typed})
    if isinstance(asked, FormErrors):
        return _page(request, viewer, db, TrailQuery(), asked)
    return _page(request, viewer, db, asked)


@router.post("/admin/audit/export")
def export(request: Request, viewer: MayReadAuditConfirmed, db: Db, fields: Fields) -> Response:
    """The whole list as a file. That it was taken is stored before its first byte leaves."""
    form = read(ExportForm, fields)
    if isinstance(form, FormErrors):
        return _page(request, viewer, db, TrailQuery(), form)
    taken = take(db, viewer, form)
    pieces = {"csv": csv_pieces, "xlsx": xlsx_pieces}[form.file]
    headers = {
        "Content-Disposition": f'attachment; filename="{file_name(taken, form.file)}"',
        "Cache-Control": "no-store",
    }
    return StreamingResponse(
        pieces(request.app.state.database, taken), media_type=_TYPES[form.file], headers=headers
    )


def _page(
    request: Request, viewer: Viewer, db: ReadDb, asked: TrailQuery, wrong: FormErrors | None = None
) -> Response:
    """The list; with what can't be read beside its field, and what was typed still there."""
    values = wrong.values if wrong else asked.asked()
    return render(
        request, viewer, "admin/audit/index.html", status=422 if wrong else 200, asked=asked, page=find_page(db, viewer, asked),
        errors=wrong.errors if wrong else {}, values=values, choices=choices(asked.what == "reads"),
        may_export=viewer.may(Permission.READ_AUDIT),
    )  # fmt: skip
