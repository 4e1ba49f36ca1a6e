"""Take in what a phone hands in: each item once, through the verbs of the pages, in a savepoint of its own; one answer for each.

Accept first, review later. Only what can't be read is rejected, and stays on the phone; what can be read is counted, or it is held in a
ward's tray. Whoever's key signed an item is its author, whoever hands it in.
"""

import logging
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, func, select

from skills import clock
from skills.areas.models import Area, AreaParent, Level
from skills.catalogue.find import audiences_on, skills_on
from skills.db import busy_reason, upsert
from skills.errors import Busy, Conflict, NotAllowed, NotFound
from skills.forms import FormErrors, read, sentence
from skills.households.add import add_door
from skills.households.forms import NewDoor
from skills.households.lock import lock_wards
from skills.households.models import Forward
from skills.people.tickets import Bearer, tickets_by_id
from skills.people.viewer import Viewer, find_viewer
from skills.sync.epoch import epoch
from skills.sync.held import hold, tray_of
from skills.sync.models import HeldItem, HeldState, PhoneReport, RejectedItem
from skills.sync.seal import open_sealed
from skills.sync.wire import Batch, Item, Read, Refused, Sealed, as_sealed, read_item
from skills.visits.correct import correct_visit
from skills.visits.find import visit_to_change
from skills.visits.forms import VisitForm, VoidForm, read_visit
from skills.visits.merge import merged
from skills.visits.models import Receipt
from skills.visits.receive import Brought, Taken, follow, give_receipt, hashed
from skills.visits.record import record_visit
from skills.visits.void import void_visit

log = logging.getLogger("skills.sync")

Result = dict[str, Any]

MOST_A_DAY = 500  # new items of one person; what comes above is held, never refused
_PARENT = timedelta(days=5)  # so long an item waits on the phone for what it is about
_CLOCK_WRONG = timedelta(hours=12)
_TRIES = 3
_ORDINARY = (NotFound, NotAllowed, Conflict)


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


def take_in(db: Session, bearer: Bearer, batch: Batch, secret: str) -> dict[str, Any]:
    """Takes in a batch and gives the whole answer of docs/sync.md. Nothing is committed here; raises Busy when storage is."""
    now = clock.now()
    handing = Handing(db, bearer, now, now - batch.sent_at if batch.sent_at else timedelta(0))
    items = [_opened(db, secret, each) for each in batch.items]
    _prepare(handing, [item for item in items if isinstance(item, Item)])
    results = _take_all(handing, items)
    _report(handing, batch)
    return {
        "epoch": epoch(db),
        "server_time": clock.local(now).isoformat(timespec="milliseconds"),
        "results": results,
        "states": {str(item): told for item, told in _states(handing, batch.ask)},
    }


def _opened(db: Session, secret: str, read: Read) -> Read:
    """A sealed item as the item that is in it."""
    if not isinstance(read, Sealed):
        return read
    try:
        told = open_sealed(db, secret, read)
    except (LookupError, ValueError):
        return Refused(str(read.item), "retry_later", "sealed_unknown")
    if isinstance(told, dict) and told.get("item") == str(read.item):
        inside = read_item(told, secret)
        if isinstance(inside, Item):
            return as_sealed(inside)
        if isinstance(inside, Refused) and inside.status == "retry_later":
            return inside
    return _unreadable(read.item, told)


def _unreadable(item: uuid.UUID, told: Any) -> Item:
    """Sealed, and no item: kept as it is, for whoever looks into the tray."""
    text = str(told)[:4_000]
    return Item(
        item=item, op="visit", ward=0, id=item, base=0, saved_at=None, needs=None, fields=(("unreadable", text),), key=None,
        hash="", signed=False, skew_ms=None, tries=0, typed={"unreadable": [text]}, sealed=True,
    )  # fmt: skip


def _prepare(handing: Handing, items: Sequence[Item]) -> None:
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
    asked = {item.item for item in items} | {item.needs for item in items if item.needs}
    if asked:
        rows = select(Receipt).where(
            col(Receipt.ward_id).in_(sorted({0, *handing.wards})), col(Receipt.item).in_(sorted(asked))
        )
        handing.receipts = {(row.ward_id, row.item): row for row in db.exec(rows)}
    for author in {handing.author(item).person_id for item in items}:
        handing.new_today[author] = _count_today(handing, author)


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


def _take_all(handing: Handing, items: Sequence[Read]) -> list[Result]:
    results: list[Result] = []
    for item in items:
        if isinstance(item, Item):
            results.append({"item": str(item.item), **_take_safely(handing, item)})
        elif isinstance(item, Refused):
            _log_rejected(handing, handing.bearer.person_id, item.item, item)
            results.append({"item": item.named, "status": item.status, "code": item.code})
    return results


def _take_safely(handing: Handing, item: Item) -> Result:
    """One item in its savepoint: whatever goes wrong with it touches no other."""
    try:
        with handing.db.begin_nested():
            return _take(handing, item)
    except Exception as error:
        if _is_storage(error):
            raise
        log.exception("item %s can't be taken", item.item)
    if item.tries < _TRIES:
        return {"status": "retry_later", "code": "error"}
    with handing.db.begin_nested():
        return _hold(handing, item, "unforeseen")


def _is_storage(error: Exception) -> bool:
    return isinstance(error, Busy) or (isinstance(error, DBAPIError) and busy_reason(error) is not None)


def _take(handing: Handing, item: Item) -> Result:
    author = handing.author(item)
    receipt = handing.receipts.get((handing.key_ward(item), item.item))
    if receipt is not None and receipt.sent_hash:
        if receipt.author_id != author.person_id or hashed(receipt.salt, item.hash) != receipt.sent_hash:
            return _reject(handing, item, "item_id_reused")
        return _known(handing.db, receipt)
    if receipt is None:
        held = _must_hold(handing, item, author)
        if held:
            return _hold(handing, item, held)
        handing.new_today[author.person_id] += 1
        waits = _waits_for_parent(handing, item, author)
        if waits is not None:
            return waits
    viewer = handing.viewer(author.person_id)
    if viewer is None:
        return _hold(handing, item, "dismissed")
    try:
        return _VERBS[item.op](handing, viewer, item)
    except NotFound:
        return _hold(handing, item, "no_place")
    except NotAllowed:
        return _hold(handing, item, "not_allowed")
    except Conflict as clash:
        if clash.code == "visit_exists":
            return _hold(handing, item, "twice")
        return _reject(handing, item, "item_id_reused")


def _must_hold(handing: Handing, item: Item, author: Bearer) -> str:
    """Why the item may not count before somebody looked at it, before its content is even read; "" when it may."""
    if not item.signed or item.key not in handing.bearers:
        return "invalid" if "unreadable" in item.typed else "unsigned"
    if author.over or handing.bearer.over:
        return "ticket_over"
    if handing.new_today[author.person_id] >= MOST_A_DAY:
        return "many"
    return ""


def _waits_for_parent(handing: Handing, item: Item, author: Bearer) -> Result | None:
    """What is told about an item whose door or visit was made on the phone too and is not here yet; None when it may go on."""
    if item.needs is None or any(
        (ward, item.needs) in handing.receipts for ward in (0, handing.key_ward(item))
    ):
        return None
    if handing.db.get(RejectedItem, (author.person_id, item.needs)) is not None and item.tries >= _TRIES:
        return _reject(handing, item, "parent_rejected")
    if item.saved_at is not None and _corrected(handing, item, item.saved_at) < handing.now - _PARENT:
        return None
    return {"status": "retry_later", "code": "parent_missing"}


def _visit(handing: Handing, viewer: Viewer, item: Item) -> Result:
    form = _read_visit(handing, item)
    if isinstance(form, VisitForm):
        return _accepted(
            handing, item, record_visit(handing.db, viewer, form, _brought(handing, item)), "visits"
        )
    return form


def _correction(handing: Handing, viewer: Viewer, item: Item) -> Result:
    form = _read_visit(handing, item)
    if not isinstance(form, VisitForm):
        return form
    db, brought, ward = handing.db, _brought(handing, item), handing.key_ward(item)
    form.base = item.base
    try:
        return _accepted(handing, item, correct_visit(db, viewer, ward, item.id, form, brought), "visits")
    except Conflict as clash:
        if clash.code != "newer_version":
            raise
    visit, _door = visit_to_change(db, viewer, *follow(db, ward, item.id))
    together = merged(db, visit, form) if visit.voided_at is None else None
    if together is None:
        code = "same_field" if visit.voided_at is None else "voided"
        return _hold(
            handing, item, code, HeldState.CONFLICT, visit.version, f"/visits/{visit.ward_id}/{visit.id}"
        )
    taken = correct_visit(db, viewer, ward, item.id, together, brought, said=form.canonical())
    return _accepted(handing, item, taken, "visits")


def _void(handing: Handing, viewer: Viewer, item: Item) -> Result:
    """A void wins over what came in between, and can be taken back; of two voids the second changes nothing."""
    form = read(VoidForm, item.typed)
    if isinstance(form, FormErrors):
        return _reject(handing, item, "invalid", form.errors)
    db, brought, ward = handing.db, _brought(handing, item), handing.key_ward(item)
    try:
        return _accepted(handing, item, void_visit(db, viewer, ward, item.id, form, brought), "visits")
    except Conflict as clash:
        if clash.code != "newer_version":
            raise
    visit, _door = visit_to_change(db, viewer, *follow(db, ward, item.id))
    said = form.canonical(item.id)
    if visit.voided_at is None:
        form.base = visit.version
        taken = void_visit(db, viewer, ward, item.id, form, brought, said=said)
    else:
        taken = Taken(item.item, "accepted", visit.ward_id, visit.id, visit.version)
        give_receipt(db, viewer, ward, said, taken, handing.now, "void", brought)
    return _accepted(handing, item, taken, "visits")


def _door(handing: Handing, viewer: Viewer, item: Item) -> Result:
    form = read(
        NewDoor, {name: given for name, given in item.typed.items() if name not in ("item", "saved_at")}
    )
    if isinstance(form, FormErrors):
        return _reject(handing, item, "invalid", form.errors)
    door = add_door(handing.db, viewer, form)
    taken = Taken(item.item, "accepted", door.ward_id, door.id, door.version)
    give_receipt(
        handing.db,
        viewer,
        handing.key_ward(item),
        item.text,
        taken,
        handing.now,
        "door",
        _brought(handing, item),
    )
    return _accepted(handing, item, taken, "households")


_VERBS: dict[str, Callable[[Handing, Viewer, Item], Result]] = {
    "visit": _visit, "correction": _correction, "void": _void, "door": _door,
}  # fmt: skip


def _read_visit(handing: Handing, item: Item) -> VisitForm | Result:
    """The form of a visit or a correction, its clock put right; or what is told when it can't be read."""
    skills, audiences = handing.offered(item)
    form = read_visit(item.typed, skills, audiences, handing.today)
    if isinstance(form, FormErrors):
        if set(form.errors) <= {"visited_on", "come_back_on"} and _clock_is_wrong(handing, item):
            return _hold(handing, item, "clock")
        return _reject(handing, item, "invalid", form.errors)
    if form.item != item.item or (form.id != item.id and item.op == "visit"):
        return _reject(handing, item, "invalid", {"": sentence(VisitForm, "extra_forbidden")})
    if form.saved_at is not None:
        by_phone = form.saved_at.date()
        if _clock_is_wrong(handing, item) and form.visited_on and abs((form.visited_on - by_phone).days) <= 1:
            return _hold(handing, item, "clock")
        form.saved_at = _corrected(handing, item, form.saved_at)
    return form


def _clock_is_wrong(handing: Handing, item: Item) -> bool:
    """Whether the phone that saved this lived on another day."""
    return abs(_skew(handing, item)) > _CLOCK_WRONG


def _skew(handing: Handing, item: Item) -> timedelta:
    """How far the phone's clock was behind, by what it knew at Save, else by what it says now."""
    return handing.skew if item.skew_ms is None else timedelta(milliseconds=item.skew_ms)


def _corrected(handing: Handing, item: Item, moment: datetime) -> datetime:
    """A moment of the phone's clock on ours; never after it was received."""
    try:
        return min(moment + _skew(handing, item), handing.now)
    except OverflowError:
        return handing.now


def _brought(handing: Handing, item: Item) -> Brought:
    return Brought(handing.author(item).device_id, item.hash)


def _accepted(handing: Handing, item: Item, taken: Taken, kind: str) -> Result:
    key = (handing.key_ward(item), item.item)
    receipt = handing.db.get(Receipt, key)
    if receipt is not None:
        handing.receipts[key] = receipt  # the next item of this batch may need it
    return {
        "status": taken.status,
        "version": taken.version,
        "location": f"/{kind}/{taken.ward_id}/{taken.visit_id}",
    }


def _hold(
    handing: Handing,
    item: Item,
    code: str,
    state: HeldState = HeldState.HELD,
    version: int = 0,
    location: str = "",
) -> Result:
    author = handing.author(item)
    ward = handing.key_ward(item)
    tray = tray_of(handing.db, author.person_id, item.ward, handing.today)
    hold(
        handing.db,
        item,
        author.person_id,
        ward,
        tray,
        code,
        Brought(author.device_id, item.hash),
        handing.now,
        state,
        version,
    )
    receipt = handing.db.get(Receipt, (ward, item.item))
    if receipt is not None:
        handing.receipts[ward, item.item] = receipt
    told: Result = {"status": str(state), "code": code}
    return told | {"version": version, "location": location} if location else told


def _reject(handing: Handing, item: Item, code: str, fields: dict[str, str] | None = None) -> Result:
    """Told why, and kept by the phone alone; a sealed one is held instead, under an id of its own when its id is taken."""
    if item.sealed:
        return _hold_sealed(handing, item, code)
    _log_rejected(
        handing, handing.author(item).person_id, item.item, Refused(str(item.item), "rejected", code)
    )
    told: Result = {"status": "rejected", "code": code}
    return told | {"fields": fields} if fields else told


def _hold_sealed(handing: Handing, item: Item, code: str) -> Result:
    if (handing.key_ward(item), item.item) in handing.receipts:
        item = replace(item, item=uuid.uuid5(item.item, item.hash))
        if (known := handing.db.get(Receipt, (handing.key_ward(item), item.item))) is not None:
            return _known(handing.db, known)
    return _hold(handing, item, "no_place" if code == "parent_rejected" else "invalid")


def _log_rejected(handing: Handing, person_id: uuid.UUID, item: uuid.UUID | None, refused: Refused) -> None:
    if item is None or refused.status != "rejected":
        return
    values = {"code": refused.code, "device_id": handing.bearer.device_id, "at": handing.now}
    handing.db.execute(
        upsert(handing.db, RejectedItem)
        .values(person_id=person_id, item=item, **values)
        .on_conflict_do_update(index_elements=["person_id", "item"], set_=values)
    )


def _known(db: Session, receipt: Receipt) -> Result:
    """What is told about an item that is here: where it counts, or how far the tray has come with it."""
    if receipt.status == "accepted":
        kind = {"door": "households", "group_count": "group-counts"}.get(receipt.op, "visits")
        ward, fact = follow(db, receipt.to_ward_id, receipt.visit_id)
        return {"status": "already", "version": receipt.version, "location": f"/{kind}/{ward}/{fact}"}
    held = db.get(HeldItem, (receipt.ward_id, receipt.item))
    code = (held.answer if receipt.status == "returned" else held.code) if held else ""
    told: Result = {"status": receipt.status, "code": code}
    if receipt.status == "conflict":
        ward, fact = follow(db, receipt.to_ward_id, receipt.visit_id)
        told |= {"version": receipt.version, "location": f"/visits/{ward}/{fact}"}
    return told


def _states(handing: Handing, asked: Sequence[uuid.UUID]) -> Iterator[tuple[uuid.UUID, Result]]:
    """How far those stand that were held, of the person who asks."""
    if not asked:
        return
    rows = select(HeldItem).where(
        col(HeldItem.author_id) == handing.bearer.person_id, col(HeldItem.item).in_(sorted(set(asked)))
    )
    for held in handing.db.exec(rows).all():
        receipt = handing.db.get(Receipt, (held.ward_id, held.item))
        if receipt is not None:
            yield held.item, _known(handing.db, receipt)


def _report(handing: Handing, batch: Batch) -> None:
    """What the phone says of itself: how many wait for this person, since when, how wrong its clock is."""
    values = {
        "seen_at": handing.now,
        "pending": batch.pending,
        "oldest_at": batch.oldest if batch.pending else None,
        "skew_ms": max(-(2**31), min(int(handing.skew.total_seconds() * 1000), 2**31 - 1)),
        "app": batch.app,
    }
    handing.db.execute(
        upsert(handing.db, PhoneReport)
        .values(device_id=handing.bearer.device_id, person_id=handing.bearer.person_id, **values)
        .on_conflict_do_update(index_elements=["device_id", "person_id"], set_=values)
    )


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
