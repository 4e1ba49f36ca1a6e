"""Void a visit: it stays in the history and counts nowhere."""

import uuid

from sqlmodel import Session

from skills import clock
from skills.audit import trail
from skills.errors import Conflict
from skills.households.lock import lock_wards
from skills.people.viewer import Viewer
from skills.totals import ledger
from skills.visits import state, tally
from skills.visits.find import visit_to_change
from skills.visits.forms import VoidForm
from skills.visits.models import VisitVersion
from skills.visits.receive import PLAINLY, Brought, Taken, follow, give_receipt, seen_before


def void_visit(
    db: Session,
    viewer: Viewer,
    ward_id: int,
    visit_id: uuid.UUID,
    form: VoidForm,
    brought: Brought = PLAINLY,
    said: str | None = None,
) -> Taken:
    """Takes the visit out of every figure, as its next version. Sent again, it changes nothing.

    `said` is what the phone sent, when the form was put on another version since.

    Raises NotFound, NotAllowed, and Conflict("newer_version") when it was changed or voided since the form was made.
    """
    stored_ward, stored_id = follow(db, ward_id, visit_id)
    lock_wards(db, [ward_id, stored_ward])
    canonical = said or form.canonical(visit_id)
    taken = seen_before(db, viewer, ward_id, form.item, canonical, brought)
    if taken is not None:
        return taken
    visit, door = visit_to_change(db, viewer, stored_ward, stored_id)
    if visit.voided_at is not None or visit.version != form.base:
        raise Conflict("newer_version", ward_id=visit.ward_id, visit_id=visit.id, version=visit.version)
    now = brought.waited_since or clock.now()
    touched = [(door.ward_id, door.id)]
    with ledger.difference(db, [door.ward_id], lambda: tally.amounts_of(db, touched)):
        visit.voided_at = now
        visit.version += 1
        db.add(
            VisitVersion(
                ward_id=visit.ward_id,
                visit_id=visit.id,
                version=visit.version,
                item=form.item,
                op="void",
                base=form.base,
                body="{}",
                reason=form.reason,
                author_id=viewer.person_id,
                saved_at=form.saved_at or now,
                received_at=now,
            )
        )
        state.refresh(db, touched)
    if visit.author_id != viewer.person_id:
        trail.write(db, visit.ward_id, viewer.person_id, "visit.voided", visit.id, ["voided_at"])
    taken = Taken(form.item, "accepted", visit.ward_id, visit.id, visit.version)
    return give_receipt(db, viewer, ward_id, canonical, taken, now, "void", brought)
