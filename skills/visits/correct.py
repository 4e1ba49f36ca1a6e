"""Correct a visit: what it should have said, another day, another door. The history keeps both."""

import uuid

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from skills import clock
from skills.audit import trail
from skills.errors import Conflict
from skills.households.find import door_for
from skills.households.lock import lock_wards
from skills.households.models import Forward, Household
from skills.people.permissions import Permission
from skills.people.viewer import Viewer
from skills.totals import ledger
from skills.visits import state, tally
from skills.visits.find import visit_to_change
from skills.visits.forms import VisitForm
from skills.visits.models import FollowUpKeeper, Visit, VisitAudience, VisitSkill, VisitVersion
from skills.visits.receive import PLAINLY, Brought, Taken, follow, give_receipt, seen_before
from skills.visits.record import columns, keep_lists, version


def correct_visit(
    db: Session,
    viewer: Viewer,
    ward_id: int,
    visit_id: uuid.UUID,
    form: VisitForm,
    brought: Brought = PLAINLY,
    said: str | None = None,
) -> Taken:
    """Makes the visit say what the form says, as its next version, and counts the difference. Sent again, it changes nothing.

    `said` is what the phone sent, when the form was put together with somebody else's change since.

    `form.ward` and `form.household` name the door it should stand at, in reach as well (both sides of a write are checked).
    Raises NotFound, NotAllowed, and Conflict("newer_version") when somebody changed it since the form was made.
    """
    old_ward, stored_id = follow(db, ward_id, visit_id)
    new_ward, household_id = follow(db, form.ward, form.household)
    lock_wards(db, [ward_id, old_ward, form.ward, new_ward])
    said = said or form.canonical()
    taken = seen_before(db, viewer, ward_id, form.item, said, brought)
    if taken is not None:
        return taken
    visit, old_door = visit_to_change(db, viewer, old_ward, stored_id)
    if visit.version != form.base or visit.voided_at is not None:
        raise Conflict("newer_version", ward_id=visit.ward_id, visit_id=visit.id, version=visit.version)
    door = door_for(db, viewer, new_ward, household_id, Permission.LOG_VISITS)
    by_another = visit.author_id != viewer.person_id
    changed = _changed(db, visit, door, form, viewer) if by_another else []
    now = brought.waited_since or clock.now()
    touched = list({(old_door.ward_id, old_door.id), (door.ward_id, door.id)})
    with ledger.difference(db, [old_door.ward_id, door.ward_id], lambda: tally.amounts_of(db, touched)):
        visit = _carry(db, visit, door)
        body = form.body()
        for name, value in columns(form, body, viewer).items():
            setattr(visit, name, value)
        visit.version += 1
        db.flush()
        for lists in (VisitSkill, VisitAudience):  # the form says them anew
            db.execute(
                delete(lists).where(col(lists.ward_id) == visit.ward_id, col(lists.visit_id) == visit.id)
            )
        keep_lists(db, [(visit.ward_id, visit.id, body)])
        db.add(
            VisitVersion(**version(visit.ward_id, form, body, visit.version, "correct", viewer, now)),
        )
        state.refresh(db, touched)
    if by_another:
        trail.write(db, visit.ward_id, viewer.person_id, "visit.corrected", visit.id, changed)
    taken = Taken(form.item, "accepted", visit.ward_id, visit.id, visit.version)
    return give_receipt(db, viewer, ward_id, said, taken, now, "correction", brought)


def _changed(db: Session, visit: Visit, door: Household, form: VisitForm, viewer: Viewer) -> list[str]:
    """The names of what the form says otherwise than the visit."""
    body = form.body()
    names = [name for name, value in columns(form, body, viewer).items() if getattr(visit, name) != value]
    if (visit.ward_id, visit.household_id) != (door.ward_id, door.id):
        names.append("household_id")
    for name, lists, key, n in (
        ("skills", VisitSkill, "skill_id", "level"),
        ("audiences", VisitAudience, "audience_id", "people"),
    ):
        here = col(lists.ward_id) == visit.ward_id, col(lists.visit_id) == visit.id
        stood = {str(getattr(row, key)): getattr(row, n) for row in db.exec(select(lists).where(*here))}
        if stood != body[name]:
            names.append(name)
    return names


def _carry(db: Session, visit: Visit, door: Household) -> Visit:
    """The visit at this door. Within a stored ward it changes its door; across wards it is written anew and leaves a forward."""
    if visit.ward_id == door.ward_id:
        visit.household_id = door.id
        return visit
    here = (visit.ward_id, visit.id)
    whole = visit.model_dump() | {"ward_id": door.ward_id, "household_id": door.id}
    for lists in (VisitSkill, VisitAudience):  # the form says them anew
        db.execute(delete(lists).where(col(lists.ward_id) == here[0], col(lists.visit_id) == here[1]))
    for along in (VisitVersion, FollowUpKeeper):
        db.execute(
            update(along)
            .where(col(along.ward_id) == here[0], col(along.visit_id) == here[1])
            .values(ward_id=door.ward_id)
        )
    db.delete(visit)
    db.flush()
    back = db.get(Forward, (door.ward_id, visit.id))
    if back is not None:  # it lay here before: it has come home, and its forward would now lead in a circle
        db.delete(back)
    db.merge(Forward(ward_id=here[0], id=here[1], to_ward_id=door.ward_id, to_id=visit.id))
    carried = Visit(**whole)
    db.add(carried)
    db.flush()
    return carried
