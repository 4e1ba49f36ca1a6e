"""What was told of a residential group and month; who reads it, and where it may be shown."""

import uuid
from datetime import date

from sqlmodel import Session, col, select

from skills.areas.models import Area
from skills.errors import NotFound
from skills.group_counts.models import GroupCount
from skills.households.find import groups_of, wards_of_groups
from skills.people.permissions import Permission
from skills.people.viewer import Viewer
from skills.totals.measures import OUTCOMES
from skills.totals.periods import Calendar, parse
from skills.totals.read import figures

ENOUGH = 10  # visits of a group in a month; with fewer a count would point at somebody


def group_to_tell(db: Session, viewer: Viewer, group_id: int) -> Area:
    """A residential group whose counts the viewer may tell. Raises NotFound for any other."""
    for group in groups_of(db, viewer, Permission.LOG_VISITS):
        if group.id == group_id:
            return group
    raise NotFound(str(group_id))


def ward_of(db: Session, viewer: Viewer, group_id: int) -> int:
    """The area id of the ward that the group lies in today. Raises NotFound when it lies in none."""
    ward = wards_of_groups(db, [group_id], viewer.today).get(group_id)
    if ward is None:
        raise NotFound(str(group_id))
    return ward


def told_once(db: Session, viewer: Viewer, ward_id: int, told_id: uuid.UUID) -> GroupCount:
    """What was told under that id. Raises NotFound for none, and for a group in which the viewer tells nothing."""
    told = db.exec(select(GroupCount).where(GroupCount.ward_id == ward_id, GroupCount.id == told_id)).first()
    if told is None:
        raise NotFound(str(told_id))
    group_to_tell(db, viewer, told.group_id)
    return told


def latest(db: Session, group_id: int, month: str) -> GroupCount | None:
    """What stands: of several versions the one received last. A group may have been told of under two wards, before a
    merge and after it."""
    rows = select(GroupCount).where(GroupCount.group_id == group_id, GroupCount.month == month)
    return db.exec(
        rows.order_by(col(GroupCount.received_at).desc(), col(GroupCount.version).desc()).limit(1)
    ).first()


def counts_of(db: Session, group_id: int, month: str, today: date) -> GroupCount | None:
    """The counts as they may be shown to who reads reports: None where nothing was told, and where the group had fewer than
    ten visits in the month, so that no count points at a household."""
    told = latest(db, group_id, month)
    if told is None:
        return None
    period = parse(month, Calendar.CIVIL)
    day = min(period.end, today)
    visits = figures(db, [group_id], period, day, measures=[*OUTCOMES.values()]).get(group_id, {})
    return told if sum(visits.values()) >= ENOUGH else None
