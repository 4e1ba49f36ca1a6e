"""Reading the totals: blocks added up on the map of one day (architecture 4, rule 6).

An area on a day is a set of blocks. A ward's amounts are kept as a whole (unit 0) and block by block. The whole may
stand for the ward only when every block in which the ward stores a door lies in the area; else its blocks are read one
by one. That is asked of the doors (`ward_block`), never of the map: a correction may carry a door over a former border.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Date, Integer, String, and_, case, column, func, literal, select, union_all, values
from sqlmodel import Session, col

from skills.areas.models import AreaBlock
from skills.households.models import WardBlock
from skills.totals.measures import DISTINCT
from skills.totals.models import WHOLE_WARD, UnitPeriod
from skills.totals.periods import Calendar, Kind, Period, containing, parse

Figures = dict[int, int]  # measure to amount; a measure without a row is 0

_FIRST_YEAR = 2000  # no visit can be dated earlier (skills/forms.py)
_HOUSEHOLDS = (min(DISTINCT), max(DISTINCT))  # the distinct measures have the lowest codes of all
_ADDITIVE = (max(DISTINCT) + 1, 2**31 - 1)
_ALL = (0, 2**31 - 1)
_PARTLY = -1  # marks an area in which only a part of some stored ward lies
_WANTED = {
    "slot": Integer,
    "calendar": String,
    "kind": String,
    "start": Date,
    "low": Integer,
    "high": Integer,
}


def figures(
    db: Session,
    areas: Sequence[int],
    period: Period,
    day: date,
    *,
    measures: Collection[int] | None = None,
    by_block: bool = False,
) -> dict[int, Figures]:
    """The figures of each area in a period, on the map of `day`: one statement however many areas are asked for.

    `measures` narrows what is read. `by_block` never lets the whole stand for a ward: both readings must agree.
    Days and weeks are kept for whole wards only: an area that holds a part of a ward is then absent from the answer and
    has to be counted exactly. Raises ValueError for a range of days, of which nothing is kept.
    """
    found = figures_over(db, areas, [period], day, measures=measures, by_block=by_block)
    return {area: by_period[period] for area, by_period in found.items()}


def figures_over(
    db: Session,
    areas: Sequence[int],
    periods: Sequence[Period],
    day: date,
    *,
    measures: Collection[int] | None = None,
    by_block: bool = False,
) -> dict[int, dict[Period, Figures]]:
    """As `figures`, for several periods at once, all on the map of the same day."""
    slots = _read(
        db, _map_of(areas, day), [_slices(period) for period in periods], measures, by_block=by_block
    )
    partly = {area for area, slot in slots if slot == _PARTLY}
    return {
        area: {period: slots.get((area, slot), {}) for slot, period in enumerate(periods)}
        for area in areas
        if area not in partly
    }


def figures_of_blocks(
    db: Session,
    blocks: Collection[int],
    periods: Sequence[Period],
    *,
    measures: Collection[int] | None = None,
) -> dict[Period, Figures]:
    """The figures of some blocks together: of a remainder, which is no area. Raises ValueError for days, weeks, ranges."""
    if any(period.kind in (Kind.DAY, Kind.WEEK) for period in periods):
        raise ValueError("days and weeks are not kept for blocks")
    pieces: Any = select(literal(0).label("area_id"), col(WardBlock.block_id).label("block_id"))
    pieces = pieces.where(col(WardBlock.block_id).in_(list(blocks))).distinct()
    slots = _read(db, pieces, [_slices(period) for period in periods], measures)
    return {period: slots.get((0, slot), {}) for slot, period in enumerate(periods)}


def stock(
    db: Session,
    areas: Sequence[int],
    measures: Collection[int],
    last_day: date,
    calendar: Calendar,
    day: date,
) -> dict[int, Figures]:
    """What had come together by the end of `last_day`: the flows of all years before it, and of its year's months so far.

    Exact when `last_day` ends a month of the calendar, or when nothing happened yet after it in its month. Raises
    ValueError for distinct households, which never add up over periods.
    """
    if not DISTINCT.isdisjoint(measures):
        raise ValueError("distinct households don't add up over periods")
    year = containing(last_day, Kind.YEAR, calendar)
    before = [parse(str(number), calendar) for number in range(_FIRST_YEAR, year.end.year)]
    months = [month for month in year.months() if month.start <= last_day]
    flows = [_Slice(period.kind, calendar, period.start, _ADDITIVE) for period in (*before, *months)]
    slots = _read(db, _map_of(areas, day), [flows], measures)
    return {area: slots.get((area, 0), {}) for area in areas}


def _map_of(areas: Sequence[int], day: date) -> Any:
    """The blocks of each area on one day."""
    pieces: Any = select(col(AreaBlock.area_id).label("area_id"), col(AreaBlock.block_id).label("block_id"))
    return pieces.where(
        col(AreaBlock.area_id).in_(list(areas)),
        col(AreaBlock.valid_from) <= day,
        col(AreaBlock.valid_to) >= day,
    )


@dataclass(frozen=True)
class _Slice:
    """Kept rows of one period, within a span of measures."""

    kind: Kind
    calendar: Calendar
    start: date
    span: tuple[int, int]


def _slices(period: Period) -> list[_Slice]:
    """Where a period's amounts are kept: households under the period itself, all else perhaps under shorter ones."""
    if period.kind is Kind.RANGE:
        raise ValueError("nothing is kept for a range of days")
    if period.kind not in (Kind.HALF, Kind.WEEK):
        return [_Slice(period.kind, period.calendar, period.start, _ALL)]
    shorter = Kind.QUARTER if period.kind is Kind.HALF else Kind.DAY
    return [
        _Slice(period.kind, period.calendar, period.start, _HOUSEHOLDS),
        *(_Slice(shorter, part.calendar, part.start, _ADDITIVE) for part in _parts(period, shorter)),
    ]


def _parts(period: Period, kind: Kind) -> Iterator[Period]:
    part = containing(period.start, kind, period.calendar)
    while part.start <= period.end:
        yield part
        part = part.after()


def _read(
    db: Session,
    pieces: Any,
    asked: Sequence[Sequence[_Slice]],
    measures: Collection[int] | None,
    *,
    by_block: bool = False,
) -> dict[tuple[int, int], Figures]:
    """One statement: pieces of the map, their units, the kept rows, summed by area and by place in `asked`.

    The period is joined by equality, so that each unit is found by the front of the primary key.
    """
    wanted = (
        values(*(column(name, kind) for name, kind in _WANTED.items()), name="wanted")
        .data(
            [
                (slot, part.calendar.value, part.kind.value, part.start, *part.span)
                for slot, parts in enumerate(asked)
                for part in parts
            ]
        )
        .cte("wanted")
    )
    units = _units(pieces, by_block)
    kept = and_(
        col(UnitPeriod.ward_id) == units.c.ward_id,
        col(UnitPeriod.unit_id) == units.c.unit_id,
        col(UnitPeriod.calendar) == wanted.c.calendar,
        col(UnitPeriod.kind) == wanted.c.kind,
        col(UnitPeriod.period) == wanted.c.start,
        col(UnitPeriod.measure).between(wanted.c.low, wanted.c.high),
    )
    if measures is not None:
        kept = and_(kept, col(UnitPeriod.measure).in_(list(measures)))
    statement: Any = (
        select(units.c.area_id, wanted.c.slot, col(UnitPeriod.measure), func.sum(UnitPeriod.n))
        .select_from(units)
        .join(wanted, literal(True))
        .join(UnitPeriod, kept)
        .group_by(units.c.area_id, wanted.c.slot, col(UnitPeriod.measure))
    )
    if any(part.kind in (Kind.DAY, Kind.WEEK) for parts in asked for part in parts):
        partly = select(units.c.area_id, literal(_PARTLY), literal(0), literal(0))
        statement = union_all(statement, partly.where(units.c.unit_id != WHOLE_WARD).distinct())
    found: dict[tuple[int, int], Figures] = {}
    for area_id, slot, measure, n in db.execute(statement):
        amounts = found.setdefault((area_id, slot), {})
        if n:
            amounts[measure] = int(n)
    return found


def _units(pieces: Any, by_block: bool) -> Any:
    """What an area is read through: a stored ward as a whole where all its doors lie inside, else its blocks inside."""
    piece = pieces.cte("piece")
    held: Any = (
        select(
            piece.c.area_id,
            col(WardBlock.ward_id).label("ward_id"),
            col(WardBlock.block_id).label("block_id"),
        )
        .join(WardBlock, col(WardBlock.block_id) == piece.c.block_id)
        .where(col(WardBlock.households) > 0)
    )
    if by_block:
        blocks = held.cte("held")
        return select(blocks.c.area_id, blocks.c.ward_id, blocks.c.block_id.label("unit_id")).cte("unit")
    in_area = func.count().over(partition_by=[piece.c.area_id, col(WardBlock.ward_id)])
    inside = held.add_columns(in_area.label("blocks")).cte("held")
    stored = (
        select(col(WardBlock.ward_id).label("ward_id"), func.count().label("blocks"))
        .where(col(WardBlock.households) > 0, col(WardBlock.ward_id).in_(select(inside.c.ward_id)))
        .group_by(col(WardBlock.ward_id))
        .cte("stored")
    )
    unit = case((inside.c.blocks == stored.c.blocks, WHOLE_WARD), else_=inside.c.block_id)
    return (
        select(inside.c.area_id, inside.c.ward_id, unit.label("unit_id"))
        .join(stored, stored.c.ward_id == inside.c.ward_id)
        .distinct()
        .cte("unit")
        .prefix_with("MATERIALIZED")
    )
