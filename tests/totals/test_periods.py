"""The two calendars: every day in exactly one period of each kind, and names that lead back to the same period."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import strategies as st

from skills.totals.periods import MONTHS, Calendar, Kind, Period, containing, day_range, parse
from tests.examples import for_every
from tests.vietnamese import ANYTHING

DAYS = st.dates(date(2000, 1, 1), date(2199, 11, 30))
CALENDARS = st.sampled_from(list(Calendar))
STANDARD = st.sampled_from(
    [(calendar, kind) for calendar in Calendar for kind in MONTHS]
    + [(Calendar.CIVIL, Kind.DAY), (Calendar.CIVIL, Kind.WEEK)]
)


@pytest.mark.parametrize(
    ("name", "calendar", "first", "last"),
    [
        ("2026", "civil", "2026-01-01", "2026-12-31"),
        ("2026-H1", "civil", "2026-01-01", "2026-06-30"),
        ("2026-H2", "civil", "2026-07-01", "2026-12-31"),
        ("2026-Q3", "civil", "2026-07-01", "2026-09-30"),
        ("2024-02", "civil", "2024-02-01", "2024-02-29"),
        ("2026-08", "civil", "2026-08-01", "2026-08-31"),
        ("2026-W33", "civil", "2026-08-10", "2026-08-16"),
        ("2020-W53", "civil", "2020-12-28", "2021-01-03"),
        ("2026-08-28", "civil", "2026-08-28", "2026-08-28"),
        ("2026", "nd09", "2025-12-15", "2026-12-14"),
        ("2026-H1", "nd09", "2025-12-15", "2026-06-14"),
        ("2026-H2", "nd09", "2026-06-15", "2026-12-14"),
        ("2026-Q1", "nd09", "2025-12-15", "2026-03-14"),
        ("2026-Q2", "nd09", "2026-03-15", "2026-06-14"),
        ("2026-Q3", "nd09", "2026-06-15", "2026-09-14"),
        ("2026-Q4", "nd09", "2026-09-15", "2026-12-14"),
        ("2026-01", "nd09", "2025-12-15", "2026-01-14"),
        ("2026-08", "nd09", "2026-07-15", "2026-08-14"),
    ],
)
def test_a_name_says_these_days(name: str, calendar: str, first: str, last: str) -> None:
    period = parse(name, Calendar(calendar))
    assert (period.start, period.end) == (date.fromisoformat(first), date.fromisoformat(last))
    assert period.name == name


@for_every("containing", day=DAYS, standard=STANDARD)
def test_every_day_lies_in_exactly_one_period_of_a_kind(day: date, standard: tuple[Calendar, Kind]) -> None:
    calendar, kind = standard
    period = containing(day, kind, calendar)
    assert period.start <= day <= period.end
    assert containing(period.start, kind, calendar) == period == containing(period.end, kind, calendar)
    assert period.before().end == period.start - timedelta(days=1)
    assert period.after().start == period.end + timedelta(days=1)
    assert period.before().after() == period
    assert period.after().before() == period


# From the first Monday: the two days before it lie in a week that is named for 1999, and nobody can ask for that.
@for_every("parse a period", day=DAYS.filter(lambda day: day >= date(2000, 1, 3)), standard=STANDARD)
def test_the_name_of_a_period_leads_back_to_it(day: date, standard: tuple[Calendar, Kind]) -> None:
    calendar, kind = standard
    period = containing(day, kind, calendar)
    assert parse(period.name, calendar) == period


@for_every("Period.months", day=DAYS, calendar=CALENDARS, kind=st.sampled_from(list(MONTHS)))
def test_longer_periods_are_made_of_whole_months(day: date, calendar: Calendar, kind: Kind) -> None:
    period = containing(day, kind, calendar)
    months = list(period.months())
    assert len(months) == MONTHS[kind]
    assert months[0].start == period.start
    assert months[-1].end == period.end
    assert all(earlier.after() == later for earlier, later in pairwise(months))
    days = [month.start + timedelta(days=n) for month in months for n in range(_days(month))]
    assert days == [period.start + timedelta(days=n) for n in range(_days(period))]


@for_every("containing", day=DAYS, calendar=CALENDARS)
def test_a_half_year_is_two_quarters_and_a_year_two_halves(day: date, calendar: Calendar) -> None:
    year = containing(day, Kind.YEAR, calendar)
    first = containing(year.start, Kind.HALF, calendar)
    second = first.after()
    assert (first.start, second.end) == (year.start, year.end)
    for half in (first, second):
        quarter = containing(half.start, Kind.QUARTER, calendar)
        assert (quarter.start, quarter.after().end) == (half.start, half.end)


@for_every("containing", day=DAYS, kind=st.sampled_from(list(MONTHS)))
def test_the_fifteenth_opens_the_next_month_of_the_decree(day: date, kind: Kind) -> None:
    """Nghị định 09/2019/NĐ-CP: a period ends on the 14th of the month in which the civil one of the same name ends."""
    period = containing(day, kind, Calendar.ND09)
    assert (period.start.day, period.end.day) == (15, 14)
    civil = parse(period.name)
    assert period.end == civil.end.replace(day=14)
    assert period.start == (civil.start - timedelta(days=1)).replace(day=15)


@for_every("containing", day=DAYS)
def test_a_week_is_seven_days_from_monday(day: date) -> None:
    week = containing(day, Kind.WEEK)
    assert (week.start.weekday(), _days(week)) == (0, 7)
    assert week.name == day.strftime("%G-W%V")


@for_every("Period.name", a=DAYS, b=DAYS, standard=STANDARD)
def test_names_stand_in_the_order_of_their_days(a: date, b: date, standard: tuple[Calendar, Kind]) -> None:
    calendar, kind = standard
    first, second = containing(a, kind, calendar), containing(b, kind, calendar)
    assert (first.name < second.name) == (first.start < second.start) == (first < second)
    assert (first.name == second.name) == (first == second)


@for_every("Period.before", day=DAYS, standard=STANDARD, steps=st.integers(1, 12))
def test_as_many_periods_back_as_on_lead_to_where_one_was(
    day: date, standard: tuple[Calendar, Kind], steps: int
) -> None:
    calendar, kind = standard
    here = there = containing(day, kind, calendar)
    for _ in range(steps):
        later = there.after()
        assert (later.start, later.before()) == (there.end + timedelta(days=1), there)
        there = later
    for _ in range(steps):
        there = there.before()
    assert there == here


@pytest.mark.parametrize("name", ["2026-W33", "2026-08-28"])
def test_the_decree_has_no_days_and_weeks(name: str) -> None:
    with pytest.raises(ValueError, match="nd09"):
        parse(name, Calendar.ND09)


@pytest.mark.parametrize(
    "name",
    [
        "", "26", "2026-", "2026-13", "2026-00", "2026-Q5", "2026-Q0", "2026-H3", "2026-W00", "2026-W54", "2025-W53",
        "2026-02-29", "2026-8", "1999", "1999-W52", "2200", "2026-08-28-1", "２０２６", "2026-08\x00", "tháng 8",
    ],
)  # fmt: skip
def test_what_is_no_period_is_refused(name: str) -> None:
    with pytest.raises(ValueError):
        parse(name)


NAMELIKE = st.lists(
    st.sampled_from(["2026", "2199", "2000", "1999", "-", "W", "Q", "H", "0", "1", "3", "08", "12", "28", "53", " ", "٣", "\x1c"]),
    max_size=7,
).map("".join)  # fmt: skip


@for_every(
    "parse a period",
    text=ANYTHING | NAMELIKE | st.from_regex(r"2[01]\d\d(-[HQW]?\d\d?(-\d\d)?)?"),
    calendar=CALENDARS,
)
def test_any_text_is_a_period_or_refused(text: str, calendar: Calendar) -> None:
    try:
        period = parse(text, calendar)
    except ValueError:
        return
    assert period.name == text.strip()
    assert period.calendar is calendar
    assert period.before().after() == period == period.after().before()


@pytest.mark.parametrize(
    "monster", ["9" * 10_000, "2026" * 2_500, "-" * 10_000, "\ud800" * 10_000, " " * 10_000]
)
def test_ten_thousand_characters_are_no_period(monster: str) -> None:
    for calendar in Calendar:
        with pytest.raises(ValueError):
            parse(monster, calendar)


@for_every("Period.before", first=DAYS, more=st.integers(0, 800))
def test_a_range_is_compared_with_as_many_days_before_it(first: date, more: int) -> None:
    period = day_range(first, first + timedelta(days=more))
    for other in (period.before(), period.after()):
        assert other.end - other.start == timedelta(days=more)
    assert period.before().end == first - timedelta(days=1)
    assert period.after().before() == period
    assert period.name == f"{period.start}..{period.end}"


def test_a_range_can_not_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="before"):
        day_range(date(2026, 8, 2), date(2026, 8, 1))


def test_periods_sort_by_their_days() -> None:
    names = ["2026-Q3", "2025-12", "2026-08"]
    assert [period.name for period in sorted(parse(name) for name in names)] == [
        "2025-12",
        "2026-Q3",
        "2026-08",
    ]
    assert isinstance(parse("2026"), Period)


def _days(period: Period) -> int:
    return (period.end - period.start).days + 1
