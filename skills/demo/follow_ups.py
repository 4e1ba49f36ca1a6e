"""Follow-ups that somebody could still be keeping: old ones were kept or let go, and Hoài has some due on her first page."""

from datetime import date, timedelta
from random import Random
from uuid import UUID

from skills.catalogue.models import Skill, SkillLevel
from skills.demo.chance import at, new_id
from skills.demo.people import Crew
from skills.demo.places import Group
from skills.demo.year import Told
from skills.visits.forms import VisitForm
from skills.visits.models import Outcome

_LET_GO = timedelta(days=10)
_EARLIER_MONTH = timedelta(days=55)  # in no calendar is a day so far back in the same month
_WAITS = timedelta(days=4)
DUE = 3  # doors of Hoài's that are due


def settle(visits: list[Told], own: Group, until: date) -> None:
    """Lets go of what was agreed long ago; in Hoài's group nothing else may be due as long as the door of `first_row`."""
    doors = {door.id for door in own.doors}
    latest = {
        told.form.household: told
        for told in visits
        if not told.voided and told.form.outcome is not Outcome.ABSENT
    }
    for told in latest.values():
        form = told.stands
        if form.come_back_on is None:
            continue
        oldest = until - (timedelta(days=1) if form.household in doors else _LET_GO)
        if form.come_back_on >= oldest:
            continue
        if form.outcome is Outcome.MET:
            form.come_back_on = None
        else:
            form.outcome, form.come_back_on = Outcome.ABSENT, None


def first_rows(
    chance: Random,
    visits: list[Told],
    own: Group,
    crew: Crew,
    author: UUID,
    skills: dict[str, Skill],
    until: date,
) -> None:
    """Makes three doors of Hoài's group due. The first was last met in an earlier month of both calendars, with two skills
    taught then, and waits longest: from the first page four taps log a visit that adds a household to this month."""
    day = until - _EARLIER_MONTH
    chosen = [own.doors[place] for place in (5, 9, 14)[:DUE] if place < len(own.doors)]
    for told in visits:
        form = told.stands
        if form.household == chosen[0].id and form.visited_on is not None and form.visited_on > day:
            told.voided = True
    taught = {skills["CQ01"].id: SkillLevel.PRACTISED, skills["XH04"].id: SkillLevel.INTRODUCED}
    for door, met_on, due in zip(
        chosen,
        (day, until - timedelta(days=9), until - timedelta(days=6)),
        (until - _WAITS, until, until),
        strict=False,
    ):
        form = VisitForm.model_construct(
            ward=door.ward_id, household=door.id, item=new_id(chance, met_on, 19), id=new_id(chance, met_on, 19), base=0,
            saved_at=at(met_on, 19.5), outcome=Outcome.MET, visited_on=met_on, skills=dict(taught), audiences={}, people=1,
            people_new=0, come_back_in=None, come_back_on=due, five_by_one=None, note="", sure=False,
        )  # fmt: skip
        for told in visits:  # nothing later at these doors: what was agreed last is what waits
            later = told.stands.visited_on
            if told.stands.household == door.id and later is not None and later >= met_on:
                told.voided = True
        visits.append(Told(form, crew, author, at(met_on, 19.6)))
