"""Areas on a day: which there were, what lay in what, what became of them, and how they are called.

The map has no secrets, so nothing here asks who is looking; `lies_within` is what a gate asks before it shows figures.
"""

import csv
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from skills.areas.blocks import block_ids, blocks_on
from skills.areas.models import Area, AreaBlock, AreaParent, AreaSuccession, Level
from skills.errors import NotFound

_RANK = {Level.GROUP: 0, Level.WARD: 1, Level.CLUSTER: 2, Level.DISTRICT: 2, Level.CITY: 3, Level.PROVINCE: 3}
_REPORTING = (Level.CLUSTER, Level.DISTRICT)


class Picked(NamedTuple):
    """A line of the picker: an area, and how deep it lies below the first."""

    area: Area
    depth: int


def area_on(db: Session, area_id: int) -> Area | None:
    """The area with that id, in force or not, or None."""
    return db.get(Area, area_id)


def city(db: Session, day: date) -> Area:
    """The city as it was on that day: without Quảng Nam until 30/06/2025, with it since. Raises NotFound before `load`."""
    found = db.exec(_on(day).where(Area.level == Level.CITY).order_by(col(Area.id))).first()
    if found is None:
        raise NotFound("city")
    return found


def in_force(db: Session, level: Level | str, day: date) -> list[Area]:
    """All areas of a level on that day, in dictionary order. Former districts are districts still."""
    return list(db.exec(_on(day).where(Area.level == level).order_by(col(Area.sort_key), col(Area.id))))


def former_districts(db: Session, day: date) -> list[Area]:
    """The districts that on that day are reporting districts only, in dictionary order."""
    return [area for area in in_force(db, Level.DISTRICT, day) if _is_former(area, day)]


def wards_of_city(db: Session, day: date) -> list[Area]:
    """The wards, communes and special zones of the city on that day, in dictionary order."""
    direct = _members(db, [city(db, day).id], day)
    below = _members(db, [area.id for area in direct if area.level in _REPORTING], day)
    return _sorted({area.id: area for area in [*direct, *below] if area.level == Level.WARD}.values())


def children(db: Session, area: Area, day: date) -> list[Area]:
    """What the area is divided into on that day, in dictionary order; empty for a residential group.

    City or province: its districts, former districts and clusters that hold anything, and wards that are in none of them;
    district or cluster: the wards counted in it; ward: its residential groups.
    """
    members = _members(db, [area.id], day)
    if area.level not in (Level.CITY, Level.PROVINCE):
        return members
    anything = (
        select(AreaBlock.block_id).where(*_row_on(day), col(AreaBlock.area_id) == col(Area.id)).exists()
    )
    held = set(db.exec(select(Area.id).where(col(Area.id).in_(_ids(members)), anything)))
    districts = [member for member in members if member.level in _REPORTING and member.id in held]
    inside = select(AreaParent.area_id).where(col(AreaParent.parent_id).in_(_ids(districts)), *_edge_on(day))
    counted = set(db.exec(inside))
    alone = [member for member in members if member.level == Level.WARD and member.id not in counted]
    return _sorted([*districts, *alone])


def ancestors(db: Session, area_id: int, day: date) -> list[Area]:
    """The areas that hold the area on that day, the smallest first: ward, reporting district, city."""
    found: dict[int, Area] = {}
    below = {area_id}
    while below:
        query = _on(day).join(AreaParent, col(AreaParent.parent_id) == col(Area.id))
        above = db.exec(query.where(col(AreaParent.area_id).in_(below), *_edge_on(day))).all()
        below = {area.id for area in above} - found.keys()
        found.update({area.id: area for area in above})
    return sorted(found.values(), key=lambda area: (_rank(area), area.sort_key, area.id))


def label(area: Area, day: date, cluster_word: str = "Khu vực") -> str:
    """How the area is called on that day: its name, or 'Khu vực Hải Châu' for a district that is a reporting district only."""
    return f"{cluster_word} {area.short_name}" if _is_former(area, day) else area.name


def lies_within(db: Session, area_id: int, reach: frozenset[int], day: date) -> bool:
    """Whether all that the area holds (held, on its last day) is today within the reach; an area that holds nothing isn't."""
    area = area_on(db, area_id)
    if area is None or not reach:
        return False
    last = min(area.valid_to, day)
    held = blocks_on([area_id], last)
    outside = held.where(col(AreaBlock.block_id).not_in(blocks_on(reach, day)))
    return db.exec(held).first() is not None and db.exec(outside).first() is None


def picker(db: Session, reach: frozenset[int], day: date) -> list[Picked]:
    """The areas in force on that day that lie within the reach, each under the smallest that holds it, for a list to choose from.

    Residential groups are in it when the reach lies within one ward: a list of forty, not of four thousand.
    """
    if not reach:
        return []
    here = blocks_on(reach, day).subquery()
    whole = (
        select(AreaBlock.area_id)
        .outerjoin(here, col(AreaBlock.block_id) == here.c.block_id)
        .where(*_row_on(day))
        .group_by(col(AreaBlock.area_id))
        .having(func.count() == func.count(here.c.block_id))
    )
    areas = {area.id: area for area in db.exec(_on(day).where(col(Area.id).in_(whole)))}
    if sum(area.level == Level.WARD for area in areas.values()) > 1:
        areas = {area.id: area for area in areas.values() if area.level != Level.GROUP or area.id in reach}
    return list(_as_tree(db, areas, day))


def remainder_blocks(db: Session, area: Area, children: Iterable[Area], day: date) -> set[int]:
    """The blocks of the area that lie in none of its children: the line 'chưa phân bổ' that makes a page add up."""
    found = block_ids(db, area.id, day)
    below = _ids(children)
    return found.difference(db.exec(blocks_on(below, day)).all()) if below else found


def successors(db: Session, area_id: int, day: date) -> list[Area]:
    """The areas in force on that day in place of the area: itself, what became of it, or, before its time, what it came from."""
    area = area_on(db, area_id)
    if area is None:
        return []
    if area.in_force(day):
        return [area]
    step = _became if area.valid_to < day else _came_from
    found: dict[int, Area] = {}
    seen, waiting = {area_id}, [area_id]
    while waiting:
        for other in step(db, waiting.pop(), day):
            if other.in_force(day):
                found[other.id] = other
            elif other.id not in seen:
                waiting.append(other.id)
            seen.add(other.id)
    return _sorted(found.values())


@cache
def tiles() -> dict[int, tuple[int, int]]:
    """The place (column, row) of each ward in force since 01/07/2025 in the grid that stands for the map."""
    with (Path(__file__).parent / "data" / "tiles.csv").open(encoding="utf-8", newline="") as file:
        return {int(line["area_id"]): (int(line["col"]), int(line["row"])) for line in csv.DictReader(file)}


def _on(day: date) -> SelectOfScalar[Area]:
    return select(Area).where(col(Area.valid_from) <= day, col(Area.valid_to) >= day)


def _edge_on(day: date) -> tuple[ColumnElement[bool], ...]:
    """A parent on that day; a ward that straddles two districts lies in the one it is counted in."""
    valid = col(AreaParent.valid_from) <= day, col(AreaParent.valid_to) >= day
    return *valid, col(AreaParent.is_primary).is_(True)


def _row_on(day: date) -> tuple[ColumnElement[bool], ...]:
    return col(AreaBlock.valid_from) <= day, col(AreaBlock.valid_to) >= day


def _members(db: Session, parent_ids: Collection[int], day: date) -> list[Area]:
    query = _on(day).join(AreaParent, col(AreaParent.area_id) == col(Area.id))
    return _sorted(db.exec(query.where(col(AreaParent.parent_id).in_(parent_ids), *_edge_on(day)).distinct()))


def _as_tree(db: Session, areas: Mapping[int, Area], day: date) -> Iterator[Picked]:
    edges = select(AreaParent.area_id, AreaParent.parent_id).where(*_edge_on(day))
    parents: dict[int, Area] = {}
    for below, above in db.exec(edges):
        if below in areas and above in areas:
            other = parents.get(below)
            if other is None or _rank(areas[above]) < _rank(other):
                parents[below] = areas[above]
    branches: dict[int | None, list[Area]] = defaultdict(list)
    for area in _sorted(areas.values()):
        parent = parents.get(area.id)
        branches[parent.id if parent else None].append(area)

    def walk(parent_id: int | None, depth: int) -> Iterator[Picked]:
        for area in branches[parent_id]:
            yield Picked(area, depth)
            yield from walk(area.id, depth + 1)

    return walk(None, 0)


def _became(db: Session, area_id: int, day: date) -> Iterable[Area]:
    query = select(Area).join(AreaSuccession, col(AreaSuccession.to_id) == col(Area.id))
    return db.exec(
        query.where(AreaSuccession.from_id == area_id, col(AreaSuccession.effective_on) <= day)
    ).all()


def _came_from(db: Session, area_id: int, _day: date) -> Iterable[Area]:
    query = select(Area).join(AreaSuccession, col(AreaSuccession.from_id) == col(Area.id))
    return db.exec(query.where(AreaSuccession.to_id == area_id)).all()


def _is_former(area: Area, day: date) -> bool:
    return area.cluster_from is not None and area.cluster_from <= day


def _rank(area: Area) -> int:
    return _RANK[Level(area.level)]


def _sorted(areas: Iterable[Area]) -> list[Area]:
    return sorted(areas, key=lambda area: (area.sort_key, area.id))


def _ids(areas: Iterable[Area]) -> list[int]:
    return [area.id for area in areas]
