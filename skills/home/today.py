"""What the first page says: one mark for every home, follow-ups due, where nobody has been for long."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from skills import clock
from skills.areas.models import Area, AreaParent, Level
from skills.coverage.tray import Count, count_waiting
from skills.devices.phones import Phone, new_elsewhere
from skills.households.browse import Lane, by_lane, chosen
from skills.households.find import (
    DoorRow,
    GroupProgress,
    doors_of,
    due_doors,
    groups_of,
    progress,
    skill_names,
)
from skills.households.models import Mark
from skills.people.permissions import Permission
from skills.people.viewer import Viewer
from skills.sync.freshness import Freshness, freshness
from skills.text import lane_name
from skills.visits.find import has_visited
from skills.visits.follow_ups import handed_to

MOST_DUE = 3  # they stand first, so that the most urgent door is on the first screen of any phone, and the map close below
MOST_STRIPS = 4
MOST_WAITING = 6
MOST_KEPT = 12


@dataclass(frozen=True)
class Strip:
    """The homes of a street or lane, one mark each, in walking order."""

    name: str
    heading: str
    marks: Sequence[str]
    done: int


@dataclass(frozen=True)
class Today:
    """The first page. `group` is None when a ward lead chose none: `groups_done` has a line for each then."""

    day: date
    place: str
    wide: bool  # the viewer sees a whole ward
    groups: Sequence[Area]
    group: Area | None
    strips: Sequence[Strip]
    marks: Counter[str]
    groups_done: Sequence[tuple[Area, GroupProgress]]
    everything: GroupProgress
    due: Sequence[DoorRow]
    due_in_all: int
    long_ago: Sequence[DoorRow]
    never: Sequence[DoorRow]
    skills: dict[int, str]
    tray: Count | None  # what waits for the answer of a ward lead
    fresh: Freshness | None  # of what a ward lead reads here
    newcomer: bool  # has not logged any visit yet
    elsewhere: Phone | None = None  # where somebody came in lately under the viewer's name, the last of them
    kept: Sequence[DoorRow] = ()  # where somebody else agreed on the day and the viewer was given it to keep

    @property
    def shown(self) -> int:
        """How many strips stand open; the others are folded."""
        return len(self.strips) if len(self.strips) <= MOST_STRIPS + 1 else MOST_STRIPS

    @property
    def total(self) -> int:
        """The doors of the group."""
        return self.marks.total()

    @property
    def in_no_group(self) -> int:
        """Doors of the ward that lie in none of its residential groups yet."""
        return self.everything.doors - sum(done.doors for _group, done in self.groups_done)


def today(db: Session, viewer: Viewer, group_id: int | None, device_token: str | None = None) -> Today:
    """The first page of who knocks on doors, for one of their groups, or for all groups of a ward lead.

    `device_token`: of the phone in hand. Raises NotFound for a group in which the viewer sees no doors. At most ten statements, whatever there is.
    """
    groups = groups_of(db, viewer)
    group = chosen(groups, group_id)
    if group is None and groups and not leads(viewer):
        group = groups[0]
    rows = doors_of(db, viewer, group.id) if group else []
    done = progress(db, viewer) if group is None else {}
    due, due_in_all = due_doors(db, viewer, MOST_DUE)
    office = leads(viewer) and group is None
    long_ago, never = waiting(rows, viewer.today)
    return Today(
        day=viewer.today,
        place=_place(db, viewer, group),
        wide=leads(viewer),
        groups=groups,
        group=group,
        strips=strips(by_lane(rows, rows)),
        marks=Counter(row.mark for row in rows),
        groups_done=[(area, done.get(area.id, GroupProgress(area.id, 0, 0, 0))) for area in groups]
        if done
        else [],
        everything=done.get(0, GroupProgress(0, 0, 0, 0)),
        due=due,
        due_in_all=due_in_all,
        long_ago=long_ago,
        never=never,
        skills=skill_names(db),
        tray=count_waiting(db, viewer) if office else None,
        fresh=freshness(db, viewer.areas(Permission.SEE_DOORS), clock.now()) if office else None,
        newcomer=not office and not has_visited(db, viewer),
        elsewhere=next(iter(new_elsewhere(db, viewer.person_id, device_token)), None),
        kept=[] if office else _kept(db, viewer),
    )


def _kept(db: Session, viewer: Viewer) -> list[DoorRow]:
    """The doors within reach whose agreed day was handed to the viewer, the earliest first."""
    places = handed_to(db, viewer.person_id)
    rows = [row for row in doors_of(db, viewer) if (row.ward_id, row.id) in places] if places else []
    return sorted(rows, key=lambda row: row.follow_up_on or viewer.today)[:MOST_KEPT]


def leads(viewer: Viewer) -> bool:
    """Whether the viewer sees the doors of a whole ward, and not of a team's groups alone."""
    return bool(viewer.areas(Permission.SEE_DOORS) - viewer.group_ids)


def waiting(rows: Sequence[DoorRow], day: date) -> tuple[list[DoorRow], list[DoorRow]]:
    """The doors where nobody has been for longest, this month's left out, and the next where nobody ever was.

    Doors that refused are left alone, and those with a follow-up have a day of their own.
    """
    month = day.replace(day=1)
    open_to_us = [row for row in rows if row.mark != Mark.REFUSE and row.follow_up_on is None]
    seen = [(row.last_on, row) for row in open_to_us if row.last_on and row.last_on < month]
    long_ago = [row for _day, row in sorted(seen, key=lambda pair: pair[0])]
    never = [row for row in open_to_us if row.last_on is None]
    return long_ago[:MOST_WAITING], never[:MOST_WAITING]


def strips(lanes: Sequence[Lane]) -> list[Strip]:
    """A strip a lane, named shortly ("Kiệt 45") unless two streets of the group have such a lane."""
    short = [lane_name(lane.lane) if lane.lane else lane.heading for lane in lanes]
    often = Counter(short)
    return [
        Strip(
            name if often[name] == 1 else lane.heading,
            lane.heading,
            [row.mark for row in lane.rows],
            lane.done,
        )
        for name, lane in zip(short, lanes, strict=True)
    ]


def _place(db: Session, viewer: Viewer, group: Area | None) -> str:
    """Where the page is: "Tổ 12 · Hải Châu", or "Hải Châu" without a group; "" for who has no area."""
    day = viewer.today
    if group is None:
        names = select(Area.short_name).where(col(Area.id).in_(viewer.areas(Permission.SEE_DOORS)))
    else:
        names = (
            select(Area.short_name)
            .join(AreaParent, col(AreaParent.parent_id) == col(Area.id))
            .where(
                AreaParent.area_id == group.id,
                Area.level == Level.WARD,
                col(AreaParent.valid_from) <= day,
                col(AreaParent.valid_to) >= day,
            )
        )
    ward = db.exec(names.order_by(col(Area.sort_key))).first()
    return " · ".join(name for name in (group.short_name if group else "", ward) if name)
