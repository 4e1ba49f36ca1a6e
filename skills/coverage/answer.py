"""The ward lead's answers: it counts, it stands at another door, it goes to another ward, back to its author, or one of two versions stands.

What is accepted goes through the verbs of the pages, within the lead's reach and in its author's name. Whoever answers second, or
twice, changes nothing.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from sqlmodel import Session, col, select

from skills import clock
from skills.areas.find import wards_of_city
from skills.audit import trail
from skills.coverage.forms import Acceptance, Choice, Door, Move, Return
from skills.coverage.said import Said, day_of, door_of, fields_of, read_held
from skills.coverage.tray import UNDO, find_held, trays_of
from skills.errors import Conflict, NotAllowed, NotFound
from skills.forms import N_, FormErrors, area_number, sentence
from skills.group_counts.forms import CountForm
from skills.group_counts.tell import tell_counts
from skills.households.add import add_door, doors_alike
from skills.households.find import door_for, stored_door, wards_of_groups
from skills.households.forms import NewDoor
from skills.households.lock import lock_wards
from skills.households.models import Forward, Household
from skills.language import gettext as _
from skills.people.models import Person
from skills.people.permissions import Permission
from skills.people.teams import teams_of
from skills.people.viewer import Viewer
from skills.sync.freshness import WAITING
from skills.sync.models import HeldItem, HeldState
from skills.visits.correct import correct_visit
from skills.visits.forms import VisitForm, VoidForm
from skills.visits.models import Receipt, Visit
from skills.visits.page import fresh_id
from skills.visits.receive import Brought, Taken, follow, settle
from skills.visits.record import record_visit
from skills.visits.void import void_visit

_TOLD = {
    HeldState.ACCEPTED: "tray.accepted",
    HeldState.RETURNED: "tray.returned",
    HeldState.SETTLED: "tray.settled",
}


@dataclass(frozen=True)
class Answer:
    """What came of an answer: "done"; "already" answered before, and nothing changed; "two", another version stands, so that one
    of both has to be chosen."""

    held: HeldItem
    came_to: Literal["done", "already", "two"] = "done"


def accept(
    db: Session, viewer: Viewer, ward_id: int, item: uuid.UUID, form: Acceptance
) -> Answer | FormErrors:
    """Lets it count, at the door or on the day that the lead gives, if she gives one; or says what is still wrong with it.

    Raises NotFound for an item that is in no tray of the viewer.
    """
    held = _locked(db, viewer, ward_id, item, [form.door] if form.door else [])
    if not _waits_here(db, viewer, held):
        return Answer(held, "already")
    door = form.door and door_for(db, viewer, *form.door, Permission.ANSWER_TRAY)
    if held.op == "door" and door:
        return _done(db, viewer, held, _same_door(db, held, door))
    at = (door.ward_id, door.id) if door else None
    return _take(db, viewer, held, read_held(db, held, viewer.today, at, form.visited_on))


def add(db: Session, viewer: Viewer, ward_id: int, item: uuid.UUID, form: NewDoor) -> Answer | FormErrors:
    """Writes a door down, in the name of who met it, and lets the item count there; what else waits for that door counts too.

    Raises NotFound for an item that is in no tray of the viewer, and for a group outside the viewer's areas.
    """
    held = _locked(db, viewer, ward_id, item, groups=[form.group])
    if not _waits_here(db, viewer, held):
        return Answer(held, "already")
    named = door_of(held) if held.op != "door" else (held.ward_id, held.fact_id)
    taken_up = named is not None and stored_door(db, *named) is not None
    if doors_alike(db, viewer, form):
        return FormErrors({}, {"": _(_ALIKE)})
    wanted = form.model_copy(update={"id": fresh_id() if named is None or taken_up else named[1]})
    if held.op == "door":
        return _take(db, viewer, held, wanted)
    try:
        with db.begin_nested():
            door = add_door(db, _in_the_name_of(db, viewer, held), wanted)
            told = read_held(db, held, viewer.today, (door.ward_id, door.id))
            answer = _take(db, viewer, held, told)
            if isinstance(answer, FormErrors):
                raise _StillWrong(answer)
            return answer
    except _StillWrong as wrong:
        return wrong.errors
    except Conflict:
        return FormErrors({}, {"": _(_OTHER_DOOR)})


def choose(db: Session, viewer: Viewer, ward_id: int, item: uuid.UUID, form: Choice) -> Answer | FormErrors:
    """Of two versions, lets the one that stands stand, or puts the one that was sent in its place, as the next version.

    A visit that was voided stays voided; what was sent about it becomes a visit of its own.
    """
    held = _locked(db, viewer, ward_id, item)
    if not _waits_here(db, viewer, held):
        return Answer(held, "already")
    visit = _visit_of(db, held)
    if visit is None or (held.state != HeldState.CONFLICT and held.code != "twice"):
        return FormErrors({}, {"": _(_NOT_HERE)})
    if form.keep == "stored":
        settle(db, held.ward_id, held.item, None)
        return _close(db, viewer, held, HeldState.SETTLED, "twice")
    told = read_held(db, held, viewer.today)
    if isinstance(told, VisitForm):
        told.base = visit.version
        if visit.voided_at is not None:
            told.id, told.base = fresh_id(), 0
    elif isinstance(told, VoidForm):
        told.base = visit.version
    return _take(db, viewer, held, told, visit)


def move(db: Session, viewer: Viewer, ward_id: int, item: uuid.UUID, form: Move) -> Answer | FormErrors:
    """Puts it into the tray of another ward of the city, where it goes on waiting."""
    held = _locked(db, viewer, ward_id, item)
    if not _waits_here(db, viewer, held):
        return Answer(held, "already")
    if form.ward == held.tray_id:
        return FormErrors({}, {"ward": sentence(Move, "same_ward")})
    if form.ward not in {ward.id for ward in wards_of_city(db, viewer.today)}:
        return FormErrors({}, {"ward": sentence(Move, "ward:*")})
    left, held.tray_id = held.tray_id, form.ward
    held.answered_by, held.answered_at = viewer.person_id, clock.now()
    db.flush()
    for tray in sorted({left, form.ward}):  # both wards see where it went, and where it came from
        trail.write(db, tray, viewer.person_id, "tray.moved", held.item, ["tray_id"])
    return Answer(held)


def give_back(db: Session, viewer: Viewer, ward_id: int, item: uuid.UUID, form: Return) -> Answer:
    """Gives it back to its author, with a reason that they see. For a minute this can be taken back."""
    held = _locked(db, viewer, ward_id, item)
    if not _waits_here(db, viewer, held):
        return Answer(held, "already")
    settle(db, held.ward_id, held.item, None)
    return _close(db, viewer, held, HeldState.RETURNED, form.reason)


def recall(db: Session, viewer: Viewer, ward_id: int, item: uuid.UUID) -> Answer:
    """Takes a giving back of the last minute back: it waits again, as before."""
    held = _locked(db, viewer, ward_id, item)
    mine = held.answered_by == viewer.person_id and held.answered_at is not None
    if held.state != HeldState.RETURNED or not mine or not held.fields or _is_over(held):
        return Answer(held, "already")
    held.state = HeldState.CONFLICT if held.code in ("same_field", "voided") else HeldState.HELD
    held.answer, held.answered_by, held.answered_at = "", None, None
    db.get_one(Receipt, (held.ward_id, held.item)).status = held.state
    db.flush()
    trail.write(db, held.tray_id, viewer.person_id, "tray.recalled", held.item)
    return Answer(held)


class _StillWrong(Exception):
    """Takes a door that was just written down back, because the visit at it can't be taken."""

    def __init__(self, errors: FormErrors) -> None:
        super().__init__("still wrong")
        self.errors = errors


def _locked(
    db: Session,
    viewer: Viewer,
    ward_id: int,
    item: uuid.UUID,
    doors: Iterable[Door] = (),
    groups: Iterable[int] = (),
) -> HeldItem:
    """The item, after every ward that an answer may touch is locked, as it is then. Forgets what was given back before."""
    held = find_held(db, viewer, ward_id, item)
    over = _given_back(db, viewer)
    named = [door for door in (door_of(held), (held.ward_id, held.fact_id), *doors) if door is not None]
    wards = {held.ward_id, *(each.ward_id for each in over)}
    for door in named:
        wards |= {door[0], follow(db, *door)[0]}
    typed = map(area_number, fields_of(held).get("group", []))
    every = {*groups, *(group for group in typed if group is not None)}
    wards |= set(wards_of_groups(db, every, viewer.today).values())
    lock_wards(db, wards)
    db.refresh(held)
    for each in over:
        db.refresh(each)
        if each.state == HeldState.RETURNED and each.item != held.item:
            each.fields = ""
    return held


def _waits_here(db: Session, viewer: Viewer, held: HeldItem) -> bool:
    """Whether nobody answered it yet or moved it on."""
    return held.state in WAITING and held.tray_id in trays_of(db, viewer)


def _given_back(db: Session, viewer: Viewer) -> list[HeldItem]:
    """What was given back more than a minute ago and still holds what it said."""
    rows = select(HeldItem).where(
        col(HeldItem.tray_id).in_(trays_of(db, viewer)),
        HeldItem.state == HeldState.RETURNED,
        HeldItem.fields != "",
        col(HeldItem.answered_at) <= clock.now() - UNDO,
    )
    return list(db.exec(rows.limit(100)))


def _is_over(held: HeldItem) -> bool:
    return held.answered_at is None or clock.now() >= held.answered_at + UNDO


def _take(
    db: Session, viewer: Viewer, held: HeldItem, told: Said, instead_of: Visit | None = None
) -> Answer | FormErrors:
    """Takes it in through the verb of its page, in a savepoint, so that a refusal leaves it as it was."""
    if isinstance(told, FormErrors):
        return FormErrors({}, told.errors)
    if isinstance(told, NewDoor) and doors_alike(db, viewer, told):
        return FormErrors({}, {"": _(_ALIKE)})
    try:
        with db.begin_nested():
            taken = _through_its_verb(db, _in_the_name_of(db, viewer, held), held, told, instead_of)
    except (NotFound, NotAllowed):
        return FormErrors({}, {"": _(_NOT_HERE)})
    except Conflict as clash:
        return _clash(db, held, clash)
    answer = _done(db, viewer, held, taken)
    if held.op == "door":
        _bring_along(db, viewer, held, taken)
    return answer


def _through_its_verb(
    db: Session, author: Viewer, held: HeldItem, told: Said, instead_of: Visit | None
) -> Taken:
    brought = Brought(held.device_id, waited_since=held.received_at)
    ward_id, visit_id = (instead_of.ward_id, instead_of.id) if instead_of else (held.ward_id, held.fact_id)
    if isinstance(told, VisitForm):
        if (held.op == "visit" and instead_of is None) or told.id != held.fact_id:
            return record_visit(db, author, told, brought)
        return correct_visit(db, author, ward_id, visit_id, told, brought)
    if isinstance(told, VoidForm):
        return void_visit(db, author, ward_id, visit_id, told, brought)
    if isinstance(told, CountForm):
        return tell_counts(db, author, told, brought)
    assert isinstance(told, NewDoor)  # noqa: S101 - nothing else is left
    return _same_door(db, held, add_door(db, author, told))


def _same_door(db: Session, held: HeldItem, door: Household) -> Taken:
    """The door that the phone made is this one: what is sent for it later follows."""
    sent = held.ward_id, held.fact_id
    if sent != (door.ward_id, door.id) and stored_door(db, *sent) is None:
        db.add(Forward(ward_id=sent[0], id=sent[1], to_ward_id=door.ward_id, to_id=door.id))
        db.flush()
    return Taken(held.item, "accepted", door.ward_id, door.id, door.version)


def _bring_along(db: Session, viewer: Viewer, door: HeldItem, taken: Taken) -> None:
    """The visits of the same author that waited for nothing but this door count now."""
    rows = select(HeldItem).where(
        HeldItem.author_id == door.author_id,
        col(HeldItem.state).in_(WAITING),
        HeldItem.ward_id == door.ward_id,  # whose lock is held
        HeldItem.op == "visit",
        HeldItem.code == "no_place",
        col(HeldItem.tray_id).in_(trays_of(db, viewer)),
    )
    for held in db.exec(rows.order_by(col(HeldItem.received_at), col(HeldItem.item))).all():
        if door_of(held) == (door.ward_id, door.fact_id):
            _take(db, viewer, held, read_held(db, held, viewer.today, (taken.ward_id, taken.visit_id)))


def _clash(db: Session, held: HeldItem, clash: Conflict) -> Answer | FormErrors:
    """Another version stands where this one should go: both are shown, and one of them is chosen."""
    visit = _visit_of(db, held)
    if clash.code == "visit_exists":
        held.code = "twice"
        return Answer(held, "two")
    if clash.code == "newer_version" and visit is not None:
        held.state, held.code = HeldState.CONFLICT, "same_field" if visit.voided_at is None else "voided"
        db.get_one(Receipt, (held.ward_id, held.item)).status = held.state
        return Answer(held, "two")
    return FormErrors({}, {"": _(_OTHER_DOOR)})


def _visit_of(db: Session, held: HeldItem) -> Visit | None:
    """The visit that it is about, as it is stored, wherever it was carried."""
    named = door_of(held)
    for ward_id in dict.fromkeys((held.ward_id, named[0] if named else held.ward_id)):
        visit = db.get(Visit, follow(db, ward_id, held.fact_id))
        if visit is not None:
            return visit
    return None


def _done(db: Session, viewer: Viewer, held: HeldItem, taken: Taken) -> Answer:
    settle(db, held.ward_id, held.item, taken)
    return _close(db, viewer, held, HeldState.ACCEPTED)


def _close(db: Session, viewer: Viewer, held: HeldItem, state: HeldState, answer: str = "") -> Answer:
    """Writes down who answered and how. What it said is forgotten: it stands in the visit now, or, of what was given back, on the
    phone; that of the last minute stays until it can't be taken back any more."""
    held.state, held.answer = state, answer
    held.answered_by, held.answered_at = viewer.person_id, clock.now()
    if state != HeldState.RETURNED:
        held.fields = ""
    db.flush()
    trail.write(db, held.tray_id, viewer.person_id, _TOLD[state], held.item)
    return Answer(held)


def _in_the_name_of(db: Session, viewer: Viewer, held: HeldItem) -> Viewer:
    """Reach of the lead, where she answers trays and nowhere else; name and teams of the author."""
    author = db.get_one(Person, held.author_id)
    here = viewer.areas(Permission.ANSWER_TRAY)
    return replace(
        viewer,
        person_id=author.id,
        full_name=author.full_name,
        short_name=author.short_name,
        postings=tuple(posted for posted in viewer.postings if posted.area_id in here),
        team_ids=teams_of(db, author.id, day_of(held)),
        group_ids=frozenset(),
        led_team_ids=frozenset(),
    )


_NOT_HERE = N_("Chưa tính được: nhà này không ở trong phường. Chọn đúng nhà, chuyển phường hoặc trả lại.")
_ALIKE = N_("Có thể đã có nhà này. Cùng một nhà thì chọn nhà đã có; khác nhà thì bấm Vẫn thêm nhà này.")
_OTHER_DOOR = N_("Chưa thêm được: mã này đã dùng cho một nhà khác. Chọn nhà có sẵn hoặc trả lại.")
