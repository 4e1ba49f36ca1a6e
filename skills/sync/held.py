"""What is stored and does not count yet: put into the tray of the ward that can say whose or where it is."""

import secrets
import uuid
from datetime import date, datetime

from sqlmodel import Session, col, select

from skills.areas.find import successors
from skills.areas.models import Area, Level
from skills.people.models import Posting, Team, TeamMember
from skills.sync.models import HeldItem, HeldState
from skills.sync.wire import Item
from skills.visits.models import Receipt
from skills.visits.receive import Brought, hashed


def hold(
    db: Session, item: Item, author_id: uuid.UUID, ward_id: int, tray_id: int, code: str, brought: Brought, now: datetime,
    state: HeldState = HeldState.HELD, version: int = 0,
) -> HeldItem:  # fmt: skip
    """Stores the whole item, uncounted, with a receipt that says so. `ward_id` is the ward as the phone sent it; `version` is
    what stands where another version came in between."""
    salt = secrets.token_hex(16)
    db.add(
        Receipt(
            ward_id=ward_id, item=item.item, salt=salt, body_hash=hashed(salt, item.text), sent_hash=hashed(salt, item.hash),
            op=item.op, status=str(state), author_id=author_id, device_id=brought.device_id, to_ward_id=ward_id,
            visit_id=item.id, version=version, received_at=now,
        )
    )  # fmt: skip
    held = HeldItem(
        ward_id=ward_id, item=item.item, tray_id=tray_id, op=item.op, fact_id=item.id, base=item.base, code=code,
        state=str(state), fields=item.text, author_id=author_id, device_id=brought.device_id,
        saved_at=item.saved_at or now, received_at=now,
    )  # fmt: skip
    db.add(held)
    db.flush()
    return held


def tray_of(db: Session, author_id: uuid.UUID, ward_id: int, day: date) -> int:
    """The ward in whose tray an item of this person goes: that of their team, the latest one; else that of their posting; else the
    one that the phone named; 0 when there is none of these."""
    teams = (
        select(Team.area_id)
        .join(TeamMember, col(TeamMember.team_id) == col(Team.id))
        .where(col(TeamMember.person_id) == author_id)
        .order_by(col(TeamMember.valid_to).desc(), col(TeamMember.valid_from).desc(), col(Team.id))
    )
    posted = (
        select(Posting.area_id)
        .where(col(Posting.person_id) == author_id)
        .order_by(col(Posting.valid_to).desc(), col(Posting.valid_from).desc())
    )
    for area_id in (*db.exec(teams), *db.exec(posted), ward_id):
        area = db.get(Area, area_id)
        if area is None or area.level != Level.WARD:
            continue
        if area.in_force(day):
            return area.id
        became = [ward for ward in successors(db, area.id, day) if ward.level == Level.WARD]
        if became:
            return became[0].id
    return 0
