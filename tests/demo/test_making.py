"""Making the demonstration: the same city out of the same seed, all of it or nothing, and never among what people recorded."""

import uuid
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from skills import clock, settings
from skills.db import Database, Row
from skills.demo import city, make_city
from skills.people.models import Person
from skills.totals import check
from skills.visits.tally import recount
from tests.demo.made import UNTIL, Made, empty, everything, small


def test_the_same_seed_makes_the_same_city(tmp_path: Path) -> None:
    made = []
    for name, seed in (("one", 7), ("again", 7), ("other", 8)):
        folder = tmp_path / name
        folder.mkdir()
        city_of_seed = small(folder, seed=seed)
        made.append(everything(city_of_seed.database))
        city_of_seed.database.dispose()
    assert made[0] == made[1]
    differs = {table for table in made[0] if made[0][table] != made[2][table]}
    assert {"household", "person", "visit", "visit_version", "receipt", "unit_period"} <= differs


def test_how_many_processes_tell_it_makes_no_difference(tmp_path: Path) -> None:
    made = []
    for processes in (0, 2):
        folder = tmp_path / str(processes)
        folder.mkdir()
        database = empty(folder)
        make_city(database, households=300, visits=600, until=UNTIL, processes=processes)
        made.append(everything(database))
        database.dispose()
    assert made[0] == made[1]


@pytest.mark.postgres
def test_on_postgresql_it_is_the_same_city(little: Made, postgres_url: str) -> None:
    database = Database(postgres_url)
    Row.metadata.create_all(database.writer)
    make_city(database, households=300, visits=600, until=UNTIL)
    assert everything(database) == everything(little.database)
    with database.reading() as db:
        assert check.check(db, recount) == []
    database.dispose()


def test_a_run_that_is_stopped_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_arguments: Any) -> None:
        raise KeyboardInterrupt

    database = empty(tmp_path)
    monkeypatch.setattr(city, "add_amounts", stop)
    with pytest.raises(KeyboardInterrupt):
        make_city(database, households=300, visits=600, until=UNTIL)
    assert {name: rows for name, rows in everything(database).items() if rows} == {}
    database.dispose()


def test_it_never_mixes_with_what_people_recorded(little: Made) -> None:
    before = everything(little.database)
    with pytest.raises(ValueError, match="holds households already"):
        make_city(little.database, households=300, visits=600, until=UNTIL)
    assert everything(little.database) == before


def test_it_never_joins_the_people_of_an_office(tmp_path: Path) -> None:
    database = empty(tmp_path)
    with database.writing() as db:
        db.add(Person(id=uuid.uuid4(), full_name="Lê Thị Hoài", phone="+84905000001", created_at=clock.now()))
    with pytest.raises(ValueError, match="holds people already"):
        make_city(database, households=300, visits=600, until=UNTIL)
    database.dispose()


def test_in_production_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    production = settings.Settings(env="test").model_copy(update={"env": "production"})
    monkeypatch.setattr(city, "settings", lambda: production)
    database = empty(tmp_path)
    with pytest.raises(ValueError, match="production"):
        make_city(database)
    database.dispose()


@pytest.mark.parametrize(
    "asked",
    [
        {"until": date(2025, 6, 30)},
        {"households": 299},
        {"visits": 10},
        {"days": 30},
        {"days": 2_000},
        {"households": 300, "visits": 10**6},
    ],
    ids=str,
)
def test_what_cannot_be_made_is_said_before_anything_is_written(
    tmp_path: Path, asked: dict[str, Any]
) -> None:
    database = empty(tmp_path)
    with pytest.raises(ValueError, match="demonstration"):
        make_city(database, **({"until": UNTIL} | asked))
    assert everything(database)["area"] == ""
    database.dispose()
