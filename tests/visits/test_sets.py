"""Twenty visits that come at once are what they'd be one by one, to the last row, in as many statements as a single one."""

import random
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select

from skills import clock
from skills.db import Database, Row, table_of
from skills.errors import Conflict, NotAllowed, NotFound
from skills.households.models import DoorState, Forward, WardBlock
from skills.people.models import Role
from skills.people.viewer import Posted, Viewer
from skills.totals import check
from skills.totals.measures import Measure
from skills.totals.models import WHOLE_WARD, UnitPeriod
from skills.visits.forms import VisitForm
from skills.visits.models import (
    HouseholdCore,
    Outcome,
    Receipt,
    Visit,
    VisitAudience,
    VisitSkill,
    VisitVersion,
)
from skills.visits.receive import PLAINLY, Brought, Taken
from skills.visits.record import record_visit, record_visits
from skills.visits.tally import recount
from tests import cast
from tests.cast import City
from tests.visits.crowd import all_doors

NOW = datetime(2026, 11, 25, 3, 4, 5, 678_901, tzinfo=UTC)
TODAY = date(2026, 11, 25)
TABLES: tuple[type[Row], ...] = (
    Visit, VisitSkill, VisitAudience, VisitVersion, Receipt, DoorState, HouseholdCore, UnitPeriod, WardBlock,
)  # fmt: skip
SALTED = {"salt", "body_hash", "sent_hash"}
Sent = tuple[VisitForm, Brought]


@pytest.fixture(autouse=True)
def one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways are walked in the same moment."""
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def twins(cast_file: Path, tmp_path: Path) -> Iterator[tuple[City, City]]:
    """The cast twice, each with a database of its own."""
    made = []
    for name in ("together", "alone"):
        file = tmp_path / f"{name}.db"
        shutil.copy(cast_file, file)
        made.append(cast.meet(Database(f"sqlite:///{file}"), f"sqlite:///{file}"))
    yield made[0], made[1]
    for city in made:
        city.database.dispose()


def everywhere(city: City) -> Viewer:
    """A ward lead of both wards who goes out with two teams of the first."""
    lead = city.people["Thu"]
    teams = tuple(sorted(team.id for team in city.teams.values()))[:2]
    postings = tuple(Posted(Role.WARD_LEAD, ward.id) for ward in city.wards.values())
    return Viewer(lead.id, lead.full_name, lead.short_name, "vi", postings, teams[::-1], frozenset(), TODAY)


def some_visits(chance: random.Random, doors: list[tuple[int, uuid.UUID]], n: int) -> list[Sent]:
    """So many visits, often several at one door, often on one day, some in the very same second."""
    days = [TODAY - timedelta(days=chance.randrange(400)) for _ in range(3)]
    few = chance.sample(doors, min(len(doors), chance.randrange(1, 6)))
    return [(_form(chance, *chance.choice(few), chance.choice(days)), _brought(chance)) for _ in range(n)]


def _form(chance: random.Random, ward: int, household: uuid.UUID, day: date) -> VisitForm:
    people = chance.randrange(5)
    outcome = chance.choice(["met", "met", "met", "absent", "declined", "come_back"])
    return VisitForm.model_validate(
        {
            "ward": ward,
            "household": household,
            "item": uuid.UUID(int=chance.getrandbits(128)),
            "id": uuid.UUID(int=chance.getrandbits(128)),
            "outcome": outcome,
            "people": 30 if chance.random() < 0.1 else people,
            "people_new": chance.randrange(people + 1),
            "skills": {
                skill: chance.randrange(1, 4) for skill in chance.sample(range(1, 31), chance.randrange(9))
            },
            "audiences": {
                group: chance.randrange(people + 1) for group in chance.sample(range(1, 10), chance.randrange(3))
            },
            "come_back_on": day + timedelta(days=3) if outcome == "come_back" or chance.random() < 0.2 else None,
            "five_by_one": chance.choice([None, True, False]),
            "note": chance.choice(["", "gọi cửa sau"]),
            "visited_on": day,
            "saved_at": chance.choice([None, f"{day}T08:00:00+07:00", f"{day}T0{chance.randrange(9)}:30:00+07:00"]),
        }
    )  # fmt: skip


def _brought(chance: random.Random) -> Brought:
    return chance.choice([PLAINLY, Brought(uuid.UUID(int=chance.getrandbits(128)), "ab" * 32)])


def together(city: City, viewer: Viewer, sent: list[Sent]) -> list[Taken]:
    with city.database.writing() as db:
        return record_visits(db, viewer, [form for form, _ in sent], [brought for _, brought in sent])


def alone(city: City, viewer: Viewer, sent: list[Sent]) -> list[Taken]:
    """Each in a transaction of its own."""
    answers = []
    for form, brought in sent:
        with city.database.writing() as db:
            answers.append(record_visit(db, viewer, form, brought))
    return answers


def rows(city: City) -> dict[str, list[Any]]:
    """All that recording writes, but what is salted."""
    with city.database.reading() as db:
        return {
            table.__name__: sorted(
                (
                    tuple(row)
                    for row in db.execute(
                        select(*(column for column in table_of(table).c if column.name not in SALTED))
                    )
                ),
                key=repr,
            )
            for table in TABLES
        }


def exact(city: City) -> None:
    with city.database.reading() as db:
        assert check.check(db, recount) == []


def compare(one: City, other: City, seed: int) -> None:
    """Three sets after one another, each beside the visits of the one before, the last with some that came before."""
    chance = random.Random(seed)
    viewer, doors = everywhere(one), all_doors(one.database)
    before: list[Sent] = []
    for _ in range(3):
        sent = some_visits(chance, doors, chance.randrange(1, 25))
        sent += [*chance.sample(before, min(len(before), 2)), chance.choice(sent)]
        chance.shuffle(sent)
        assert together(one, viewer, sent) == alone(other, viewer, sent)
        before += sent
    assert rows(one) == rows(other)
    exact(one)


@pytest.mark.parametrize("seed", range(8))
def test_a_set_is_what_its_visits_are_one_by_one(twins: tuple[City, City], seed: int) -> None:
    """Answers and every row, with several visits at a door, repeats, steps of the ladder that move to an earlier day."""
    compare(*twins, seed)


@pytest.mark.postgres
def test_the_same_on_postgres(postgres_city: City, cast_file: Path, tmp_path: Path) -> None:
    """One by one on SQLite, as sets on PostgreSQL: moments, ids and numbers come out alike."""
    file = tmp_path / "alone.db"
    shutil.copy(cast_file, file)
    other = cast.meet(Database(f"sqlite:///{file}"), f"sqlite:///{file}")
    assert all_doors(other.database) == all_doors(postgres_city.database)
    for seed in range(100, 104):
        compare(postgres_city, other, seed)
    other.database.dispose()


def test_visits_to_one_door_see_each_other(city: City) -> None:
    """Nobody home twice, then met twice on two days: away times, revisited and the last meeting know all four."""
    chance, door = random.Random(1), city.doors["7"]
    sent = []
    for days, outcome in ((4, "absent"), (3, "absent"), (2, "met"), (1, "met")):
        form = _form(chance, door.ward_id, door.id, TODAY - timedelta(days=days))
        sent.append((form.model_copy(update={"outcome": Outcome(outcome)}), PLAINLY))
    together(city, everywhere(city), sent[2:] + sent[:2])
    with city.database.reading() as db:
        state = db.get(DoorState, (door.ward_id, door.id))
        amounts = table_of(UnitPeriod).c
        whole_month = (
            amounts.measure == Measure.REVISITED,
            amounts.kind == "month",
            amounts.unit_id == WHOLE_WARD,
        )
        revisited = db.execute(select(amounts.n).where(*whole_month)).scalars()
        assert list(revisited) == [1, 1]  # of both calendars
    assert state is not None
    assert (state.away_times, state.last_met_on) == (0, TODAY - timedelta(days=1))
    exact(city)


def test_an_item_that_stands_twice_is_taken_once(city: City) -> None:
    (form, how), (other, _) = some_visits(random.Random(2), all_doors(city.database), 2)
    viewer = everywhere(city)
    answers = together(city, viewer, [(form, how), (other, PLAINLY), (form, how)])
    assert [taken.status for taken in answers] == ["accepted", "accepted", "already"]
    assert answers[2] == Taken(form.item, "already", form.ward, form.id, 1)
    with city.database.reading() as db:
        assert db.execute(select(func.count()).select_from(Visit)).scalar_one() == 2


@pytest.mark.parametrize("wrong", ["other content", "other item", "no door", "far away", "may only look"])
def test_all_or_none(city: City, wrong: str) -> None:
    """The last of a set can't be taken: what it would raise alone is raised, and nothing of the others is written."""
    here = [
        (door.ward_id, door.id) for door in city.doors.values() if door.ward_id == city.wards["Hải Châu"].id
    ]
    near = [place for place in here if place[1] != city.doors["31"].id]
    viewer = city.viewer("Hoài", TODAY)
    sent = some_visits(random.Random(3), near, 5)
    first, last = sent[0][0], sent[4][0]
    changes: dict[str, dict[str, Any]] = {
        "other content": {"item": first.item, "id": first.id, "note": "khác"},
        "other item": {"ward": first.ward, "household": first.household, "id": first.id},
        "no door": {"household": uuid.UUID(int=7)},
        "far away": {"household": city.doors["8"].id, "ward": city.doors["8"].ward_id},
        "may only look": {},
    }
    sent[4] = (last.model_copy(update=changes[wrong]), PLAINLY)
    if wrong == "may only look":
        viewer = city.viewer("Tâm", TODAY)
    error: Any = {"other content": Conflict, "other item": Conflict, "may only look": (NotAllowed, NotFound)}
    with pytest.raises(error.get(wrong, NotFound)) as raised:
        together(city, viewer, sent)
    codes = {"other content": "item_reused", "other item": "visit_exists"}
    if wrong in codes:
        assert raised.value.code == codes[wrong]
        assert raised.value.details == {"ward_id": first.ward, "visit_id": first.id}
    assert not any(rows(city)[table.__name__] for table in TABLES if table is not WardBlock)
    exact(city)


def test_a_set_follows_doors_that_were_carried_over(city: City) -> None:
    """Known to the phone under another ward, stored here; the receipt stays where the phone sent it."""
    door, old, elsewhere = city.doors["7"], uuid.UUID(int=77), city.wards["An Hải"].id
    with city.database.writing() as db:
        db.add(Forward(ward_id=elsewhere, id=old, to_ward_id=door.ward_id, to_id=door.id))
    sent = some_visits(random.Random(4), [(elsewhere, old), (door.ward_id, door.id)], 8)
    sent.append((_form(random.Random(5), elsewhere, old, TODAY), PLAINLY))
    viewer = everywhere(city)
    assert {taken.ward_id for taken in together(city, viewer, sent)} == {door.ward_id}
    assert {taken.status for taken in together(city, viewer, sent)} == {"already"}
    with city.database.reading() as db:
        assert set(db.execute(select(table_of(Receipt).c.ward_id)).scalars()) >= {elsewhere}
    exact(city)


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements that reach the driver; many rows of one statement are one."""
    heard: list[str] = []

    def hear(_connection: Any, _cursor: Any, text: str, *_rest: Any) -> None:
        heard.append(text)

    event.listen(database.writer, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        event.remove(database.writer, "before_cursor_execute", hear)


def test_a_large_set_takes_no_more_statements_than_a_small_one(city: City) -> None:
    """Three or two hundred, new or sent again."""
    viewer, doors, chance = everywhere(city), all_doors(city.database), random.Random(6)
    door = next(iter(city.doors.values()))
    together(city, viewer, [(_form(chance, ward, home, TODAY), PLAINLY) for ward, home in doors])
    heard: dict[int, list[str]] = {}
    told = {"outcome": Outcome.MET, "skills": {1: 1}, "audiences": {1: 1}, "people": 1, "five_by_one": None}
    for n in (3, 200):
        visits = some_visits(chance, [(door.ward_id, door.id)], n)
        sent = [(form.model_copy(update=told), how) for form, how in visits]
        for again in (1, -1):
            with counted(city.database) as heard[n * again]:
                together(city, viewer, sent)
    assert len(heard[200]) == len(heard[3]) <= 19
    assert len(heard[-200]) == len(heard[-3]) <= 6


def test_nothing_is_nothing(city: City) -> None:
    assert together(city, everywhere(city), []) == []


def test_a_household_is_counted_as_often_as_it_is_there(city: City) -> None:
    """All twelve doors of the cast in one set: reached counts doors, not visits."""
    chance = random.Random(8)
    sent = [
        (_form(chance, door.ward_id, door.id, TODAY).model_copy(update={"outcome": Outcome.MET}), PLAINLY)
        for door in city.doors.values()
        for _ in range(2)
    ]
    together(city, everywhere(city), sent)
    with city.database.reading() as db:
        amounts = table_of(UnitPeriod).c
        reached = select(func.sum(amounts.n)).where(amounts.measure == Measure.REACHED, amounts.kind == "day")
        assert db.execute(reached).scalar_one() == len(city.doors)
