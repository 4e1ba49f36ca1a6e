"""What visits count for: the only place that knows how a visit becomes amounts.

The ledger asks it about the touched households before and after a change; `totals check` and `totals rebuild` ask it about
all of them. Distinct households are counted per household, so everything here
goes household by household.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import and_, false, or_, select
from sqlmodel import Session, col

from skills.households.models import Household
from skills.totals import measures
from skills.totals.ledger import Amounts
from skills.totals.measures import Measure
from skills.totals.models import WHOLE_WARD
from skills.totals.periods import KEPT, KEPT_WHOLE, Calendar, Kind, containing
from skills.visits.models import HouseholdCore, Outcome, Visit, VisitAudience, VisitSkill

Door = tuple[int, uuid.UUID]  # stored ward and id of a household
Stretch = tuple[Calendar, Kind, date]  # a kept period: its calendar, kind and first day

_AT_ONCE = 5_000  # parameters of a statement; SQLite allows 32 766
_ADDITIVE = tuple((calendar, kind) for calendar, kind in KEPT if kind is not Kind.HALF)


@dataclass(slots=True)
class Told:
    """A standing visit, as far as it counts."""

    visited_on: date
    outcome: str
    people: int
    people_new: int
    odd: bool
    skills: list[tuple[int, int]] = field(default_factory=list)
    audiences: list[tuple[int, int]] = field(default_factory=list)

    def amounts(self) -> Iterator[tuple[int, int]]:
        """What this visit adds, whatever the period: measure and amount."""
        yield measures.OUTCOMES[self.outcome], 1
        if self.odd:
            yield Measure.ODD, 1
        if self.outcome != Outcome.MET:
            return
        yield Measure.PEOPLE, self.people
        yield Measure.PEOPLE_NEW, self.people_new
        for skill_id, level in self.skills:
            yield measures.skill(skill_id, level), 1
        for audience_id, people in self.audiences:
            yield measures.audience(audience_id), people

    @property
    def helps(self) -> bool:
        """Whether the household counts as helped by it: somebody was met, at least one person, at least one skill."""
        return self.outcome == Outcome.MET and self.people >= 1 and bool(self.skills)


def amounts_of(db: Session, doors: Sequence[Door] | None = None, stored_in: int | None = None) -> Amounts:
    """What these households, or all that a ward stores, count for in every kept period, under the ward and under their block."""
    total: Amounts = defaultdict(int)
    told = standing(db, doors, stored_in)
    ladders = _ladders(db, doors, stored_in)
    for ward_id, household_id, block_id in db.execute(
        _within(
            select(col(Household.ward_id), col(Household.id), col(Household.block_id)),
            Household.ward_id,
            Household.id,
            doors,
            stored_in,
        )
    ):
        door = (ward_id, household_id)
        for (calendar, kind, start, measure), n in household_amounts(
            told.get(door, ()), ladders.get(door, {})
        ):
            total[ward_id, WHOLE_WARD, calendar, kind, start, measure] += n
            if kind not in (Kind.DAY, Kind.WEEK):
                total[ward_id, block_id, calendar, kind, start, measure] += n
    return total


def recount(db: Session, ward_id: int) -> Amounts:
    """What everything stored under one ward counts for: the function that `totals check` and `totals rebuild` are given."""
    return amounts_of(db, stored_in=ward_id)


def household_amounts(
    visits: Iterable[Told], ladder: dict[str, date]
) -> Iterator[tuple[tuple[Calendar, Kind, date, int], int]]:
    """The amounts of one household: distinct ones by every standard period, additive ones by every one but the half-year."""
    meetings: list[Told] = []
    for visit in visits:
        for measure, n in visit.amounts():
            if n:
                for calendar, kind, start in _kept(visit.visited_on).additive:
                    yield (calendar, kind, start, measure), n
        if visit.outcome == Outcome.MET:
            meetings.append(visit)
    for (calendar, kind, start), measure in _distinct(meetings):
        yield (calendar, kind, start, measure), 1
    for measure, day in climbed(ladder):
        for calendar, kind, start in _kept(day).additive:
            yield (calendar, kind, start, measure), 1


def _distinct(
    meetings: Iterable[Told], among: Set[Stretch] | None = None
) -> Iterator[tuple[Stretch, Measure]]:
    """What a household with these meetings is, in each period, or in each of some: reached, met again on another day, helped."""
    met_days: dict[Stretch, set[date]] = defaultdict(set)
    helped: set[Stretch] = set()
    for visit in meetings:
        kept = _kept(visit.visited_on).distinct
        periods = kept if among is None else kept & among
        for period in periods:
            met_days[period].add(visit.visited_on)
        if visit.helps:
            helped |= periods
    for period, days in met_days.items():
        yield period, Measure.REACHED
        if len(days) > 1:
            yield period, Measure.REVISITED
        if period in helped:
            yield period, Measure.HELPED


@dataclass(frozen=True, slots=True)
class Grown:
    """A household that gets new visits: those that stood there, the new ones, and its ladder before and after."""

    ward_id: int
    block_id: int
    stood: Sequence[Told]
    new: Sequence[Told]
    was: dict[str, date]
    ladder: dict[str, date]


def growth(households: Iterable[Grown]) -> Amounts:
    """The difference that new visits make: what `amounts_of` says afterwards less what it said before, without asking twice.

    What adds up comes from the new visits alone, day by day before it is spread over the periods of the day: visits of one
    evening share most of them. What is distinct is asked of each household before and after; a new visit takes none away.
    """
    by_day: dict[tuple[int, int, date], dict[int, int]] = defaultdict(lambda: defaultdict(int))
    by_period: dict[tuple[int, int, Stretch], dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for home in households:
        for visit in home.new:
            counted = by_day[home.ward_id, home.block_id, visit.visited_on]
            for measure, n in visit.amounts():
                counted[measure] += n
        if home.ladder != home.was:
            for ladder, n in ((home.was, -1), (home.ladder, 1)):
                for measure, day in climbed(ladder):
                    by_day[home.ward_id, home.block_id, day][measure] += n
        stood, new = _meetings(home.stood), _meetings(home.new)
        if new:
            touched = frozenset[Stretch]().union(*(_kept(visit.visited_on).distinct for visit in new))
            was = set(_distinct(stood, touched))
            for period, measure in _distinct([*stood, *new], touched):
                if (period, measure) not in was:
                    by_period[home.ward_id, home.block_id, period][measure] += 1
    for (ward_id, block_id, day), counted in by_day.items():
        for period in _kept(day).additive:
            amounts = by_period[ward_id, block_id, period]
            for measure, n in counted.items():
                amounts[measure] += n
    total: Amounts = defaultdict(int)
    for (ward_id, block_id, (calendar, kind, start)), amounts in by_period.items():
        said = (
            str(calendar),
            str(kind),
            start,
        )  # a plain string costs the driver less than a member of an enumeration
        for measure, n in amounts.items():
            if n:
                total[ward_id, WHOLE_WARD, *said, int(measure)] += n
        if kind not in (Kind.DAY, Kind.WEEK):
            for measure, n in amounts.items():
                if n:
                    total[ward_id, block_id, *said, int(measure)] = n
    return total


def _meetings(visits: Iterable[Told]) -> list[Told]:
    return [visit for visit in visits if visit.outcome == Outcome.MET]


@dataclass(frozen=True, slots=True)
class _Kept:
    """The kept periods that a day lies in."""

    additive: tuple[Stretch, ...]
    distinct: frozenset[Stretch]


@lru_cache(maxsize=8_192)
def _kept(day: date) -> _Kept:
    def starts(kinds: Iterable[tuple[Calendar, Kind]]) -> tuple[Stretch, ...]:
        return tuple((calendar, kind, containing(day, kind, calendar).start) for calendar, kind in kinds)

    return _Kept(starts((*_ADDITIVE, *KEPT_WHOLE)), frozenset(starts((*KEPT, *KEPT_WHOLE))))


def climbed(ladder: dict[str, date]) -> Iterator[tuple[int, date]]:
    """The steps of the ladder and the day each was reached; the union of the five groups on the day of the last of them."""
    for core, day in ladder.items():
        yield measures.CORES[core], day
    five = [ladder[core] for core in "DMTAN" if core in ladder]
    if len(five) == len("DMTAN"):
        yield Measure.GROUPS_5, max(five)


def standing(
    db: Session, doors: Sequence[Door] | None = None, stored_in: int | None = None
) -> dict[Door, list[Told]]:
    """The standing visits of some doors, or of a whole stored ward, with their skills and groups, in order of day.

    The visits are read first, and then what belongs to them by its key: a join might be begun at the other end, with all
    skills of the ward.
    """
    visits: dict[tuple[int, uuid.UUID], Told] = {}
    found: dict[Door, list[Told]] = defaultdict(list)
    rows = select(
        col(Visit.ward_id), col(Visit.id), col(Visit.household_id), col(Visit.visited_on), col(Visit.outcome), col(Visit.people),
        col(Visit.people_new), col(Visit.odd),
    ).where(col(Visit.voided_at).is_(None))  # fmt: skip
    for ward_id, visit_id, household_id, visited_on, outcome, people, people_new, odd in db.execute(
        _within(rows, Visit.ward_id, Visit.household_id, doors, stored_in).order_by(
            col(Visit.visited_on), col(Visit.saved_at)
        )
    ):
        told = Told(visited_on, outcome, people, people_new, bool(odd))
        visits[ward_id, visit_id] = told
        found[ward_id, household_id].append(told)
    for ward_id, visit_id, skill_id, level in _of_visits(
        db, VisitSkill, (VisitSkill.skill_id, VisitSkill.level), visits, stored_in
    ):
        if (ward_id, visit_id) in visits:
            visits[ward_id, visit_id].skills.append((skill_id, level))
    for ward_id, visit_id, audience_id, people in _of_visits(
        db, VisitAudience, (VisitAudience.audience_id, VisitAudience.people), visits, stored_in
    ):
        if (ward_id, visit_id) in visits:
            visits[ward_id, visit_id].audiences.append((audience_id, people))
    return found


def _of_visits(
    db: Session,
    table: type[VisitSkill] | type[VisitAudience],
    columns: Sequence[Any],
    visits: Collection[tuple[int, uuid.UUID]],
    stored_in: int | None,
) -> Iterator[Any]:
    """The rows of these visits, or all of a stored ward, voided visits' too: ward, visit, and the columns."""
    rows = select(col(table.ward_id), col(table.visit_id), *columns)
    if stored_in is not None:
        yield from db.execute(rows.where(col(table.ward_id) == stored_in))
        return
    by_ward: dict[int, list[uuid.UUID]] = defaultdict(list)
    for ward_id, visit_id in visits:
        by_ward[ward_id].append(visit_id)
    for ward_id, ids in by_ward.items():
        for start in range(0, len(ids), _AT_ONCE):
            some = ids[start : start + _AT_ONCE]
            yield from db.execute(rows.where(col(table.ward_id) == ward_id, col(table.visit_id).in_(some)))


def _ladders(db: Session, doors: Sequence[Door] | None, stored_in: int | None) -> dict[Door, dict[str, date]]:
    """When each household first reached each step of the ladder that is stored."""
    found: dict[Door, dict[str, date]] = defaultdict(dict)
    rows = select(
        col(HouseholdCore.ward_id), col(HouseholdCore.household_id), col(HouseholdCore.core), col(HouseholdCore.first_alone_on)
    )  # fmt: skip
    for ward_id, household_id, core, day in db.execute(
        _within(rows, HouseholdCore.ward_id, HouseholdCore.household_id, doors, stored_in)
    ):
        found[ward_id, household_id][core] = day
    return found


def _within(
    statement: Any, ward_id: Any, household_id: Any, doors: Sequence[Door] | None, stored_in: int | None
) -> Any:
    """Narrows a statement to some doors or to one stored ward; a join between facts always carries the ward."""
    if doors is None:
        return statement.where(ward_id == stored_in)
    by_ward: dict[int, list[uuid.UUID]] = defaultdict(list)
    for ward, household in doors:
        by_ward[ward].append(household)
    return statement.where(
        or_(*(and_(ward_id == ward, household_id.in_(households)) for ward, households in by_ward.items()))
        if by_ward
        else false()
    )
