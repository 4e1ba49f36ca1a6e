"""Reporting periods in two calendars: the civil one, and that of Nghị định 09/2019/NĐ-CP (the 15th to the 14th).

Names: `2026`, `2026-H1`, `2026-Q3`, `2026-08`, and in the civil calendar only `2026-W33` (ISO week) and `2026-08-28`.
An nd09 period is named for the month of its last day: `2026-08` is 15/07–14/08/2026, its year 15/12/2025–14/12/2026.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Calendar(StrEnum):
    """Which days a month, quarter or year has."""

    CIVIL = "civil"
    ND09 = "nd09"


class Kind(StrEnum):
    """How long a standard period is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"
    RANGE = "range"  # any other days; never stored


MONTHS = {Kind.MONTH: 1, Kind.QUARTER: 3, Kind.HALF: 6, Kind.YEAR: 12}
# Before and after these nothing is counted; it keeps arithmetic away from the ends of the calendar.
EARLIEST = date(2000, 1, 1)
LATEST = date(2199, 12, 31)


@dataclass(frozen=True, order=True)
class Period:
    """Days from `start` to `end`, both counted, as a `kind` of a `calendar`."""

    start: date
    end: date
    kind: Kind
    calendar: Calendar

    @property
    def name(self) -> str:
        """The name that `period=` takes; a range has none and gives its two days."""
        if self.kind is Kind.RANGE:
            return f"{self.start.isoformat()}..{self.end.isoformat()}"
        if self.kind is Kind.DAY:
            return self.start.isoformat()
        if self.kind is Kind.WEEK:
            year, week, _ = self.start.isocalendar()
            return f"{year}-W{week:02d}"
        last = self.end  # both calendars name a period for its last month
        if self.kind is Kind.MONTH:
            return f"{last.year}-{last.month:02d}"
        if self.kind is Kind.QUARTER:
            return f"{last.year}-Q{last.month // 3}"
        if self.kind is Kind.HALF:
            return f"{last.year}-H{last.month // 6}"
        return str(last.year)

    def before(self) -> "Period":
        """The period of the same kind and calendar just before this one; for a range, as many days before it."""
        if self.kind is Kind.RANGE:
            return day_range(
                self.start - (self.end - self.start) - timedelta(days=1), self.start - timedelta(days=1)
            )
        return containing(self.start - timedelta(days=1), self.kind, self.calendar)

    def after(self) -> "Period":
        """The period of the same kind and calendar just after this one; for a range, as many days after it."""
        if self.kind is Kind.RANGE:
            return day_range(
                self.end + timedelta(days=1), self.end + (self.end - self.start) + timedelta(days=1)
            )
        return containing(self.end + timedelta(days=1), self.kind, self.calendar)

    def months(self) -> Iterator["Period"]:
        """The months of the same calendar that make up a month, quarter, half-year or year."""
        month = containing(self.start, Kind.MONTH, self.calendar)
        while month.start <= self.end:
            yield month
            month = month.after()


def containing(day: date, kind: Kind, calendar: Calendar = Calendar.CIVIL) -> Period:
    """The standard period of that kind and calendar in which a day lies. Raises ValueError for nd09 days and weeks."""
    if kind in (Kind.DAY, Kind.WEEK):
        if calendar is Calendar.ND09:
            raise ValueError("the nd09 calendar has no days and weeks of its own")
        start = day if kind is Kind.DAY else day - timedelta(days=day.weekday())
        return Period(start, start if kind is Kind.DAY else start + timedelta(days=6), kind, calendar)
    length = MONTHS[kind]
    month = day.year * 12 + day.month - 1
    if calendar is Calendar.ND09 and day.day >= 15:
        month += 1  # from the 15th on a day belongs to the month that ends on the next 14th
    first = month - month % length
    return Period(
        _month_start(first, calendar),
        _month_start(first + length, calendar) - timedelta(days=1),
        kind,
        calendar,
    )


def _month_start(month: int, calendar: Calendar) -> date:
    """The first day of a month counted as year × 12 + month − 1."""
    if calendar is Calendar.CIVIL:
        return date(month // 12, month % 12 + 1, 1)
    month -= 1
    return date(month // 12, month % 12 + 1, 15)


def day_range(first: date, last: date) -> Period:
    """Any days, both counted. Raises ValueError when the last is before the first."""
    if last < first:
        raise ValueError("the last day is before the first")
    return Period(first, last, Kind.RANGE, Calendar.CIVIL)


_NAME = re.compile(
    r"(?P<year>\d{4})(?:-H(?P<half>[12])|-Q(?P<quarter>[1-4])|-W(?P<week>\d{2})|-(?P<month>\d{2})(?:-(?P<day>\d{2}))?)?",
    re.ASCII,
)


def parse(name: str, calendar: Calendar = Calendar.CIVIL) -> Period:
    """A period from its name. Raises ValueError when there is no such period."""
    match = _NAME.fullmatch(name.strip())
    if match is None:
        raise ValueError(f"no period is named {name[:40]!r}")
    year = int(match["year"])
    if not EARLIEST.year <= year <= LATEST.year:
        raise ValueError("the year is out of reach")
    if match["day"]:
        return containing(date(year, int(match["month"]), int(match["day"])), Kind.DAY, calendar)
    if match["week"]:
        return containing(date.fromisocalendar(year, int(match["week"]), 1), Kind.WEEK, calendar)
    if match["month"]:
        kind, last_month = Kind.MONTH, int(match["month"])
    elif match["quarter"]:
        kind, last_month = Kind.QUARTER, int(match["quarter"]) * 3
    elif match["half"]:
        kind, last_month = Kind.HALF, int(match["half"]) * 6
    else:
        kind, last_month = Kind.YEAR, 12
    return containing(date(year, last_month, 1), kind, calendar)


# Which kinds are kept: a stored ward as a whole also by day and week; a block from the month upwards (architecture 4).
KEPT = tuple((calendar, kind) for calendar in Calendar for kind in MONTHS)
KEPT_WHOLE = ((Calendar.CIVIL, Kind.DAY), (Calendar.CIVIL, Kind.WEEK))
