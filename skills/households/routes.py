"""Doors: the list in walking order, one door, and a door that nobody has written down yet."""

import secrets
import uuid
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BeforeValidator
from sqlmodel import Session

from skills import clock
from skills.catalogue.models import Core
from skills.db import uuid7
from skills.errors import Conflict
from skills.forms import FormErrors, read
from skills.households.add import add_door, doors_alike
from skills.households.browse import browse, chosen
from skills.households.find import (
    DoorRow,
    door_for,
    door_row,
    groups_of,
    skill_names,
    streets_of,
    wards_of_groups,
)
from skills.households.forms import NewDoor
from skills.people.permissions import Permission
from skills.people.viewer import Viewer
from skills.web.answers import see_other
from skills.web.forms import Fields
from skills.web.gate import MayAddDoors, MaySeeDoors
from skills.web.render import render
from skills.web.transaction import Db, ReadDb

router = APIRouter()

Group = Annotated[int | None, BeforeValidator(lambda typed: typed or None), Query()]
MarkChosen = Annotated[Literal["", "todo", "back", "met", "self", "refuse"], Query()]


@router.get("/households")
def index(
    request: Request,
    viewer: MaySeeDoors,
    db: ReadDb,
    group: Group = None,
    q: str = "",
    mark: MarkChosen = "",
    start: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> Response:
    """The doors in walking order; a search by htmx gets the block of doors alone."""
    doors = browse(db, viewer, group, q[:80], mark, start)
    return render(request, viewer, "households/index.html", block="doors", doors=doors, today=viewer.today)


@router.get("/households/new")
def new(request: Request, viewer: MayAddDoors, db: ReadDb, group: Group = None) -> Response:
    """The form for a door that isn't on the list, with an id minted for it."""
    only = chosen(groups_of(db, viewer), group)
    return _form(request, viewer, db, {"group": str(only.id) if only else ""})


@router.post("/households")
def create(request: Request, viewer: MayAddDoors, db: Db, fields: Fields) -> Response:
    """Writes the door down, unless it seems to exist: then those that it may be are shown first."""
    form = read(NewDoor, fields)
    if isinstance(form, FormErrors):
        return _form(request, viewer, db, form.values, status=422, errors=form.errors)
    alike = doors_alike(db, viewer, form)
    if alike:
        values = form.model_dump(mode="json") | {"confirmed": form.plate}
        return _form(request, viewer, db, values, status=422, alike=alike)
    try:
        door = add_door(db, viewer, form)
    except Conflict:
        values = form.model_dump(mode="json", exclude={"id"})
        return _form(request, viewer, db, values, status=409, clash=True)
    return see_other(request, f"/visits/new?ward={door.ward_id}&household={door.id}")


@router.get("/households/{ward}/{household}")
def show(request: Request, viewer: MaySeeDoors, db: ReadDb, ward: int, household: uuid.UUID) -> Response:
    """One door; the address of a door that was moved leads to where it is now."""
    door = door_for(db, viewer, ward, household)
    if (door.ward_id, door.id) != (ward, household):
        return see_other(request, f"/households/{door.ward_id}/{door.id}")
    return render(
        request, viewer, "households/show.html",
        door=door_row(db, viewer, door), cores=[(str(core), core.label) for core in Core], skills=skill_names(db), today=viewer.today,
    )  # fmt: skip


def _form(
    request: Request,
    viewer: Viewer,
    db: Session,
    values: dict[str, Any],
    status: int = 200,
    errors: dict[str, str] | None = None,
    alike: Sequence[DoorRow] = (),
    clash: bool = False,
) -> Response:
    """The form with what was typed, what is wrong with it, and the doors that it may be. It keeps its id, unless another door was
    written down under it (`clash`)."""
    values = {"id": str(uuid7(clock.now(), secrets.token_bytes(10)))} | values
    places = groups_of(db, viewer, Permission.ADD_DOORS)
    groups = [(str(group.id), group.name) for group in places]
    return render(
        request, viewer, "households/new.html", status=status, values=values, groups=groups,
        wards=wards_of_groups(db, [group.id for group in places], viewer.today),
        streets=streets_of(db, viewer), errors=errors or {}, alike=alike, clash=clash,
    )  # fmt: skip
