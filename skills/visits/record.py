"""Record a visit: once, however many times the phone sends it, counted in the same transaction."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlmodel import Session, col

from skills import clock
from skills.areas.models import AreaBlock
from skills.db import table_of
from skills.errors import Conflict
from skills.households.find import door_for
from skills.households.lock import lock_wards
from skills.households.models import Household
from skills.people.models import TeamGroup
from skills.people.permissions import Permission
from skills.people.viewer import Viewer
from skills.totals import ledger
from skills.visits import state, tally
from skills.visits.forms import VisitForm
from skills.visits.models import Visit, VisitAudience, VisitSkill, VisitVersion
from skills.visits.receive import PLAINLY, Brought, Taken, follow, give_receipt, seen_before


def record_visit(db: Session, viewer: Viewer, form: VisitForm, brought: Brought = PLAINLY) -> Taken:
    """Stores a new visit by the viewer at a door in reach, and counts it. Sent again, it changes nothing.

    Raises NotFound for a door outside the viewer's reach, Conflict("item_reused") when the item came before with other
    content, and Conflict("visit_exists") when a form that was saved already is saved again under another item.
    """
    ward_id, household_id = follow(db, form.ward, form.household)
    lock_wards(db, [form.ward, ward_id])
    taken = seen_before(db, viewer, form.ward, form.item, form.canonical(), brought)
    if taken is not None:
        return taken
    door = door_for(db, viewer, ward_id, household_id, Permission.LOG_VISITS)
    stored = db.get(Visit, (door.ward_id, form.id))
    if stored is not None:
        mine = stored.author_id == viewer.person_id
        raise Conflict(
            "visit_exists", ward_id=door.ward_id if mine else None, visit_id=form.id if mine else None
        )
    now = brought.waited_since or clock.now()
    touched = [(door.ward_id, door.id)]
    with ledger.difference(db, [door.ward_id], lambda: tally.amounts_of(db, touched)):
        visit = Visit(
            ward_id=door.ward_id,
            id=form.id,
            household_id=door.id,
            author_id=viewer.person_id,
            team_id=_team(db, viewer, door),
            device_id=brought.device_id,
            saved_at=form.saved_at or now,
            received_at=now,
            **columns(form, viewer),
        )
        db.add(visit)
        db.flush()
        keep_lists(db, visit, form)
        keep_version(db, visit, form, "record", viewer, now)
        state.refresh(db, touched)
    taken = Taken(form.item, "accepted", visit.ward_id, visit.id, 1)
    return give_receipt(db, viewer, form.ward, form.canonical(), taken, now, "visit", brought)


def _team(db: Session, viewer: Viewer, door: Household) -> uuid.UUID | None:
    """The viewer's team that goes to this door's residential group today, else their first team, else none."""
    going = (
        select(col(TeamGroup.team_id))
        .join(AreaBlock, col(AreaBlock.area_id) == col(TeamGroup.group_id))
        .where(
            col(TeamGroup.team_id).in_(viewer.team_ids),
            col(AreaBlock.block_id) == door.block_id,
            col(TeamGroup.valid_from) <= viewer.today,
            col(TeamGroup.valid_to) >= viewer.today,
            col(AreaBlock.valid_from) <= viewer.today,
            col(AreaBlock.valid_to) >= viewer.today,
        )
        .order_by(col(TeamGroup.team_id))
    )
    return db.execute(going).scalars().first() or next(iter(viewer.team_ids), None)


def columns(form: VisitForm, viewer: Viewer) -> dict[str, Any]:
    """The columns of a visit that its form decides; what doesn't go with the outcome is left out, as in the canonical body."""
    body = form.body()
    return {
        "outcome": body["outcome"],
        "people": body["people"],
        "people_new": body["people_new"],
        "visited_on": form.visited_on,
        "come_back_on": form.agreed_on if body["come_back_on"] else None,
        "five_by_one": body["five_by_one"],
        "odd": form.odd(viewer.today),
        "note": form.note or None,
    }


def keep_lists(db: Session, visit: Visit, form: VisitForm) -> None:
    """Makes the visit's skills and audience groups say exactly what the form says."""
    body = form.body()
    if visit.version > 1:
        for table in (VisitSkill, VisitAudience):
            db.execute(
                delete(table).where(col(table.ward_id) == visit.ward_id, col(table.visit_id) == visit.id)
            )
    whose: dict[str, Any] = {"ward_id": visit.ward_id, "visit_id": visit.id}
    skills = [{**whose, "skill_id": int(key), "level": level} for key, level in body["skills"].items()]
    groups = [
        {**whose, "audience_id": int(key), "people": people} for key, people in body["audiences"].items()
    ]
    if skills:
        db.execute(table_of(VisitSkill).insert(), skills)
    if groups:
        db.execute(table_of(VisitAudience).insert(), groups)


def keep_version(
    db: Session, visit: Visit, form: VisitForm, op: str, viewer: Viewer, received_at: datetime
) -> None:
    """Adds this step to the visit's history, without the note: that stands in a column which can be erased."""
    whole = form.model_copy(update={"note": ""})
    db.add(
        VisitVersion(
            ward_id=visit.ward_id,
            visit_id=visit.id,
            version=visit.version,
            item=form.item,
            op=op,
            base=form.base,
            body=whole.canonical(),
            author_id=viewer.person_id,
            saved_at=form.saved_at or received_at,
            received_at=received_at,
        )
    )
