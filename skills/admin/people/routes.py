"""The office's pages about people: the list, one person and what can be changed, a sheet of many."""

import uuid
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BeforeValidator
from sqlmodel import Session

from skills.admin.people.change import (
    change_posting,
    dismiss,
    effect_of,
    find_posting,
    find_to_change,
    may_change,
    offered,
    reinstate,
)
from skills.admin.people.find import Asked, State, find_people, find_person
from skills.admin.people.forms import PostingOf, Reposting, SheetOf, TakenIn
from skills.admin.people.read_file import Unreadable, read_file
from skills.admin.people.sheet import (
    check_rows,
    counted,
    read_sheet,
    seal,
    template,
    unseal,
    ward_to_fill,
    wards_to_fill,
)
from skills.admin.people.take_in import find_import, take_in, undo
from skills.admin.teams.find import teams_to_manage
from skills.devices.reach import may_look_after
from skills.forms import FormErrors, area_number, read
from skills.invitations.reach import may_return
from skills.language import gettext as _
from skills.people.models import Role
from skills.people.permissions import Permission
from skills.people.viewer import Viewer
from skills.people.words import role_name
from skills.web.answers import see_other
from skills.web.forms import Fields, Uploaded
from skills.web.gate import MayImportPeopleConfirmed, MayManagePeopleConfirmed, MaySeePeople
from skills.web.render import render
from skills.web.transaction import Db, ReadDb

router = APIRouter()

Chosen = BeforeValidator(lambda typed: typed or None)
Picked = Annotated[int | None, BeforeValidator(lambda typed: area_number(typed) if typed else None)]
Done = Literal["", "dismissed", "reinstated", "changed"]
_PERSON = "/admin/people/{person_id}"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/admin/people")
def index(
    request: Request,
    viewer: MaySeePeople,
    db: ReadDb,
    q: str = "",
    role: Annotated[Role | None, Chosen, Query()] = None,
    area: Picked = None,
    team: Annotated[uuid.UUID | None, Chosen, Query()] = None,
    state: State = "active",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """The people within reach, by given name; a search by htmx gets the block of people alone."""
    found = find_people(db, viewer, Asked(q[:80], role, area, team, state, page))
    return render(
        request, viewer, "admin/people/index.html", block="people", people=found, roles=_roles(),
        may_invite=viewer.may(Permission.INVITE), may_import=viewer.may(Permission.IMPORT_PEOPLE),
    )  # fmt: skip


# A sheet of many


@router.get("/admin/people/sheet")
def sheet(request: Request, viewer: MayImportPeopleConfirmed, db: ReadDb, area: Picked = None) -> Response:
    """Where a sheet is sent from, with one to fill in."""
    return _sheet_form(request, viewer, db, {"area": area})


@router.get("/admin/people/sheet/template.xlsx")
def sheet_template(viewer: MayImportPeopleConfirmed) -> Response:  # noqa: ARG001
    """An empty sheet with the headings."""
    headers = {"Content-Disposition": 'attachment; filename="danh-sach.xlsx"', "Cache-Control": "no-store"}
    return Response(template(), media_type=_XLSX, headers=headers)


@router.post("/admin/people/sheet")
def look_at_sheet(
    request: Request, viewer: MayImportPeopleConfirmed, upload: Uploaded, db: ReadDb
) -> Response:
    """What would become of each row. Nothing is stored: the rows go back to the browser, sealed, and come again with a yes."""
    form = read(SheetOf, upload.fields)
    if isinstance(form, FormErrors):
        return _sheet_form(request, viewer, db, form.values, form.errors)
    area = ward_to_fill(db, viewer, form.area)
    try:
        found = read_sheet(read_file(upload.file_name, upload.data))
    except Unreadable as refused:
        return _sheet_form(request, viewer, db, form.model_dump(), {"file": refused.sentence})
    checked = check_rows(db, viewer, area, found.rows)
    return render(
        request, viewer, "admin/people/preview.html", area=area, checked=checked, counted=counted(checked), ignored=found.ignored,
        roles=_roles(), seen=seal(viewer, area, found.rows, request.app.state.settings.secret),
    )  # fmt: skip


@router.post("/admin/people/imports")
def take(request: Request, viewer: MayImportPeopleConfirmed, fields: Fields, db: Db) -> Response:
    """Invites those of the preview; one that is too old, or another one's, has to be sent again."""
    form = read(TakenIn, fields)
    shown = (
        None if isinstance(form, FormErrors) else unseal(viewer, form.seen, request.app.state.settings.secret)
    )
    if shown is None:
        told = _("Bản xem trước đã quá một giờ hoặc không còn dùng được. Chọn lại tệp.")
        return _sheet_form(request, viewer, db, {}, {"file": told})
    return see_other(request, f"/admin/people/imports/{take_in(db, viewer, shown)}")


@router.get("/admin/people/imports/{import_id}")
def show_import(
    request: Request, viewer: MayImportPeopleConfirmed, db: ReadDb, import_id: uuid.UUID
) -> Response:
    """What became of a sheet, with the way to its cards and the way back."""
    found = find_import(db, viewer, import_id)
    return render(request, viewer, "admin/people/import.html", found=found)


@router.post("/admin/people/imports/{import_id}/undo")
def undo_import(request: Request, viewer: MayImportPeopleConfirmed, db: Db, import_id: uuid.UUID) -> Response:
    """Takes the invitations of a sheet back."""
    undo(db, viewer, import_id)
    return see_other(request, f"/admin/people/imports/{import_id}")


# One person


@router.get(_PERSON)
def show(
    request: Request, viewer: MaySeePeople, db: ReadDb, person_id: uuid.UUID, done: Done = ""
) -> Response:
    """One person as far as the viewer sees them, and what the viewer may do about them."""
    seen = find_person(db, viewer, person_id)
    return render(
        request, viewer, "admin/people/show.html", seen=seen, done=done, roles=_roles(),
        may_change=may_change(db, viewer, seen),
        may_return=viewer.may(Permission.INVITE) and may_return(db, viewer, seen.person),
        sees_phones=may_look_after(db, viewer, person_id),
    )  # fmt: skip


@router.get(_PERSON + "/dismissal")
def ask_dismissal(
    request: Request, viewer: MayManagePeopleConfirmed, db: ReadDb, person_id: uuid.UUID
) -> Response:
    """What a dismissal would do."""
    seen = find_to_change(db, viewer, person_id)
    return render(
        request, viewer, "admin/people/dismissal.html", seen=seen, effect=effect_of(db, seen.person), roles=_roles(),
        handed_over=teams_to_manage(db, viewer, seen.teams),
    )  # fmt: skip


@router.post(_PERSON + "/dismissal")
def take_dismissal(
    request: Request, viewer: MayManagePeopleConfirmed, db: Db, person_id: uuid.UUID
) -> Response:
    """Dismisses somebody, from the next request on."""
    dismiss(db, viewer, person_id)
    return see_other(request, f"/admin/people/{person_id}?done=dismissed")


@router.get(_PERSON + "/reinstatement")
def ask_reinstatement(
    request: Request, viewer: MayManagePeopleConfirmed, db: ReadDb, person_id: uuid.UUID
) -> Response:
    """What taking a dismissal back would do."""
    seen = find_to_change(db, viewer, person_id, dismissed=True)
    return render(request, viewer, "admin/people/reinstatement.html", seen=seen, roles=_roles())


@router.post(_PERSON + "/reinstatement")
def take_reinstatement(
    request: Request, viewer: MayManagePeopleConfirmed, db: Db, person_id: uuid.UUID
) -> Response:
    """Takes a dismissal back."""
    reinstate(db, viewer, person_id)
    return see_other(request, f"/admin/people/{person_id}?done=reinstated")


@router.get(_PERSON + "/posting")
def ask_posting(
    request: Request,
    viewer: MayManagePeopleConfirmed,
    db: ReadDb,
    person_id: uuid.UUID,
    posting: uuid.UUID,
    area: Picked = None,
) -> Response:
    """Another role, or another area: an area is picked first, then what there is in it."""
    return _posting_form(request, viewer, db, person_id, posting, {"area": area})


@router.post(_PERSON + "/posting")
def change(
    request: Request, viewer: MayManagePeopleConfirmed, fields: Fields, db: Db, person_id: uuid.UUID
) -> Response:
    """Another role, or another area, from the next request on."""
    form = read(Reposting, fields)
    if isinstance(form, FormErrors):
        return _posting_again(request, viewer, db, person_id, fields, form)
    came = change_posting(db, viewer, person_id, form)
    if isinstance(came, FormErrors):
        return _posting_again(request, viewer, db, person_id, fields, came)
    return see_other(request, f"/admin/people/{person_id}" + ("?done=changed" if came else ""))


def _posting_again(
    request: Request, viewer: Viewer, db: Session, person_id: uuid.UUID, fields: dict[str, list[str]], wrong: FormErrors
) -> Response:  # fmt: skip
    """The form with what was chosen; 404 when it named no posting of the person."""
    form = read(PostingOf, {"posting": fields.get("posting", [])})
    posting = form.posting if isinstance(form, PostingOf) else uuid.UUID(int=0)
    return _posting_form(request, viewer, db, person_id, posting, wrong.values, wrong.errors)


def _posting_form(
    request: Request, viewer: Viewer, db: Session, person_id: uuid.UUID, posting_id: uuid.UUID, values: dict[str, Any],
    errors: dict[str, str] | None = None,
) -> Response:  # fmt: skip
    seen, posting = find_posting(db, viewer, person_id, posting_id)
    area = area_number(str(values.get("area") or "")) or posting.area_id
    choices = offered(db, viewer, area)
    return render(
        request, viewer, "admin/people/posting.html", status=422 if errors else 200, seen=seen, posting=posting, area=area,
        choices=choices, values=values, errors=errors or {}, effect=effect_of(db, seen.person), roles=_roles(),
    )  # fmt: skip


def _sheet_form(
    request: Request,
    viewer: Viewer,
    db: Session,
    values: dict[str, Any],
    errors: dict[str, str] | None = None,
) -> Response:
    wards = [(str(area.id), area.name) for area in wards_to_fill(db, viewer)]
    return render(
        request, viewer, "admin/people/sheet.html", status=422 if errors else 200, wards=wards, values=values,
        errors=errors or {},
    )  # fmt: skip


def _roles() -> dict[Role, str]:
    """What the roles are called in the current language."""
    return {role: role_name(role) for role in Role}
