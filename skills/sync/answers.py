"""What a phone is told of an item, and the row that stands behind each answer: a receipt, a place in the tray, a line in the log."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlmodel import Session, col, select

from skills.db import upsert
from skills.sync.handing import Handing
from skills.sync.held import hold, tray_of
from skills.sync.models import HeldItem, HeldState, RejectedItem
from skills.sync.wire import Item, Refused
from skills.visits.models import Receipt
from skills.visits.receive import Brought, Taken, follow

Result = dict[str, Any]


def accepted(handing: Handing, item: Item, taken: Taken, kind: str) -> Result:
    """It counts. `kind` is the beginning of the address at which it can be seen."""
    key = (handing.key_ward(item), item.item)
    receipt = handing.db.get(Receipt, key)
    if receipt is not None:
        handing.receipts[key] = receipt  # the next item of this batch may need it
    return told(taken, kind)


def told(taken: Taken, kind: str) -> Result:
    """What is said of an item that counts."""
    return {
        "status": taken.status,
        "version": taken.version,
        "location": f"/{kind}/{taken.ward_id}/{taken.visit_id}",
    }


def hold_back(
    handing: Handing,
    item: Item,
    code: str,
    state: HeldState = HeldState.HELD,
    version: int = 0,
    location: str = "",
) -> Result:
    """Stored whole, not counted, in the tray of the author's ward."""
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
    answer: Result = {"status": str(state), "code": code}
    return answer | {"version": version, "location": location} if location else answer


def reject(handing: Handing, item: Item, code: str, fields: dict[str, str] | None = None) -> Result:
    """Told why, and kept by the phone alone; a sealed one is held instead, under an id of its own when its id is taken."""
    if item.sealed:
        return _hold_sealed(handing, item, code)
    log_rejected(
        handing, handing.author(item).person_id, item.item, Refused(str(item.item), "rejected", code)
    )
    answer: Result = {"status": "rejected", "code": code}
    return answer | {"fields": fields} if fields else answer


def _hold_sealed(handing: Handing, item: Item, code: str) -> Result:
    if (handing.key_ward(item), item.item) in handing.receipts:
        item = replace(item, item=uuid.uuid5(item.item, item.hash))
        before = handing.db.get(Receipt, (handing.key_ward(item), item.item))
        if before is not None:
            return known(handing.db, before)
    return hold_back(handing, item, "no_place" if code == "parent_rejected" else "invalid")


def log_rejected(handing: Handing, person_id: uuid.UUID, item: uuid.UUID | None, refused: Refused) -> None:
    """Writes down that something could not be taken: its id and why, nothing of its content."""
    if item is None or refused.status != "rejected":
        return
    values = {"code": refused.code, "device_id": handing.bearer.device_id, "at": handing.now}
    handing.db.execute(
        upsert(handing.db, RejectedItem)
        .values(person_id=person_id, item=item, **values)
        .on_conflict_do_update(index_elements=["person_id", "item"], set_=values)
    )


def known(db: Session, receipt: Receipt) -> Result:
    """What is told about an item that is here: where it counts, or how far the tray has come with it."""
    if receipt.status == "accepted":
        kind = {"door": "households", "group_count": "group-counts"}.get(receipt.op, "visits")
        ward, fact = follow(db, receipt.to_ward_id, receipt.visit_id)
        return {"status": "already", "version": receipt.version, "location": f"/{kind}/{ward}/{fact}"}
    held = db.get(HeldItem, (receipt.ward_id, receipt.item))
    code = (held.answer if receipt.status == "returned" else held.code) if held else ""
    answer: Result = {"status": receipt.status, "code": code}
    if receipt.status == "conflict":
        ward, fact = follow(db, receipt.to_ward_id, receipt.visit_id)
        answer |= {"version": receipt.version, "location": f"/visits/{ward}/{fact}"}
    return answer


def states(handing: Handing, asked: Sequence[uuid.UUID]) -> Iterator[tuple[uuid.UUID, Result]]:
    """How far those stand that were held, of the person who asks."""
    if not asked:
        return
    rows = select(HeldItem).where(
        col(HeldItem.author_id) == handing.bearer.person_id, col(HeldItem.item).in_(sorted(set(asked)))
    )
    for held in handing.db.exec(rows).all():
        receipt = handing.db.get(Receipt, (held.ward_id, held.item))
        if receipt is not None:
            yield held.item, known(handing.db, receipt)
