"""The doors within reach: one, all of a residential group in walking order, and the next one along the way.

Rows are reached through the viewer: whatever is asked for, only doors whose block lies today in the viewer's
areas answer.
"""

import re
import uuid
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, case, func, literal, or_, select, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from skills.areas.blocks import blocks_on
from skills.areas.models import Area, AreaBlock, Level
from skills.areas.parents import above
from skills.catalogue.models import Skill
from skills.db import among, table_of, within
from skills.errors import NotAllowed, NotFound
from skills.households.address import heading
from skills.households.models import DoorState, Forward, Household, Mark
from skills.language import current
from skills.people.permissions import Permission
from skills.people.viewer import Viewer
from skills.text import fold, lane_of

_DOOR, _LIES = table_of(Household), table_of(AreaBlock)
_BLOCKS = select(_DOOR.c.ward_id, _DOOR.c.id, _DOOR.c.block_id).where(*among(_DOOR.c.ward_id, _DOOR.c.id))
_REACHED = select(_LIES.c.block_id).where(
    _LIES.c.area_id.in_(bindparam("areas", expanding=True)),
    _LIES.c.block_id.in_(bindparam("blocks", expanding=True)),
    _LIES.c.valid_from <= bindparam("day"),
    _LIES.c.valid_to >= bindparam("day"),
)

Rows = Select[*tuple[Any, ...]]  # a query for rows of any columns


@dataclass(frozen=True, slots=True)
class DoorRow:
    """A door as a list shows it: its address, and what its standing visits come to."""

    ward_id: int
    id: uuid.UUID
    block_id: int
    street: str
    number: str
    room: str
    is_business: bool
    mark: str  # a Mark
    last_on: date | None  # day of the latest visit of any outcome
    last_outcome: str  # "" when nobody came yet
    last_at: datetime | None
    last_met_on: date | None
    away_times: int
    follow_up_on: date | None
    last_skills: tuple[int, ...]  # ids of the skills of the last meeting
    alone_skills: int
    cores: str  # letters of the core groups that somebody manages alone
    lane: str  # "K45", or "" for a door on the street
    heading: str  # "Kiệt 45 Hàng Dừa"
    late: int  # days since the day agreed; 0 when that day is today, still to come, or none


@dataclass(frozen=True, slots=True)
class GroupProgress:
    """How far a residential group has come: all doors, those not "chưa thăm" any more, follow-ups due."""

    id: int
    doors: int
    done: int
    due: int


def door_for(
    db: Session,
    viewer: Viewer,
    ward_id: int,
    household_id: uuid.UUID,
    permission: Permission = Permission.SEE_DOORS,
) -> Household:
    """The door at an address, or the one that it was moved to.

    Raises NotFound outside the viewer's areas, NotAllowed where only another permission is held.
    """
    door = stored_door(db, ward_id, household_id)
    if door is None:
        raise NotFound(str(household_id))
    if _lies_in(db, door.block_id, viewer.areas(permission), viewer.today):
        return door
    anywhere = frozenset[int]().union(*(viewer.areas(held) for held in viewer.permissions))
    if _lies_in(db, door.block_id, anywhere, viewer.today):
        raise NotAllowed(permission)
    raise NotFound(str(household_id))


def doors_for(
    db: Session, viewer: Viewer, places: Collection[tuple[int, uuid.UUID]], permission: Permission
) -> dict[tuple[int, uuid.UUID], int]:
    """Those of the doors stored at these places at which the viewer holds the permission today, each with its block.

    Two statements, whatever the number. Of the others `door_for` says why.
    """
    areas = viewer.areas(permission)
    if not areas or not places:
        return {}
    wanted = set(places)
    blocks = {
        (ward_id, household_id): block_id
        for ward_id, household_id, block_id in db.connection().execute(_BLOCKS, within(wanted))
        if (ward_id, household_id) in wanted
    }
    asked = {"areas": sorted(areas), "blocks": sorted(set(blocks.values())), "day": viewer.today}
    reached = set(db.connection().execute(_REACHED, asked).scalars())
    return {place: block_id for place, block_id in blocks.items() if block_id in reached}


def reaches(db: Session, viewer: Viewer, door: Household, permission: Permission) -> bool:
    """Whether the door lies in an area in which the viewer holds the permission today."""
    return _lies_in(db, door.block_id, viewer.areas(permission), viewer.today)


def door_row(db: Session, viewer: Viewer, door: Household) -> DoorRow:
    """A door that `door_for` gave, with what its visits come to."""
    found = db.execute(
        _rows().where(col(Household.ward_id) == door.ward_id, col(Household.id) == door.id)
    ).one()
    return _row(found, viewer.today)


def doors_of(
    db: Session,
    viewer: Viewer,
    group_id: int | None = None,
    query: str = "",
    mark: str = "",
    due_only: bool = False,
) -> list[DoorRow]:
    """The doors of the viewer's areas, or of one group of them, in walking order: by street, then by number.

    `query` is number, lane and street in any order, with or without accents; `mark` is a Mark, or "" for all;
    `due_only`: those whose follow-up is due. One statement, whatever is asked for.
    """
    statement = in_walking_order(_reached(_rows(), viewer, group_id))
    for word in query_words(query):
        statement = statement.where(
            (literal(" ") + col(Household.fold)).contains(" " + word, autoescape=True)
        )
    if mark:
        statement = statement.where(_mark() == mark)
    if due_only:
        statement = statement.where(col(DoorState.follow_up_on) <= viewer.today)
    return [_row(found, viewer.today) for found in db.execute(statement)]


def folds_of(db: Session, viewer: Viewer) -> dict[tuple[int, uuid.UUID], str]:
    """The folded words by which each of the viewer's doors is found, by ward and id."""
    columns = select(col(Household.ward_id), col(Household.id), col(Household.fold)).select_from(Household)
    return {(ward, door): words for ward, door, words in db.execute(_reached(columns, viewer, None))}


def groups_of(db: Session, viewer: Viewer, permission: Permission = Permission.SEE_DOORS) -> list[Area]:
    """The residential groups in which the viewer sees doors, or may do something else, by name."""
    return list(
        db.scalars(
            select(Area)
            .where(col(Area.id).in_(_groups(viewer.areas(permission), viewer.today)))
            .order_by(col(Area.sort_key), col(Area.id))
        )
    )


def wards_of_groups(db: Session, group_ids: Collection[int], today: date) -> dict[int, int]:
    """The ward in which each residential group lies today, by the group's id."""
    if not group_ids:
        return {}
    return {
        edge.area_id: edge.parent_id
        for edge in above(db, group_ids, today)
        if edge.valid_from <= today and edge.is_primary
    }


def progress(db: Session, viewer: Viewer) -> dict[int, GroupProgress]:
    """How far each group with doors has come, by group id; under 0 all doors, those in no group too."""
    day = viewer.today
    counted = (
        func.count(),
        func.coalesce(func.sum(case((_mark() == Mark.TODO, 0), else_=1)), 0),
        func.coalesce(func.sum(case((col(DoorState.follow_up_on) <= day, 1), else_=0)), 0),
    )
    everything = _reached(select(literal(0), *counted).select_from(Household), viewer, None).outerjoin(
        DoorState, _SAME_DOOR
    )
    by_group = (
        select(col(AreaBlock.area_id), *counted)
        .select_from(AreaBlock)
        .join(Household, col(Household.block_id) == col(AreaBlock.block_id))
        .outerjoin(DoorState, _SAME_DOOR)
        .where(
            col(AreaBlock.area_id).in_(_groups(viewer.areas(Permission.SEE_DOORS), day)),
            _valid(AreaBlock, day),
        )
        .group_by(col(AreaBlock.area_id))
    )
    found = [*db.execute(everything), *db.execute(by_group)]
    return {area: GroupProgress(area, doors, done, due) for area, doors, done, due in found}


def due_doors(db: Session, viewer: Viewer, limit: int) -> tuple[list[DoorRow], int]:
    """At most `limit` doors whose follow-up is due, longest overdue first; and how many there are."""
    statement = _reached(_rows().add_columns(func.count().over()), viewer, None)
    statement = in_walking_order(
        statement.where(col(DoorState.follow_up_on) <= viewer.today).order_by(col(DoorState.follow_up_on))
    ).limit(limit)
    found = db.execute(statement).all()
    return [_row(line[:-1], viewer.today) for line in found], found[0][-1] if found else 0


def next_door(db: Session, viewer: Viewer, household: Household) -> DoorRow | None:
    """The next door of the same group along the way, past those that refused; None after the last."""
    here = col(Household.block_id) == household.block_id
    same_group = col(Household.block_id).in_(_blocks_beside(household.block_id, viewer.today))
    statement = (
        in_walking_order(_reached(_rows(), viewer, None))
        .where(
            or_(here, same_group),
            _mark() != Mark.REFUSE,
            tuple_(*(getattr(household, name) for name in _WAY_NAMES), types=_WAY_TYPES) < _WAY,
        )
        .limit(1)
    )
    found = db.execute(statement).first()
    return None if found is None else _row(found, viewer.today)


def streets_of(db: Session, viewer: Viewer) -> list[str]:
    """The streets on which the viewer's doors lie, in dictionary order, for a form to offer."""
    statement = _reached(select(col(Household.street), col(Household.street_key)).distinct(), viewer, None)
    return [
        street for street, _key in db.execute(statement.order_by(col(Household.street_key)).limit(_STREETS))
    ]


def skill_names(db: Session) -> dict[int, str]:
    """The short name of every skill, taught today or formerly, by id, in the language of the request."""
    name = col(Skill.short_en) if current() == "en" else col(Skill.short_vi)
    return {skill.id: skill.said for skill in db.execute(select(col(Skill.id), name.label("said")))}


def stored_door(db: Session, ward_id: int, household_id: uuid.UUID) -> Household | None:
    """The household under that key, or the one it was carried over to, whoever asks; None for no door."""
    if not 0 <= ward_id <= _MOST:
        return None
    for _step in range(_FORWARDS):
        door = db.get(Household, (ward_id, household_id))
        if door is not None:
            return door
        forward = db.get(Forward, (ward_id, household_id))
        if forward is None:
            return None
        ward_id, household_id = forward.to_ward_id, forward.to_id
    return None


def count_marks(db: Session, viewer: Viewer, group_id: int | None = None) -> Counter[str]:
    """How many doors of the viewer's areas, or of one group of them, bear each mark. One statement."""
    mark = _mark()
    statement = (
        select(mark, func.count()).select_from(Household).outerjoin(DoorState, _SAME_DOOR).group_by(mark)
    )
    return Counter(dict(db.execute(_reached(statement, viewer, group_id)).all()))


def in_walking_order(statement: Rows) -> Rows:
    """By street, then by number; ward and id break a tie, so that the order is the same on every page."""
    return statement.order_by(*_WAY_COLUMNS)


def query_words(query: str) -> list[str]:
    """Folded words of a search, at most eight: "kiệt 45" as k45; "số", "nhà" and "đường" tell no doors apart."""
    words = (word.strip("/.,;:-") for word in fold(query).replace(",", " ").split())
    said = " ".join(word for word in words if word and word not in _SAID_ONLY)
    return _LANE.sub(r"\1\2", said).split()[:8]


# As typed before the number of a lane: "kiệt 45", "Kiệt.45", "k 45". K-302 is a flat of block K.
_LANE = re.compile(r"\b(k)(?:iet[ .:-]*|[ .]*)(?=\d)|\b(h)(?:em[ .:-]*|[ .]*)(?=\d)")
_SAID_ONLY = {"so", "nha", "duong"}  # "số nhà 12 đường Hàng Dừa"
_FORWARDS = 8  # a door carried over more often than that is a circle
_STREETS = 300
_MOST = 2**31 - 1  # what an integer column holds; an address may name any number
_WAY_NAMES = ("street_key", "door_key", "ward_id", "id")
_WAY_COLUMNS = [table_of(Household).c[name] for name in _WAY_NAMES]
_WAY_TYPES = [column.type for column in _WAY_COLUMNS]
_WAY = tuple_(*_WAY_COLUMNS)
_SAME_DOOR = and_(
    col(DoorState.ward_id) == col(Household.ward_id), col(DoorState.household_id) == col(Household.id)
)


def _mark() -> Any:
    return func.coalesce(col(DoorState.mark), Mark.TODO.value)


def _rows() -> Rows:
    """Columns instead of objects: a list of two thousand doors is read in a few milliseconds."""
    return (
        select(
            col(Household.ward_id), col(Household.id), col(Household.block_id), col(Household.street),
            col(Household.number), col(Household.room), col(Household.is_business), _mark(),
            col(DoorState.last_on), col(DoorState.last_outcome), col(DoorState.last_at),
            col(DoorState.last_met_on), col(DoorState.away_times), col(DoorState.follow_up_on),
            col(DoorState.last_skills), col(DoorState.alone_skills), col(DoorState.cores),
        )
        .select_from(Household)
        .outerjoin(DoorState, _SAME_DOOR)
    )  # fmt: skip


def _row(found: Sequence[Any], today: date) -> DoorRow:
    (
        ward_id, id_, block_id, street, number, room, is_business, mark, last_on, last_outcome, last_at,
        last_met_on, away_times, follow_up_on, last_skills, alone_skills, cores,
    ) = found  # fmt: skip
    lane = _lane(number.partition("/")[0]) if number.startswith("K") else ""
    return DoorRow(
        ward_id, id_, block_id, street, number, room, is_business, mark, last_on, last_outcome or "", last_at,
        last_met_on, away_times or 0, follow_up_on,
        tuple(int(skill) for skill in last_skills.split(",")) if last_skills else (),
        alone_skills or 0, cores or "", lane, heading(street, lane),
        max((today - follow_up_on).days, 0) if follow_up_on else 0,
    )  # fmt: skip


@lru_cache(maxsize=4096)
def _lane(beginning: str) -> str:
    """Few lanes, many doors: what the first part of a painted number says is read once."""
    return lane_of(beginning)


def _reached(statement: Rows, viewer: Viewer, group_id: int | None) -> Rows:
    """Only the doors of the viewer's areas and, when a group is named, of that group in them."""
    reached = statement.where(
        col(Household.block_id).in_(blocks_on(viewer.areas(Permission.SEE_DOORS), viewer.today))
    )
    if group_id is None:
        return reached
    return reached.where(col(Household.block_id).in_(blocks_on(frozenset({group_id}), viewer.today)))


def _groups(areas: frozenset[int], day: date) -> Rows:
    """The ids of the residential groups that share a block with these areas on that day."""
    return (
        select(col(AreaBlock.area_id))
        .join(Area, col(Area.id) == col(AreaBlock.area_id))
        .where(
            col(Area.level) == Level.GROUP,
            _valid(Area, day),
            _valid(AreaBlock, day),
            col(AreaBlock.block_id).in_(blocks_on(areas, day)),
        )
    )


def _blocks_beside(block_id: int, day: date) -> Rows:
    """The blocks of the residential groups that hold this one on that day."""
    beside = aliased(AreaBlock)
    return (
        select(col(AreaBlock.block_id))
        .join(Area, col(Area.id) == col(AreaBlock.area_id))
        .join(beside, col(beside.area_id) == col(Area.id))
        .where(
            col(Area.level) == Level.GROUP,
            col(beside.block_id) == block_id,
            _valid(AreaBlock, day),
            _valid(beside, day),
        )
    )


def _valid(table: type[Area] | type[AreaBlock], day: date) -> Any:
    return and_(col(table.valid_from) <= day, col(table.valid_to) >= day)


def _lies_in(db: Session, block_id: int, areas: frozenset[int], day: date) -> bool:
    return bool(areas) and db.scalar(select(literal(block_id).in_(blocks_on(areas, day)))) is True
