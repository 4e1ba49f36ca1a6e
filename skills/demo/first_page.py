"""Tổ 12, phường Hải Châu, where Hoài goes from door to door: every mark is to be seen there, and her first page keeps its promise.

The promise, on whatever day the city is made: the follow-up that stands first is of a door at which somebody was last met in an
earlier month of both calendars and was taught something then. So four taps from there log a visit that adds a household to
this month.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random
from uuid import UUID

from skills.catalogue.models import SkillLevel
from skills.demo.doors import Door
from skills.demo.knocking import Taught, Told, busy, knock, teach
from skills.demo.people import Crew
from skills.households.models import Mark
from skills.text import lane_of
from skills.visits.models import Outcome

_MARKS = {
    Mark.MET: 32,
    Mark.SELF: 12,
    Mark.BACK: 7,
    Mark.REFUSE: 1,
}  # of 84 doors; nobody was met at the others
_LATER_ON = {"K61": 0.25, "K83": 0.6}  # the lanes that the team has hardly come to yet
_EARLIER_MONTH = (40, 75)  # days back: more than any month has, so it was in an earlier one in both calendars


def first_page_visits(
    chance: Random,
    crew: Crew,
    doors: Sequence[Door],
    hoai: UUID,
    taught: Taught,
    since: date,
    until: date,
) -> list[Told]:
    """The visits of the group with these doors, from `since` to the day before `until`, after which each of its doors bears its mark."""
    marks = [mark for mark, doors in _MARKS.items() for _ in range(doors)]
    chance.shuffle(marks)
    order = sorted(doors, key=lambda door: chance.random() + _LATER_ON.get(lane_of(door.number), 0))
    marks += [Mark.TODO] * (len(order) - len(marks))
    waiting = _follow_ups(chance, until)
    days = [since + timedelta(days=place) for place in range((until - since).days)]
    found: list[Told] = []

    def go(door: Door, day: date, outcome: Outcome, highest: int = 2, reach: int = 0) -> Told:
        author = hoai if chance.random() < 0.55 else chance.choice(crew.going(day))
        told = knock(chance, crew, author, door, day, outcome, until)
        if outcome is Outcome.MET:
            teach(chance, told.form, door, taught, highest=highest, reach=reach)
        found.append(told)
        return told

    for door, mark in zip(order, marks, strict=True):
        if mark is Mark.BACK:
            day, agreed, outcome = next(waiting)
            if outcome is Outcome.COME_BACK:
                # they know each other already, so there is something to go on with
                go(door, day - timedelta(days=chance.randint(15, 30)), Outcome.MET)
            go(door, day, outcome, reach=1).form.come_back_on = agreed
            continue
        if mark is Mark.TODO and chance.random() < 0.85:
            continue  # nobody has come to most of them
        visits = sorted(chance.choices(days, [busy(day) for day in days], k=chance.randint(2, 3)))
        for day in visits[:-1]:
            away = mark in (Mark.TODO, Mark.REFUSE) or chance.random() < 0.3
            go(door, day, Outcome.ABSENT if away else Outcome.MET)
        last = {Mark.TODO: Outcome.ABSENT, Mark.REFUSE: Outcome.DECLINED}.get(mark, Outcome.MET)
        alone = SkillLevel.ALONE if mark is Mark.SELF else SkillLevel.PRACTISED
        go(door, visits[-1], last, highest=alone, reach=alone if mark is Mark.SELF else 1)
    return found


def _follow_ups(chance: Random, until: date) -> Iterator[tuple[date, date, Outcome]]:
    """For each door that waits: the day of the last visit, the day agreed, and what happened. The first waits longest."""

    def back(days: int) -> date:
        return until - timedelta(days=days)

    yield back(chance.randint(*_EARLIER_MONTH)), back(2), Outcome.MET
    yield back(6), back(1), Outcome.COME_BACK
    yield back(9), back(0), Outcome.MET
    yield back(4), back(0), Outcome.COME_BACK
    yield back(3), back(-1), Outcome.MET
    yield back(8), back(-4), Outcome.COME_BACK
    yield back(2), back(-7), Outcome.MET
