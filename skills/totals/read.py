"""Reading the totals: blocks added up on the map of one day (architecture 4, rule 6).

An area on a day is a set of blocks. A ward's amounts are kept as a whole (unit 0) and block by block. The whole may
stand for the ward only when every block in which the ward stores a door lies in the area; else its blocks are read one
by one. That is asked of the doors (`ward_block`), never of the map: a correction may carry a door over a former border.

First it is found out through which units each area is read, then their rows are added up: a few statements, however
many areas and periods are asked for. Who asks several times finds the units once (`units_of`) and hands them on.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, func, literal, select
from sqlmodel import Session, col

from skills.areas.models import AreaBlock
from skills.households.models import WardBlock
from skills.totals.measures import DISTINCT
from skills.totals.models import WHOLE_WARD, UnitPeriod
from skills.totals.periods import Calendar, Kind, Period, containing, parse

Figures = dict[int, int]  # measure to amount; a measure without a row is 0
Unit = tuple[int, int]  # stored ward, and a block or WHOLE_WARD
Units = dict[int, frozenset[Unit]]  # by area: what it is read through

_HIGHEST = 2**31 - 1
_AT_ONCE = 5_000  # parameters of a statement; SQLite allows 32 766


def figures(
    db: Session,
    areas: Sequence[int],
    period: Period,
    day: date,
    *,
    measures: Collection[int] | None = None,
    by_block: bool = False,
) -> dict[int, Figures]:
    """The figures of each area in a period, on the map of `day`. `measures` narrows what is read.

    `by_block` never lets the whole stand for a ward: both readings must agree. Days and weeks are kept for whole wards
    only: an area that holds a part of a ward is then absent from the answer and has to be counted exactly. Raises
    ValueError for a range of days, of which nothing is kept.
    """
    found = figures_over(db, units_of(db, areas, day, by_block=by_block), [period], measures)
    return {area: by_period[period] for area, by_period in found.items()}


def units_of(db: Session, areas: Sequence[int], day: date, *, by_block: bool = False) -> Units:
    """Through which units each area is read on the map of `day`: whole wards where all their doors lie inside."""
    units: dict[int, set[Unit]] = {area: set() for area in areas}
    if by_block:
        parts = _shares(db, areas, day)
    else:
        parts = []
        for area, ward, is_whole in _shares(db, areas, day):
            if is_whole:
                units[area].add((ward, WHOLE_WARD))
            else:
                parts.append((area, ward, False))
    if parts:
        wanted = {(area, ward) for area, ward, _whole in parts}
        query = (
            select(col(AreaBlock.area_id), col(WardBlock.ward_id), col(WardBlock.block_id))
            .select_from(AreaBlock)
            .join(WardBlock, _inside(sorted({area for area, _ward in wanted}), day))
            .where(col(WardBlock.ward_id).in_(sorted({ward for _area, ward in wanted})))
        )
        for area, ward, block in db.execute(query):
            if (area, ward) in wanted:
                units[area].add((ward, block))
    return {area: frozenset(held) for area, held in units.items()}


def units_of_blocks(db: Session, blocks: Collection[int]) -> frozenset[Unit]:
    """The units of some blocks together: of a remainder, which is no area."""
    query = select(col(WardBlock.ward_id), col(WardBlock.block_id)).where(
        col(WardBlock.block_id).in_(list(blocks))
    )
    return frozenset((ward, block) for ward, block in db.execute(query))


def figures_over(
    db: Session, units: Units, periods: Sequence[Period], measures: Collection[int] | None = None
) -> dict[int, dict[Period, Figures]]:
    """As `figures`, for several periods of one kind and calendar at once, through units that were found before."""
    wanted: dict[_Rows, list[Period]] = defaultdict(list)
    for period in periods:
        for rows in _kept_under(period):
            wanted[rows].append(period)
    small = any(period.kind in (Kind.DAY, Kind.WEEK) for period in periods)
    read = {
        area: held for area, held in units.items() if not small or all(unit == WHOLE_WARD for _, unit in held)
    }
    found: dict[int, dict[Period, Figures]] = {area: {period: {} for period in periods} for area in read}
    into = {
        (area, rows): [found[area][period] for period in wanted_by] for area in read for rows, wanted_by in wanted.items()
    }  # fmt: skip
    _add_up(db, read, into, measures)
    return found


def stock(
    db: Session, units: Units, measures: Collection[int], last_day: date, calendar: Calendar
) -> dict[int, Figures]:
    """What had come together by the end of `last_day`: the flows of all years before it, and of its year's months so far.

    Exact when `last_day` ends a month of the calendar, or when nothing happened yet after it in its month. Raises
    ValueError for distinct households, which never add up over periods.
    """
    if not DISTINCT.isdisjoint(measures):
        raise ValueError("distinct households don't add up over periods")
    year = containing(last_day, Kind.YEAR, calendar)
    first = _first_year(db, units, calendar) or year.end.year
    before = [parse(str(number), calendar) for number in range(first, year.end.year)]
    months = [month for month in year.months() if month.start <= last_day]
    flows = [_Rows(period.kind, calendar, period.start, False) for period in (*before, *months)]
    found: dict[int, Figures] = {area: {} for area in units}
    _add_up(db, units, {(area, rows): [found[area]] for area in units for rows in flows}, measures)
    return found


def _first_year(db: Session, units: Units, calendar: Calendar) -> int | None:
    """The earliest year of which a stored ward among the units keeps anything; None when none does. One seek a ward."""
    wards = {ward for held in units.values() for ward, _unit in held}
    stored = (
        select(col(WardBlock.ward_id)).where(col(WardBlock.ward_id).in_(sorted(wards))).distinct().subquery()
    )
    earliest = (
        select(col(UnitPeriod.period))
        .where(
            col(UnitPeriod.ward_id) == stored.c.ward_id,
            col(UnitPeriod.unit_id) == WHOLE_WARD,
            col(UnitPeriod.calendar) == calendar.value,
            col(UnitPeriod.kind) == Kind.YEAR.value,
        )
        .order_by(col(UnitPeriod.period))
        .limit(1)
        .scalar_subquery()
    )
    start = db.scalar(select(func.min(earliest)).select_from(stored))
    return None if start is None else containing(start, Kind.YEAR, calendar).end.year


def _shares(db: Session, areas: Sequence[int], day: date) -> list[tuple[int, int, bool]]:
    """Which stored wards have doors in which areas, and whether all of their doors lie there."""
    share = (
        select(col(AreaBlock.area_id), col(WardBlock.ward_id), func.count().label("blocks"))
        .select_from(AreaBlock)  # few areas have fewer blocks than the wards store: begin with them
        .join(WardBlock, _inside(areas, day))
        .group_by(col(AreaBlock.area_id), col(WardBlock.ward_id))
        .cte("share")
        .prefix_with("MATERIALIZED")
    )
    stored = (
        select(col(WardBlock.ward_id), func.count().label("blocks"))
        .where(col(WardBlock.households) > 0)
        .group_by(col(WardBlock.ward_id))
        .cte("stored")
        .prefix_with("MATERIALIZED")
    )
    query = select(share.c.area_id, share.c.ward_id, share.c.blocks == stored.c.blocks)
    rows = db.execute(query.join(stored, stored.c.ward_id == share.c.ward_id))
    return [(area, ward, bool(is_whole)) for area, ward, is_whole in rows]


def _inside(areas: Sequence[int], day: date) -> Any:
    """Blocks in which a ward stores doors and which lie in one of the areas on that day."""
    return and_(
        col(AreaBlock.block_id) == col(WardBlock.block_id),
        col(AreaBlock.area_id).in_(list(areas)),
        col(AreaBlock.valid_from) <= day,
        col(AreaBlock.valid_to) >= day,
        col(WardBlock.households) > 0,
    )


@dataclass(frozen=True)
class _Rows:
    """Kept rows of one period: of distinct households (True), of what adds up (False), or of both (None)."""

    kind: Kind
    calendar: Calendar
    start: date
    distinct: bool | None


def _kept_under(period: Period) -> Iterator[_Rows]:
    """Where a period's amounts are kept: all under the period itself, but what adds up over a half-year under its quarters."""
    if period.kind is Kind.RANGE:
        raise ValueError("nothing is kept for a range of days")
    if period.kind is not Kind.HALF:
        yield _Rows(period.kind, period.calendar, period.start, None)
        return
    yield _Rows(period.kind, period.calendar, period.start, True)
    part = containing(period.start, Kind.QUARTER, period.calendar)
    while part.start <= period.end:
        yield _Rows(part.kind, part.calendar, part.start, False)
        part = part.after()


def _add_up(
    db: Session,
    units: Units,
    into: Mapping[tuple[int, _Rows], Sequence[Figures]],
    measures: Collection[int] | None,
) -> None:
    """Adds the kept rows of each area to the figures that want them, by area and rows.

    One area is added up by the database; of several, each unit is read once and added to every area that it belongs to.
    """
    db.flush()
    connection = db.connection()  # thousands of plain rows: a session would look at each for objects
    areas_of: dict[Unit, list[int]] = defaultdict(list)
    for area, held in units.items():
        for unit in held:
            areas_of[unit].append(area)
    alone = len(units) == 1
    groups: dict[tuple[Kind, Calendar, bool | None], set[_Rows]] = defaultdict(set)
    for _area, rows in into:
        groups[rows.kind, rows.calendar, rows.distinct].add(rows)
    for (kind, calendar, distinct), some in groups.items():
        span = _span(measures, distinct)
        if span is None:
            continue
        # found out once for each unit and day, not for each of their many amounts
        goes_to: dict[tuple[Unit, date], list[Figures]] = {}
        for unit, areas in ({(0, 0): list(units)} if alone else areas_of).items():
            for rows in some:
                goes_to[unit, rows.start] = [figures for area in areas for figures in into[area, rows]]
        starts = [rows.start for rows in some]
        for among in _batches(areas_of):
            for start, measure, n, ward, unit_id in connection.execute(
                _rows_of(among, kind, calendar, starts, span, alone)
            ):
                if n and (measures is None or measure in measures):
                    for figures in goes_to.get(((ward, unit_id), start), ()):
                        figures[measure] = figures.get(measure, 0) + int(n)


def _span(measures: Collection[int] | None, distinct: bool | None) -> tuple[int, int] | None:
    """The lowest and the highest measure to read, both included; None for nothing. Distinct ones have the lowest codes."""
    if measures is None:
        return (0 if distinct is not False else max(DISTINCT) + 1, max(DISTINCT) if distinct else _HIGHEST)
    if isinstance(measures, range):  # the catalogue's own, which are never of distinct households
        return None if distinct else (measures[0], measures[-1])
    wanted = [measure for measure in measures if distinct is None or (measure in DISTINCT) is distinct]
    return (min(wanted), max(wanted)) if wanted else None


def _batches(units: Collection[Unit]) -> Iterator[Any]:
    """The units as conditions on the rows: whole wards at once, then blocks.

    Wards times blocks asks for more pairs than are wanted, but never gets more: a block of the area has rows only under
    wards that store a door in it, and those are all read block by block, or else are whole and not among these wards.
    """
    whole = sorted(ward for ward, unit in units if unit == WHOLE_WARD)
    if whole:
        yield and_(col(UnitPeriod.unit_id) == WHOLE_WARD, col(UnitPeriod.ward_id).in_(whole))
    wards = sorted({ward for ward, unit in units if unit != WHOLE_WARD})
    blocks = sorted({unit for _ward, unit in units if unit != WHOLE_WARD})
    for start in range(0, len(blocks), _AT_ONCE):
        some = blocks[start : start + _AT_ONCE]
        yield and_(col(UnitPeriod.ward_id).in_(wards), col(UnitPeriod.unit_id).in_(some))


def _rows_of(
    among: Any,
    kind: Kind,
    calendar: Calendar,
    starts: Sequence[date],
    span: tuple[int, int],
    alone: bool,
) -> Any:
    """The front of the primary key is given by equality, so that little is read in vain. Of several areas the rows come as
    they are kept; of one alone they are added up over its units."""
    kept = (
        among,
        col(UnitPeriod.calendar) == calendar.value,
        col(UnitPeriod.kind) == kind.value,
        col(UnitPeriod.period).in_(starts),
        col(UnitPeriod.measure).between(*span),
    )
    what = (col(UnitPeriod.period), col(UnitPeriod.measure))
    if not alone:
        return select(*what, col(UnitPeriod.n), col(UnitPeriod.ward_id), col(UnitPeriod.unit_id)).where(*kept)
    return select(*what, func.sum(UnitPeriod.n), literal(0), literal(0)).where(*kept).group_by(*what)
