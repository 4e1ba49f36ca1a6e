"""One handing in while it is taken: who hands in, what was read for all its items at once, the wards that it locked."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, func, select

from skills import clock
from skills.areas.models import Area, AreaParent, Level
from skills.catalogue.find import audiences_on, skills_on
from skills.households.lock import lock_wards
from skills.households.models import Forward
from skills.people.tickets import Bearer, tickets_by_id
from skills.people.viewer import Viewer, find_viewer
from skills.sync.wire import Item
from skills.visits.models import Receipt


@dataclass
class Handing:
    """One handing in while it is taken: who hands in, and what was read for all its items at once."""

    db: Session
    bearer: Bearer
    now: datetime
    skew: timedelta  # server − phone, by the clock that the phone sent
    bearers: dict[uuid.UUID, Bearer] = field(default_factory=dict)
    wards: frozenset[int] = frozenset()
    receipts: dict[tuple[int, uuid.UUID], Receipt] = field(default_factory=dict)
    viewers: dict[uuid.UUID, Viewer | None] = field(default_factory=dict)
    new_today: dict[uuid.UUID, int] = field(default_factory=dict)
    offers: dict[date, tuple[dict[int, object], dict[int, object]]] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The day it is in Vietnam."""
        return clock.local(self.now).date()

    def author(self, item: Item) -> Bearer:
        """Who signed it; the one who hands in when nobody did."""
        return self.bearers.get(item.key, self.bearer) if item.key else self.bearer

    def key_ward(self, item: Item) -> int:
        """The ward under which the item is stored for ever: as the phone sent it, or 0 when there never was such a ward."""
        return item.ward if item.ward in self.wards else 0

    def skew_of(self, item: Item) -> timedelta:
        """How far the phone's clock was behind, by what it knew at Save, else by what it says now."""
        return self.skew if item.skew_ms is None else timedelta(milliseconds=item.skew_ms)

    def corrected(self, item: Item, moment: datetime) -> datetime:
        """A moment of the phone's clock on ours; never after it was received."""
        try:
            return min(moment + self.skew_of(item), self.now)
        except OverflowError:
            return self.now

    def viewer(self, person_id: uuid.UUID) -> Viewer | None:
        """The author with today's rights; None for who was dismissed."""
        if person_id not in self.viewers:
            self.viewers[person_id] = find_viewer(self.db, person_id, self.today)
        return self.viewers[person_id]

    def offered(self, item: Item) -> tuple[dict[int, object], dict[int, object]]:
        """The skills and groups that may be sent today, or could be on the day the item was saved."""
        days = {
            self.today,
            min(clock.local(item.saved_at).date(), self.today) if item.saved_at else self.today,
        }
        skills: dict[int, object] = {}
        audiences: dict[int, object] = {}
        for day in days:
            if day not in self.offers:
                self.offers[day] = (
                    {skill.id: skill for skill in skills_on(self.db, day)},
                    {group.id: group for group in audiences_on(self.db, day)},
                )
            skills |= self.offers[day][0]
            audiences |= self.offers[day][1]
        return skills, audiences


def prepare(handing: Handing, items: Sequence[Item]) -> None:
    """Reads what all items need, and locks every ward that they touch, in ascending order, before the first of them."""
    db = handing.db
    named = {item.ward for item in items}
    for item in items:
        named |= {
            int(ward)
            for ward in item.typed.get("ward", [])
            if ward.isascii() and ward.isdigit() and len(ward) < 10
        }
    groups = {
        int(group)
        for item in items
        for group in item.typed.get("group", [])
        if group.isascii() and group.isdigit() and len(group) < 10
    }
    handing.wards = (
        frozenset(db.exec(select(Area.id).where(col(Area.id).in_(sorted(named))))) if named else frozenset()
    )
    touched = (
        {0, *handing.wards}
        | _wards_of_groups(db, groups, handing.today)
        | _carried_to(db, handing.wards, items)
    )
    lock_wards(db, touched)
    handing.bearers = tickets_by_id(db, {item.key for item in items if item.key}, handing.now)
    read_receipts(handing, {item.item for item in items} | {item.needs for item in items if item.needs})
    for author in {handing.author(item).person_id for item in items}:
        handing.new_today[author] = _count_today(handing, author)


def read_receipts(handing: Handing, items: Collection[uuid.UUID]) -> None:
    """Puts the receipts of these items beside the others."""
    if not items:
        return
    rows = select(Receipt).where(
        col(Receipt.ward_id).in_(sorted({0, *handing.wards})), col(Receipt.item).in_(sorted(items))
    )
    handing.receipts |= {(row.ward_id, row.item): row for row in handing.db.exec(rows)}


def _wards_of_groups(db: Session, groups: set[int], day: date) -> set[int]:
    if not groups:
        return set()
    rows = (
        select(AreaParent.parent_id)
        .join(Area, col(Area.id) == col(AreaParent.parent_id))
        .where(
            col(AreaParent.area_id).in_(sorted(groups)),
            col(Area.level) == Level.WARD,
            col(AreaParent.valid_from) <= day,
            col(AreaParent.valid_to) >= day,
        )
    )
    return set(db.exec(rows))


def _carried_to(db: Session, wards: frozenset[int], items: Sequence[Item]) -> set[int]:
    """The wards to which the doors and visits of these items were carried since."""
    facts = {item.id for item in items} | {
        found
        for item in items
        for text in item.typed.get("household", [])
        if (found := _uuid(text)) is not None
    }
    to: set[int] = set()
    here = wards
    for _step in range(8):
        if not facts or not here:
            break
        rows = select(Forward.to_ward_id).where(
            col(Forward.ward_id).in_(sorted(here)), col(Forward.id).in_(sorted(facts))
        )
        here = frozenset(db.exec(rows)) - to - wards
        to |= here
    return to


def _count_today(handing: Handing, author: uuid.UUID) -> int:
    midnight = clock.local(handing.now).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = select(func.count()).where(col(Receipt.author_id) == author, col(Receipt.received_at) >= midnight)
    return int(handing.db.execute(rows).scalar_one())


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
