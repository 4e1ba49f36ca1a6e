"""The meetings of the last weeks or months, as a chart with its figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from skills.language import gettext as _
from skills.reports import charts
from skills.totals.measures import Measure
from skills.totals.periods import Calendar, Kind, Period, containing
from skills.totals.read import Figures, Units, figures_over


@dataclass(frozen=True)
class Series:
    """The meetings of the last weeks or months."""

    title: str
    chart: charts.Columns


def recent(db: Session, area: int, units: Units, period: Period, calendar: Calendar, today: date) -> Series:
    """Meetings by week up to the period's end; by month for a half-year, a year, and where weeks are not kept."""
    last = min(period.end, today)
    own = {area: units[area]}
    if period.kind not in (Kind.HALF, Kind.YEAR):
        weeks = _back_from(containing(last, Kind.WEEK))
        found = figures_over(db, own, weeks, [Measure.MET])
        if area in found:
            return Series(_("Lượt gặp theo tuần"), _chart(weeks, found[area], today))
    if period.kind in (Kind.HALF, Kind.YEAR):
        months = [month for month in period.months() if month.start <= today]
    else:
        months = _back_from(containing(last, Kind.MONTH, calendar))
    found = figures_over(db, own, months, [Measure.MET])
    return Series(_("Lượt gặp theo tháng"), _chart(months, found[area], today))


def _back_from(period: Period) -> list[Period]:
    """As many periods as a chart has columns, up to this one."""
    periods = [period]
    while len(periods) < charts.MOST:
        periods.append(periods[-1].before())
    return periods[::-1]


def _chart(periods: Sequence[Period], found: Mapping[Period, Figures], today: date) -> charts.Columns:
    return charts.columns(
        [(_short(period), found[period].get(Measure.MET, 0), period.end > today) for period in periods]
    )


def _short(period: Period) -> str:
    """Under a column: the Monday of a week, the month of a month."""
    if period.kind is Kind.WEEK:
        return f"{period.start.day}/{period.start.month}"
    return f"{period.end.month}/{period.end.year % 100:02d}"
