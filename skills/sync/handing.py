"""One handing in while it is taken: who hands in, what was read for all its items at once, the wards that it locked."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, func
from sqlalchemy import select as sql_select
from sqlmodel import Session, col

from skills import clock
from skills.areas.models import Area
from skills.catalogue.find import offered_on
from skills.db import among, table_of
from skills.forms import area_number
from skills.households.find import wards_of_groups
from skills.households.lock import lock_wards
from skills.households.models import Forward
from skills.people.tickets import Bearer, tickets_by_id
from skills.people.viewer import Viewer, find_viewer
from skills.sync.wire import Item
from skills.visits.models import Receipt

_AREA, _FORWARD, _RECEIPT = table_of(Area), table_of(Forward), table_of(Receipt)
_KNOWN = sql_select(_AREA.c.id).where(_AREA.c.id.in_(bindparam("ids", expanding=True)))
_CARRIED = sql_select(_FORWARD.c.to_ward_id).where(*among(_FORWARD.c.ward_id, _FORWARD.c.id))
_RECEIPTS = sql_select(Receipt).where(*among(col(Receipt.ward_id), col(Receipt.item)))
_TODAY = sql_select(func.count()).where(
    _RECEIPT.c.author_id == bindparam("author"), _RECEIPT.c.received_at >= bindparam("midnight")
)


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
    offers: dict[date, tuple[frozenset[int], frozenset[int]]] = field(default_factory=dict)

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

    def offered(self, item: Item) -> tuple[frozenset[int], frozenset[int]]:
        """The skills and groups that may be sent today, or could be on the day the item was saved."""
        saved_on = clock.local(item.saved_at).date() if item.saved_at else self.today
        if saved_on >= self.today:
            return self._offered_on(self.today)
        before, now = self._offered_on(saved_on), self._offered_on(self.today)
        return before[0] | now[0], before[1] | now[1]

    def _offered_on(self, day: date) -> tuple[frozenset[int], frozenset[int]]:
        if day not in self.offers:
            self.offers[day] = offered_on(self.db, day)
        return self.offers[day]


def prepare(handing: Handing, items: Sequence[Item]) -> None:
    """Reads what all items need, and locks every ward that they touch, in ascending order, before the first of them."""
    db = handing.db
    named = {item.ward for item in items} | _areas_typed(items, "ward")
    groups = _areas_typed(items, "group")
    handing.wards = frozenset(db.connection().execute(_KNOWN, {"ids": sorted(named)}).scalars())
    # 0 only for items that are stored there: a lock that every batch took would make all wards wait for one another
    touched = {handing.key_ward(item) for item in items} | handing.wards
    touched |= set(wards_of_groups(db, groups, handing.today).values()) | _carried_to(
        db, handing.wards, items
    )
    lock_wards(db, touched)
    own = {handing.bearer.ticket_id: handing.bearer}
    others = {item.key for item in items if item.key} - own.keys()
    handing.bearers = own | tickets_by_id(db, others, handing.now)
    read_receipts(handing, {item.item for item in items} | {item.needs for item in items if item.needs})
    for author in {handing.author(item).person_id for item in items}:
        handing.new_today[author] = _count_today(handing, author)


def read_receipts(handing: Handing, items: Collection[uuid.UUID]) -> None:
    """Puts the receipts of these items beside the others."""
    if not items:
        return
    asked = {"wards": sorted({0, *handing.wards}), "ids": sorted(items)}
    handing.receipts |= {
        (row.ward_id, row.item): row for row in handing.db.execute(_RECEIPTS, asked).scalars()
    }


def _areas_typed(items: Sequence[Item], name: str) -> set[int]:
    """The areas that these items name in one of their fields."""
    typed = (area_number(text) for item in items for text in item.typed.get(name, []))
    return {number for number in typed if number is not None}


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
        asked = {"wards": sorted(here), "ids": sorted(facts)}
        here = frozenset(db.connection().execute(_CARRIED, asked).scalars()) - to - wards
        to |= here
    return to


def _count_today(handing: Handing, author: uuid.UUID) -> int:
    midnight = clock.local(handing.now).replace(hour=0, minute=0, second=0, microsecond=0)
    return int(handing.db.connection().execute(_TODAY, {"author": author, "midnight": midnight}).scalar_one())


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
