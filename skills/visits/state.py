"""What a door's standing visits come to: the mark on its plate, its follow-up, and its steps on the ladder."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select
from sqlmodel import Session

from skills.catalogue.find import core_groups
from skills.catalogue.models import SkillLevel
from skills.db import among, dialect, table_of, upsert_on, within, write_dicts, write_rows
from skills.households.models import DoorState, Mark
from skills.visits.models import HouseholdCore, Outcome, Visit, VisitSkill

Door = tuple[int, uuid.UUID]  # stored ward and id of a household

ONE_PERSON = "5"  # the step "one person manages all five"
_AT_ONCE = 5_000  # parameters of a statement; SQLite allows 32 766
_DOORS_AT_ONCE = 500  # a door has a few visits, and each of those is asked for by its key

_VISIT, _TAUGHT = table_of(Visit), table_of(VisitSkill)
_STEP, _STATE = table_of(HouseholdCore), table_of(DoorState)
_STANDING = select(
    _VISIT.c.ward_id, _VISIT.c.household_id, _VISIT.c.id, _VISIT.c.outcome, _VISIT.c.visited_on, _VISIT.c.saved_at,
    _VISIT.c.come_back_on, _VISIT.c.five_by_one, _VISIT.c.people,
).where(*among(_VISIT.c.ward_id, _VISIT.c.household_id), _VISIT.c.voided_at.is_(None))  # fmt: skip
_LESSONS = select(_TAUGHT).where(*among(_TAUGHT.c.ward_id, _TAUGHT.c.visit_id))
_LADDERS = select(_STEP).where(*among(_STEP.c.ward_id, _STEP.c.household_id))
_CLIMB = _STEP.insert()
_FORGET_LADDER = _STEP.delete().where(
    _STEP.c.ward_id == bindparam("ward"), _STEP.c.household_id == bindparam("door")
)
_FORGET_STATE = _STATE.delete().where(
    _STATE.c.ward_id == bindparam("ward"), _STATE.c.household_id == bindparam("door")
)


class Standing(NamedTuple):
    """A standing visit, as far as the state of its door depends on it."""

    id: uuid.UUID
    outcome: str
    visited_on: date
    saved_at: datetime
    come_back_on: date | None
    five_by_one: bool | None
    people: int


class Lesson(NamedTuple):
    """A skill taught at a meeting that stands."""

    visit_id: uuid.UUID
    skill_id: int
    level: int
    core: str | None  # the core group of the skill
    day: date


@dataclass(slots=True)
class AtDoor:
    """What stands at a door: its visits, earliest first, what was taught at them by skill, and its ladder as it is stored."""

    visits: list[Standing] = field(default_factory=list)
    lessons: list[Lesson] = field(default_factory=list)
    ladder: dict[str, date] = field(default_factory=dict)

    def add(self, visit: Standing, lessons: Iterable[Lesson]) -> None:
        """One more visit."""
        self.visits.append(visit)
        self.lessons += lessons
        self.order()

    def order(self) -> None:
        """Visits by day, by the phone's clock, and by id, so that the order is one whoever reads them; lessons by skill."""
        self.visits.sort(key=_WHEN)
        self.lessons.sort(key=itemgetter(1))


_WHEN = itemgetter(2, 3, 0)


def refresh(db: Session, doors: Collection[Door]) -> None:
    """Writes door_state and household_core of these doors anew from their standing visits."""
    db.flush()
    some = list(doors)
    for start in range(0, len(some), _DOORS_AT_ONCE):
        keep(db, at_doors(db, some[start : start + _DOORS_AT_ONCE], core_groups(db)))


def at_doors(db: Session, doors: Collection[Door], cores: Mapping[int, str]) -> dict[Door, AtDoor]:
    """What stands at each of these doors; a few statements, whatever the number (up to 500). `cores`: the core group of a skill."""
    found = {door: AtDoor() for door in doors}
    asked = within(found)
    connection = db.connection()
    met: dict[tuple[int, uuid.UUID], tuple[AtDoor, date]] = {}
    for ward_id, household_id, *columns in connection.execute(_STANDING, asked):
        here = found.get((ward_id, household_id))
        if here is None:
            continue
        visit = Standing(*columns)
        here.visits.append(visit)
        if visit.outcome == Outcome.MET:
            met[ward_id, visit.id] = (here, visit.visited_on)
    # asked for by the visits' keys: a join might be begun at the other end, with all skills of the ward
    keys = list(met)
    for start in range(0, len(keys), _AT_ONCE):
        lessons = connection.execute(_LESSONS, within(keys[start : start + _AT_ONCE]))
        for ward_id, visit_id, skill_id, level in lessons:
            if (ward_id, visit_id) in met:
                here, day = met[ward_id, visit_id]
                here.lessons.append(Lesson(visit_id, skill_id, level, cores.get(skill_id), day))
    for ward_id, household_id, core, day in connection.execute(_LADDERS, asked):
        if (ward_id, household_id) in found:
            found[ward_id, household_id].ladder[core] = day
    for here in found.values():
        here.order()
    return found


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


def keep(db: Session, doors: Mapping[Door, AtDoor]) -> dict[Door, dict[str, date]]:
    """Makes household_core and door_state say exactly what stands at these doors. Returns their ladders as they are now."""
    climbed = {door: ladder(here.visits, here.lessons) for door, here in doors.items()}
    _keep_ladders(db, {door: first for door, first in climbed.items() if first != doors[door].ladder})
    states = {door: state(here.visits, here.lessons) for door, here in doors.items()}
    _keep_states(db, states)
    return climbed


def _keep_ladders(db: Session, ladders: Mapping[Door, dict[str, date]]) -> None:
    """Makes household_core say exactly this."""
    write_rows(db, _FORGET_LADDER, ("ward", "door"), list(ladders))
    rows = [(*door, core, day) for door, first in ladders.items() for core, day in first.items()]
    write_rows(db, _CLIMB, ("ward_id", "household_id", "core", "first_alone_on"), rows)


def _keep_states(db: Session, states: Mapping[Door, dict[str, Any] | None]) -> None:
    """Makes door_state say exactly this."""
    rows = [
        {"ward_id": ward, "household_id": door, **told}
        for (ward, door), told in states.items()
        if told is not None
    ]
    write_dicts(db, _states(dialect(db)), rows)
    write_rows(db, _FORGET_STATE, ("ward", "door"), [door for door, told in states.items() if told is None])


@cache
def _states(dialect: str) -> Any:
    statement = upsert_on(dialect, DoorState)
    said = {column.name: statement.excluded[column.name] for column in _STATE.c if not column.primary_key}
    return statement.on_conflict_do_update(index_elements=["ward_id", "household_id"], set_=said)
