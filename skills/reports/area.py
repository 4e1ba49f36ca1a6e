"""The report of one area in one period: blocks added up on the right map, with what it is made of adding up beneath.

The map is the one of the lens day. Both periods are read on it, so that a comparison never compares two maps. An area that
was not in force on that day has no figures, which is not the same as 0.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from sqlmodel import Session, col, select

from skills.areas.find import (
    Picked,
    ancestors,
    area_on,
    children,
    label,
    lies_within,
    remainder_blocks,
    successors,
)  # fmt: skip
from skills.areas.models import Area, AreaParent, Level
from skills.catalogue.models import Core
from skills.errors import NotFound
from skills.language import gettext as _
from skills.people.permissions import Permission
from skills.people.viewer import Viewer
from skills.reports import titles
from skills.reports.forms import PeriodQuery
from skills.reports.series import Series, recent
from skills.reports.taught import Taught, audiences_met, skills_taught
from skills.sync.freshness import Freshness, freshness
from skills.totals import measures
from skills.totals.measures import Measure
from skills.totals.periods import Calendar, Kind, Period, containing, day_range
from skills.totals.read import Figures, Units, figures_over, stock, units_of, units_of_blocks
from skills.visits import exact

# What a line of a report may say, under the name that files and programs know it by.
NAMES = {
    "households_reached": Measure.REACHED,
    "households_helped": Measure.HELPED,
    "households_revisited": Measure.REVISITED,
    "visits_met": Measure.MET,
    "visits_absent": Measure.ABSENT,
    "visits_declined": Measure.DECLINED,
    "visits_come_back": Measure.COME_BACK,
    "visits_odd": Measure.ODD,
    "people": Measure.PEOPLE,
    "people_new": Measure.PEOPLE_NEW,
    "households_core_services": Measure.CORE_D,
    "households_core_shopping": Measure.CORE_M,
    "households_core_payment": Measure.CORE_T,
    "households_core_safety": Measure.CORE_A,
    "households_core_platforms": Measure.CORE_N,
    "households_five_groups": Measure.GROUPS_5,
    "households_five_by_one": Measure.CORE_5,
}
_SMALL = (Kind.DAY, Kind.WEEK, Kind.RANGE)  # kinds of which blocks keep nothing
_REPORTING = (Level.DISTRICT, Level.CLUSTER)
_RANK = (Level.CITY, Level.PROVINCE, Level.DISTRICT, Level.CLUSTER, Level.WARD, Level.GROUP)


@dataclass(frozen=True)
class Line:
    """One line of the table: an area, or what lies in none of them (`area` is None). Figures by name."""

    area: Area | None
    title: str
    figures: Mapping[str, int]
    before: Mapping[str, int]
    straddles: bool = False
    lines: tuple["Line", ...] = ()

    @property
    def change(self) -> float | None:
        """How the meetings changed, as a share; None when there were none before."""
        return change(self.figures, self.before, "visits_met")


@dataclass(frozen=True)
class Step:
    """A step of the ladder: households that reached it in the period, and that had reached it by its end."""

    name: str
    title: str
    flow: int
    stock: int


@dataclass(frozen=True)
class AreaReport:
    """Everything that the page, the file and the answer to a program say about an area in a period."""

    area: Area
    title: str  # of the area
    query: PeriodQuery
    period: Period
    previous: Period
    lens_day: date
    today: date
    fresh: Freshness
    in_force: bool
    now: tuple[Area, ...]  # the areas in force in its place, when it is not
    figures: Mapping[str, int] | None
    before: Mapping[str, int] | None
    lines: tuple[Line, ...] = ()
    unallocated: Line | None = None
    skills: tuple[Taught, ...] = ()
    audiences: tuple[tuple[str, str, int], ...] = ()  # code, name, people; groups overlap
    ladder: tuple[Step, ...] = ()
    series: Series | None = None

    @property
    def read_at(self) -> datetime:
        """When it was read."""
        return self.fresh.at

    @property
    def running(self) -> bool:
        """Whether the period is not over yet."""
        return self.period.start <= self.today <= self.period.end

    @property
    def period_title(self) -> str:
        """The period in words."""
        return titles.title(self.period)

    @property
    def previous_title(self) -> str:
        """The period that it is compared with, in words."""
        return titles.title(self.previous)

    @cached_property
    def total(self) -> Line | None:
        """The last line of the table: the figures of the area itself, to which all lines add up."""
        if self.figures is None or self.before is None:
            return None
        return Line(self.area, self.title, self.figures, self.before)

    @property
    def five(self) -> Step | None:
        """The ministry's figure: households in which one person manages all five (Công văn 3240/BTTTT-CĐSQG)."""
        return next((step for step in self.ladder if step.name == "households_five_by_one"), None)

    @property
    def straddling(self) -> bool:
        """Whether some line is a ward with land of two former districts."""
        return any(line.straddles for top in self.lines for line in (top, *top.lines))


def area_for(db: Session, viewer: Viewer, area_id: int | None) -> Area | None:
    """The area that the viewer asks for, or the largest that they read reports of; None for who has only figures of their own.

    Raises NotFound for an area that is unknown or holds anything outside the viewer's reach, which look the same.
    """
    reach = viewer.areas(Permission.READ_REPORTS)
    if area_id is None:
        held = [area for area in (area_on(db, one) for one in sorted(reach)) if area is not None]
        return min(held, key=lambda area: _RANK.index(Level(area.level)), default=None)
    area = area_on(db, area_id)
    if area is None or not readable(db, viewer, area_id):
        raise NotFound(str(area_id))
    return area


def readable(db: Session, viewer: Viewer, area_id: int) -> bool:
    """Whether the viewer may read the report of an area: all of it has to lie within reach today."""
    reach = viewer.areas(Permission.READ_REPORTS)
    return area_id in reach | viewer.group_ids or lies_within(db, area_id, reach, viewer.today)


def areas_to_pick(db: Session, viewer: Viewer, report: "AreaReport") -> list[Picked]:
    """What the picker offers: the way down from the largest area within reach, and all that the report has lines of."""
    reach = viewer.areas(Permission.READ_REPORTS)
    above = ancestors(db, report.area.id, report.lens_day)[::-1]
    within = next((place for place, area in enumerate(above) if area.id in reach), len(above))
    way = [*above[within:], report.area] if report.area.id not in reach else [report.area]
    picked = [Picked(area, depth) for depth, area in enumerate(way)]
    for line in report.lines:
        picked += [Picked(one.area, len(way) + (one is not line)) for one in (line, *line.lines) if one.area]
    return picked


def area_report(db: Session, area: Area, query: PeriodQuery, today: date, read_at: datetime) -> AreaReport:
    """The report that was asked for. What is not kept as a total (other days, a block's weeks) is counted visit by visit."""
    period, day = query.chosen(today), query.lens_day(today)
    previous = period.before()
    title = label(area, day, _("Khu vực"))
    fresh = freshness(db, [area.id], read_at)
    if not area.in_force(day):
        there = tuple(successors(db, area.id, day))
        return AreaReport(
            area, title, query, period, previous, day, today, fresh, False, there, figures=None, before=None
        )
    members = children(db, area, day)
    inner, straddlers = _wards_within(db, members, day)
    below = [*members, *(ward for wards in inner.values() for ward in wards)]
    units = units_of(db, [area.id, *(one.id for one in below)], day)
    found = _count(db, area.id, units, (period, previous), day)
    own = found[area.id]
    lines = tuple(_line(member, found, (period, previous), day, straddlers, inner) for member in members)
    return AreaReport(
        area, title, query, period, previous, day, today, fresh, True, (),
        figures=named(own[period]),
        before=named(own[previous]),
        lines=lines,
        unallocated=_unallocated(db, area, members, lines, own, (period, previous), day),
        skills=skills_taught(db, own[period]),
        audiences=audiences_met(db, own[period]),
        ladder=_ladder(db, area.id, units, own[period], query.calendar, min(period.end, today), period.kind, day),
        series=recent(db, area.id, units, period, query.calendar, today),
    )  # fmt: skip


def count_area(db: Session, area: Area, periods: Sequence[Period], day: date) -> dict[Period, Figures]:
    """The figures of one area in several periods of a kind, out of the totals where they are kept."""
    return _count(db, area.id, units_of(db, [area.id], day), periods, day)[area.id]


def named(figures: Figures) -> dict[str, int]:
    """The figures under their names, every one of them; a measure without a row is 0."""
    return {name: figures.get(measure, 0) for name, measure in NAMES.items()}


def change(figures: Mapping[str, int] | None, before: Mapping[str, int] | None, name: str) -> float | None:
    """By which share a figure grew or fell; None when there is nothing to compare with."""
    if figures is None or before is None or not before[name]:
        return None
    return (figures[name] - before[name]) / before[name]


SORTS: dict[str, Callable[[Line], float | None]] = {
    "reached": lambda line: line.figures["households_reached"],
    "helped": lambda line: line.figures["households_helped"],
    "visits": lambda line: line.figures["visits_met"],
    "change": lambda line: line.change,
    "people": lambda line: line.figures["people"],
    "people_new": lambda line: line.figures["people_new"],
    "core_5": lambda line: line.figures["households_five_by_one"],
}


def in_order(lines: Sequence[Line], sort: str, desc: bool) -> list[Line]:
    """The lines by one column, each one's own lines too; a line without that figure stands last. "name" is the map's order."""
    inner = [
        Line(
            line.area,
            line.title,
            line.figures,
            line.before,
            line.straddles,
            tuple(in_order(line.lines, sort, desc)),
        )
        for line in lines
    ]
    if sort == "name":
        return inner[::-1] if desc else inner
    key = SORTS[sort]

    def place(line: Line) -> tuple[bool, float]:
        value = key(line)
        return value is None, 0 if value is None else -value if desc else value

    return sorted(inner, key=place)


# What is read


def _wards_within(db: Session, members: Sequence[Area], day: date) -> tuple[dict[int, list[Area]], set[int]]:
    """The wards counted in each reporting district among the members, and those of them with land of two districts."""
    on_that_day = (col(AreaParent.valid_from) <= day, col(AreaParent.valid_to) >= day)
    districts = [member.id for member in members if member.level in _REPORTING]
    if districts:
        held = col(AreaParent.parent_id).in_(districts)
    elif any(member.level == Level.WARD for member in members):
        held = col(AreaParent.area_id).in_([member.id for member in members])
    else:
        return {}, set()
    rows = db.exec(
        select(AreaParent.area_id, AreaParent.parent_id, AreaParent.is_primary, Area)
        .join(Area, col(Area.id) == col(AreaParent.area_id))
        .where(held, *on_that_day, col(Area.level) == Level.WARD)
        .order_by(col(Area.sort_key), col(Area.id))
    ).all()
    inner: dict[int, list[Area]] = defaultdict(list)
    for _ward_id, parent_id, is_primary, ward in rows:
        if districts and is_primary and ward.in_force(day):
            inner[parent_id].append(ward)
    return inner, {ward_id for ward_id, _parent_id, is_primary, _ward in rows if not is_primary}


def _count(
    db: Session, area: int, units: Units, periods: Sequence[Period], day: date
) -> dict[int, dict[Period, Figures]]:
    """The figures that have a name of every area in each period, and all that there are of `area` in the first."""
    found: dict[int, dict[Period, Figures]] = {}
    if periods[0].kind is not Kind.RANGE:
        found |= figures_over(db, units, periods, set(NAMES.values()))
        if area in found:
            taught = figures_over(db, {area: units[area]}, periods[:1], measures.BY_CATALOGUE)
            found[area][periods[0]] |= taught[area][periods[0]]
    left = [one for one in units if one not in found]
    if left:
        found |= {one: {} for one in left}
        for period in periods:
            counted = exact.of_areas(db, left, period, day)
            for one in left:
                found[one][period] = counted.get(one, {})
    return found


def _line(
    area: Area,
    found: Mapping[int, Mapping[Period, Figures]],
    periods: tuple[Period, Period],
    day: date,
    straddlers: Collection[int],
    inner: Mapping[int, Sequence[Area]],
) -> Line:
    now, before = (named(found[area.id][period]) for period in periods)
    lines = tuple(_line(ward, found, periods, day, straddlers, {}) for ward in inner.get(area.id, ()))
    rest = _rest(now, before, lines) if lines else None
    if rest is not None:
        lines = (*lines, rest)
    return Line(area, label(area, day, _("Khu vực")), now, before, area.id in straddlers, lines)


def _unallocated(
    db: Session,
    area: Area,
    members: Sequence[Area],
    lines: Sequence[Line],
    own: Mapping[Period, Figures],
    periods: tuple[Period, Period],
    day: date,
) -> Line | None:
    """What is counted in the area and in none of its members, or None when that is nothing.

    Whether there is anything is told by the sums; what it is, is read from the blocks themselves.
    """
    now, before = (named(own[period]) for period in periods)
    rest = _rest(now, before, lines) if members else None
    if (
        rest is None or periods[0].kind in _SMALL
    ):  # a household lies in one block: even distinct ones may be taken away
        return rest
    blocks = units_of_blocks(db, remainder_blocks(db, area, members, day))
    found = figures_over(db, {area.id: blocks}, periods, set(NAMES.values()))[area.id]
    now, before = (named(found[period]) for period in periods)
    return _unallocated_line(now, before)


def _rest(now: Mapping[str, int], before: Mapping[str, int], lines: Sequence[Line]) -> Line | None:
    """What is left of the figures when the lines are taken away."""
    return _unallocated_line(
        {name: n - sum(line.figures[name] for line in lines) for name, n in now.items()},
        {name: n - sum(line.before[name] for line in lines) for name, n in before.items()},
    )


def _unallocated_line(now: Mapping[str, int], before: Mapping[str, int]) -> Line | None:
    if not any(now.values()) and not any(before.values()):
        return None
    return Line(None, _("Chưa phân bổ"), now, before)


def _ladder(
    db: Session,
    area: int,
    units: Units,
    flows: Figures,
    calendar: Calendar,
    last: date,
    kind: Kind,
    day: date,
) -> tuple[Step, ...]:
    """The five core groups, their union, and one person who manages all five."""
    own = {area: units[area]}
    if kind in _SMALL:
        month = containing(last, Kind.MONTH, Calendar.CIVIL)
        stocks = stock(db, own, measures.LADDER, month.before().end, Calendar.CIVIL)[area]
        since = exact.of_areas(db, [area], day_range(month.start, last), day).get(area, {})
        stocks = {step: stocks.get(step, 0) + since.get(step, 0) for step in measures.LADDER}
    else:
        stocks = stock(db, own, measures.LADDER, last, calendar)[area]
    names = {measure: name for name, measure in NAMES.items()}
    words = {measures.CORES[core.value]: _(core.label) for core in Core}
    words[Measure.GROUPS_5] = _("Đủ năm nhóm, nhiều người cộng lại")
    words[Measure.CORE_5] = _("Một người làm được cả năm")
    return tuple(
        Step(names[measure], words[measure], flows.get(measure, 0), stocks.get(measure, 0))
        for measure in words
    )
