"""Where one can go from a report: another period, area, map or calendar, each a plain address."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from skills.areas.find import Picked, label
from skills.language import gettext as _
from skills.reports import titles
from skills.reports.forms import PeriodQuery, address, address_of
from skills.totals.periods import EARLIEST, Calendar, Kind, Period, containing, parse

_INDENT = "\N{EM SPACE}"


class Link(NamedTuple):
    """What an address is called, the address, and whether one is there."""

    title: str
    href: str
    current: bool = False


@dataclass(frozen=True)
class Picker:
    """What stands at the head of a report. `previous` and `following` are None when there is nothing to ask for: before 2000, and what has not begun."""

    query: PeriodQuery
    area: int | None  # the id that the list of areas has chosen
    period: str  # the name that the list of periods has chosen; "" for days of one's own
    periods: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]  # (kind, ((name, title), …)), …
    areas: tuple[tuple[int, str], ...]
    previous: Link | None
    following: Link | None
    lenses: tuple[Link, ...]
    calendars: tuple[Link, ...]
    file: str


def picker_for(
    query: PeriodQuery, today: date, area: int | None = None, areas: Sequence[Picked] = ()
) -> Picker:
    """All ways on from the report that was asked for."""
    period = query.chosen(today)
    before, after = period.before(), period.after()
    day = query.lens_day(today)
    return Picker(
        query,
        area,
        "" if period.kind is Kind.RANGE else period.name,
        tuple(
            (choices.title, tuple((one.name, one.title) for one in choices.choices))
            for choices in titles.choices(period, query.calendar, today)
        ),
        tuple((one.area.id, _INDENT * one.depth + label(one.area, day, _("Khu vực"))) for one in areas),
        previous=Link(titles.title(before), address_of(query, before)) if _has_a_name(before) else None,
        following=Link(titles.title(after), address_of(query, after)) if after.start <= today else None,
        lenses=(
            Link(_("Theo địa giới lúc đó"), address(query, lens="then"), query.lens == "then"),
            Link(_("hiện nay"), address(query, lens="today"), query.lens == "today"),
        ),
        calendars=tuple(
            Link(title, _in_calendar(query, period, calendar, today), query.calendar is calendar)
            for calendar, title in ((Calendar.CIVIL, _("Lịch thường")), (Calendar.ND09, _("Nghị định 09")))
        ),
        file=address(query, "/reports/download.csv"),
    )


def _has_a_name(period: Period) -> bool:
    """Whether an address can ask for it."""
    if period.kind is Kind.RANGE:
        return period.start >= EARLIEST
    try:
        return parse(period.name, period.calendar) == period
    except ValueError:
        return False


def _in_calendar(query: PeriodQuery, period: Period, calendar: Calendar, today: date) -> str:
    """The same report in the other calendar: the period of the same name, or the running one where that has not begun."""
    if calendar is query.calendar:
        return address(query)
    if period.kind in (Kind.DAY, Kind.WEEK, Kind.RANGE):
        other = containing(min(period.end, today), Kind.MONTH, calendar)
    else:
        other = parse(period.name, calendar)
        if other.start > today:
            other = containing(today, period.kind, calendar)
    return address_of(query, other, calendar=calendar)
