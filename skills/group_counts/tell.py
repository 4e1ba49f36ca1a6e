"""Tell how many people of the sensitive groups were helped in a residential group in a month: the latest word holds."""

from sqlmodel import Session, col, func, select

from skills import clock
from skills.audit import trail
from skills.group_counts.find import group_to_tell, ward_of
from skills.group_counts.forms import NUMBERS, CountForm
from skills.group_counts.models import GroupCount
from skills.households.lock import lock_wards
from skills.people.viewer import Viewer
from skills.visits.receive import PLAINLY, Brought, Taken, give_receipt, seen_before


def tell_counts(db: Session, viewer: Viewer, form: CountForm, brought: Brought = PLAINLY) -> Taken:
    """Stores the counts as the next version of that group and month. Sent again, it changes nothing.

    Raises NotFound for a group in which the viewer logs no visits, and Conflict("item_reused") when the item came before with
    other content. `Taken.visit_id` is the id of what was told.
    """
    group = group_to_tell(db, viewer, form.group)
    ward_id = ward_of(db, viewer, group.id)
    lock_wards(db, [ward_id])
    taken = seen_before(db, viewer, ward_id, form.item, form.canonical(), brought)
    if taken is not None:
        return taken
    now = brought.waited_since or clock.now()
    version = (
        1
        + db.exec(
            select(func.coalesce(func.max(GroupCount.version), 0)).where(
                col(GroupCount.ward_id) == ward_id,
                col(GroupCount.group_id) == group.id,
                col(GroupCount.month) == form.month,
            )
        ).one()
    )
    db.add(
        GroupCount(
            ward_id=ward_id,
            group_id=group.id,
            month=form.month,
            version=version,
            id=form.id,
            item=form.item,
            author_id=viewer.person_id,
            saved_at=form.saved_at or now,
            received_at=now,
            **{name: getattr(form, name) for name in NUMBERS},
        )
    )
    db.flush()
    given = [name for name in NUMBERS if getattr(form, name) is not None]
    trail.write(db, ward_id, viewer.person_id, "group_count.told", group.id, given)
    taken = Taken(form.item, "accepted", ward_id, form.id, version)
    return give_receipt(db, viewer, ward_id, form.canonical(), taken, now, "group_count", brought)
