"""What lies in a tray, put there as a phone's handing in would leave it: an item that was held, and its receipt."""

import json
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from skills import clock
from skills.db import Database
from skills.households.lock import lock_wards
from skills.households.models import Household
from skills.sync.models import HeldItem
from skills.visits.models import Receipt
from skills.visits.receive import hashed
from tests.cast import City

Fields = Mapping[str, str | list[str]]


def visit_fields(
    door: Household | tuple[int, uuid.UUID], **said: str | list[str]
) -> dict[str, str | list[str]]:
    """What the form of a visit at this door sends: a meeting with one person, unless something else is said."""
    ward, household = (door.ward_id, door.id) if isinstance(door, Household) else door
    return {
        "ward": str(ward),
        "household": str(household),
        "outcome": "met",
        "people": "1",
        "people_new": "0",
    } | said


def hold(
    city: City,
    who: str,
    fields: Fields,
    code: str = "no_place",
    op: str = "visit",
    tray: str = "Hải Châu",
    fact: uuid.UUID | None = None,
    base: int = 0,
    state: str = "held",
    days: float = 0,
    saved_at: datetime | None = None,
    ward: int | None = None,
) -> HeldItem:
    """An item of this person in the tray of a ward, received so many days ago."""
    return put(
        city.database, city.people[who].id, city.wards[tray].id, fields, code, op, fact, base, state, days, saved_at, ward
    )  # fmt: skip


def put(
    database: Database, author_id: uuid.UUID, tray_id: int, fields: Fields, code: str, op: str = "visit",
    fact: uuid.UUID | None = None, base: int = 0, state: str = "held", days: float = 0, saved_at: datetime | None = None,
    ward: int | None = None,
) -> HeldItem:  # fmt: skip
    """The same in any database."""
    item, fact = uuid.uuid4(), fact or uuid.uuid4()
    received = clock.now() - timedelta(days=days)
    sent_under = ward if ward is not None else int(str(fields.get("ward", tray_id)))
    own: dict[str, str | list[str]] = {
        "item": str(item),
        "id": str(fact),
        "base": str(base),
        "saved_at": received.isoformat(),
    }
    if op == "door":
        own = {"id": str(fact)}
    if op == "void":
        own.pop("id")
    pairs: list[tuple[str, str]] = []
    for name, given in {**fields, **own}.items():
        pairs += [(name, value) for value in ([given] if isinstance(given, str) else given)]
    text = json.dumps(pairs, ensure_ascii=False)
    held = HeldItem(
        ward_id=sent_under, item=item, tray_id=tray_id, op=op, fact_id=fact, base=base, code=code, state=state,
        fields=text, author_id=author_id, saved_at=saved_at or received, received_at=received,
    )  # fmt: skip
    with database.writing() as db:
        lock_wards(db, [sent_under])
        db.add(held)
        db.add(
            Receipt(
                ward_id=sent_under, item=item, salt="s", body_hash=hashed("s", text), sent_hash=hashed("s", text), op=op,
                status=state, author_id=author_id, to_ward_id=sent_under, visit_id=fact, version=0,
                received_at=received,
            )
        )  # fmt: skip
        db.flush()
        db.expunge(held)
    return held


def page_of(held: HeldItem) -> str:
    """The address of its page; its answers are below."""
    return f"/coverage/tray/{held.ward_id}/{held.item}"


def now_of(city: City, held: HeldItem) -> tuple[HeldItem, Receipt]:
    """The item and its receipt as they are now."""
    with city.database.reading() as db:
        found = (
            db.get_one(HeldItem, (held.ward_id, held.item)),
            db.get_one(Receipt, (held.ward_id, held.item)),
        )
        db.expunge_all()
    return found


def told(city: City, held: HeldItem) -> Any:
    """State of the item, status and version of its receipt, and whether what it said is still there."""
    item, receipt = now_of(city, held)
    return item.state, receipt.status, receipt.version, bool(item.fields)
