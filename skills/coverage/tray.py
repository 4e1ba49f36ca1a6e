"""What waits in the trays of a ward lead: each item with where it is, what it says, why it was held and since when.

A door is shown only within the lead's reach. Of any other she sees what the author typed, never another ward's household.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session, case, col, func, select

from skills import clock
from skills.areas.blocks import blocks_on
from skills.areas.find import wards_of_city
from skills.areas.models import Area
from skills.coverage.forms import Door
from skills.coverage.said import Said, day_of, door_of, fields_of, read_held
from skills.errors import NotAllowed, NotFound
from skills.forms import N_, FormErrors
from skills.households.find import DoorRow, door_row, doors_of, groups_of, stored_door
from skills.households.forms import NewDoor
from skills.language import gettext as _
from skills.people.models import Person
from skills.people.permissions import Permission
from skills.people.viewer import Viewer
from skills.sync.freshness import WAITING, tray_ids
from skills.sync.models import HeldItem, HeldState
from skills.visits.find import VisitSeen, visit_for
from skills.visits.forms import VisitForm, VoidForm
from skills.visits.models import Receipt

AT_ONCE = 30  # items on the page, the oldest first
OLD = timedelta(days=7)  # after this an item rises on the first page of the lead
UNDO = timedelta(minutes=1)
MOST_DOORS = 12  # found for "another home"


@dataclass(frozen=True)
class Count:
    """How many items wait, and how many of them for more than seven days."""

    waiting: int
    old: int


@dataclass(frozen=True)
class Line:
    """An item of the tray as its ward lead may see it."""

    held: HeldItem
    author: str  # the short name
    said: Said
    door: DoorRow | None  # where it is, within reach
    typed_door: NewDoor | None  # what the author typed of a door that nobody has written down yet
    stored: VisitSeen | None  # the visit that it is about, as it stands
    why: str
    groups: frozenset[int] = field(default=frozenset())  # the residential groups within reach

    @property
    def address(self) -> str:
        """The address of the item's own page; its answers are below it."""
        return f"/coverage/tray/{self.held.ward_id}/{self.held.item}"

    @property
    def days(self) -> int:
        """For how many days it has waited."""
        return (clock.now() - self.held.received_at).days

    @property
    def outcome(self) -> str:
        """What happened at the door, for what says that."""
        return str(self.said.outcome) if isinstance(self.said, VisitForm) else ""

    @property
    def unreadable(self) -> Mapping[str, str]:
        """What was typed, by field, of an item that can't be read; nothing for any other."""
        if not isinstance(self.said, FormErrors):
            return {}
        return {name: given[-1] for name, given in fields_of(self.held).items() if given}

    @property
    def both(self) -> bool:
        """Whether two versions are to choose from."""
        two = self.held.state == HeldState.CONFLICT or self.held.code == "twice"
        return two and self.stored is not None and not isinstance(self.said, FormErrors)

    @property
    def counts_as_it_is(self) -> bool:
        """Whether one tap is enough for it to count."""
        if isinstance(self.said, FormErrors) or self.both or self.held.code == "twice":
            return False
        if isinstance(self.said, NewDoor):
            return self.said.group in self.groups
        if isinstance(self.said, VisitForm | VoidForm):
            return self.door is not None
        return self.said.group in self.groups

    @property
    def may_be_elsewhere(self) -> bool:
        """Whether it may be put at another door."""
        return isinstance(self.said, VisitForm | NewDoor) and not self.both

    @property
    def may_be_new(self) -> bool:
        """Whether it may be at a door that has still to be written down."""
        return self.may_be_elsewhere and self.door is None


@dataclass(frozen=True)
class Tray:
    """The page: the ward, or "" for who has several; the oldest items, how many there are, how old the oldest is."""

    place: str
    lines: Sequence[Line]
    waiting: int

    @property
    def more(self) -> int:
        """How many are not on this page."""
        return self.waiting - len(self.lines)

    @property
    def oldest(self) -> int:
        """For how many days the oldest has waited."""
        return self.lines[0].days if self.lines else 0


@dataclass(frozen=True)
class Answered:
    """What became of an item, for the line above the tray."""

    held: HeldItem
    by: str  # the full name of who answered
    mine: bool
    tray: str  # the ward in whose tray it lies now
    where: str  # the address of what was stored; "" when nothing was, or not within reach

    @property
    def undo_until(self) -> datetime | None:
        """Until when giving it back can be taken back."""
        if self.held.state != HeldState.RETURNED or not self.mine or self.held.answered_at is None:
            return None
        until = self.held.answered_at + UNDO
        return until if clock.now() < until and self.held.fields else None


def trays_of(db: Session, viewer: Viewer) -> frozenset[int]:
    """The area ids under which items lie that this viewer answers: of the wards, and of those that went into them."""
    return frozenset(db.execute(tray_ids(viewer.areas(Permission.ANSWER_TRAY), viewer.today)).scalars())


def count_waiting(db: Session, viewer: Viewer) -> Count:
    """How many items wait for the viewer's answer. One statement."""
    old = func.coalesce(func.sum(case((col(HeldItem.received_at) <= clock.now() - OLD, 1), else_=0)), 0)
    waiting, long = db.exec(
        select(func.count(), old).where(
            col(HeldItem.tray_id).in_(tray_ids(viewer.areas(Permission.ANSWER_TRAY), viewer.today)),
            col(HeldItem.state).in_(WAITING),
        )
    ).one()
    return Count(waiting, int(long))


def find_tray(db: Session, viewer: Viewer) -> Tray:
    """The oldest items that wait for the viewer's answer."""
    rows = (
        select(HeldItem)
        .where(col(HeldItem.tray_id).in_(trays_of(db, viewer)), col(HeldItem.state).in_(WAITING))
        .order_by(col(HeldItem.received_at), col(HeldItem.item))
        .limit(AT_ONCE)
    )
    lines = lines_of(db, viewer, db.exec(rows).all())
    places = db.exec(
        select(Area.short_name).where(col(Area.id).in_(viewer.areas(Permission.ANSWER_TRAY))).limit(2)
    ).all()
    return Tray(
        place=places[0] if len(places) == 1 else "",
        lines=lines,
        waiting=count_waiting(db, viewer).waiting if len(lines) == AT_ONCE else len(lines),
    )


def find_held(db: Session, viewer: Viewer, ward_id: int, item: uuid.UUID) -> HeldItem:
    """An item in a tray that the viewer answers, or that they moved out of it. Raises NotFound for any other."""
    held = db.get(HeldItem, (ward_id, item))
    if held is None or not (held.tray_id in trays_of(db, viewer) or held.answered_by == viewer.person_id):
        raise NotFound("held item")
    return held


def lines_of(db: Session, viewer: Viewer, items: Sequence[HeldItem]) -> list[Line]:
    """The items as the viewer may see them."""
    if not items:
        return []
    reach = frozenset(db.exec(blocks_on(viewer.areas(Permission.ANSWER_TRAY), viewer.today)))
    groups = frozenset(group.id for group in groups_of(db, viewer, Permission.ANSWER_TRAY))
    authors = {
        person.id: person.short_name
        for person in db.exec(select(Person).where(col(Person.id).in_({held.author_id for held in items})))
    }
    return [_line(db, viewer, held, authors[held.author_id], reach, groups) for held in items]


def answered(db: Session, viewer: Viewer, ward_id: int, item: uuid.UUID) -> Answered | None:
    """What became of an item that the viewer answered, or found answered; None while it waits for an answer here."""
    held = find_held(db, viewer, ward_id, item)
    moved = held.state in WAITING and held.tray_id not in trays_of(db, viewer)
    if held.answered_by is None or (held.state in WAITING and not moved):
        return None
    by, tray = db.get_one(Person, held.answered_by), db.get(Area, held.tray_id)
    return Answered(
        held, by.full_name, held.answered_by == viewer.person_id, tray.short_name if tray else "",
        _where(db, viewer, held),
    )  # fmt: skip


def doors_found(db: Session, viewer: Viewer, query: str) -> list[DoorRow]:
    """Doors of the viewer's wards that answer to a search, at most a dozen."""
    return doors_of(db, viewer, query=query[:80])[:MOST_DOORS] if query.strip() else []


def other_wards(db: Session, viewer: Viewer, held: HeldItem) -> list[tuple[str, str]]:
    """The wards to whose tray it may go: area id and name."""
    return [(str(ward.id), ward.name) for ward in wards_of_city(db, viewer.today) if ward.id != held.tray_id]


def _line(
    db: Session, viewer: Viewer, held: HeldItem, author: str, reach: frozenset[int], groups: frozenset[int]
) -> Line:
    said = read_held(db, held, viewer.today)
    stored = _stored(db, viewer, held)
    named = door_of(held) if held.op in ("visit", "correction") else None
    if held.op == "void" and stored is not None:
        named = stored.ward_id, stored.household_id
    door = stored_door(db, *named) if named else None
    typed_door = said if isinstance(said, NewDoor) else _typed_door(db, held, named)
    return Line(
        held=held,
        author=author,
        said=said,
        door=door_row(db, viewer, door) if door is not None and door.block_id in reach else None,
        typed_door=typed_door,
        stored=stored,
        why=_why(held, said, door is not None and door.block_id in reach),
        groups=groups,
    )


def _stored(db: Session, viewer: Viewer, held: HeldItem) -> VisitSeen | None:
    """The visit that it is about as it stands, within the viewer's reach."""
    if held.op in ("door", "group_count") or (held.op == "visit" and held.code != "twice"):
        return None
    door = door_of(held)
    for ward_id in dict.fromkeys((held.ward_id, door[0] if door else held.ward_id)):
        try:
            return visit_for(db, viewer, ward_id, held.fact_id)[0]
        except (NotFound, NotAllowed):
            continue
    return None


def _typed_door(db: Session, held: HeldItem, named: Door | None) -> NewDoor | None:
    """What the same author typed of the door that a visit names, when the door waits in a tray itself."""
    if named is None:
        return None
    rows = select(HeldItem).where(
        HeldItem.author_id == held.author_id,
        col(HeldItem.state).in_(WAITING),
        HeldItem.op == "door",
        HeldItem.fact_id == named[1],
    )
    waiting = db.exec(rows).first()
    said = read_held(db, waiting, day_of(waiting)) if waiting else None
    return said if isinstance(said, NewDoor) else None


def _where(db: Session, viewer: Viewer, held: HeldItem) -> str:
    """Where what was accepted can be seen."""
    if held.state not in (HeldState.ACCEPTED, HeldState.SETTLED) or held.op in ("door", "group_count"):
        return ""
    receipt = db.get(Receipt, (held.ward_id, held.item))
    if receipt is None:
        return ""
    try:
        seen, _door = visit_for(db, viewer, receipt.to_ward_id, receipt.visit_id)
    except (NotFound, NotAllowed):
        return ""
    return f"/visits/{seen.ward_id}/{seen.id}"


def _why(held: HeldItem, said: Said, here: bool) -> str:
    """Why it waits, in words."""
    if held.code == "no_place" and held.op == "door":
        return _("Nhà mới ở một tổ mà người ghi không được giao.")
    if held.code == "no_place" and not here:
        return _("Chưa rõ là nhà nào trong phường.")
    if held.code == "invalid" and isinstance(said, FormErrors):
        return " ".join([_("Có chỗ không đọc được hoặc không đúng."), *said.errors.values()])
    return _(_WHY.get(held.code, _UNKNOWN))


_UNKNOWN = N_("Máy chủ không tự xếp được lượt này.")
_WHY = {
    "no_place": N_("Nhà này không thuộc các tổ mà người ghi được giao."),
    "not_allowed": N_("Người ghi không được ghi ở nhà này."),
    "dismissed": N_("Người ghi đã thôi nhiệm vụ trước khi lượt này tới."),
    "ticket_over": N_("Máy gửi đã hết hạn hoặc bị thu quyền gửi."),
    "unsigned": N_("Không chắc đúng người này đã ghi: lượt này tới mà thiếu dấu của máy."),
    "many": N_("Người này gửi hơn 500 lượt trong một ngày."),
    "clock": N_("Đồng hồ của máy sai, nên chưa rõ ngày thăm."),
    "twice": N_("Lượt này đã lưu một lần, với nội dung khác."),
    "unforeseen": N_("Máy chủ gặp lỗi khi nhận lượt này, ba lần liền."),
    "same_field": N_("Hai bản cùng sửa một chỗ. Cả hai đều còn."),
    "voided": N_("Lượt này đã hủy trước khi bản sửa tới. Cả hai đều còn."),
}
