"""Makes the demonstration city: the map, people, doors and a year of visits, in one transaction, and counts it all."""

from collections import defaultdict
from datetime import date, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from skills import clock
from skills.areas import load as areas
from skills.catalogue import load as catalogue
from skills.catalogue.find import audiences_on, skills_on
from skills.db import Database, Session, insert_many
from skills.demo.chance import new_id
from skills.demo.first_page import first_page_visits
from skills.demo.follow_ups import settle
from skills.demo.people import add_people
from skills.demo.places import add_doors, list_places
from skills.demo.year import Taught, Told, visits_of_a_year
from skills.households.models import DoorState, Household
from skills.people.models import Person
from skills.settings import settings
from skills.totals import check
from skills.visits import state
from skills.visits.forms import VisitForm, VoidForm
from skills.visits.models import (
    HouseholdCore,
    Outcome,
    Receipt,
    Visit,
    VisitAudience,
    VisitSkill,
    VisitVersion,
)
from skills.visits.receive import hashed
from skills.visits.tally import recount

_MAP_SINCE = date(2025, 7, 1)  # the day on which the wards of today came into being
_FEWEST, _SHORTEST = 300, 120


def make_city(
    database: Database,
    seed: int = 1,
    households: int = 2_000,
    visits: int = 6_000,
    days: int = 365,
    until: date | None = None,
) -> None:
    """Fills a database without doors and people. The same seed and `until` (today when not given) make the same city, in
    which nothing has happened on `until` itself yet.

    Raises ValueError in production, whose doors its known password would open; when there are doors or people already, for a
    demonstration never mixes with what people recorded; and for a city too small, too crowded or too early to be made.
    """
    until = until or clock.today()
    since = until - timedelta(days=days)
    _refuse_impossible(households, visits, days, until)
    chance = Random(f"{seed} {until} {households} {visits} {days}")
    with database.writing() as db:
        for table, what in ((Household, "households"), (Person, "people")):
            if db.execute(select(col(table.id)).limit(1)).first() is not None:
                raise ValueError(f"this database holds {what} already; the demonstration needs an empty one")
        areas.load(db)
        catalogue.load(db)
        places = list_places(db, chance, since, until)
        crews = add_people(db, chance, places, since, until)
        add_doors(db, chance, places, households, crews[0].members[0], since, until)
        taught = Taught(
            {skill.code: skill for skill in skills_on(db, until)},
            {group.code: group.id for group in audiences_on(db, until)},
        )
        beats = [(crew, group) for crew in crews for group in crew.groups]
        crew, own = next((crew, group) for crew, group in beats if group.area.name == "Tổ 12")
        told = first_page_visits(chance, crew, own, crew.members[1], taught, since, until)
        others = [beat for beat in beats if beat[1] is not own]
        told += visits_of_a_year(chance, others, taught, visits - len(told), since, until)
        settle(told, until)
        _write_visits(db, chance, told, until)
        _write_states(db, told, {skill.id: skill.core for skill in taught.skills.values()})
        check.rebuild(db, recount)


def _refuse_impossible(households: int, visits: int, days: int, until: date) -> None:
    """Says what can't be made before anything is written."""
    if settings().env == "production":
        raise ValueError(
            "there is no demonstration in production: everybody knows the password of its accounts"
        )
    if until < _MAP_SINCE:
        raise ValueError(f"the wards of the demonstration exist since {_MAP_SINCE}; choose a later day")
    if households < _FEWEST or visits < _FEWEST:
        raise ValueError(f"the demonstration needs at least {_FEWEST} households and {_FEWEST} visits")
    if days < _SHORTEST or visits > households * days // 4:
        raise ValueError(
            f"the demonstration needs at least {_SHORTEST} days, and days enough for so many visits"
        )


def _write_visits(db: Session, chance: Random, visits: list[Told], until: date) -> None:
    """Every visit with its lists, its versions and its receipts, as the verbs would have left them."""
    rows: dict[type[Any], list[dict[str, Any]]] = defaultdict(list)
    for told in visits:
        form, version = told.stands, 1
        whose = {"ward_id": form.ward, "visit_id": form.id}
        _keep_step(rows, chance, told, told.form, "record", 1)
        if told.corrected is not None:
            version += 1
            _keep_step(rows, chance, told, told.corrected, "correct", version)
        if told.voided:
            version += 1
            _keep_void(rows, chance, told, version)
        body = form.body()
        rows[Visit].append(
            {
                "ward_id": form.ward, "id": form.id, "household_id": form.household, "version": version,
                "outcome": body["outcome"], "people": body["people"], "people_new": body["people_new"],
                "visited_on": form.visited_on, "come_back_on": form.agreed_on if body["come_back_on"] else None,
                "five_by_one": body["five_by_one"], "odd": form.odd(form.visited_on or until), "note": form.note or None,
                "author_id": told.author, "team_id": told.crew.id, "device_id": None, "saved_at": form.saved_at,
                "received_at": told.received_at, "voided_at": told.received_at if told.voided else None,
            }
        )  # fmt: skip
        rows[VisitSkill] += [
            whose | {"skill_id": int(key), "level": level} for key, level in body["skills"].items()
        ]
        rows[VisitAudience] += [
            whose | {"audience_id": int(key), "people": people} for key, people in body["audiences"].items()
        ]
    for table in (Visit, VisitSkill, VisitAudience, VisitVersion, Receipt):
        insert_many(db, table, rows[table])


def _keep_step(
    rows: dict[type[Any], list[dict[str, Any]]],
    chance: Random,
    told: Told,
    form: VisitForm,
    op: str,
    version: int,
) -> None:
    """One version of a visit and the receipt of the item that made it."""
    body = form.model_copy(update={"note": ""}).canonical()
    _keep(rows, chance, told, form.item, op, version, body, form.canonical(), "")


def _keep_void(rows: dict[type[Any], list[dict[str, Any]]], chance: Random, told: Told, version: int) -> None:
    """The step that took a visit out of every figure."""
    form = told.form
    item = new_id(chance, form.visited_on or told.received_at.date(), 21)
    void = VoidForm(item=item, base=version - 1, reason="twice")
    _keep(rows, chance, told, item, "void", version, "{}", void.canonical(form.id), void.reason)


def _keep(
    rows: dict[type[Any], list[dict[str, Any]]],
    chance: Random,
    told: Told,
    item: UUID,
    op: str,
    version: int,
    body: str,
    canonical: str,
    reason: str,
) -> None:
    form = told.form
    salt = chance.randbytes(16).hex()
    rows[VisitVersion].append(
        {
            "ward_id": form.ward, "visit_id": form.id, "version": version, "item": item, "op": op, "base": version - 1,
            "body": body, "reason": reason, "author_id": told.author, "saved_at": form.saved_at, "received_at": told.received_at,
        }
    )  # fmt: skip
    rows[Receipt].append(
        {
            "ward_id": form.ward, "item": item, "salt": salt, "body_hash": hashed(salt, canonical), "author_id": told.author,
            "to_ward_id": form.ward, "visit_id": form.id, "version": version, "received_at": told.received_at,
        }
    )  # fmt: skip


def _write_states(db: Session, visits: list[Told], cores: dict[int, str | None]) -> None:
    """What the standing visits of each door come to, by the same rules as after a single visit."""
    standing: dict[tuple[int, UUID], list[VisitForm]] = defaultdict(list)
    for told in visits:
        if not told.voided:
            standing[told.form.ward, told.form.household].append(told.stands)
    states: list[dict[str, Any]] = []
    steps: list[dict[str, Any]] = []
    for (ward_id, household_id), forms in standing.items():
        forms.sort(key=lambda form: (str(form.visited_on), str(form.saved_at)))
        rows = [
            SimpleNamespace(
                id=form.id, outcome=str(form.outcome), visited_on=form.visited_on, saved_at=form.saved_at,
                come_back_on=form.agreed_on, five_by_one=form.five_by_one,
            )
            for form in forms
        ]  # fmt: skip
        taught = sorted(
            ((form.id, skill, int(level), cores[skill], form.visited_on) for form in forms if form.outcome is Outcome.MET for skill, level in form.skills.items()),
            key=lambda row: row[1],
        )  # fmt: skip
        place = {"ward_id": ward_id, "household_id": household_id}
        states.append(place | (state.state(rows, taught) or {}))
        steps += [
            place | {"core": core, "first_alone_on": day} for core, day in state.ladder(rows, taught).items()
        ]
    insert_many(db, DoorState, states)
    insert_many(db, HouseholdCore, steps)
