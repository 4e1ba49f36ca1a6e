"""Days as phones and people write them: the day first, then the month; never a day that was not meant."""

from datetime import date

import pytest
from hypothesis import strategies as st

from skills.forms import Form, FormErrors, TypedDate, read
from tests.examples import for_every
from tests.vietnamese import ANYTHING, DAYLIKE, DAYS, typed_days


class Day(Form):
    """A form with nothing but a day."""

    day: TypedDate


def day_in(typed: str) -> date | None:
    """The day that was read, or None when it can't be; nothing else is ever said."""
    found = read(Day, {"day": [typed]})
    if isinstance(found, Day):
        return found.day
    assert found.errors.keys() == {"day"}
    assert found.errors["day"]
    return None


@pytest.mark.parametrize(
    "typed", ["2026-08-28", "28/8/2026", "28-08-2026", "28.8.26", " 28/8/26 ", "28 / 8 / 2026", "28/08-26"]
)
def test_days_as_phones_and_people_write_them(typed: str) -> None:
    assert day_in(typed) == date(2026, 8, 28)


@pytest.mark.parametrize(
    "typed",
    [
        "30/2/2026", "8/28/2026", "1/1/1899", "2026-13-01", "hôm nay", "1/1", "²/1/2026", "9" * 5000, "1/1/2200",
        "2026-W35-5", "20260828", "1/1/2026/1", "-1/1/2026", "1//2026",
    ],
)  # fmt: skip
def test_days_that_are_none(typed: str) -> None:
    assert day_in(typed) is None


@pytest.mark.parametrize(
    "typed", ["2_8/8/2026", "+28/8/2026", "28/8/6", "28/8/026", "028/8/2026", "28/008/2026"]
)
def test_what_nobody_means_as_a_day_is_asked_about(typed: str) -> None:
    """28/8/6 used to be read as 2006: a slip of the finger, and a visit of twenty years ago."""
    assert day_in(typed) is None


@for_every("TypedDate", pair=typed_days())
def test_a_day_is_the_same_however_it_is_written(pair: tuple[date, str]) -> None:
    day, typed = pair
    assert day_in(typed) == day == day_in(day.isoformat())


@for_every("TypedDate", pair=typed_days())
def test_the_month_never_comes_first(pair: tuple[date, str]) -> None:
    day, _typed = pair
    for mark in "/-.":
        swapped = day_in(f"{day.month}{mark}{day.day}{mark}{day.year}")
        assert swapped == (date(day.year, day.day, day.month) if day.day <= 12 else None)


@for_every("TypedDate", typed=ANYTHING | DAYLIKE)
def test_any_text_is_a_day_within_reach_or_none(typed: str) -> None:
    """And a day that was read is read again as itself, in every way to write it."""
    day = day_in(typed)
    if day is None:
        return
    assert 2000 <= day.year <= 2199
    assert day_in(f"{day:%d/%m/%Y}") == day == day_in(f" {day.day}-{day.month}-{day.year} ")


@for_every("TypedDate", day=DAYS, more=st.integers(1, 10**6))
def test_no_other_day_is_read_in_place_of_one_that_is_not(day: date, more: int) -> None:
    assert day_in(f"{day.day + 31 * more}/{day.month}/{day.year}") is None
    assert day_in(f"{day.day}/{day.month + 12 * more}/{day.year}") is None
    assert day_in(f"{day.day}/{day.month}/{day.year + 200 * more}") is None


def test_an_error_keeps_what_was_typed() -> None:
    found = read(Day, {"day": ["30/2/2026"]})
    assert isinstance(found, FormErrors)
    assert found.values["day"] == "30/2/2026"
