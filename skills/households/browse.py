"""What the list of doors shows: the group chosen, the marks counted, the doors by lane, where to go next."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlencode

from sqlmodel import Session

from skills.areas.models import Area
from skills.errors import NotFound
from skills.households.find import (
    DoorRow,
    GroupProgress,
    count_marks,
    doors_of,
    groups_of,
    progress,
    skill_names,
)
from skills.households.models import Mark
from skills.people.viewer import Viewer

AT_ONCE = 200  # doors on a page; more than anybody walks in a day
FEW = 3  # groups whose doors are shown together; with more, one is chosen first


@dataclass(frozen=True)
class Lane:
    """A street or a lane in walking order. `doors` and `done` count all of it, `rows` are those shown."""

    heading: str
    lane: str
    rows: Sequence[DoorRow]
    doors: int
    done: int


@dataclass(frozen=True)
class DoorList:
    """A page of doors. `groups_done` is filled instead of `lanes` while a group has still to be chosen."""

    groups: Sequence[Area]
    group: Area | None
    query: str
    mark: str
    marks: Counter[str]
    lanes: Sequence[Lane]
    groups_done: Sequence[tuple[Area, GroupProgress]]
    found: int
    start: int
    next_start: int | None
    next: DoorRow | None
    skills: dict[int, str]

    @property
    def total(self) -> int:
        """All doors of the group chosen, or of all groups."""
        return self.marks.total()

    @property
    def few_groups(self) -> bool:
        """Whether there are several groups, but few enough to name them all above the list."""
        return 1 < len(self.groups) <= FEW

    @property
    def previous_start(self) -> int:
        """Where the page before this one starts."""
        return max(self.start - AT_ONCE, 0)

    def address(self, start: int) -> str:
        """The address of the same list from another door on."""
        group = self.group.id if self.group else ""
        asked = {"group": group, "q": self.query, "mark": self.mark, "start": start}
        return "/households?" + urlencode({name: value for name, value in asked.items() if value})

    @property
    def done(self) -> int:
        """Those that are not "chưa thăm" any more."""
        return self.total - self.marks[Mark.TODO]


def browse(
    db: Session, viewer: Viewer, group_id: int | None, query: str = "", mark: str = "", start: int = 0
) -> DoorList:
    """The doors of a group or of all the viewer's groups, found by `query`, bearing `mark`, from `start` on.

    Raises NotFound for a group in which the viewer sees no doors. At most five statements, whatever there is.
    """
    groups = groups_of(db, viewer)
    group = chosen(groups, group_id)
    still_to_choose = group is None and len(groups) > FEW and not query and not mark
    rows = [] if still_to_choose else doors_of(db, viewer, group.id if group else None, query, mark)
    done = progress(db, viewer) if still_to_choose else {}
    shown = rows[start : start + AT_ONCE]
    return DoorList(
        groups=groups,
        group=group,
        query=query,
        mark=mark,
        marks=count_marks(db, viewer, group.id if group else None),
        lanes=by_lane(rows, shown),
        groups_done=[(area, done.get(area.id, GroupProgress(area.id, 0, 0, 0))) for area in groups]
        if still_to_choose
        else [],
        found=len(rows),
        start=start,
        next_start=start + AT_ONCE if len(rows) > start + AT_ONCE else None,
        next=next_on_the_way(rows, viewer),
        skills=skill_names(db),
    )


def chosen(groups: Sequence[Area], group_id: int | None) -> Area | None:
    """The group asked for, or the only one; None for all. Raises NotFound for a group not among them."""
    if group_id is None:
        return groups[0] if len(groups) == 1 else None
    for group in groups:
        if group.id == group_id:
            return group
    raise NotFound(str(group_id))


def by_lane(rows: Sequence[DoorRow], shown: Sequence[DoorRow]) -> list[Lane]:
    """The doors shown, lane by lane, each lane with the counts of all its doors among `rows`."""
    doors = Counter(row.heading for row in rows)
    todo = Counter(row.heading for row in rows if row.mark == Mark.TODO)
    return [
        Lane(heading, lane, list(some), doors[heading], doors[heading] - todo[heading])
        for (heading, lane), some in groupby(shown, key=lambda row: (row.heading, row.lane))
    ]


def next_on_the_way(rows: Sequence[DoorRow], viewer: Viewer) -> DoorRow | None:
    """Where to knock next: the first door to visit after the one visited last today, or the first of all."""
    today = [place for place, row in enumerate(rows) if row.last_on == viewer.today and row.last_at]
    last = max(today, key=lambda place: str(rows[place].last_at), default=-1)
    onward = [*rows[last + 1 :], *rows[: max(last, 0)]]
    return next((row for row in onward if _waits(row, viewer)), None)


def _waits(row: DoorRow, viewer: Viewer) -> bool:
    """A door to knock on today: nobody met yet, or a follow-up due; and nobody has been there today."""
    due = row.follow_up_on is not None and row.follow_up_on <= viewer.today
    return row.last_on != viewer.today and (row.mark == Mark.TODO or due)
