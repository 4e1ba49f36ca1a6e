"""Visits as they come: evenings and weekends, a crowd around 28 August, quiet hills, people who learn and people who are out."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from random import Random
from uuid import UUID

from skills.catalogue.find import audiences_on, skills_on
from skills.catalogue.models import SkillLevel
from skills.db import Session
from skills.demo.chance import at, new_id
from skills.demo.doors import Door
from skills.demo.people import Crew
from skills.visits.forms import VisitForm
from skills.visits.models import Outcome

_FIRST_TAUGHT = (
    "CQ01", "XH04", "KT02", "CQ04", "KT04", "CQ06", "CQ03", "XH01", "NT04", "KT03", "CQ02", "NT01", "XH03", "KT07",
)  # fmt: skip
_NOTES = (
    "Buổi tối mới có người.",
    "Nhà có chó, gọi trước cổng.",
    "Muốn học tiếp phần thanh toán.",
    "Điện thoại đời cũ, máy chậm.",
    "Chữ nhỏ quá, đã phóng to giúp.",
    "Con trai ở xa, muốn học gọi video.",
    "Quên mật khẩu VNeID, hẹn ra phường làm lại.",
    "Từng bị gọi điện lừa, còn ngại chuyển khoản.",
    "Bán hàng ở chợ, rảnh sau 17 giờ.",
    "Nhà thuê, sắp chuyển đi.",
    "Chưa có mạng Wi-Fi, dùng 4G.",
    "Đã tự nộp được hồ sơ, nhờ xem lại một bước.",
)
_GROUPS_ASKED = (("NCT", 0.35), ("PN", 0.4), ("HKD", 0.12), ("HSSV", 0.12), ("ND", 0.1))
_OUTCOMES = (Outcome.MET, Outcome.ABSENT, Outcome.DECLINED, Outcome.COME_BACK)
_HOW_OFTEN = (70, 87, 91, 100)  # of a hundred visits, added up
_KEEN_FIRST = 0.23  # of the visits are to those who want to learn it all: four times their share


@dataclass(slots=True)
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
    """The catalogue of a day, by code and by id: the skills, their core groups, and the audience groups asked at a door."""

    skills: dict[str, int]
    cores: dict[int, str | None]
    audiences: dict[str, int]


def catalogue_on(db: Session, day: date) -> Taught:
    """What is taught on that day."""
    skills = skills_on(db, day)
    return Taught(
        {skill.code: skill.id for skill in skills},
        {skill.id: skill.core for skill in skills},
        {group.code: group.id for group in audiences_on(db, day)},
    )


def visits_of(
    chance: Random, crew: Crew, doors: Sequence[Door], taught: Taught, n: int, since: date, until: date
) -> list[Told]:
    """So many visits of a team to these doors, from `since` to the day before `until`, in order of day.

    Nothing on the day itself: the city may be made in the morning, and nobody has been out yet. The doors stand in the
    order in which they were written down, and nobody knocks on one before.
    """
    street = _Street(doors)
    days, weights = _calendar(since, until)
    when = sorted(chance.choices(days, cum_weights=weights, k=n))
    return [_visit(chance, crew, street, taught, day, until) for day in when]


def busy(day: date) -> float:
    """How busy a day is: weekends twice as busy, the city's digital day of 28 August and the week around it many times."""
    crowd = 2.0 if day.weekday() >= 5 else 1.0
    if day.month == 8 and 24 <= day.day <= 30:
        crowd *= 9 if day.day == 28 else 4
    return crowd * (2 if (day.month, day.day) == (10, 10) else 1)


@lru_cache(maxsize=64)
def _calendar(since: date, until: date) -> tuple[list[date], list[float]]:
    """The days, and how busy they are, added up."""
    days = [since + timedelta(days=place) for place in range((until - since).days)]
    return days, list(accumulate(busy(day) for day in days))


class _Street:
    """The doors that somebody may knock on, on a day."""

    def __init__(self, doors: Sequence[Door]) -> None:
        self._all = doors
        self._keen = [door for door in doors if door.keen]
        self._since = [door.since for door in doors]
        self._keen_since = [door.since for door in self._keen]

    def choose(self, chance: Random, day: date) -> Door:
        """A door: the keen ones are asked for more often, closed ones are tried first, who declined is left alone."""
        known = bisect_right(self._since, day)
        keen = bisect_right(self._keen_since, day)
        if keen and chance.random() < _KEEN_FIRST:
            return self._keen[int(chance.random() * keen)]
        door = self._all[int(chance.random() * known)]
        if door.met and not door.keen and chance.random() < 0.45:
            others = [self._all[int(chance.random() * known)] for _try in range(4)]
            door = min(others, key=lambda other: other.met)
        if door.declined:
            door = next((other for other in self._all[:known] if not other.declined), door)
        return door


def _visit(chance: Random, crew: Crew, street: _Street, taught: Taught, day: date, until: date) -> Told:
    """One visit as it comes: some door, whoever goes out, whatever happens."""
    going = crew.going(day)
    author = going[min(int(chance.expovariate(0.6)), len(going) - 1)]
    door = street.choose(chance, day)
    outcome = _OUTCOMES[bisect_right(_HOW_OFTEN, chance.random() * 100)]
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
        update = {"item": new_id(chance, told.received_at), "base": 1, "people": (form.people or 0) + 1}
        told.corrected = form.model_copy(update=update)
    return told


def knock(
    chance: Random, crew: Crew, author: UUID, door: Door, day: date, outcome: Outcome, until: date
) -> Told:
    """A visit of which no more is known yet than what happened: in the evening or at a weekend, sent soon or within a day."""
    hour = chance.gauss(19.2, 0.9) if day.weekday() < 5 else chance.uniform(8, 20)
    saved = at(day, min(max(hour, 7), 21.8))
    form = VisitForm.model_construct(
        ward=door.ward_id, household=door.id, item=new_id(chance, saved), id=new_id(chance, saved), base=0,
        saved_at=saved, outcome=outcome, visited_on=day, skills={}, audiences={}, people=None,
        people_new=0, come_back_in=None, come_back_on=None, five_by_one=None, note="", sure=False,
    )  # fmt: skip
    waited = chance.uniform(0.001, 0.2) if chance.random() < 0.9 else chance.uniform(0.5, 24)
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
    people = 1 + bisect_right((0.62, 0.88, 0.97), chance.random())
    if chance.random() < 0.0005:
        people, form.sure = chance.randrange(21, 30), True  # a wedding: unlikely, asked about, and so it was
    form.people = people
    form.people_new = people if not door.met else min(people, int(chance.random() < 0.15))
    door.met += 1
    for skill in _lessons(chance, door, taught, least=1 if reach else 0):
        before = door.levels.get(skill, 0)
        climb = chance.choices((0, 1, 2), (5, 45, 50) if door.keen else (15, 50, 35))[0]
        level = max(1, before + climb)
        level = min(highest, level if form.skills else max(level, reach))
        door.levels[skill] = max(before, level)
        form.skills[skill] = SkillLevel(level)
    for code, share in _GROUPS_ASKED:
        present = sum(chance.random() < share for _person in range(people))
        if present:
            form.audiences[taught.audiences[code]] = present
    _ask_five(chance, form, door, taught)
    if chance.random() < 0.03:
        form.note = chance.choice(_NOTES)


def _lessons(chance: Random, door: Door, taught: Taught, least: int) -> list[int]:
    """The skills of a meeting: what was begun before, then the next that everybody is shown, now and then any other."""
    first = [taught.skills[code] for code in _FIRST_TAUGHT]
    levels = door.levels
    begun = [skill for skill in first if 0 < levels.get(skill, 0) < SkillLevel.ALONE]
    new = [skill for skill in first if skill not in levels][:6]
    if chance.random() < 0.06:
        new = [skill for skill in taught.skills.values() if skill not in levels]
    wanted = chance.choices((0, 1, 2, 3), (0, 10, 40, 50) if door.keen else (4, 40, 38, 18))[0]
    chosen = chance.sample(begun, min(len(begun), 2)) + chance.sample(new, min(len(new), 3))
    return chosen[: max(wanted, least)]


def _ask_five(chance: Random, form: VisitForm, door: Door, taught: Taught) -> None:
    """While somebody there manages each of the five core groups and no yes stands, whether one person manages all."""
    if door.five_by_one:
        return
    cores = {taught.cores[skill] for skill, level in door.levels.items() if level == SkillLevel.ALONE}
    if len(cores - {None}) == len("DMTAN"):
        form.five_by_one = door.five_by_one = chance.random() < 0.6
