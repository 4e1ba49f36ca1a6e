"""However the map is reorganised and whatever is corrected, every figure of every area is what the oracle says (issue point 4).

A history is told twice, to the program and to an oracle in plain Python. Then every area in force is read: then and today, in both
calendars, for each month, quarter, half-year and year, through stored wards as a whole and block by block. `make prove` sets
TUNGNHA_TEST_HISTORIES to 300 and looks at everything; the few histories of `make test` are looked at in a sample of the days.
"""

import os
import random
import shutil
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import func
from sqlmodel import Session, col, select

from skills import clock
from skills.areas import find
from skills.areas.blocks import rebuild
from skills.areas.models import Area, AreaBlock, Level
from skills.db import Database
from skills.households.models import WardBlock
from skills.reports.area import NAMES as ON_THE_PAGE
from skills.reports.area import Line, area_report
from skills.reports.forms import PeriodQuery
from skills.totals import check, measures, periods
from skills.totals.measures import Measure
from skills.totals.models import UnitPeriod
from skills.totals.periods import Calendar, Kind
from skills.totals.read import Figures, Units, figures_over, stock, units_of, units_of_blocks
from skills.visits import exact
from skills.visits.tally import recount
from tests.histories import oracle as plain
from tests.histories.oracle import CORES, Door, Oracle, Period, added
from tests.histories.story import FIRST, TODAY, Story, prepare

FEW = 12
HISTORIES = int(os.environ.get("TUNGNHA_TEST_HISTORIES", str(FEW)))
CHANGES = 110 if HISTORIES > FEW else 70
MEASURES = (
    {"reached": Measure.REACHED, "helped": Measure.HELPED, "revisited": Measure.REVISITED, "odd": Measure.ODD}
    | {
        "met": Measure.MET,
        "absent": Measure.ABSENT,
        "declined": Measure.DECLINED,
        "come_back": Measure.COME_BACK,
    }
    | {"people": Measure.PEOPLE, "people_new": Measure.PEOPLE_NEW}
    | {f"core {core}": measures.CORES[core] for core in CORES}
    | {"five groups": Measure.GROUPS_5, "five by one": Measure.CORE_5}
    | {
        f"skill {skill} {level}": measures.skill(skill, level)
        for skill in range(1, 31)
        for level in (1, 2, 3)
    }
    | {f"audience {audience}": measures.audience(audience) for audience in range(1, 14)}
)
NAMED = {int(measure): name for name, measure in MEASURES.items()}


class Wrong(NamedTuple):
    """One thing that the program and the oracle don't agree about."""

    read: str  # how it was read
    area: int
    lens: date
    period: Period | None
    measure: str
    got: Any
    expected: Any


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the map, the catalogue and one person, made once."""
    file = tmp_path_factory.mktemp("histories") / "prepared.db"
    database = Database(f"sqlite:///{file}")
    prepare(database)
    with database.writer.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return file


@pytest.fixture
def database(prepared: Path, tmp_path: Path) -> Iterator[Database]:
    """This history's own copy."""
    opened = Database(f"sqlite:///{shutil.copy(prepared, tmp_path / 'history.db')}")
    yield opened
    opened.dispose()


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_every_figure_is_what_the_oracle_says(database: Database, seed: int) -> None:
    """Looked at now and then on the way, and thoroughly at the end."""
    tell_and_look(Story(database, seed), all_days=HISTORIES > FEW)


@pytest.mark.postgres
@pytest.mark.parametrize("seed", [1001, 1002, 1003])
def test_every_figure_is_what_the_oracle_says_on_postgres(postgres_url: str, seed: int) -> None:
    """The same histories mean the same there."""
    database = Database(postgres_url)
    try:
        prepare(database)
        tell_and_look(Story(database, seed), all_days=HISTORIES > FEW)
    finally:
        database.dispose()


def test_the_histories_do_everything(database: Database) -> None:
    """A proof over histories in which nothing happens proves nothing."""
    story = Story(database, seed=7)
    story.go_on(120)
    for _ in range(25):
        story.change_map()
    assert story.done.keys() == {
        "record", "correct", "void", "carry", "list", "merge_wards", "merge_groups", "cut_ward", "cut_group", "rename",
        "regroup", "late", "refused",
    }  # fmt: skip
    inside = story.oracle.doors_by_area(TODAY)
    assert {story.oracle.level[area] for area in inside} >= {"city", "cluster", "ward", "residential_group"}
    assert len({ward for ward, _door in story.oracle.doors}) > len(inside.keys() & story.wards)
    assert any(piece in story.oracle.cut_from.values() for piece in story.oracle.doors.values())
    ever = added(story.oracle.by_door(Period("civil", "ever", FIRST, TODAY)).values())
    assert ever.keys() >= {name for name in MEASURES if not name.startswith(("skill", "audience"))}
    assert len(ever) > 80


def test_one_bent_amount_is_seen(database: Database) -> None:
    """The detector works: one kept amount that is off by one is found by the reading and by `totals check`."""
    story = Story(database, seed=1)
    story.go_on(40)
    with database.writing() as db:
        standing = select(UnitPeriod).where(
            UnitPeriod.kind == "year", UnitPeriod.unit_id != 0, UnitPeriod.measure == Measure.MET
        )
        row = db.exec(standing).first()
        assert row is not None
        row.n += 1
    wrong = next(disagreements(story, all_days=True), None)
    assert wrong is not None
    assert wrong.period is not None
    assert (wrong.period.kind, wrong.measure) == ("year", "met")
    assert wrong.got - wrong.expected == 1
    with database.reading() as db:
        assert len(check.check(db, recount)) == 1


def test_one_shifted_block_is_seen(database: Database) -> None:
    """The detector works: a block that is said to have left its ward a month early is found, in the ward that it left."""
    story = Story(database, seed=1)
    story.go_on(40)
    visited = {
        story.oracle.doors[told.door] for told in story.oracle.visits.values() if told.day.year == 2026
    }
    with database.writing() as db:
        lies = select(AreaBlock).where(col(AreaBlock.block_id).in_(visited), col(AreaBlock.valid_to) > TODAY)
        row = db.exec(
            lies.where(col(AreaBlock.area_id).in_(story.wards)).order_by(col(AreaBlock.block_id))
        ).first()
        assert row is not None
        row.valid_to = TODAY - timedelta(days=30)
        ward = row.area_id
    wrong = next(disagreements(story, all_days=True), None)
    assert wrong is not None
    assert wrong.area == ward
    assert wrong.got < wrong.expected


def tell_and_look(story: Story, all_days: bool) -> None:
    """Tells the history, and looks for the first thing that is wrong half-way and at the end."""
    for so_far in (False, True):
        story.go_on(CHANGES // 2)
        found = next(disagreements(story, all_days=all_days and so_far), None)
        assert found is None, _replay(story, found)
    with story.database.writing() as db:
        off = check.check(db, recount)
        assert off == [], _replay(story, off)
        changed = rebuild(db)
        assert changed == 0, _replay(
            story, "the map as it was changed step by step is not the map worked out at once"
        )


def _replay(story: Story, found: object) -> str:
    """What has to be known to see it again."""
    return "\n".join([f"seed {story.seed} of {HISTORIES} histories", *story.steps, str(found)])


def disagreements(story: Story, all_days: bool) -> Iterator[Wrong]:
    """Everything that the program says otherwise than the oracle, one by one."""
    dice = random.Random(f"{story.seed}/{len(story.steps)}")
    asked = plain.periods(FIRST, TODAY)
    by_day = {day: list(of_it) for day, of_it in groupby(sorted(asked, key=_then), key=_then)}
    days = list(by_day) if all_days else dice.sample(sorted(by_day), 4)
    if not all_days:
        asked = [period for day in days for period in by_day[day]] + dice.sample(asked, 12)
    counts = {period: story.oracle.by_door(period) for period in asked}
    with story.database.reading() as db:
        for day in days:
            yield from _on_one_map(db, story.oracle, day, {period: counts[period] for period in by_day[day]})
        yield from _on_one_map(db, story.oracle, TODAY, counts)
        yield from _other_days(db, story.oracle, dice)
        yield from _stocks(db, story.oracle, dice)
        yield from _on_a_page(db, story.oracle, dice, counts)


def _then(period: Period) -> date:
    """The lens day: the last of the period, today while it runs."""
    return min(period.last, TODAY)


def _on_one_map(
    db: Session, oracle: Oracle, day: date, counts: Mapping[Period, Mapping[Door, Counter[str]]]
) -> Iterator[Wrong]:
    """All areas in force on that day in some periods, and all that has to hold between them."""
    inside = oracle.doors_by_area(day)
    stored = {area.id: area for level in Level for area in find.in_force(db, level, day)}
    if stored.keys() != oracle.in_force(day):
        yield Wrong("in force", 0, day, None, "areas", sorted(stored), sorted(oracle.in_force(day)))
    asked = {period: _period(period) for period in counts}
    whole = _figures(db, units_of(db, sorted(stored), day), asked.values())
    by_block = _figures(db, units_of(db, sorted(stored), day, by_block=True), asked.values())
    doors = _doors(db, stored, day)
    expected = {
        period: {area: added(by_door.get(door, Counter()) for door in own) for area, own in inside.items()}
        for period, by_door in counts.items()
    }
    for period, known in asked.items():
        for area in sorted(stored):
            told = expected[period].get(area, Counter())
            yield from _differ("as a whole", area, day, period, whole[area][known], told)
            yield from _differ("by block", area, day, period, by_block[area][known], told)
            reached, own = whole[area][known].get(Measure.REACHED, 0), doors.get(area, 0)
            if reached > own:
                yield Wrong("doors", area, day, period, "reached", reached, own)
    for area in sorted(inside.keys() | doors.keys()):
        if doors.get(area, 0) != len(inside.get(area, ())):
            yield Wrong("doors", area, day, None, "doors", doors.get(area, 0), len(inside.get(area, ())))
    yield from _sums(db, oracle, day, stored, asked, whole, expected)


def _sums(
    db: Session,
    oracle: Oracle,
    day: date,
    stored: Mapping[int, Area],
    asked: Mapping[Period, periods.Period],
    whole: Mapping[int, Mapping[periods.Period, Figures]],
    expected: Mapping[Period, Mapping[int, Counter[str]]],
) -> Iterator[Wrong]:
    """Children and what is allotted to none are their parent; all wards, and what lies in none, are all visits."""
    inside = oracle.doors_by_area(day)
    for area in sorted(inside):
        below = find.children(db, stored[area], day)
        if {child.id for child in below} != oracle.children(area, day):
            yield Wrong(
                "children",
                area,
                day,
                None,
                "areas",
                {child.id for child in below},
                oracle.children(area, day),
            )
        if not below:
            continue
        rest = _figures_of_blocks(db, find.remainder_blocks(db, stored[area], below, day), asked.values())
        for period, known in asked.items():
            parts = [whole[child.id][known] for child in below]
            yield from _differ(
                "children", area, day, period, _added([*parts, rest[known]]), expected[period][area]
            )
    tops = [area for area in stored.values() if area.level in (Level.CITY, Level.PROVINCE)]
    wards = [area for area in stored.values() if area.level == Level.WARD]
    outside = {block for top in tops for block in find.remainder_blocks(db, top, wards, day)}
    nowhere = _figures_of_blocks(db, outside, asked.values())
    for period, known in asked.items():
        everything = Counter(
            told.outcome for told in oracle.visits.values() if period.first <= told.day <= period.last
        )
        got = _added([*(whole[ward.id][known] for ward in wards), nowhere[known]])
        got = {measure: n for measure, n in got.items() if measure in measures.OUTCOMES.values()}
        yield from _differ("all wards", 0, day, period, got, everything)


def _other_days(db: Session, oracle: Oracle, dice: random.Random) -> Iterator[Wrong]:
    """Weeks and days, which are kept for stored wards only, and any days at all, which are counted visit by visit."""
    for kind in ("day", "week", "range") * 3:
        first = dice.choice([told.day for told in oracle.visits.values()] or [FIRST])
        day = dice.choice([TODAY, first])
        if kind == "week":
            first -= timedelta(days=first.weekday())
        length = {"day": 0, "week": 6}.get(kind, dice.randrange(400))
        period = Period("civil", kind, first, first + timedelta(days=length))
        known = periods.day_range(period.first, period.last)
        counts = oracle.by_door(period)
        inside = oracle.doors_by_area(day)
        expected = {area: added(counts.get(door, Counter()) for door in own) for area, own in inside.items()}
        exactly = exact.of_areas(db, sorted(expected), known, day)
        kept: dict[int, dict[periods.Period, Figures]] = {}
        if kind != "range":
            known = periods.containing(first, Kind(kind))
            kept = figures_over(db, units_of(db, sorted(expected), day), [known])
            everywhere = {area for area, own in inside.items() if len(own) == len(oracle.doors)}
            if not everywhere <= kept.keys():  # no stored ward lies there only in part
                yield Wrong("kept", min(everywhere - kept.keys()), day, period, "all", None, "figures")
        for area, told in expected.items():
            yield from _differ("exactly", area, day, period, exactly.get(area, {}), told)
            if area in kept:
                yield from _differ("kept", area, day, period, kept[area][known], told)


def _stocks(db: Session, oracle: Oracle, dice: random.Random) -> Iterator[Wrong]:
    """How far households had come by the end of some months, on today's map."""
    months = [
        period for period in plain.periods(FIRST, TODAY) if period.kind == "month" and period.last < TODAY
    ]
    for month in dice.sample(months, 3):
        ever = Period(month.calendar, "ever", plain.EVER, month.last)
        counts = oracle.by_door(ever)
        inside = oracle.doors_by_area(TODAY)
        found = stock(
            db, units_of(db, sorted(inside), TODAY), measures.LADDER, month.last, Calendar(month.calendar)
        )
        for area, own in inside.items():
            told = added(counts.get(door, Counter()) for door in own)
            steps = Counter({name: n for name, n in told.items() if MEASURES[name] in measures.LADDER})
            yield from _differ("stock", area, TODAY, ever, found[area], steps)


def _on_a_page(
    db: Session, oracle: Oracle, dice: random.Random, counts: Mapping[Period, Mapping[Door, Counter[str]]]
) -> Iterator[Wrong]:
    """Some reports as they are printed: the total, and its lines with what is allotted to none."""
    for _ in range(4):
        period = dice.choice(sorted(counts))
        lens = dice.choice(["then", "today"])
        day = TODAY if lens == "today" else _then(period)
        inside = oracle.doors_by_area(day)
        chosen = dice.choice(sorted(area for area in inside if oracle.level[area] != "residential_group"))
        area = find.area_on(db, chosen)
        assert area is not None
        query = PeriodQuery.model_validate(
            {"period": _period(period).name, "calendar": period.calendar, "area": chosen, "lens": lens}
        )
        report = area_report(db, area, query, TODAY, clock.now())
        told = added(counts[period].get(door, Counter()) for door in inside[chosen])
        shown = Counter({name: n for name, n in told.items() if MEASURES[name] in ON_THE_PAGE.values()})
        assert report.figures is not None
        yield from _differ("on the page", chosen, day, period, _measured(report.figures), shown)
        lines = [*report.lines, *([report.unallocated] if report.unallocated else [])]
        if report.lines:
            yield from _differ("its lines", chosen, day, period, _all_lines(lines), shown)
        for line in report.lines:
            if line.lines:
                own = Counter({NAMED[measure]: n for measure, n in _measured(line.figures).items()})
                yield from _differ(
                    "lines of a line",
                    line.area.id if line.area else 0,
                    day,
                    period,
                    _all_lines(line.lines),
                    own,
                )


def _all_lines(lines: Sequence[Line]) -> Figures:
    return _added([_measured(line.figures) for line in lines])


def _measured(figures: Mapping[str, int]) -> Figures:
    return {int(ON_THE_PAGE[name]): n for name, n in figures.items() if n}


def _differ(
    read: str, area: int, day: date, period: Period, got: Mapping[int, int], expected: Mapping[str, int]
) -> Iterator[Wrong]:
    """Measure by measure; a measure that the oracle doesn't know is wrong as well."""
    told = {int(MEASURES[name]): n for name, n in expected.items() if n}
    for measure in sorted(got.keys() | told.keys()):
        if got.get(measure, 0) != told.get(measure, 0):
            yield Wrong(
                read,
                area,
                day,
                period,
                NAMED.get(measure, str(measure)),
                got.get(measure, 0),
                told.get(measure, 0),
            )


def _added(several: Sequence[Figures]) -> Figures:
    total: Counter[int] = Counter()
    for one in several:
        total.update(one)
    return dict(total)


def _figures(
    db: Session, units: Units, asked: Collection[periods.Period]
) -> dict[int, dict[periods.Period, Figures]]:
    """The figures of several areas in all the periods, those of a kind and calendar at once."""
    found: dict[int, dict[periods.Period, Figures]] = {area: {} for area in units}
    for _kind, some in groupby(sorted(asked, key=_alike), key=_alike):
        for area, by_period in figures_over(db, units, list(some)).items():
            found[area] |= by_period
    return found


def _alike(period: periods.Period) -> tuple[str, str]:
    return period.calendar, period.kind


def _figures_of_blocks(
    db: Session, blocks: Collection[int], asked: Collection[periods.Period]
) -> dict[periods.Period, Figures]:
    """The figures of a remainder, which is no area."""
    return _figures(db, {0: units_of_blocks(db, blocks)}, asked)[0]


def _doors(db: Session, areas: Mapping[int, Area], day: date) -> dict[int, int]:
    """How many doors the program says that each area has."""
    rows = (
        select(AreaBlock.area_id, func.sum(WardBlock.households))
        .join(WardBlock, col(WardBlock.block_id) == col(AreaBlock.block_id))
        .where(col(AreaBlock.area_id).in_(areas), AreaBlock.valid_from <= day, AreaBlock.valid_to >= day)
        .group_by(col(AreaBlock.area_id))
    )
    return dict(db.exec(rows).all())


def _period(period: Period) -> periods.Period:
    """The program's own period of that name, which must have the same days."""
    known = periods.containing(period.first, Kind(period.kind), Calendar(period.calendar))
    assert (known.start, known.end) == (period.first, period.last)
    return known
