"""The report of an area: its figures, the areas beneath adding up, the map of the lens day, and what nobody has placed."""

import re
import uuid
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import event
from sqlmodel import Session, select

from skills import clock
from skills.areas.blocks import block_ids
from skills.areas.find import area_on, in_force
from skills.areas.models import Area, Level
from skills.households.count import count_door
from skills.households.models import Household
from skills.reports.area import AreaReport, Line, area_report, in_order
from skills.reports.forms import ReportQuery
from skills.totals.measures import Measure
from skills.totals.models import UnitPeriod
from skills.totals.periods import Calendar, Kind, containing
from tests.cast import City
from tests.reports.conftest import Log, logging_in

TODAY = date(2026, 9, 20)
AUGUST = {"period": "2026-08"}


@pytest.fixture
def db(city: City) -> Iterator[Session]:
    with city.database.reading() as session:
        yield session


def ask(db: Session, area: Area, today: date = TODAY, /, **query: str) -> AreaReport:
    return area_report(db, area, ReportQuery.model_validate(query), today, clock.now())


def by_title(report: AreaReport) -> dict[str, Line]:
    return {line.title: line for top in report.lines for line in (top, *top.lines)}


def of_place(db: Session, short_name: str, level: str, day: date) -> Area:
    return next(area for area in in_force(db, level, day) if area.short_name == short_name)


def assert_adds_up(report: AreaReport) -> None:
    """Every name, both periods, at both depths."""
    assert report.figures is not None
    assert report.before is not None
    rest = [report.unallocated] if report.unallocated else []
    for name in report.figures:
        assert report.figures[name] == sum(line.figures[name] for line in [*report.lines, *rest])
        assert report.before[name] == sum(line.before[name] for line in [*report.lines, *rest])
        for line in report.lines:
            if line.lines:
                assert line.figures[name] == sum(inner.figures[name] for inner in line.lines)


@pytest.fixture
def august(log: Log) -> None:
    """In August two homes of Tổ 12 and one of Tổ 40, one of An Hải; in July one home."""
    log("Hoài", "12", date(2026, 7, 20), people=1, skills={1: 1})
    log("Hoài", "12", date(2026, 8, 3), people=2, people_new=1, skills={1: 3, 4: 2}, audiences={1: 1})
    log("Bảo", "12", date(2026, 8, 16), people=1, skills={1: 2})
    log("Hoài", "K45/12", date(2026, 8, 15), people=3, people_new=3, five_by_one=True)
    log("Hoài", "7A", date(2026, 8, 15), outcome="absent")
    log("Mai", "31", date(2026, 8, 14), people=1, skills={9: 1})
    log("Ngân", "8", date(2026, 8, 31), people=4, skills={1: 1})


@pytest.mark.usefixtures("august")
def test_a_ward_in_a_month(db: Session, city: City) -> None:
    report = ask(db, city.wards["Hải Châu"], **AUGUST)
    figures = report.figures
    assert figures is not None
    assert report.before is not None
    assert (figures["households_reached"], figures["households_helped"], figures["households_revisited"]) == (
        3,
        2,
        1,
    )
    assert (figures["visits_met"], figures["visits_absent"]) == (4, 1)
    assert (figures["people"], figures["people_new"]) == (7, 4)
    assert (report.before["households_reached"], report.before["people"]) == (1, 1)
    assert [(skill.levels, skill.total) for skill in report.skills] == [
        ((0, 1, 1), 2),
        ((0, 1, 0), 1),
        ((1, 0, 0), 1),
    ]
    assert [people for _code, _title, people in report.audiences] == [1]
    lines = by_title(report)
    assert {title: line.figures["visits_met"] for title, line in lines.items()} == {
        "Tổ 12": 3,
        "Tổ 13": 0,
        "Tổ 40": 1,
    }
    assert lines["Tổ 12"].change == 2.0
    assert lines["Tổ 13"].change is None
    assert_adds_up(report)


@pytest.mark.usefixtures("august")
@pytest.mark.parametrize("query", [{"period": "2026"}, {"period": "2026-H2"}, {"period": "2026-Q3"}, AUGUST,
                                   {"period": "2026-W33"}, {"period": "2026-08-15"},
                                   {"from": "1/8/2026", "to": "16/8/2026"},
                                   {"period": "2026-H2", "calendar": "nd09"}, {"period": "2026-08", "calendar": "nd09"}])  # fmt: skip
@pytest.mark.parametrize("lens", ["then", "today"])
def test_every_level_adds_up_in_every_period(
    db: Session, city: City, query: dict[str, str], lens: str
) -> None:
    found = {}
    for area in (city.wards["Hải Châu"], city.district, city.whole):
        report = ask(db, area, lens=lens, **query)
        assert_adds_up(report)
        assert report.figures is not None
        found[area.id] = report.figures["visits_met"]
    assert found[city.whole.id] >= found[city.district.id] == found[city.wards["Hải Châu"].id] > 0


@pytest.mark.usefixtures("august")
def test_what_is_kept_and_what_is_counted_come_to_the_same(db: Session, city: City) -> None:
    """A month and the range of its days, for a ward and for a residential group."""
    for area in (city.wards["Hải Châu"], city.groups["Tổ 12"], city.whole):
        month, days = ask(db, area, **AUGUST), ask(db, area, **{"from": "2026-08-01", "to": "2026-08-31"})
        assert month.figures == days.figures
        assert month.skills == days.skills
        assert month.audiences == days.audiences
        assert [step.flow for step in month.ladder] == [step.flow for step in days.ladder]
        assert [step.stock for step in month.ladder] == [step.stock for step in days.ladder]


@pytest.mark.usefixtures("august")
def test_the_months_of_the_decree_end_on_the_fourteenth(db: Session, city: City) -> None:
    report = ask(db, city.wards["Hải Châu"], period="2026-08", calendar="nd09")
    assert report.period_title == "tháng 8/2026 (15/7–14/8)"
    assert report.figures is not None
    assert report.figures["visits_met"] == 3  # 20/7, 3/8 and 14/8


@pytest.mark.usefixtures("august")
def test_a_ladder_has_flows_and_a_stock(db: Session, city: City, log: Log) -> None:
    log("Hoài", "2", date(2026, 9, 2), five_by_one=True)
    for period, flow, stock in (("2026-08", 1, 1), ("2026-09", 1, 2), ("2026-07", 0, 0), ("2026-W36", 1, 2)):
        five = ask(db, city.wards["Hải Châu"], period=period).five
        assert five is not None
        assert (five.flow, five.stock) == (flow, stock)


def test_weeks_for_whole_wards_and_months_for_the_rest(db: Session, city: City, log: Log) -> None:
    log("Hoài", "12", date(2026, 8, 12))
    log("Hoài", "12", date(2026, 7, 1))
    ward, group = city.wards["Hải Châu"], city.groups["Tổ 12"]
    weeks, months = ask(db, ward, **AUGUST).series, ask(db, group, **AUGUST).series
    assert weeks is not None
    assert months is not None
    assert weeks.title == "Lượt gặp theo tuần"
    assert [point.value for point in weeks.chart.points][-4:] == [1, 0, 0, 0]  # 10/8, 17/8, 24/8, 31/8
    assert weeks.chart.points[-1].name == "31/8"
    assert months.title == "Lượt gặp theo tháng"
    assert [(point.name, point.value) for point in months.chart.points][-2:] == [("7/26", 1), ("8/26", 1)]
    year = ask(db, ward, period="2026").series
    assert year is not None
    assert [point.name for point in year.chart.points] == [f"{month}/26" for month in range(1, 10)]
    assert [point.part for point in year.chart.points] == [False] * 8 + [True]


def test_lens_then_reads_the_old_map_and_lens_today_the_new(db: Session, city: City) -> None:
    """A ward of before 07/2025 has figures of May 2025 on the map of then; on today's they belong to its successor."""
    old = _keep_in_may(city)
    new = city.wards["Hải Châu"]
    district = city.district
    may = {"period": "2025-05"}
    assert (ask(db, old, **may).figures or {})["visits_met"] == 5
    gone = ask(db, old, lens="today", **may)
    assert not gone.in_force
    assert gone.figures is None
    assert gone.lines == ()
    assert new in gone.now
    not_yet = ask(db, new, **may)
    assert not not_yet.in_force
    assert old in not_yet.now
    assert (ask(db, new, lens="today", **may).figures or {})["visits_met"] == 5
    for lens, ward, title in (
        ("then", "Phường Thạch Thang", "Quận Hải Châu"),
        ("today", "Phường Hải Châu", "Khu vực Hải Châu"),
    ):
        report = ask(db, district, lens=lens, **may)
        assert report.title == title
        assert by_title(report)[ward].figures["visits_met"] == 5
        assert_adds_up(report)


def test_a_comparison_reads_both_periods_on_one_map(db: Session, city: City) -> None:
    old = _keep_in_may(city)
    report = ask(db, old, period="2025-06")
    assert (report.figures or {})["visits_met"] == 0
    assert (report.before or {})["visits_met"] == 5
    july = ask(db, city.wards["Hải Châu"], period="2025-Q3")
    assert (july.before or {})["visits_met"] == 5


def _keep_in_may(city: City) -> Area:
    """Five meetings on 09/05/2025 at one door that was written down under phường Thạch Thang, which was there then."""
    day = date(2025, 5, 9)
    with city.database.writing() as db:
        old = of_place(db, "Thạch Thang", Level.WARD, day)
        block = min(block_ids(db, old.id, day))
        door = Household(
            ward_id=old.id, id=uuid.uuid4(), block_id=block, street="Lý Tự Trọng", number="1", fold="", street_key="",
            door_key="", created_at=clock.now(), created_by=city.people["Hoài"].id,
        )  # fmt: skip
        db.add(door)
        db.flush()
        count_door(db, old.id, block, 1)
        for calendar in Calendar:
            for kind in (Kind.MONTH, Kind.QUARTER, Kind.YEAR):
                for unit in (0, block):
                    start = containing(day, kind, calendar).start
                    db.add(UnitPeriod(
                        ward_id=old.id, unit_id=unit, calendar=calendar.value, kind=kind.value, period=start,
                        measure=Measure.MET, n=5,
                    ))  # fmt: skip
        return old


def test_doors_that_no_group_holds_stand_on_a_line_of_their_own(db: Session, city: City) -> None:
    """A remainder that holds anything is printed, so that the ward adds up; one that holds nothing is not."""
    ward = city.wards["Hải Châu"]
    assert ask(db, ward, **AUGUST).unallocated is None
    placed = {block for group in city.groups.values() for block in block_ids(db, group.id, TODAY)}
    remainder = min(block_ids(db, ward.id, TODAY) - placed)
    with city.database.writing() as writing:
        count_door(writing, ward.id, remainder, 1)
        for unit in (0, remainder):
            writing.add(UnitPeriod(
                ward_id=ward.id, unit_id=unit, calendar="civil", kind="month", period=date(2026, 8, 1),
                measure=Measure.MET, n=2,
            ))  # fmt: skip
    with city.database.reading() as again:
        report = ask(again, ward, **AUGUST)
        assert report.unallocated is not None
        assert report.unallocated.title == "Chưa phân bổ"
        assert report.unallocated.figures["visits_met"] == 2
        assert_adds_up(report)


def test_wards_of_two_former_districts_are_marked(db: Session, city: City) -> None:
    straddling = {
        line.area.short_name
        for line in by_title(ask(db, city.whole, **AUGUST)).values()
        if line.straddles and line.area
    }
    assert straddling == {"Hải Vân", "Liên Chiểu", "Hòa Khánh", "An Khê", "Hòa Xuân"}
    district = of_place(db, "Cẩm Lệ", Level.DISTRICT, TODAY)
    assert [line.title for line in ask(db, district, **AUGUST).lines if line.straddles] != []


def test_the_city_has_its_former_districts_with_their_wards(db: Session, city: City) -> None:
    report = ask(db, city.whole, **AUGUST)
    wards = [inner for line in report.lines for inner in line.lines]
    assert len(report.lines) == 25
    assert len(wards) == 94
    assert len({line.area.id for line in wards if line.area}) == 94
    assert all(line.title.startswith("Khu vực ") for line in report.lines)


@pytest.mark.usefixtures("august")
def test_lines_can_be_put_in_any_order(db: Session, city: City) -> None:
    lines = ask(db, city.wards["Hải Châu"], **AUGUST).lines
    assert [line.title for line in in_order(lines, "name", False)] == ["Tổ 12", "Tổ 13", "Tổ 40"]
    assert [line.title for line in in_order(lines, "name", True)] == ["Tổ 40", "Tổ 13", "Tổ 12"]
    assert [line.title for line in in_order(lines, "visits", True)] == ["Tổ 12", "Tổ 40", "Tổ 13"]
    assert [line.title for line in in_order(lines, "people", False)] == ["Tổ 13", "Tổ 40", "Tổ 12"]
    assert in_order(lines, "change", False)[0].title == "Tổ 12"  # without a change: last
    city_lines = in_order(ask(db, city.whole, **AUGUST).lines, "people", True)
    assert [line.title for line in city_lines][:2] == ["Khu vực Hải Châu", "Khu vực Sơn Trà"]
    assert [line.title for line in city_lines[0].lines] == ["Phường Hải Châu", "Phường Hòa Cường"]


@pytest.mark.usefixtures("august")
@pytest.mark.parametrize("query", [AUGUST, {"period": "2026"}, {"period": "2026-Q3", "calendar": "nd09"}])
def test_a_report_takes_few_statements_however_many_areas(
    db: Session, city: City, query: dict[str, str]
) -> None:
    counts = {}
    for area in (city.whole, city.district, city.wards["Hải Châu"], city.groups["Tổ 12"]):
        statements: list[str] = []
        with city.database.reading() as counted:
            engine = counted.get_bind()

            def told(*args: object, seen: list[str] = statements) -> None:
                seen.append(str(args[2]))

            attached = area_on(counted, area.id)
            assert attached is not None
            event.listen(engine, "before_cursor_execute", told)
            ask(counted, attached, **query)
            event.remove(engine, "before_cursor_execute", told)
        counts[area.level] = len([one for one in statements if re.match(r"\s*(SELECT|WITH)", one)])
    assert max(counts.values()) <= 15, counts


def test_the_report_of_the_running_month_says_so(db: Session, city: City) -> None:
    assert ask(db, city.whole, period="2026-09").running
    assert not ask(db, city.whole, period="2026-08").running
    assert ask(db, city.whole).period.name == "2026-09"
    assert ask(db, city.whole, period="2026").lens_day == TODAY
    assert ask(db, city.whole, period="2025").lens_day == date(2025, 12, 31)
    assert ask(db, city.whole, TODAY + timedelta(days=30), period="2025", lens="today").lens_day == date(
        2026, 10, 20
    )


def test_areas_are_told_apart_by_our_own_number(db: Session) -> None:
    """The code 20242 was Phường Phước Ninh's and is Phường Hải Châu's."""
    recycled = db.exec(select(Area).where(Area.code == "20242")).all()
    assert len({area.id for area in recycled}) == len(recycled) > 1


@pytest.mark.postgres
def test_both_databases_tell_the_same(city: City, postgres_city: City) -> None:
    told = []
    for copy in (city, postgres_city):
        log = logging_in(copy)
        log("Hoài", "12", date(2026, 7, 20), people=1, skills={1: 1})
        log(
            "Hoài",
            "12",
            date(2026, 8, 3),
            people=2,
            people_new=1,
            skills={1: 3, 4: 2},
            audiences={1: 1},
            five_by_one=True,
        )
        log("Mai", "31", date(2026, 8, 14), people=1, skills={9: 1})
        with copy.database.reading() as db:
            for query in (
                AUGUST,
                {"period": "2026-H2"},
                {"period": "2026-W33"},
                {"from": "2026-08-01", "to": "2026-08-09"},
            ):
                for area in (copy.whole, copy.district, copy.wards["Hải Châu"], copy.groups["Tổ 12"]):
                    report = ask(db, area, **query)
                    lines = [(line.title, dict(line.figures)) for line in report.lines]
                    steps = [(step.flow, step.stock) for step in report.ladder]
                    told.append(
                        (query, report.figures, report.before, lines, report.skills, steps, report.series)
                    )
    half = len(told) // 2
    assert told[:half] == told[half:]
