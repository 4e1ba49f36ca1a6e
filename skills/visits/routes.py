"""The pages of a visit: who may, read the form, one verb, the answer."""

import uuid
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from skills.errors import Conflict
from skills.forms import FormErrors, read
from skills.households.find import door_for, door_row, next_door
from skills.language import gettext as _
from skills.visits.correct import correct_visit
from skills.visits.find import asks_five, history, own_visits, visit_for, visit_to_change
from skills.visits.forms import REASONS, VoidForm, read_visit, typed_values
from skills.visits.notes import was_masked
from skills.visits.page import (
    Shown,
    VisitPage,
    as_typed,
    base_of,
    door_of,
    fresh_id,
    offered,
    practice_page,
    visit_page,
    words,
)
from skills.visits.receive import Taken
from skills.visits.record import record_visit
from skills.visits.void import void_visit
from skills.web.answers import problem, receipt, see_other, wants_json
from skills.web.forms import Fields
from skills.web.gate import MayLogVisits, MaySeeDoors
from skills.web.render import render
from skills.web.transaction import Db, ReadDb

router = APIRouter()

Ward = Annotated[int, Path(ge=1, le=2_147_483_647)]


@router.get("/visits")
def index(request: Request, viewer: MayLogVisits, db: ReadDb) -> Response:
    """One's own latest visits, voided ones too."""
    visits = own_visits(db, viewer)
    return render(
        request, viewer, "visits/index.html", visits=visits, skills=offered(db, viewer).skills, **words()
    )


@router.get("/visits/new")
def new(
    request: Request,
    viewer: MayLogVisits,
    db: ReadDb,
    ward: Annotated[int, Query(ge=1, le=2_147_483_647)],
    household: uuid.UUID,
) -> Response:
    """The form for a visit at one door."""
    return render(
        request, viewer, "visits/new.html", page=visit_page(db, viewer, ward, household), clash=None
    )


@router.get("/visits/practice")
def practice(request: Request, viewer: MayLogVisits, db: ReadDb, done: bool = False) -> Response:
    """The same form at a door that is not there, to learn on."""
    return render(request, viewer, "visits/new.html", page=practice_page(db, viewer, done), clash=None)


@router.post("/visits/practice")
def practise(request: Request, viewer: MayLogVisits) -> Response:  # noqa: ARG001
    """Nothing is read and nothing is kept; the page says so."""
    return see_other(request, "/visits/practice?done=1")


@router.post("/visits")
def create(request: Request, viewer: MayLogVisits, db: Db, fields: Fields) -> Response:
    """A visit, stored once."""
    catalogue = offered(db, viewer)
    form = read_visit(fields, catalogue.skills, catalogue.audiences, viewer.today)
    if isinstance(form, FormErrors):
        return _again(request, viewer, "visits/new.html", _typed_page(db, viewer, fields, form))
    try:
        return _taken(request, record_visit(db, viewer, form))
    except Conflict as clash:
        page = _typed_page(db, viewer, fields, FormErrors(typed_values(fields)), fresh_id())
        return _again(request, viewer, "visits/new.html", page, clash)


@router.get("/households/{ward_id}/{household_id}/visits")
def at_a_door(
    request: Request, viewer: MaySeeDoors, db: ReadDb, ward_id: Ward, household_id: uuid.UUID
) -> Response:
    """The history of one door: a page, or the piece of it that the door's own page loads."""
    door = door_for(db, viewer, ward_id, household_id)
    return render(
        request, viewer, "visits/history.html", block="history", row=door_row(db, viewer, door),
        visits=history(db, viewer, door), skills=offered(db, viewer).skills, **words(),
    )  # fmt: skip


@router.get("/visits/{ward_id}/{visit_id}")
def show(request: Request, viewer: MaySeeDoors, db: ReadDb, ward_id: Ward, visit_id: uuid.UUID) -> Response:
    """A visit as it is stored; in its first minute, with the way to take it back."""
    seen, door = visit_for(db, viewer, ward_id, visit_id)
    row = door_row(db, viewer, door)
    catalogue = offered(db, viewer)
    return render(
        request, viewer, "visits/show.html", seen=seen, row=row, item=fresh_id(), skills=catalogue.skills,
        audiences=catalogue.audiences, covered=was_masked(seen.note), values=as_typed(seen),
        ask_five=seen.may_change and seen.outcome == "met" and not seen.voided and asks_five(db, door, row.cores),
        next=next_door(db, viewer, door), **words(),
    )  # fmt: skip


@router.get("/visits/{ward_id}/{visit_id}/correction")
def edit(request: Request, viewer: MayLogVisits, db: ReadDb, ward_id: Ward, visit_id: uuid.UUID) -> Response:
    """The form of a stored visit, with what it says; a voided one is only shown, for nothing in it counts any more."""
    visit, _door = visit_to_change(db, viewer, ward_id, visit_id)
    if visit.voided_at is not None:
        # before its note is read: nothing of it is shown here
        return see_other(request, f"/visits/{visit.ward_id}/{visit.id}")
    seen, door = visit_for(db, viewer, ward_id, visit_id)
    page = visit_page(db, viewer, door.ward_id, door.id, as_typed(seen), visit=seen.id)
    return render(
        request, viewer, "visits/correction.html", page=page, seen=seen, clash=None, base=seen.version
    )


@router.post("/visits/{ward_id}/{visit_id}/correction")
def correct(
    request: Request, viewer: MayLogVisits, db: Db, fields: Fields, ward_id: Ward, visit_id: uuid.UUID
) -> Response:
    """The next version of a visit."""
    catalogue = offered(db, viewer)
    form = read_visit(fields, catalogue.skills, catalogue.audiences, viewer.today)
    clash: Conflict | None = None
    if not isinstance(form, FormErrors):
        try:
            return _taken(request, correct_visit(db, viewer, ward_id, visit_id, form))
        except Conflict as found:
            clash, form = found, FormErrors(typed_values(fields))
    seen, _door = visit_for(db, viewer, ward_id, visit_id)
    page = _typed_page(db, viewer, fields, form, seen.id)
    base = seen.version if clash else base_of(fields, seen.version)
    return _again(request, viewer, "visits/correction.html", page, clash, seen=seen, base=base)


@router.get("/visits/{ward_id}/{visit_id}/void")
def ask_void(
    request: Request, viewer: MayLogVisits, db: ReadDb, ward_id: Ward, visit_id: uuid.UUID
) -> Response:
    """Why should this visit not count?"""
    visit_to_change(db, viewer, ward_id, visit_id)
    return _void_page(request, viewer, db, ward_id, visit_id)


@router.post("/visits/{ward_id}/{visit_id}/void")
def void(
    request: Request, viewer: MayLogVisits, db: Db, fields: Fields, ward_id: Ward, visit_id: uuid.UUID
) -> Response:
    """A visit that counts nowhere from now on."""
    form = read(VoidForm, fields)
    if isinstance(form, FormErrors):
        visit_to_change(db, viewer, ward_id, visit_id)
        return _void_page(request, viewer, db, ward_id, visit_id, form.errors)
    try:
        return _taken(request, void_visit(db, viewer, ward_id, visit_id, form))
    except Conflict as clash:
        return _void_page(request, viewer, db, ward_id, visit_id, clash=clash)


def _taken(request: Request, taken: Taken) -> Response:
    """A receipt for the outbox, the visit's page for a plain form."""
    location = f"/visits/{taken.ward_id}/{taken.visit_id}"
    if wants_json(request):
        return receipt(taken.item, taken.status, taken.version, location)
    return see_other(request, location)


def _again(
    request: Request,
    viewer: Any,
    template: str,
    page: VisitPage,
    clash: Conflict | None = None,
    **context: Any,
) -> Response:
    """The same form with what was typed: what to correct (422), or that it was saved already with other content (409)."""
    status = 409 if clash else 422
    if wants_json(request):
        title = _("Lượt này đã lưu với nội dung khác.") if clash else _("Chưa lưu. Có chỗ cần sửa.")
        return problem(
            status, title, title, type=clash.code if clash else "about:blank", fields=dict(page.errors)
        )
    return render(request, viewer, template, status=status, page=page, clash=clash, **context)


def _void_page(
    request: Request, viewer: Any, db: Any, ward_id: int, visit_id: uuid.UUID,
    errors: Mapping[str, str] | None = None, clash: Conflict | None = None,
) -> Response:  # fmt: skip
    """The page that asks for the reason, again when it could not be taken."""
    seen, door = visit_for(db, viewer, ward_id, visit_id)
    status = 409 if clash else 422 if errors else 200
    if wants_json(request) and status != 200:
        title = _("Lượt này vừa có thay đổi khác.") if clash else _("Chưa lưu. Có chỗ cần sửa.")
        return problem(
            status, title, title, type=clash.code if clash else "about:blank", fields=dict(errors or {})
        )
    return render(
        request, viewer, "visits/void.html", status=status, seen=seen, row=door_row(db, viewer, door), item=fresh_id(),
        reasons={code: _(told) for code, told in REASONS.items() if code != "undo"}, errors=Shown(errors or {}), clash=clash,
    )  # fmt: skip


def _typed_page(
    db: Any, viewer: Any, fields: Mapping[str, list[str]], form: FormErrors, visit: uuid.UUID | None = None
) -> VisitPage:
    """The form as it was typed, at the door it names, under the ids it had unless a new one is given."""
    ward_id, household_id = door_of(fields)
    if visit is None:
        try:
            visit = uuid.UUID(fields["id"][-1])
        except (KeyError, ValueError):
            visit = None
    return visit_page(db, viewer, ward_id, household_id, form.values, form.errors, visit)
