"""A year of visits: evenings and weekends, a crowd around 28 August, quiet hills, people who learn and people who are out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from skills.catalogue.models import Skill, SkillLevel
from skills.demo.chance import at, new_id
from skills.demo.people import Crew
from skills.demo.places import Door, Group
from skills.visits.forms import VisitForm
from skills.visits.models import Outcome

_FIRST_TAUGHT = (
    "CQ01",
    "XH04",
    "KT02",
    "CQ04",
    "KT04",
    "CQ06",
    "CQ03",
    "XH01",
    "NT04",
    "KT03",
    "CQ02",
    "NT01",
    "XH03",
    "KT07",
)
_NOTES = (
    "Buổi tối mới có người.",
    "Nhà có chó, gọi trước cổng.",
    "Muốn học tiếp phần thanh toán.",
    "Điện thoại đời cũ, máy chậm.",
)
_GROUPS_ASKED = (("NCT", 0.35), ("PN", 0.4), ("HKD", 0.12), ("HSSV", 0.12), ("ND", 0.1))


@dataclass
class Told:
    """A visit of the demonstration, as the form that recorded it, with who was there and when it reached the server."""

    form: VisitForm
    crew: Crew
    author: UUID
    received_at: datetime
    voided: bool = False
    corrected: VisitForm | None = None

    @property
    def stands(self) -> VisitForm:
        """What the visit says now."""
        return self.corrected or self.form


@dataclass(frozen=True)
class Taught:
    """The catalogue by code: the skills, and the ids of the audience groups."""

    skills: dict[str, Skill]
    audiences: dict[str, int]


def visits_of_a_year(
    chance: Random,
    beats: Sequence[tuple[Crew, Group]],
    taught: Taught,
    n: int,
    since: date,
    until: date,
) -> list[Told]:
    """So many visits of these teams to these groups, from `since` to the day before `until`, in order of day.

    Nothing on the day itself: the city may be made in the morning, and nobody has been out yet.
    """
    groups = [(crew, group) for crew, group in beats if group.weight and group.doors]
    days = [since + timedelta(days=place) for place in range((until - since).days)]
    when = sorted(chance.choices(days, [busy(day) for day in days], k=n))
    where = chance.choices(groups, [group.weight * len(group.doors) for _, group in groups], k=n)
    return [
        _visit(chance, crew, group, taught, day, until)
        for day, (crew, group) in zip(when, where, strict=True)
    ]


def busy(day: date) -> float:
    """How busy a day is: weekends twice as busy, the city's digital day of 28 August and the week around it many times."""
    crowd = 2.0 if day.weekday() >= 5 else 1.0
    if day.month == 8 and 24 <= day.day <= 30:
        crowd *= 9 if day.day == 28 else 4
    return crowd * (2 if (day.month, day.day) == (10, 10) else 1)


def _visit(chance: Random, crew: Crew, group: Group, taught: Taught, day: date, until: date) -> Told:
    """One visit as it comes: some door, whoever goes out, whatever happens."""
    going = crew.going(day)
    author = going[min(int(chance.expovariate(0.6)), len(going) - 1)]
    door = _which_door(chance, group)
    outcome = chance.choices(list(Outcome), (70, 17, 4, 9))[0]
    lot = chance.random()
    told = knock(chance, crew, author, door, day, outcome, until)
    told.voided = lot < 0.007
    if told.voided:
        door = replace(door, levels=dict(door.levels))  # nothing is learned at a visit that was none
    elif outcome is Outcome.DECLINED:
        door.declined = True
    form = told.form
    if outcome is Outcome.MET:
        teach(chance, form, door, taught)
    if outcome is Outcome.COME_BACK or (outcome is Outcome.MET and chance.random() < 0.12):
        form.come_back_on = day + timedelta(days=chance.choice((1, 2, 3, 7, 7, 14)))
    if outcome is Outcome.MET and 0.007 < lot < 0.017:
        update = {"item": new_id(chance, day, 21), "base": 1, "people": (form.people or 0) + 1}
        told.corrected = form.model_copy(update=update)
    return told


def _which_door(chance: Random, group: Group) -> Door:
    """A door of the group: the keen ones are asked for more often, closed ones are tried first, who declined is left alone."""
    weights = [4 if door.keen else 1 for door in group.doors]
    door = chance.choices(group.doors, weights)[0]
    if door.met and not door.keen and chance.random() < 0.45:
        door = min(chance.sample(group.doors, min(4, len(group.doors))), key=lambda other: other.met)
    if door.declined:
        door = next((other for other in group.doors if not other.declined), door)
    return door


def knock(
    chance: Random, crew: Crew, author: UUID, door: Door, day: date, outcome: Outcome, until: date
) -> Told:
    """A visit of which no more is known yet than what happened: in the evening or at a weekend, sent soon or within a day."""
    hour = chance.gauss(19.2, 0.9) if day.weekday() < 5 else chance.uniform(8, 20)
    saved = at(day, min(max(hour, 7), 21.8))
    form = VisitForm.model_construct(
        ward=door.ward_id, household=door.id, item=new_id(chance, day, 20), id=new_id(chance, day, 20), base=0,
        saved_at=saved, outcome=outcome, visited_on=day, skills={}, audiences={}, people=None,
        people_new=0, come_back_in=None, come_back_on=None, five_by_one=None, note="", sure=False,
    )  # fmt: skip
    waited = chance.choices((chance.uniform(0.001, 0.2), chance.uniform(0.5, 24)), (9, 1))[0]
    return Told(form, crew, author, min(saved + timedelta(hours=waited), at(until, 0)))


def teach(
    chance: Random,
    form: VisitForm,
    door: Door,
    taught: Taught,
    *,
    highest: int = SkillLevel.ALONE,
    reach: int = 0,
) -> None:
    """Who was there, what was taught, and how far it came: what was practised before is soon managed alone.

    No skill gets beyond `highest`; one at least gets as far as `reach` when that is given.
    """
    skills = taught.skills
    people = chance.choices((1, 2, 3, 4), (62, 26, 9, 3))[0]
    form.people = people
    form.people_new = people if not door.met else min(people, chance.choices((0, 1), (85, 15))[0])
    door.met += 1
    known = [code for code in _FIRST_TAUGHT if 0 < door.levels.get(skills[code].id, 0) < SkillLevel.ALONE]
    new = [code for code in _FIRST_TAUGHT if skills[code].id not in door.levels][:6]
    wanted = chance.choices((0, 1, 2, 3), (0, 10, 40, 50) if door.keen else (4, 40, 38, 18))[0]
    chosen = chance.sample(known, min(len(known), 2)) + chance.sample(new, min(len(new), 3))
    for code in chosen[: max(wanted, 1 if reach else 0)]:
        skill = skills[code]
        before = door.levels.get(skill.id, 0)
        level = max(1, before + chance.choices((0, 1, 2), (5, 45, 50) if door.keen else (15, 50, 35))[0])
        level = min(highest, level if form.skills else max(level, reach))
        door.levels[skill.id] = max(before, level)
        form.skills[skill.id] = SkillLevel(level)
    for code, share in _GROUPS_ASKED:
        present = sum(chance.random() < share for _ in range(people))
        if present:
            form.audiences[taught.audiences[code]] = present
    _ask_five(chance, form, door, taught)
    if chance.random() < 0.03:
        form.note = chance.choice(_NOTES)


def _ask_five(chance: Random, form: VisitForm, door: Door, taught: Taught) -> None:
    """While somebody there manages each of the five core groups and no yes stands, whether one person manages all."""
    cores = {
        skill.core
        for skill in taught.skills.values()
        if door.levels.get(skill.id) == SkillLevel.ALONE and skill.core
    }
    if len(cores) == len("DMTAN") and not door.five_by_one:
        form.five_by_one = door.five_by_one = chance.random() < 0.6
