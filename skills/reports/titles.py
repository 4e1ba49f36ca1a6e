"""How a period is spoken of: "tháng 8/2026", "quý III/2026", and in the calendar of the decree with its days."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from skills.language import gettext as _
from skills.totals.periods import MONTHS, Calendar, Kind, Period, containing

_ROMAN = {1: "I", 2: "II", 3: "III", 4: "IV"}
_OFFERED = {Kind.MONTH: 12, Kind.QUARTER: 6, Kind.HALF: 4, Kind.YEAR: 3, Kind.WEEK: 8, Kind.DAY: 7}


def title(period: Period) -> str:
    """The period in words, as it stands after "Báo cáo"; an nd09 period names its days too."""
    if period.calendar is Calendar.CIVIL:
        return _name(period)
    return f"{_name(period)} ({days(period)})"


def days(period: Period) -> str:
    """The first and the last day: "15/7–14/8", with the years where they differ."""
    if period.start.year != period.end.year:
        return f"{_day(period.start)}–{_day(period.end)}"
    return f"{period.start.day}/{period.start.month}–{period.end.day}/{period.end.month}"


def _name(period: Period) -> str:
    last = period.end
    if period.kind is Kind.DAY:
        return _("ngày %(day)s") % {"day": _day(last)}
    if period.kind is Kind.WEEK:
        year, week, _weekday = period.start.isocalendar()
        return _("tuần %(week)s/%(year)s") % {"week": week, "year": year}
    if period.kind is Kind.MONTH:
        return _("tháng %(month)s/%(year)s") % {"month": last.month, "year": last.year}
    if period.kind is Kind.QUARTER:
        return _("quý %(quarter)s/%(year)s") % {"quarter": _ROMAN[last.month // 3], "year": last.year}
    if period.kind is Kind.HALF:
        half = _("nửa đầu năm %(year)s") if last.month == MONTHS[Kind.HALF] else _("nửa cuối năm %(year)s")
        return half % {"year": last.year}
    if period.kind is Kind.YEAR:
        return _("năm %(year)s") % {"year": last.year}
    return _("từ %(first)s đến %(last)s") % {"first": _day(period.start), "last": _day(last)}


def _day(day: date) -> str:
    return f"{day.day}/{day.month}/{day.year}"


@dataclass(frozen=True)
class Choice:
    """A period that the picker offers."""

    name: str
    title: str
    chosen: bool


@dataclass(frozen=True)
class Choices:
    """Periods of one kind, the latest first."""

    title: str
    choices: tuple[Choice, ...]


def choices(period: Period, calendar: Calendar, today: date) -> list[Choices]:
    """What the picker offers: the latest periods of each kind, and the chosen one among its kind wherever it lies."""
    names = {
        Kind.MONTH: _("Tháng"),
        Kind.QUARTER: _("Quý"),
        Kind.HALF: _("Nửa năm"),
        Kind.YEAR: _("Năm"),
        Kind.WEEK: _("Tuần"),
        Kind.DAY: _("Ngày"),
    }
    kinds = MONTHS if calendar is Calendar.ND09 else names
    offered = []
    for kind in kinds:
        latest = list(_latest(kind, calendar, today))
        if period.kind is kind and period not in latest:
            latest = sorted([*latest, period], reverse=True)
        told = tuple(Choice(one.name, _begin(title(one)), one == period) for one in latest)
        offered.append(Choices(names[kind], told))
    return offered


def _begin(words: str) -> str:
    """With a capital at the beginning; the numeral of a quarter keeps its own."""
    return words[:1].upper() + words[1:]


def _latest(kind: Kind, calendar: Calendar, today: date) -> Iterator[Period]:
    period = containing(today, kind, calendar)
    for _place in range(_OFFERED[kind]):
        yield period
        period = period.before()
