"""The end of a day ("chốt ngày"): what a phone says it saved that day against what is here, item by item."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlmodel import Session, col, select

from skills import clock
from skills.people.tickets import Bearer
from skills.sync.wire import read_uuid
from skills.visits.models import Receipt
from skills.visits.receive import hashed

MOST = 2_000


@dataclass(frozen=True)
class Compared:
    """How many are on both sides, and which are not, or not the same."""

    here: int
    missing_here: list[uuid.UUID]
    different: list[uuid.UUID]
    missing_there: list[uuid.UUID]


def read_day(given: Any) -> tuple[date, dict[uuid.UUID, str]]:
    """The day and the hashes by item out of JSON. Raises ValueError when it is not readable, or more than anybody saves in a day."""
    if not isinstance(given, dict) or not isinstance(given.get("items"), list) or len(given["items"]) > MOST:
        raise ValueError("unreadable day")
    hashes: dict[uuid.UUID, str] = {}
    for pair in given["items"]:
        if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(part, str) for part in pair):
            raise ValueError("unreadable item")
        item = read_uuid(pair[0])
        if item is None or not pair[1].isascii():  # no hash: half a letter can't be compared
            raise ValueError("unreadable item")
        hashes[item] = pair[1]
    day = date.fromisoformat(str(given.get("day")))
    if day.isoformat() != given["day"]:  # Python reads 20261125 and 2026-W48-3 too
        raise ValueError("unreadable day")
    return day, hashes


def compare_day(db: Session, bearer: Bearer, day: date, hashes: Mapping[uuid.UUID, str]) -> Compared:
    """Compares by the hash that the phone made of each item. What came from this phone that day and is unknown to it is named too:
    the day of an item is the one in its id."""
    rows = select(Receipt.item, Receipt.salt, Receipt.sent_hash, Receipt.device_id).where(
        col(Receipt.author_id) == bearer.person_id
    )
    theirs = {item: (salt, sent, device) for item, salt, sent, device in db.execute(rows)}
    here = [item for item in hashes if item in theirs]
    different = [item for item in here if theirs[item][1] not in ("", hashed(theirs[item][0], hashes[item]))]
    from_phone = (item for item, (_, _, device) in theirs.items() if device == bearer.device_id)
    return Compared(
        here=len(here) - len(different),
        missing_here=sorted(hashes.keys() - theirs.keys()),
        different=different,
        missing_there=sorted(item for item in from_phone if item not in hashes and _day_of(item) == day),
    )


def _day_of(item: uuid.UUID) -> date | None:
    """The day in Vietnam on which a UUIDv7 was minted, by the phone's clock."""
    try:
        return clock.local(datetime.fromtimestamp((item.int >> 80) / 1000, UTC)).date()
    except (ValueError, OverflowError, OSError):
        return None
