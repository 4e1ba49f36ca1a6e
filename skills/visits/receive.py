"""Once, however many times it is sent: whether an item was taken in before, and the receipt that says so for ever.

The receipt stays under the ward as the phone sent it, so that a lost answer and a later repeat meet the same row wherever the
visit has gone since.
"""

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from skills.errors import Conflict
from skills.households.lock import lock_wards
from skills.households.models import Forward
from skills.people.viewer import Viewer
from skills.visits.models import Receipt


@dataclass(frozen=True)
class Brought:
    """How an item came that a phone brought: which device, and the hash that the phone made of it. Empty for a plain form.

    `waited_since`: when it came, for an item that lay in a ward's tray until now; its receipt is there already.
    """

    device_id: uuid.UUID | None = None
    phone_hash: str = ""
    waited_since: datetime | None = None


PLAINLY = Brought()


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
    receipt = db.get(Receipt, (ward_id, item))
    if receipt is None or brought.waited_since is not None:
        return None
    ward, visit = follow(db, receipt.to_ward_id, receipt.visit_id)
    if receipt.author_id != viewer.person_id or hashed(receipt.salt, canonical) != receipt.body_hash:
        mine = receipt.author_id == viewer.person_id
        raise Conflict("item_reused", ward_id=ward if mine else None, visit_id=visit if mine else None)
    return Taken(item, "already", ward, visit, receipt.version)


def give_receipt(
    db: Session, viewer: Viewer, sent_ward_id: int, canonical: str, taken: Taken, received_at: datetime,
    op: str = "visit", brought: Brought = PLAINLY,
) -> Taken:  # fmt: skip
    """Writes down that the item is in, and returns the same Taken. What waited in a tray is settled by whoever answers it."""
    if brought.waited_since is not None:
        return taken
    salt = secrets.token_hex(16)
    db.add(
        Receipt(
            ward_id=sent_ward_id,
            item=taken.item,
            salt=salt,
            body_hash=hashed(salt, canonical),
            sent_hash=hashed(salt, brought.phone_hash) if brought.phone_hash else "",
            op=op,
            author_id=viewer.person_id,
            device_id=brought.device_id,
            to_ward_id=taken.ward_id,
            visit_id=taken.visit_id,
            version=taken.version,
            received_at=received_at,
        )
    )
    return taken


def settle(db: Session, ward_id: int, item: uuid.UUID, taken: Taken | None) -> None:
    """Makes the receipt of an item that was held say that it counts, and where; or, without a Taken, that it was given back."""
    receipt = db.get_one(Receipt, (ward_id, item))
    receipt.status = "returned" if taken is None else "accepted"
    if taken is not None:
        receipt.to_ward_id, receipt.visit_id, receipt.version = taken.ward_id, taken.visit_id, taken.version


def follow(db: Session, ward_id: int, fact_id: uuid.UUID) -> tuple[int, uuid.UUID]:
    """Where a door or visit is stored now, following every forward it left; the same pair when it never moved."""
    for _ in range(
        8
    ):  # a fact moves between wards once or twice in its life; this only keeps a loop from running for ever
        forward = db.get(Forward, (ward_id, fact_id))
        if forward is None:
            break
        ward_id, fact_id = forward.to_ward_id, forward.to_id
    return ward_id, fact_id


def hashed(salt: str, canonical: str) -> str:
    """Salted, so that a short note can't be guessed from what is stored."""
    return hashlib.sha256(f"{salt}\n{canonical}".encode()).hexdigest()
