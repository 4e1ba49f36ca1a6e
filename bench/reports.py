"""The district and the city report for every standard period, calendar and map, beside the same figures counted over the visits."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlencode

from bench.call import Ask
from bench.ground import Ground
from bench.rows import Bar, Limit, Row, timed_row
from skills.areas.find import children
from skills.areas.models import Area
from skills.totals.periods import Calendar, Kind, Period, containing

KINDS = (Kind.MONTH, Kind.QUARTER, Kind.HALF, Kind.YEAR)
LENSES = ("then", "today")
SIGNED = Bar("≤ 50 ms (p95) at 10 million visits", 50, 10_000_000)
_BACK = timedelta(days=30)  # the month that is measured is over, the longer periods run still
_COUNTED = 2  # districts that are counted in SQL as well


def measure_reports(ground: Ground) -> Iterator[Row]:
    """The whole page at the server; districts in turn, each asked for by its own officer."""
    cookie, city = ground.cast.city
    for level, asked in (("district", list(ground.cast.officers)), ("city", [(cookie, city)])):
        wards = [_wards(ground, area) for _cookie, area in asked[:_COUNTED]] if level == "district" else [[]]
        for calendar in Calendar:
            for kind in KINDS:
                period = containing(ground.city.day - _BACK, kind, calendar)
                counted = _counted(ground, wards, period)
                for lens in LENSES:
                    asks = [Ask(_address(area, period, lens), cookie) for cookie, area in asked]
                    times, answer = ground.time(asks)
                    yield timed_row(
                        "reports", f"{level}, {kind.value}, {calendar.value}, map {lens}", times,
                        counted, ground.limits.page(len(answer.body)),
                        bar=SIGNED, statements=ground.statements(asks[0]), bytes=len(answer.body),
                    )  # fmt: skip


def _address(area: int, period: Period, lens: str) -> str:
    asked = {"area": area, "period": period.name, "calendar": period.calendar.value, "lens": lens}
    return "/reports?" + urlencode(asked)


def _counted(ground: Ground, wards: list[list[int]], period: Period) -> Limit:
    periods = (period, period.before())
    taken = [ground.limits.group_by(some, periods) for some in wards]
    return Limit("GROUP BY over the visits", sum(taken) / len(taken))


def _wards(ground: Ground, area_id: int) -> list[int]:
    with ground.database.reading() as db:
        area = db.get(Area, area_id)
        return [ward.id for ward in children(db, area, ground.city.day)] if area else []
