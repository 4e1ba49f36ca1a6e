"""Reading the totals through whole wards and block by block comes to the same, and to what a plain count says."""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlmodel import Session

import skills.people.models  # noqa: F401 - households refer to persons
from skills.areas.models import FOREVER, Area, AreaBlock, Block
from skills.db import Database, Row
from skills.households.models import WardBlock
from skills.totals import measures, read
from skills.totals.measures import Measure
from skills.totals.models import WHOLE_WARD, UnitPeriod
from skills.totals.periods import KEPT, KEPT_WHOLE, Calendar, Kind, Period, containing, day_range, parse

DAY = date(2026, 8, 20)
CUT = date(2026, 3, 1)  # on this day block 13 goes over from ward 1 to ward 2
CITY, EAST, WEST, FIRST, SECOND, THIRD, LANE = 100, 90, 91, 1, 2, 3, 50


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Session]:
    database = Database(f"sqlite:///{tmp_path}/totals.db")
    Row.metadata.create_all(database.writer)
    with database.writing() as session:
        _draw_map(session)
        yield session
    database.dispose()


def _draw_map(db: Session) -> None:
    """Three wards in two former districts; ward 2 takes block 13 from ward 1 on the day of the cut."""
    for area_id in (CITY, EAST, WEST, FIRST, SECOND, THIRD, LANE):
        db.add(
            Area(
                id=area_id,
                level="ward",
                kind="Phường",
                name=str(area_id),
                short_name="",
                fold="",
                sort_key="",
            )
        )
    for block_id in (11, 12, 13, 21, 22, 31, 32):
        db.add(Block(id=block_id, label=str(block_id)))
    db.flush()
    before = CUT - timedelta(days=1)
    always = {CITY: (11, 12, 13, 21, 22, 31, 32), EAST: (11, 12, 13, 21, 22), WEST: (31, 32), LANE: (11,)}
    always |= {FIRST: (11, 12), SECOND: (21, 22), THIRD: (31, 32)}
    for area_id, blocks in always.items():
        db.add_all(
            AreaBlock(area_id=area_id, block_id=block, valid_from=date(1900, 1, 1)) for block in blocks
        )
    db.add(AreaBlock(area_id=FIRST, block_id=13, valid_from=date(1900, 1, 1), valid_to=before))
    db.add(AreaBlock(area_id=SECOND, block_id=13, valid_from=CUT, valid_to=FOREVER))
    db.flush()


@dataclass
class Door:
    """A household of the oracle: where it is stored, where it counts, when it was met and when it managed alone."""

    ward: int
    block: int
    met: list[date]
    alone: date | None


def _doors(seed: int) -> list[Door]:
    """Some doors of ward 1 lie in block 21 and some of ward 3 in block 12: corrections carried them over a border."""
    random.seed(seed)
    homes = (
        {1: (11, 12, 13, 21), 2: (21, 22, 13), 3: (31, 32, 12)}
        if seed % 2
        else {1: (11, 12, 13), 2: (21,), 3: (31, 32)}
    )
    doors = []
    for ward, blocks in homes.items():
        for _ in range(25):
            met = [
                date(2024, 11, 1) + timedelta(days=random.randrange(720)) for _ in range(random.randrange(5))
            ]
            alone = random.choice(met) if met and random.random() < 0.5 else None
            doors.append(Door(ward, random.choice(blocks), met, alone))
    return doors


def _keep(db: Session, doors: list[Door]) -> None:
    """Writes the rows that the ledger would keep: additive amounts, and distinct households by every standard period."""
    amounts: dict[tuple[int, int, Calendar, Kind, date, int], int] = defaultdict(int)
    lie: dict[tuple[int, int], int] = defaultdict(int)
    for door in doors:
        lie[door.ward, door.block] += 1
        for calendar, kind in (*KEPT, *KEPT_WHOLE):
            units = (WHOLE_WARD,) if kind in (Kind.DAY, Kind.WEEK) else (WHOLE_WARD, door.block)
            found: dict[tuple[date, int], int] = defaultdict(int)
            for day in door.met:
                start = containing(day, kind, calendar).start
                found[start, Measure.REACHED] = 1
                if kind is not Kind.HALF:
                    found[start, Measure.MET] += 1
            if door.alone and kind is not Kind.HALF:
                found[containing(door.alone, kind, calendar).start, Measure.CORE_D] = 1
            for (start, measure), n in found.items():
                for unit in units:
                    amounts[door.ward, unit, calendar, kind, start, measure] += n
    db.add_all(WardBlock(ward_id=ward, block_id=block, households=n) for (ward, block), n in lie.items())
    for (ward, unit, calendar, kind, start, measure), n in amounts.items():
        db.add(
            UnitPeriod(
                ward_id=ward,
                unit_id=unit,
                calendar=calendar.value,
                kind=kind.value,
                period=start,
                measure=measure,
                n=n,
            )
        )
    db.flush()


def _count(doors: list[Door], blocks: set[int], period: Period) -> dict[int, int]:
    """The plain count."""
    inside = [door for door in doors if door.block in blocks]
    met = [[day for day in door.met if period.start <= day <= period.end] for door in inside]
    found = {
        int(Measure.REACHED): sum(1 for days in met if days),
        int(Measure.MET): sum(map(len, met)),
        int(Measure.CORE_D): sum(1 for d in inside if d.alone and period.start <= d.alone <= period.end),
    }
    return {measure: n for measure, n in found.items() if n}


def _blocks(area: int, day: date) -> set[int]:
    given = {
        CITY: {11, 12, 13, 21, 22, 31, 32},
        EAST: {11, 12, 13, 21, 22},
        WEST: {31, 32},
        THIRD: {31, 32},
        LANE: {11},
    }
    if area in given:
        return given[area]
    if area == FIRST:
        return {11, 12} if day >= CUT else {11, 12, 13}
    return {21, 22, 13} if day >= CUT else {21, 22}


AREAS = [CITY, EAST, WEST, FIRST, SECOND, THIRD, LANE]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("day", [DAY, CUT - timedelta(days=1)])
def test_whole_wards_and_blocks_agree_with_a_plain_count(db: Session, seed: int, day: date) -> None:
    doors = _doors(seed)
    _keep(db, doors)
    for calendar in Calendar:
        for name in ("2025", "2026", "2026-H1", "2025-H2", "2026-Q1", "2026-02", "2026-03", "2025-07"):
            period = parse(name, calendar)
            counted = {area: _count(doors, _blocks(area, day), period) for area in AREAS}
            assert read.figures(db, AREAS, period, day) == counted
            assert read.figures(db, AREAS, period, day, by_block=True) == counted


@pytest.mark.parametrize("seed", range(4))
def test_children_add_up_to_their_parent(db: Session, seed: int) -> None:
    _keep(db, _doors(seed))
    for name in ("2026", "2026-H1", "2026-Q2", "2026-05"):
        found = read.figures(db, AREAS, parse(name), DAY)
        for parent, children in ((CITY, (EAST, WEST)), (EAST, (FIRST, SECOND)), (WEST, (THIRD,))):
            for measure in (Measure.REACHED, Measure.MET):
                assert sum(found[child].get(measure, 0) for child in children) == found[parent].get(
                    measure, 0
                )


def test_the_whole_never_stands_for_a_ward_with_a_door_elsewhere(db: Session) -> None:
    here, strayed = Door(1, 11, [date(2026, 5, 2)], None), Door(1, 21, [date(2026, 5, 3)], None)
    _keep(db, [here, strayed])
    found = read.figures(db, AREAS, parse("2026-05"), DAY)
    assert found[FIRST] == {Measure.REACHED: 1, Measure.MET: 1}
    assert found[SECOND] == {Measure.REACHED: 1, Measure.MET: 1}
    assert found[EAST] == {Measure.REACHED: 2, Measure.MET: 2}
    assert found[THIRD] == {}


@pytest.mark.parametrize("name", ["2026-W18", "2026-05-02"])
def test_days_and_weeks_are_read_for_whole_wards_only(db: Session, name: str) -> None:
    doors = _doors(1)  # doors of wards 1 and 3 have strayed
    doors.append(Door(2, 22, [date(2026, 5, 2), date(2026, 5, 3)], date(2026, 5, 2)))
    _keep(db, doors)
    found = read.figures(db, AREAS, parse(name), DAY)
    assert found == {CITY: _count(doors, _blocks(CITY, DAY), parse(name))}
    assert Measure.MET in found[CITY]


def test_days_and_weeks_of_every_area_when_nothing_has_strayed(db: Session) -> None:
    doors = [
        Door(w, b, [date(2026, 5, d) for d in days], None)
        for w, b, days in ((1, 11, (2, 3)), (2, 21, (2,)), (3, 31, ()))
    ]
    _keep(db, doors)
    week = parse("2026-W18")
    found = read.figures(db, AREAS, week, DAY)
    assert found == {area: _count(doors, _blocks(area, DAY), week) for area in AREAS}


def test_several_periods_are_read_at_once(db: Session) -> None:
    doors = _doors(2)
    _keep(db, doors)
    periods = [*parse("2026-Q2").months(), parse("2026-Q2"), parse("2026-Q1")]
    found = read.figures_over(db, read.units_of(db, [CITY, FIRST], DAY), periods)
    for area in (CITY, FIRST):
        assert found[area] == {period: _count(doors, _blocks(area, DAY), period) for period in periods}
    only = read.figures_over(db, read.units_of(db, [CITY], DAY), periods, [Measure.MET])
    assert {measure for amounts in only[CITY].values() for measure in amounts} == {Measure.MET}


def test_a_remainder_is_read_by_its_blocks(db: Session) -> None:
    doors = _doors(3)
    _keep(db, doors)
    periods = [parse("2026-H1"), parse("2025-H2")]
    for blocks in ({12, 21}, set()):
        found = read.figures_over(db, {0: read.units_of_blocks(db, blocks)}, periods)
        assert found == {0: {period: _count(doors, blocks, period) for period in periods}}


@pytest.mark.parametrize("calendar", list(Calendar))
def test_a_stock_is_the_sum_of_all_flows_before(db: Session, calendar: Calendar) -> None:
    doors = _doors(4)
    _keep(db, doors)
    for name in ("2024", "2025-11", "2026-H1", "2026-08"):
        last = parse(name, calendar).end
        found = read.stock(db, read.units_of(db, AREAS, DAY), [Measure.CORE_D], last, calendar)
        for area in AREAS:
            counted = _count(doors, _blocks(area, DAY), day_range(date(2000, 1, 1), last))
            assert found[area].get(Measure.CORE_D, 0) == counted.get(Measure.CORE_D, 0)


def test_households_have_no_stock_and_ranges_no_totals(db: Session) -> None:
    with pytest.raises(ValueError, match="distinct"):
        read.stock(db, {}, [Measure.REACHED], DAY, Calendar.CIVIL)
    with pytest.raises(ValueError, match="range"):
        read.figures(db, [CITY], day_range(DAY, DAY), DAY)


def test_as_many_statements_for_one_area_as_for_all(db: Session) -> None:
    _keep(db, _doors(4))
    counts = []
    for areas in ([CITY], [CITY, EAST, WEST, FIRST], [CITY, EAST, WEST]):
        statements: list[str] = []
        engine = db.get_bind()

        def told(*args: object, seen: list[str] = statements) -> None:
            seen.append(str(args[2]))

        event.listen(engine, "before_cursor_execute", told)
        read.figures(db, areas, parse("2026-Q1"), DAY)
        event.remove(engine, "before_cursor_execute", told)
        counts.append(len(statements))
    assert counts[0] == counts[2] == 2
    assert counts[1] <= 4  # which blocks of a ward that was cut, and their rows


def test_an_area_unknown_on_that_day_has_nothing(db: Session) -> None:
    _keep(db, _doors(0))
    assert read.figures(db, [4711], parse("2026"), DAY) == {4711: {}}


def test_distinct_measures_have_the_lowest_codes() -> None:
    assert set(range(min(measures.DISTINCT), max(measures.DISTINCT) + 1)) == measures.DISTINCT
    assert all(measure > max(measures.DISTINCT) for measure in Measure if measure not in measures.DISTINCT)
    assert measures.skill(1, 1) > max(Measure) < measures.audience(1)
