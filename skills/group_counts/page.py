"""What the page of monthly counts shows: the groups and months to choose from, what stands, and fresh ids for the form."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from skills.areas.models import Area
from skills.errors import NotFound
from skills.group_counts.find import latest, ward_of
from skills.group_counts.forms import NUMBERS, month_of
from skills.group_counts.models import GroupCount
from skills.households.find import groups_of
from skills.language import gettext as _
from skills.people.models import Person
from skills.people.permissions import Permission
from skills.people.viewer import Viewer
from skills.visits.page import Shown, fresh_id

MONTHS = 12  # to choose from, the running one first


@dataclass(frozen=True)
class CountPage:
    """Everything that `templates/group_counts/new.html` shows. `group` is None for who has no residential group."""

    groups: Sequence[Area]
    group: Area | None
    ward: int  # that the group lies in; 0 without a group
    month: str
    months: Sequence[tuple[str, str]]  # as stored, and in words
    stands: GroupCount | None
    by: str  # who told what stands
    values: Mapping[str, Any]
    errors: Mapping[str, str]
    item: uuid.UUID
    id: uuid.UUID

    @property
    def month_title(self) -> str:
        """The month in words."""
        return _title(self.month)


def count_page(
    db: Session,
    viewer: Viewer,
    group_id: int | None = None,
    month: str = "",
    values: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
) -> CountPage:
    """The page for one group and month: what stands there, or what was typed. Raises NotFound for a group out of reach."""
    groups = groups_of(db, viewer, Permission.LOG_VISITS)
    group = next((one for one in groups if group_id in (None, one.id)), None)
    if group is None and group_id is not None:
        raise NotFound(str(group_id))
    months = [*_back_from(month_of(viewer.today))]
    month = month if month in months else months[0]
    stands = latest(db, group.id, month) if group else None
    author = db.get(Person, stands.author_id) if stands else None
    told = {name: getattr(stands, name) for name in NUMBERS} if stands else {}
    return CountPage(
        groups, group, ward_of(db, viewer, group.id) if group else 0, month, [(one, _title(one)) for one in months], stands, author.short_name if author else "",
        values=dict.fromkeys(NUMBERS, "")
        | ({name: "" if n is None else str(n) for name, n in told.items()} if values is None else dict(values)),
        errors=Shown(errors or {}), item=fresh_id(), id=fresh_id(),
    )  # fmt: skip


def _back_from(month: str) -> list[str]:
    year, number = map(int, month.split("-"))
    whole = year * 12 + number - 1
    return [f"{one // 12}-{one % 12 + 1:02d}" for one in range(whole, whole - MONTHS, -1)]


def _title(month: str) -> str:
    year, number = month.split("-")
    return _("Tháng %(month)s/%(year)s") % {"month": int(number), "year": year}
