"""The two calendars: every day in exactly one period of each kind, and names that lead back to the same period."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skills.totals.periods import MONTHS, Calendar, Kind, Period, containing, day_range, parse

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


@given(DAYS, STANDARD)
def test_every_day_lies_in_exactly_one_period_of_a_kind(day: date, standard: tuple[Calendar, Kind]) -> None:
    calendar, kind = standard
    period = containing(day, kind, calendar)
    assert period.start <= day <= period.end
    assert containing(period.start, kind, calendar) == period == containing(period.end, kind, calendar)
    assert period.before().end == period.start - timedelta(days=1)
    assert period.after().start == period.end + timedelta(days=1)
    assert period.before().after() == period
    assert period.after().before() == period


@given(DAYS, STANDARD)
def test_the_name_of_a_period_leads_back_to_it(day: date, standard: tuple[Calendar, Kind]) -> None:
    calendar, kind = standard
    period = containing(day, kind, calendar)
    assert parse(period.name, calendar) == period


@given(DAYS, CALENDARS, st.sampled_from([Kind.QUARTER, Kind.HALF, Kind.YEAR]))
def test_longer_periods_are_made_of_whole_months(day: date, calendar: Calendar, kind: Kind) -> None:
    period = containing(day, kind, calendar)
    months = list(period.months())
    assert len(months) == MONTHS[kind]
    assert months[0].start == period.start
    assert months[-1].end == period.end
    assert all(earlier.after() == later for earlier, later in pairwise(months))


@given(DAYS, CALENDARS)
def test_a_half_year_is_two_quarters_and_a_year_two_halves(day: date, calendar: Calendar) -> None:
    year = containing(day, Kind.YEAR, calendar)
    first = containing(year.start, Kind.HALF, calendar)
    second = first.after()
    assert (first.start, second.end) == (year.start, year.end)
    for half in (first, second):
        quarter = containing(half.start, Kind.QUARTER, calendar)
        assert (quarter.start, quarter.after().end) == (half.start, half.end)


@given(DAYS)
def test_the_fifteenth_opens_the_next_month_of_the_decree(day: date) -> None:
    month = containing(day, Kind.MONTH, Calendar.ND09)
    assert (month.start.day, month.end.day) == (15, 14)
    assert month.name == month.end.strftime("%Y-%m")


@pytest.mark.parametrize("name", ["2026-W33", "2026-08-28"])
def test_the_decree_has_no_days_and_weeks(name: str) -> None:
    with pytest.raises(ValueError, match="nd09"):
        parse(name, Calendar.ND09)


@pytest.mark.parametrize(
    "name",
    [
        "", "26", "2026-", "2026-13", "2026-00", "2026-Q5", "2026-Q0", "2026-H3", "2026-W00", "2026-W54", "2025-W53",
        "2026-02-29", "2026-8", "1999", "2200", "2026-08-28-1", "２０２６", "2026-08\x00", "tháng 8",
    ],
)  # fmt: skip
def test_what_is_no_period_is_refused(name: str) -> None:
    with pytest.raises(ValueError):
        parse(name)


@given(st.text(max_size=30), CALENDARS)
def test_any_text_is_a_period_or_refused(text: str, calendar: Calendar) -> None:
    try:
        period = parse(text, calendar)
    except ValueError:
        return
    assert period.name == text.strip()


@given(DAYS, st.integers(0, 800))
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
