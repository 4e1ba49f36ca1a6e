"""The map on a day, as a page reads it: what lies in what, what each area came from and became, groups and doors in it.

The map has no secrets; doors are counted only in areas whose reports the viewer reads.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, case, func, literal, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from skills.areas.find import ancestors, area_on, children, city, label, lies_within, successors
from skills.areas.models import Area, AreaBlock, AreaParent, AreaSuccession, Level
from skills.errors import NotFound
from skills.households.models import WardBlock
from skills.people.permissions import Permission
from skills.people.viewer import Viewer
from skills.text import fold

MOST_FOUND = 60


@dataclass(frozen=True)
class Place:
    """A line: an area with what is counted in it. None is shown as "—"."""

    area: Area
    name: str
    inside: int  # areas that it is divided into, on that day
    groups: int
    doors: int | None


@dataclass(frozen=True)
class Found:
    """What a search found; `ward` for a residential group."""

    area: Area
    name: str
    ward: str


@dataclass(frozen=True)
class Step:
    """What an area came from, or became: how, and since when."""

    area: Area
    kind: str  # merge, split, rename, continue, regroup
    on: date
    share: float | None


@dataclass(frozen=True)
class AreaPage:
    """An area on a day. Not in force then: `instead` are those that were."""

    area: Area
    name: str
    day: date
    in_force: bool
    above: Sequence[tuple[Area, str]]
    below: Sequence[Place]
    instead: Sequence[Area]
    came_from: Sequence[Step]
    became: Sequence[Step]
    groups: int
    doors: int | None
    may_read_reports: bool


def area_page(db: Session, viewer: Viewer, area_id: int | None, day: date) -> AreaPage:
    """The area on that day; None: the city. Raises NotFound for an area that never was, or a city that was not there yet."""
    area = city(db, day) if area_id is None else area_on(db, area_id)
    if area is None:
        raise NotFound(str(area_id))
    reads = lies_within(db, area.id, viewer.areas(Permission.READ_REPORTS), viewer.today)
    below = children(db, area, day) if area.in_force(day) else []
    ids = [area.id, *(each.id for each in below)]
    groups, doors, inside = (
        _groups_in(db, ids, day),
        _doors_in(db, ids, day) if reads else None,
        _inside(db, below, day),
    )
    return AreaPage(
        area=area,
        name=label(area, day),
        day=day,
        in_force=area.in_force(day),
        above=[(each, label(each, day)) for each in ancestors(db, area.id, day)],
        below=[
            Place(each, label(each, day), inside[each.id], groups.get(each.id, 0), _of(doors, each.id)) for each in below
        ],
        instead=[] if area.in_force(day) else successors(db, area.id, day),
        came_from=_steps(db, col(AreaSuccession.to_id) == area.id, col(AreaSuccession.from_id)),
        became=_steps(db, col(AreaSuccession.from_id) == area.id, col(AreaSuccession.to_id)),
        groups=groups.get(area.id, 0),
        doors=_of(doors, area.id),
        may_read_reports=reads,
    )  # fmt: skip


def search(db: Session, query: str, day: date) -> list[Found]:
    """Areas of any time that are called so, with or without accents; those in force on that day first."""
    words = fold(query).split()[:8]
    if not words:
        return []
    statement = select(Area)
    for word in words:
        statement = statement.where((literal(" ") + col(Area.fold)).contains(" " + word, autoescape=True))
    there = case((and_(col(Area.valid_from) <= day, col(Area.valid_to) >= day), 0), else_=1)
    areas = db.scalars(statement.order_by(there, col(Area.sort_key), col(Area.id)).limit(MOST_FOUND)).all()
    wards = _wards_of(db, [area.id for area in areas if area.level == Level.GROUP])
    return [Found(area, label(area, min(day, area.valid_to)), wards.get(area.id, "")) for area in areas]


def _wards_of(db: Session, group_ids: Sequence[int]) -> dict[int, str]:
    """The name of the latest ward of each residential group: there is a Tổ 12 in nearly every one."""
    rows = (
        select(col(AreaParent.area_id), col(Area.name))
        .join(Area, col(Area.id) == col(AreaParent.parent_id))
        .where(col(AreaParent.area_id).in_(group_ids), col(Area.level) == Level.WARD)
        .order_by(col(AreaParent.valid_from))
    )
    return {group: name for group, name in db.execute(rows)}  # noqa: C416


def _of(doors: Mapping[int, int] | None, area_id: int) -> int | None:
    return None if doors is None else doors.get(area_id, 0)


def _inside(db: Session, areas: Sequence[Area], day: date) -> dict[int, int]:
    """How many areas each is divided into; asked only of the few that stand above wards."""
    return {
        area.id: len(children(db, area, day)) if area.level in (Level.DISTRICT, Level.CLUSTER) else 0
        for area in areas
    }


def _groups_in(db: Session, area_ids: Sequence[int], day: date) -> dict[int, int]:
    """The number of residential groups in each of these areas on that day; one statement."""
    whole, part = aliased(AreaBlock), aliased(AreaBlock)
    rows = (
        select(col(whole.area_id), func.count(col(part.area_id).distinct()))
        .join(part, col(part.block_id) == col(whole.block_id))
        .join(Area, col(Area.id) == col(part.area_id))
        .where(
            col(whole.area_id).in_(area_ids),
            col(Area.level) == Level.GROUP,
            col(Area.id) != col(whole.area_id),
            *(col(row.valid_from) <= day for row in (whole, part, Area)),
            *(col(row.valid_to) >= day for row in (whole, part, Area)),
        )
        .group_by(col(whole.area_id))
    )
    return {area_id: number for area_id, number in db.execute(rows)}  # noqa: C416


def _doors_in(db: Session, area_ids: Sequence[int], day: date) -> dict[int, int]:
    """The number of doors in each of these areas on that day's map; one statement over the counts by block."""
    rows = (
        select(col(AreaBlock.area_id), func.sum(col(WardBlock.households)))
        .join(WardBlock, col(WardBlock.block_id) == col(AreaBlock.block_id))
        .where(
            col(AreaBlock.area_id).in_(area_ids), col(AreaBlock.valid_from) <= day, col(AreaBlock.valid_to) >= day
        )
        .group_by(col(AreaBlock.area_id))
    )  # fmt: skip
    return {area_id: int(number) for area_id, number in db.execute(rows)}


def _steps(db: Session, which: Any, other: Any) -> list[Step]:
    rows = (
        select(Area, col(AreaSuccession.kind), col(AreaSuccession.effective_on), col(AreaSuccession.share))
        .select_from(AreaSuccession)
        .join(Area, col(Area.id) == other)
        .where(which)
        .order_by(col(AreaSuccession.effective_on), col(Area.sort_key), col(Area.id))
    )
    return [Step(area, kind, on, share) for area, kind, on, share in db.execute(rows)]
