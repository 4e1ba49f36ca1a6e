"""The days agreed at doors that still stand: who keeps each, and how it is handed on.

A day belongs to the door, and so everybody who goes to its residential group sees it. Who agreed on it keeps it until it is handed on.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, select
from sqlmodel import Session, col

from skills import clock
from skills.areas.blocks import blocks_on
from skills.db import upsert
from skills.households.models import DoorState, Household
from skills.visits.models import FollowUpKeeper, Visit
from skills.visits.state import Door

_AT_ONCE = 500


@dataclass(frozen=True)
class FollowUp:
    """A day agreed at a door that nobody has been met at since. `keeper_id`: None when a whole team keeps it."""

    ward_id: int
    household_id: uuid.UUID
    block_id: int
    visit_id: uuid.UUID  # at which it was agreed
    author_id: uuid.UUID
    keeper_id: uuid.UUID | None
    on: date


def open_follow_ups(db: Session, area_ids: Collection[int], day: date) -> list[FollowUp]:
    """All that stand at the doors of these areas on that day, the earliest first. Two statements."""
    if not area_ids:
        return []
    agreed = db.execute(
        select(
            col(Visit.ward_id), col(Visit.household_id), col(Household.block_id), col(Visit.id), col(Visit.author_id),
            col(DoorState.follow_up_on),
        )
        .select_from(Household)
        .join(DoorState, and_(col(DoorState.ward_id) == col(Household.ward_id), col(DoorState.household_id) == col(Household.id)))
        .join(Visit, and_(col(Visit.ward_id) == col(Household.ward_id), col(Visit.household_id) == col(Household.id)))
        .where(
            col(Household.block_id).in_(blocks_on(area_ids, day)),
            col(DoorState.follow_up_on).is_not(None),
            col(Visit.come_back_on) == col(DoorState.follow_up_on),
            col(Visit.voided_at).is_(None),
        )
        .order_by(col(Visit.visited_on), col(Visit.saved_at), col(Visit.id))
    )  # fmt: skip
    latest = {
        (row.ward_id, row.household_id): row for row in agreed
    }  # of two visits with the same day the later one agreed on it
    kept = _keepers(db, [(row.ward_id, row.id) for row in latest.values()])
    found = [
        FollowUp(ward, door, block, visit, author, kept.get((ward, visit), author), on)
        for ward, door, block, visit, author, on in latest.values()
    ]
    return sorted(found, key=lambda each: (each.on, each.ward_id, each.household_id))


def hand_on(
    db: Session, given: Collection[FollowUp], team_id: uuid.UUID, person_id: uuid.UUID | None, by: uuid.UUID
) -> None:
    """A person of the team, or the whole of it, keeps these from now on. The wards of all of them are locked by whoever calls."""
    if not given:
        return
    now = clock.now()
    told = {"team_id": team_id, "person_id": person_id, "handed_by": by, "handed_at": now}
    rows = [{"ward_id": each.ward_id, "visit_id": each.visit_id, **told} for each in given]
    for start in range(0, len(rows), _AT_ONCE):
        db.execute(
            upsert(db, FollowUpKeeper)
            .values(rows[start : start + _AT_ONCE])
            .on_conflict_do_update(index_elements=["ward_id", "visit_id"], set_=told)
        )


def handed_to(db: Session, person_id: uuid.UUID) -> set[Door]:
    """The doors at which somebody keeps a day that another person agreed on, as long as it stands."""
    rows = db.execute(
        select(col(Visit.ward_id), col(Visit.household_id))
        .select_from(FollowUpKeeper)
        .join(Visit, and_(col(Visit.ward_id) == col(FollowUpKeeper.ward_id), col(Visit.id) == col(FollowUpKeeper.visit_id)))
        .join(DoorState, and_(col(DoorState.ward_id) == col(Visit.ward_id), col(DoorState.household_id) == col(Visit.household_id)))
        .where(
            col(FollowUpKeeper.person_id) == person_id,
            col(Visit.voided_at).is_(None),
            col(Visit.come_back_on) == col(DoorState.follow_up_on),
        )
    )  # fmt: skip
    return {(ward, door) for ward, door in rows}


def _keepers(
    db: Session, visits: Collection[tuple[int, uuid.UUID]]
) -> dict[tuple[int, uuid.UUID], uuid.UUID | None]:
    """Who keeps the day agreed at each of these visits, where it was handed on."""
    found: dict[tuple[int, uuid.UUID], uuid.UUID | None] = {}
    some = list(visits)
    for start in range(0, len(some), _AT_ONCE):
        part = some[start : start + _AT_ONCE]
        rows = select(
            col(FollowUpKeeper.ward_id), col(FollowUpKeeper.visit_id), col(FollowUpKeeper.person_id)
        ).where(
            col(FollowUpKeeper.ward_id).in_({ward for ward, _ in part}),
            col(FollowUpKeeper.visit_id).in_([visit for _, visit in part]),
        )
        found |= {(ward, visit): person for ward, visit, person in db.execute(rows)}
    return found
