"""Once, however many times it is sent: whether an item was taken in before, and the receipt that says so for ever.

The receipt stays under the ward as the phone sent it, so that a lost answer and a later repeat meet the same row wherever the
visit has gone since.
"""

import hashlib
import secrets
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from skills.db import among, table_of, within, write_dicts
from skills.errors import Conflict
from skills.households.lock import lock_wards
from skills.households.models import Forward
from skills.people.viewer import Viewer
from skills.visits.models import Receipt


@dataclass(frozen=True)
class Brought:
    """How an item came that a phone brought: which device, and the hash that the phone made of it. Empty for a plain form.

    `waited_since`: when it came, for an item that lay in a ward's tray until now; its receipt is there already. `new`: whoever
    brings it has asked for its receipt under the ward's lock, and there is none.
    """

    device_id: uuid.UUID | None = None
    phone_hash: str = ""
    waited_since: datetime | None = None
    new: bool = False


PLAINLY = Brought()
Key = tuple[
    int, uuid.UUID
]  # stored ward and id of a fact; of a receipt, the ward as the phone sent it and the item

_FORWARDS = (
    8  # a fact moves between wards once or twice in its life; this only keeps a loop from running for ever
)
_RECEIPT, _FORWARD = table_of(Receipt), table_of(Forward)
_ITEMS = select(_RECEIPT).where(*among(_RECEIPT.c.ward_id, _RECEIPT.c.item))
_MOVED = select(_FORWARD).where(*among(_FORWARD.c.ward_id, _FORWARD.c.id))
_GIVEN = _RECEIPT.insert()


@dataclass(frozen=True)
class Taken:
    """That an item is in: "accepted" the first time, "already" ever after; where the visit is, and at which version."""

    item: uuid.UUID
    status: str
    ward_id: int
    visit_id: uuid.UUID
    version: int


def seen_before(
    db: Session, viewer: Viewer, ward_id: int, item: uuid.UUID, canonical: str, brought: Brought = PLAINLY
) -> Taken | None:
    """What was answered when this item came before, or None; None too for what waited in a tray. Locks the ward, so that two
    copies at once are one.

    Raises Conflict("item_reused") when the item came with other content or from somebody else.
    """
    lock_wards(db, [ward_id])
    receipt = receipts_of(db, [(ward_id, item)]).get((ward_id, item))
    if receipt is None or brought.waited_since is not None:
        return None
    return answered(viewer, receipt, canonical, follow(db, receipt["to_ward_id"], receipt["visit_id"]))


def receipts_of(db: Session, keys: Collection[Key]) -> dict[Key, dict[str, Any]]:
    """The receipts of those of these items that came before, as columns, by the ward as the phone sent it and the item."""
    if not keys:
        return {}
    rows = db.connection().execute(_ITEMS, within(keys)).mappings()
    wanted = set(keys)
    found = {(row["ward_id"], row["item"]): dict(row) for row in rows}
    return {key: receipt for key, receipt in found.items() if key in wanted}


def answered(viewer: Viewer, receipt: dict[str, Any], canonical: str, place: Key) -> Taken:
    """What is said to an item that has this receipt and comes again, saying `canonical`; `place` is where its fact is stored
    now. Raises Conflict("item_reused")."""
    ward, fact = place
    mine = receipt["author_id"] == viewer.person_id
    if not mine or hashed(receipt["salt"], canonical) != receipt["body_hash"]:
        raise Conflict("item_reused", ward_id=ward if mine else None, visit_id=fact if mine else None)
    return Taken(receipt["item"], "already", ward, fact, receipt["version"])


def give_receipt(
    db: Session, viewer: Viewer, sent_ward_id: int, canonical: str, taken: Taken, received_at: datetime,
    op: str = "visit", brought: Brought = PLAINLY,
) -> Taken:  # fmt: skip
    """Writes down that the item is in, and returns the same Taken. What waited in a tray is settled by whoever answers it."""
    if brought.waited_since is not None:
        return taken
    keep_receipts(db, [receipt(viewer, sent_ward_id, canonical, taken, received_at, op, brought)])
    return taken


def receipt(
    viewer: Viewer, sent_ward_id: int, canonical: str, taken: Taken, received_at: datetime, op: str, brought: Brought
) -> dict[str, Any]:  # fmt: skip
    """The columns of the receipt for an item that is taken in."""
    salt = secrets.token_hex(16)
    return {
        "ward_id": sent_ward_id,
        "item": taken.item,
        "salt": salt,
        "body_hash": hashed(salt, canonical),
        "sent_hash": hashed(salt, brought.phone_hash) if brought.phone_hash else "",
        "op": op,
        "status": "accepted",
        "author_id": viewer.person_id,
        "device_id": brought.device_id,
        "to_ward_id": taken.ward_id,
        "visit_id": taken.visit_id,
        "version": taken.version,
        "received_at": received_at,
    }


def keep_receipts(db: Session, receipts: Sequence[dict[str, Any]]) -> None:
    """Writes down that these items are in."""
    write_dicts(db, _GIVEN, receipts)


def settle(db: Session, ward_id: int, item: uuid.UUID, taken: Taken | None) -> None:
    """Makes the receipt of an item that was held say that it counts, and where; or, without a Taken, that it was given back."""
    receipt = db.get_one(Receipt, (ward_id, item))
    receipt.status = "returned" if taken is None else "accepted"
    if taken is not None:
        receipt.to_ward_id, receipt.visit_id, receipt.version = taken.ward_id, taken.visit_id, taken.version


def follow(db: Session, ward_id: int, fact_id: uuid.UUID) -> Key:
    """Where a door or visit is stored now, following every forward it left; the same pair when it never moved."""
    return follow_all(db, [(ward_id, fact_id)])[ward_id, fact_id]


def follow_all(db: Session, keys: Collection[Key]) -> dict[Key, Key]:
    """The same for many: for each where it is stored now. One statement when none of them ever moved."""
    now = {key: key for key in keys}
    if not now:
        return now
    db.flush()
    for _ in range(_FORWARDS):
        moved = {
            (row.ward_id, row.id): (row.to_ward_id, row.to_id)
            for row in db.connection().execute(_MOVED, within(now.values()))
        }
        onward = {key: moved[place] for key, place in now.items() if place in moved}
        if not onward:
            break
        now |= onward
    return now


def hashed(salt: str, canonical: str) -> str:
    """Salted, so that a short note can't be guessed from what is stored."""
    return hashlib.sha256(f"{salt}\n{canonical}".encode()).hexdigest()
