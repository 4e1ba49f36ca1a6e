"""A year of visits: evenings and weekends, a crowd around 28 August, quiet hills, people who learn and people who are out."""

from dataclasses import dataclass
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


def visits_of_a_year(
    chance: Random,
    crews: list[Crew],
    skills: dict[str, Skill],
    audiences: dict[str, int],
    n: int,
    since: date,
    until: date,
) -> list[Told]:
    """So many visits from `since` to `until`, in order of day."""
    groups = [(crew, group) for crew in crews for group in crew.groups if group.weight and group.doors]
    days = [since + timedelta(days=place) for place in range((until - since).days + 1)]
    when = sorted(chance.choices(days, [_busy(day) for day in days], k=n))
    where = chance.choices(groups, [group.weight * len(group.doors) for _, group in groups], k=n)
    return [
        _visit(chance, crew, group, skills, audiences, day, until)
        for day, (crew, group) in zip(when, where, strict=True)
    ]


def _busy(day: date) -> float:
    """How busy a day is: weekends twice as busy, the city's digital day of 28 August and the week around it many times."""
    busy = 2.0 if day.weekday() >= 5 else 1.0
    if day.month == 8 and 24 <= day.day <= 30:
        busy *= 9 if day.day == 28 else 4
    return busy * (2 if (day.month, day.day) == (10, 10) else 1)


def _visit(
    chance: Random,
    crew: Crew,
    group: Group,
    skills: dict[str, Skill],
    audiences: dict[str, int],
    day: date,
    until: date,
) -> Told:
    going = [member for member in crew.members if crew.stopped.get(member, until) >= day]
    author = going[min(int(chance.expovariate(0.6)), len(going) - 1)]
    door = chance.choice(group.doors)
    keen = [other for other in group.doors if other.keen]
    if keen and chance.random() < 0.25:
        door = chance.choice(keen)
    elif door.met and chance.random() < 0.2:  # a door that is still closed is tried first
        door = min(chance.sample(group.doors, min(4, len(group.doors))), key=lambda other: other.met)
    hour = chance.gauss(19.2, 0.9) if day.weekday() < 5 else chance.uniform(8, 20)
    saved = at(day, min(max(hour, 7), 21.8))
    outcome = chance.choices(list(Outcome), (70, 17, 4, 9))[0]
    form = VisitForm.model_construct(
        ward=door.ward_id, household=door.id, item=new_id(chance, day, 20), id=new_id(chance, day, 20), base=0,
        saved_at=saved, outcome=outcome, visited_on=day, skills={}, audiences={}, people=None,
        people_new=0, come_back_in=None, come_back_on=None, five_by_one=None, note="", sure=False,
    )  # fmt: skip
    if outcome is Outcome.MET:
        _teach(chance, form, door, skills, audiences)
    if outcome is Outcome.COME_BACK or (outcome is Outcome.MET and chance.random() < 0.12):
        form.come_back_on = day + timedelta(days=chance.choice((1, 2, 3, 7, 7, 14)))
    waited = chance.choices((chance.uniform(0.01, 0.2), chance.uniform(0.5, 24)), (9, 1))[0]
    received = min(saved + timedelta(hours=waited), at(until, 23.9))
    told = Told(form, crew, author, max(received, saved))
    _second_thoughts(chance, told)
    return told


def _teach(
    chance: Random, form: VisitForm, door: Door, skills: dict[str, Skill], audiences: dict[str, int]
) -> None:
    """Who was there, what was taught, and how far it came: what was practised before is soon managed alone."""
    people = chance.choices((1, 2, 3, 4), (62, 26, 9, 3))[0]
    form.people = people
    form.people_new = people if not door.met else min(people, chance.choices((0, 1), (85, 15))[0])
    door.met += 1
    known = [code for code in _FIRST_TAUGHT if 0 < door.levels.get(skills[code].id, 0) < SkillLevel.ALONE]
    new = [code for code in _FIRST_TAUGHT if skills[code].id not in door.levels][:6]
    wanted = chance.choices((0, 1, 2, 3), (4, 40, 38, 18))[0]
    for code in (chance.sample(known, min(len(known), 2)) + chance.sample(new, min(len(new), 3)))[:wanted]:
        skill = skills[code]
        before = door.levels.get(skill.id, 0)
        level = min(SkillLevel.ALONE, max(1, before + chance.choices((0, 1, 2), (15, 50, 35))[0]))
        door.levels[skill.id] = max(before, level)
        form.skills[skill.id] = SkillLevel(level)
    for code, share in _GROUPS_ASKED:
        present = sum(chance.random() < share for _ in range(people))
        if present:
            form.audiences[audiences[code]] = present
    cores = {
        skill.core
        for skill in skills.values()
        if door.levels.get(skill.id) == SkillLevel.ALONE and skill.core
    }
    if len(cores) == len("DMTAN"):
        form.five_by_one = chance.random() < 0.6
    if chance.random() < 0.03:
        form.note = chance.choice(_NOTES)


def _second_thoughts(chance: Random, told: Told) -> None:
    """One visit in a hundred is corrected, one in a hundred and fifty voided."""
    lot = chance.random()
    if lot < 0.007:
        told.voided = True
    elif lot < 0.017 and told.form.outcome is Outcome.MET:
        told.corrected = told.form.model_copy(
            update={"item": new_id(chance, told.form.visited_on or told.received_at.date(), 21), "base": 1, "people": (told.form.people or 0) + 1}
        )  # fmt: skip
