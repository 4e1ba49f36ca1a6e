"""The ward lead's tray: the list, the page of one item, and an address for each answer."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from sqlmodel import Session

from skills import clock
from skills.coverage.answer import Answer, accept, add, choose, give_back, move, recall
from skills.coverage.forms import REASONS, Acceptance, Choice, Move, Recall, Return
from skills.coverage.tray import answered, doors_found, find_held, find_tray, lines_of, other_wards
from skills.forms import FormErrors, read
from skills.households.add import doors_alike
from skills.households.find import groups_of
from skills.households.forms import NewDoor
from skills.language import gettext as _
from skills.people.permissions import Permission
from skills.people.viewer import Viewer
from skills.sync.freshness import late_phones
from skills.visits.page import Shown, offered, words
from skills.web.answers import see_other
from skills.web.forms import Fields
from skills.web.gate import MayAnswerTray
from skills.web.render import render
from skills.web.transaction import Db, ReadDb

router = APIRouter()

Ward = Annotated[int, Path(ge=0, le=2_147_483_647)]  # 0: the phone knew no ward
_ITEM = "/coverage/tray/{ward_id}/{item}"


@router.get("/coverage/tray")
def index(
    request: Request,
    viewer: MayAnswerTray,
    db: ReadDb,
    ward: Annotated[int, Query(ge=0, le=2_147_483_647)] = 0,
    item: uuid.UUID | None = None,
    already: bool = False,
) -> Response:
    """What waits, the oldest first, and the phones not heard from; above them what became of the item just answered."""
    return render(
        request, viewer, "coverage/tray.html", tray=find_tray(db, viewer), already=already,
        answer=answered(db, viewer, ward, item) if item else None, reasons=_reasons(),
        phones=late_phones(db, viewer.areas(Permission.ANSWER_TRAY), clock.now()), **_words(db, viewer),
    )  # fmt: skip


@router.get(_ITEM)
def show(
    request: Request, viewer: MayAnswerTray, db: ReadDb, ward_id: Ward, item: uuid.UUID, q: str = ""
) -> Response:
    """One item with all that can be answered; `q` looks for another door."""
    if answered(db, viewer, ward_id, item):
        return see_other(request, f"/coverage/tray?ward={ward_id}&item={item}")
    return _page(request, viewer, db, ward_id, item, q=q)


@router.post(_ITEM + "/acceptance")
def let_count(
    request: Request, viewer: MayAnswerTray, db: Db, fields: Fields, ward_id: Ward, item: uuid.UUID
) -> Response:
    """It counts, perhaps at another door or on another day."""
    form = read(Acceptance, fields)
    came = form if isinstance(form, FormErrors) else accept(db, viewer, ward_id, item, form)
    return _came(request, viewer, db, ward_id, item, fields, came)


@router.post(_ITEM + "/door")
def add_its_door(
    request: Request, viewer: MayAnswerTray, db: Db, fields: Fields, ward_id: Ward, item: uuid.UUID
) -> Response:
    """It counts at a door that is written down with it."""
    form = read(NewDoor, fields)
    came = form if isinstance(form, FormErrors) else add(db, viewer, ward_id, item, form)
    return _came(request, viewer, db, ward_id, item, fields, came)


@router.post(_ITEM + "/choice")
def choose_one(
    request: Request, viewer: MayAnswerTray, db: Db, fields: Fields, ward_id: Ward, item: uuid.UUID
) -> Response:
    """One of two versions stands."""
    form = read(Choice, fields)
    came = form if isinstance(form, FormErrors) else choose(db, viewer, ward_id, item, form)
    return _came(request, viewer, db, ward_id, item, fields, came)


@router.post(_ITEM + "/move")
def move_on(
    request: Request, viewer: MayAnswerTray, db: Db, fields: Fields, ward_id: Ward, item: uuid.UUID
) -> Response:
    """It waits in the tray of another ward."""
    form = read(Move, fields)
    came = form if isinstance(form, FormErrors) else move(db, viewer, ward_id, item, form)
    return _came(request, viewer, db, ward_id, item, fields, came)


@router.post(_ITEM + "/return")
def send_back(
    request: Request, viewer: MayAnswerTray, db: Db, fields: Fields, ward_id: Ward, item: uuid.UUID
) -> Response:
    """Its author gets it back, with a reason."""
    form = read(Return, fields)
    came = form if isinstance(form, FormErrors) else give_back(db, viewer, ward_id, item, form)
    return _came(request, viewer, db, ward_id, item, fields, came)


@router.post(_ITEM + "/recall")
def take_back(
    request: Request, viewer: MayAnswerTray, db: Db, fields: Fields, ward_id: Ward, item: uuid.UUID
) -> Response:
    """Giving it back is taken back, within a minute."""
    form = read(Recall, fields)
    came = form if isinstance(form, FormErrors) else recall(db, viewer, ward_id, item)
    return _came(request, viewer, db, ward_id, item, fields, came)


def _came(
    request: Request, viewer: Viewer, db: Session, ward_id: int, item: uuid.UUID, fields: dict[str, list[str]],
    came: Answer | FormErrors,
) -> Response:  # fmt: skip
    """Back to the tray; to the page of the item when there is something to correct or to choose."""
    if isinstance(came, Answer) and came.came_to == "two":
        return see_other(request, f"/coverage/tray/{ward_id}/{item}")
    if isinstance(came, FormErrors) and answered(db, viewer, ward_id, item) is None:
        return _page(request, viewer, db, ward_id, item, came.errors, fields)
    already = isinstance(came, FormErrors) or came.came_to == "already"
    return see_other(
        request, f"/coverage/tray?ward={ward_id}&item={item}" + ("&already=true" if already else "")
    )


def _page(
    request: Request, viewer: Viewer, db: Session, ward_id: int, item: uuid.UUID, errors: dict[str, str] | None = None,
    fields: dict[str, list[str]] | None = None, q: str = "",
) -> Response:  # fmt: skip
    held = find_held(db, viewer, ward_id, item)
    [line] = lines_of(db, viewer, [held])
    typed = {name: given[-1] for name, given in (fields or {}).items() if given}
    wanted = read(NewDoor, fields) if fields and "number" in typed else line.typed_door
    door = wanted if isinstance(wanted, NewDoor) else None
    return render(
        request, viewer, "coverage/item.html", status=422 if errors else 200, line=line, q=q,
        found=doors_found(db, viewer, q), wards=other_wards(db, viewer, held), reasons=_reasons(),
        groups=[(str(group.id), group.name) for group in groups_of(db, viewer, Permission.ANSWER_TRAY)],
        values=Shown((door.model_dump(mode="json") if door else {}) | typed),
        alike=doors_alike(db, viewer, door) if door and line.may_be_new else [], confirmed=door.plate if door else "", errors=Shown(errors or {}), **_words(db, viewer),
    )  # fmt: skip


def _reasons() -> dict[str, str]:
    return {code: _(told) for code, told in REASONS.items()}


def _words(db: Session, viewer: Viewer) -> dict[str, Any]:
    """What outcomes, levels, skills and groups are called in the current language."""
    catalogue = offered(db, viewer)
    return {**words(), "skills": catalogue.skills, "audiences": catalogue.audiences}
