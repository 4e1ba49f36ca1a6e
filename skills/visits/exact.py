"""Exact counts straight from the visits, for what no total is kept for: other days, a block's weeks, one person, one team."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import and_, case, func, literal, select
from sqlmodel import Session, col

from skills.areas.models import AreaBlock
from skills.households.models import Household, WardBlock
from skills.totals import measures
from skills.totals.measures import Measure
from skills.totals.periods import Period
from skills.visits.models import HouseholdCore, Outcome, Visit, VisitAudience, VisitSkill

Figures = dict[int, int]  # measure to amount
_FEW = 200  # blocks that are better named than found out
_IS_GROUP = col(HouseholdCore.core).in_(list("DMTAN"))


def of_areas(db: Session, area_ids: Sequence[int], period: Period, day: date) -> dict[int, Figures]:
    """The figures of each area, as it is made of blocks on `day`, for any days. Areas with no figure at all are absent.

    Counted block by block and added up: a household lies in one block. The visits of the days are read, however many doors
    there are.
    """
    areas_of: dict[int, list[int]] = defaultdict(list)
    wards: set[int] = set()
    stored = (
        select(col(AreaBlock.area_id), col(WardBlock.block_id), col(WardBlock.ward_id))
        .select_from(AreaBlock)
        .join(WardBlock, col(WardBlock.block_id) == col(AreaBlock.block_id))
        .where(
            col(AreaBlock.area_id).in_(list(area_ids)),
            col(AreaBlock.valid_from) <= day,
            col(AreaBlock.valid_to) >= day,
        )
    )
    for area, block, ward in db.execute(stored):
        if area not in areas_of[block]:
            areas_of[block].append(area)
        wards.add(ward)

    def placed(statement: Any, ward_id: Any, household_id: Any) -> Any:
        door = and_(col(Household.ward_id) == ward_id, col(Household.id) == household_id)
        rows = statement.join(Household, door).where(ward_id.in_(sorted(wards)))
        return rows if len(areas_of) > _FEW else rows.where(col(Household.block_id).in_(list(areas_of)))

    by_block = _visits(
        db,
        col(Household.block_id),
        lambda rows: placed(rows, col(Visit.ward_id), col(Visit.household_id)),
        period,
    )
    _ladder(db, placed, period, by_block)
    found: dict[int, Figures] = {}
    for block, figures in by_block.items():
        for area in areas_of.get(block, ()):
            own = found.setdefault(area, {})
            for measure, n in figures.items():
                own[measure] = own.get(measure, 0) + n
    return found


def of_person(db: Session, person_id: uuid.UUID, period: Period) -> Figures:
    """What one volunteer did in those days. Households are those this person met, so persons are never added up."""
    own = _visits(db, literal(0), lambda rows: rows.where(col(Visit.author_id) == person_id), period)
    return own.get(0, {})


def of_team(db: Session, team_id: uuid.UUID, period: Period) -> Figures:
    """What one team did in those days, its members' visits taken together."""
    own = _visits(db, literal(0), lambda rows: rows.where(col(Visit.team_id) == team_id), period)
    return own.get(0, {})


def _visits(db: Session, by: Any, narrowed: Any, period: Period) -> dict[int, Figures]:
    """Everything but the ladder, grouped by one column."""
    found: dict[int, Figures] = defaultdict(dict)
    standing = (
        col(Visit.voided_at).is_(None), col(Visit.visited_on) >= period.start, col(Visit.visited_on) <= period.end
    )  # fmt: skip

    def rows(*columns: Any) -> Any:
        return (
            narrowed(select(by.label("unit"), *columns).select_from(Visit)).where(*standing).group_by("unit")
        )

    odd = func.sum(case((col(Visit.odd) != "", 1), else_=0))
    counts = rows(Visit.outcome, func.count(), func.sum(Visit.people), func.sum(Visit.people_new), odd)
    for unit, outcome, visits, people, people_new, odds in db.execute(counts.group_by(Visit.outcome)):
        figures = found[unit]
        figures[measures.OUTCOMES[outcome]] = visits
        figures[Measure.ODD] = figures.get(Measure.ODD, 0) + odds
        if outcome == Outcome.MET:
            figures[Measure.PEOPLE], figures[Measure.PEOPLE_NEW] = people, people_new
    met = col(Visit.outcome) == Outcome.MET
    taught = and_(col(VisitSkill.ward_id) == col(Visit.ward_id), col(VisitSkill.visit_id) == col(Visit.id))
    helps = select(1).where(taught).correlate(Visit).exists() & (col(Visit.people) >= 1)
    homes = (
        rows(
            func.count(func.distinct(Visit.visited_on)).label("days"),
            func.max(case((helps, 1), else_=0)).label("helped"),
        )
        .where(met)
        .group_by(Visit.ward_id, Visit.household_id)
        .subquery()
    )
    reached = select(
        homes.c.unit, func.count(), func.sum(homes.c.helped), func.sum(case((homes.c.days > 1, 1), else_=0))
    ).group_by(homes.c.unit)
    for unit, households, helped, revisited in db.execute(reached):
        found[unit] |= {Measure.REACHED: households, Measure.HELPED: helped, Measure.REVISITED: revisited}
    skills = rows(VisitSkill.skill_id, VisitSkill.level, func.count()).join(VisitSkill, taught).where(met)
    for unit, skill_id, level, n in db.execute(skills.group_by(VisitSkill.skill_id, VisitSkill.level)):
        found[unit][measures.skill(skill_id, level)] = n
    present = and_(
        col(VisitAudience.ward_id) == col(Visit.ward_id), col(VisitAudience.visit_id) == col(Visit.id)
    )
    groups = (
        rows(VisitAudience.audience_id, func.sum(VisitAudience.people))
        .join(VisitAudience, present)
        .where(met)
    )
    for unit, audience_id, people in db.execute(groups.group_by(VisitAudience.audience_id)):
        found[unit][measures.audience(audience_id)] = people
    return {unit: {measure: int(n) for measure, n in figures.items() if n} for unit, figures in found.items()}


def _ladder(
    db: Session, placed: Callable[[Any, Any, Any], Any], period: Period, found: dict[int, Figures]
) -> None:
    """Adds the households of each block that reached each step of the ladder in those days."""
    block, first = col(Household.block_id), col(HouseholdCore.first_alone_on)
    here = (col(HouseholdCore.ward_id), col(HouseholdCore.household_id))
    in_days = (first >= period.start, first <= period.end)
    steps = placed(select(block, col(HouseholdCore.core), func.count()).select_from(HouseholdCore), *here)
    for unit, core, n in db.execute(steps.where(*in_days).group_by(block, col(HouseholdCore.core))):
        found.setdefault(unit, {})[measures.CORES[core]] = n
    # who reached the last of the five in those days is among those who reached any of them then
    climbing = placed(select(block.label("block"), *here).select_from(HouseholdCore), *here)
    climbing = climbing.where(*in_days, _IS_GROUP).distinct().subquery()
    homes = (
        select(climbing.c.block, func.max(first).label("last"))
        .select_from(climbing)
        .join(HouseholdCore, and_(here[0] == climbing.c.ward_id, here[1] == climbing.c.household_id))
        .where(_IS_GROUP)
        .group_by(climbing.c.block, climbing.c.ward_id, climbing.c.household_id)
        .having(func.count() == len("DMTAN"))
        .subquery()
    )
    union = select(homes.c.block, func.count()).where(homes.c.last <= period.end).group_by(homes.c.block)
    for unit, n in db.execute(union):
        found.setdefault(unit, {})[Measure.GROUPS_5] = n
