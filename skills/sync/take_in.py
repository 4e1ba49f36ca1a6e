"""Take in what a phone hands in: each item once, through the verbs of the pages, in a savepoint of its own; one answer for each.

Accept first, review later. Only what can't be read is rejected, and stays on the phone; what can be read is counted, or it is held in a
ward's tray. Whoever's key signed an item is its author, whoever hands it in.
"""

import logging
import uuid
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from skills import clock
from skills.db import busy_reason, dialect, upsert_on
from skills.errors import Busy, Conflict, NotAllowed, NotFound
from skills.people.models import PhoneReport
from skills.people.tickets import Bearer
from skills.sync.answers import Result, hold_back, known, log_rejected, reject, states
from skills.sync.epoch import epoch
from skills.sync.handing import Handing, prepare, read_receipts
from skills.sync.models import RejectedItem
from skills.sync.seal import open_sealed
from skills.sync.verbs import VERBS, form_of, record_together
from skills.sync.wire import Batch, Item, Read, Refused, Sealed, as_sealed, read_item, storable
from skills.visits.forms import VisitForm
from skills.visits.receive import hashed

log = logging.getLogger("skills.sync")

MOST_A_DAY = 500  # new items of one person; what comes above is held, never refused
_PARENT = timedelta(days=5)  # so long an item waits on the phone for what it is about
_TRIES = 3


def take_in(db: Session, bearer: Bearer, batch: Batch, secret: str) -> dict[str, Any]:
    """Takes in a batch and gives the whole answer of docs/sync.md. Nothing is committed here; raises Busy when storage is."""
    now = clock.now()
    handing = Handing(db, bearer, now, now - batch.sent_at if batch.sent_at else timedelta(0))
    items = [_opened(db, secret, each) for each in batch.items]
    prepare(handing, [item for item in items if isinstance(item, Item)])
    results = _take_all(handing, items)
    _report(handing, batch)
    return {
        "epoch": epoch(db),
        "server_time": clock.local(now).isoformat(timespec="milliseconds"),
        "results": results,
        "states": {str(item): told for item, told in states(handing, batch.ask)},
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
    text = storable(str(told))
    return Item(
        item=item, op="visit", ward=0, id=item, base=0, saved_at=None, needs=None, fields=(("unreadable", text),), key=None,
        hash="", signed=False, skew_ms=None, tries=0, typed={"unreadable": [text]}, sealed=True,
    )  # fmt: skip


def _take_all(handing: Handing, items: Sequence[Read]) -> list[Result]:
    """Each in its turn. New visits of one author that follow one another are recorded together, and one by one when any of
    them can't be taken: what each is told is the same."""
    results: list[Result] = []
    ready: list[tuple[Item, VisitForm]] = []
    for item in items:
        if ready and not _goes_with(handing, item, ready):
            results += _record(handing, ready)
            ready = []
        form = _new_visit(handing, item) if isinstance(item, Item) else None
        if isinstance(item, Item) and form is not None:
            handing.new_today[handing.author(item).person_id] += 1
            ready.append((item, form))
            continue
        results += _record(handing, ready)
        ready = []
        if isinstance(item, Item):
            results.append({"item": str(item.item), **_take_safely(handing, item)})
        elif isinstance(item, Refused):
            log_rejected(handing, handing.bearer.person_id, item.item, item)
            results.append({"item": item.named, "status": item.status, "code": item.code})
    return results + _record(handing, ready, last=True)


def _goes_with(handing: Handing, item: Read, ready: Sequence[tuple[Item, VisitForm]]) -> bool:
    """Whether it may be recorded with those that are ready: a visit by the same author, none of them again."""
    return (
        isinstance(item, Item)
        and item.op == "visit"
        and handing.author(item).person_id == handing.author(ready[0][0]).person_id
        and all(item.item != each.item for each, _ in ready)
    )


def _new_visit(handing: Handing, item: Item) -> VisitForm | None:
    """The form of a visit about which there is nothing to say but that it is recorded; None for all else."""
    author = handing.author(item)
    if (
        item.op != "visit"
        or item.needs is not None
        or (handing.key_ward(item), item.item) in handing.receipts
        or _must_hold(handing, item, author)
        or handing.viewer(author.person_id) is None
    ):
        return None
    form = form_of(handing, item)
    return form if isinstance(form, VisitForm) else None


def _record(handing: Handing, ready: Sequence[tuple[Item, VisitForm]], last: bool = False) -> list[Result]:
    """The answers to visits of one author that are ready. Unless they are the last, items that follow may need their receipts."""
    if not ready:
        return []
    author = handing.author(ready[0][0]).person_id
    viewer = handing.viewer(author)
    try:
        with handing.db.begin_nested():
            assert viewer is not None  # noqa: S101 - asked by _new_visit
            told = record_together(handing, viewer, ready)
        if not last:
            read_receipts(handing, [item.item for item, _ in ready])
    except Exception as error:
        reason = _of_storage(error)
        if reason is not None:
            raise Busy(reason) from error
        handing.new_today[author] -= len(ready)
        told = [_take_safely(handing, item) for item, _ in ready]
    return [{"item": str(item.item), **answer} for (item, _), answer in zip(ready, told, strict=True)]


def _take_safely(handing: Handing, item: Item) -> Result:
    """One item in its savepoint: whatever goes wrong with it touches no other."""
    try:
        with handing.db.begin_nested():
            return _take(handing, item)
    except Exception as error:
        reason = _of_storage(error)
        if reason is not None:
            raise Busy(reason) from error
        log.exception("item %s can't be taken", item.item)
    if not _was_tried(item):
        return {"status": "retry_later", "code": "error"}
    with handing.db.begin_nested():
        return hold_back(handing, item, "unforeseen")


def _was_tried(item: Item) -> bool:
    """Whether it was sent often enough. How often stands inside the seal, where nobody counts on."""
    return item.sealed or item.tries >= _TRIES


def _of_storage(error: BaseException | None) -> str | None:
    """Why storage can't take anything now, or None when it is the item's own affair. Looked for back to the first error: SQLite
    ends the whole transaction when its disk is full, and then the end of the savepoint fails as well."""
    while error is not None:
        if isinstance(error, Busy):
            return error.reason
        if isinstance(error, DBAPIError) and (reason := busy_reason(error)) is not None:
            return reason
        error = error.__context__
    return None


def _take(handing: Handing, item: Item) -> Result:
    author = handing.author(item)
    receipt = handing.receipts.get((handing.key_ward(item), item.item))
    if receipt is not None and receipt.sent_hash:
        if receipt.author_id != author.person_id or hashed(receipt.salt, item.hash) != receipt.sent_hash:
            return reject(handing, item, "item_id_reused")
        return known(handing.db, receipt)
    if receipt is None:
        held = _must_hold(handing, item, author)
        if held:
            return hold_back(handing, item, held)
        handing.new_today[author.person_id] += 1
        waits = _waits_for_parent(handing, item, author)
        if waits is not None:
            return waits
    viewer = handing.viewer(author.person_id)
    if viewer is None:
        return hold_back(handing, item, "dismissed")
    try:
        return VERBS[item.op](handing, viewer, item)
    except NotFound:
        return hold_back(handing, item, "no_place")
    except NotAllowed:
        return hold_back(handing, item, "not_allowed")
    except Conflict as clash:
        if clash.code == "visit_exists":
            return hold_back(handing, item, "twice")
        return reject(handing, item, "item_id_reused")


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
    if handing.db.get(RejectedItem, (author.person_id, item.needs)) is not None and _was_tried(item):
        return reject(handing, item, "parent_rejected")
    if item.saved_at is None:  # a clock of 1970: since when it waits can't be told
        waited = _was_tried(item)
    else:
        waited = handing.corrected(item, item.saved_at) < handing.now - _PARENT
    return None if waited else {"status": "retry_later", "code": "parent_missing"}


def _report(handing: Handing, batch: Batch) -> None:
    """What the phone says of itself: how many wait for this person, since when, how wrong its clock is."""
    values = {
        "seen_at": handing.now,
        "pending": batch.pending,
        "oldest_at": batch.oldest if batch.pending else None,
        "skew_ms": max(-(2**31), min(int(handing.skew.total_seconds() * 1000), 2**31 - 1)),
        "app": batch.app,
    }
    whose = {"device_id": handing.bearer.device_id, "person_id": handing.bearer.person_id}
    handing.db.connection().execute(_reports(dialect(handing.db)), whose | values)


@cache
def _reports(dialect: str) -> Any:
    statement = upsert_on(dialect, PhoneReport)
    said = {name: statement.excluded[name] for name in ("seen_at", "pending", "oldest_at", "skew_ms", "app")}
    return statement.on_conflict_do_update(index_elements=["device_id", "person_id"], set_=said)
