"""What a door's standing visits come to: the mark on its plate, its follow-up, and its steps on the ladder."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, select
from sqlmodel import Session, col

from skills.catalogue.models import Skill, SkillLevel
from skills.db import table_of, upsert
from skills.households.models import DoorState, Mark
from skills.visits.models import HouseholdCore, Outcome, Visit, VisitSkill

ONE_PERSON = "5"  # the step "one person manages all five"


def refresh(db: Session, doors: Iterable[tuple[int, uuid.UUID]]) -> None:
    """Writes door_state and household_core of these doors anew from their standing visits."""
    db.flush()
    for ward_id, household_id in doors:
        visits = _standing(db, ward_id, household_id)
        skills = _skills(db, ward_id, visits)
        _keep_ladder(db, ward_id, household_id, ladder(visits, skills))
        _keep_state(db, ward_id, household_id, state(visits, skills))


def _standing(db: Session, ward_id: int, household_id: uuid.UUID) -> list[Any]:
    """The standing visits of a door, earliest first."""
    rows = select(
        col(Visit.id), col(Visit.outcome), col(Visit.visited_on), col(Visit.saved_at), col(Visit.come_back_on),
        col(Visit.five_by_one),
    ).where(
        col(Visit.ward_id) == ward_id, col(Visit.household_id) == household_id, col(Visit.voided_at).is_(None)
    )  # fmt: skip
    return list(db.execute(rows.order_by(col(Visit.visited_on), col(Visit.saved_at))))


def _skills(
    db: Session, ward_id: int, visits: Sequence[Any]
) -> list[tuple[uuid.UUID, int, int, str | None, date]]:
    """What was taught at the door's meetings that stand: visit, skill, level, core group, day. Asked for by the visits' keys:
    a join might be begun at the other end, with all skills of the ward."""
    met = {visit.id: visit.visited_on for visit in visits if visit.outcome == Outcome.MET}
    if not met:
        return []
    rows = (
        select(col(VisitSkill.visit_id), col(VisitSkill.skill_id), col(VisitSkill.level), col(Skill.core))
        .join(Skill, col(Skill.id) == col(VisitSkill.skill_id))
        .where(col(VisitSkill.ward_id) == ward_id, col(VisitSkill.visit_id).in_(met))
        .order_by(col(VisitSkill.skill_id))
    )
    return [(visit, skill, level, core, met[visit]) for visit, skill, level, core in db.execute(rows)]


def ladder(visits: Iterable[Any], skills: Iterable[Any]) -> dict[str, date]:
    """The day each core group was first managed alone, and under "5" the day of the first standing yes for one person."""
    first: dict[str, date] = {}
    for _, _, level, core, day in skills:
        if core and level == SkillLevel.ALONE:
            first[core] = min(day, first.get(core, day))
    yes = [visit.visited_on for visit in visits if visit.outcome == Outcome.MET and visit.five_by_one]
    if yes:
        first[ONE_PERSON] = min(yes)
    return first


def state(visits: list[Any], skills: list[Any]) -> dict[str, Any] | None:
    """The columns of door_state, or None for a door at which no visit stands."""
    if not visits:
        return None
    told = [visit for visit in visits if visit.outcome != Outcome.ABSENT]  # an absent door stays what it was
    met = [visit for visit in visits if visit.outcome == Outcome.MET]
    alone = {skill_id: core for _, skill_id, level, core, _ in skills if level == SkillLevel.ALONE}
    latest = told[-1] if told else None
    mark = Mark.TODO
    if latest is not None and latest.outcome == Outcome.DECLINED:
        mark = Mark.REFUSE
    elif latest is not None and latest.outcome == Outcome.MET:
        mark = Mark.SELF if alone else Mark.BACK if latest.come_back_on else Mark.MET
    elif latest is not None:
        mark = Mark.BACK
    last = visits[-1]
    last_meeting = met[-1].id if met else None
    return {
        "mark": str(mark),
        "last_outcome": last.outcome,
        "last_on": last.visited_on,
        "last_at": last.saved_at,
        "last_met_on": met[-1].visited_on if met else None,
        "away_times": len(visits)
        - 1
        - max((i for i, v in enumerate(visits) if v.outcome != Outcome.ABSENT), default=-1),
        "follow_up_on": latest.come_back_on if latest is not None else None,
        "last_skills": ",".join(
            str(skill_id) for visit_id, skill_id, *_ in skills if visit_id == last_meeting
        ),
        "alone_skills": len(alone),
        "cores": "".join(core for core in "DMTAN" if core in alone.values()),
    }


def _keep_ladder(db: Session, ward_id: int, household_id: uuid.UUID, first: dict[str, date]) -> None:
    """Makes household_core say exactly this."""
    here = (col(HouseholdCore.ward_id) == ward_id, col(HouseholdCore.household_id) == household_id)
    steps = select(col(HouseholdCore.core), col(HouseholdCore.first_alone_on)).where(*here)
    kept: dict[str, date] = dict(db.execute(steps).all())
    if kept == first:
        return
    db.execute(delete(HouseholdCore).where(*here))
    if first:
        rows = [
            {"ward_id": ward_id, "household_id": household_id, "core": core, "first_alone_on": day}
            for core, day in first.items()
        ]
        db.execute(table_of(HouseholdCore).insert(), rows)


def _keep_state(db: Session, ward_id: int, household_id: uuid.UUID, values: dict[str, Any] | None) -> None:
    """Makes door_state say exactly this."""
    if values is None:
        db.execute(
            delete(DoorState).where(
                col(DoorState.ward_id) == ward_id, col(DoorState.household_id) == household_id
            )
        )
        return
    statement = upsert(db, DoorState).values(ward_id=ward_id, household_id=household_id, **values)
    db.execute(statement.on_conflict_do_update(index_elements=["ward_id", "household_id"], set_=values))
