"""`audit verify`, `audit heads`, `audit seal`, and what the other commands leave in the trail."""

import json
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from sqlmodel import col, select

from skills import clock
from skills.areas.models import Area, Level
from skills.audit.models import DaySeal
from skills.db import Database
from skills.people.add import find_person
from skills.people.models import Device
from skills.settings import settings
from tests.audit.book import HAI_CHAU, entries, tamper, told, write_days
from tests.test_commands import refused, run

PASSWORD = ("--password", "mot-mat-khau-dai")


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """The database of a new office, which the commands of this test work on."""
    url = f"sqlite:///{tmp_path / 'var' / 'tungnha.db'}"
    monkeypatch.setenv("TUNGNHA_DATABASE_URL", url)
    monkeypatch.setenv("TUNGNHA_ENV", "test")
    settings.cache_clear()
    assert run("migrate").exit_code == 0
    opened = Database(url)
    yield opened
    opened.dispose()
    settings.cache_clear()


@pytest.fixture
def ward(database: Database) -> Iterator[int]:
    """A ward of today."""
    with database.reading() as db:
        yield db.exec(
            select(Area.id).where(Area.level == Level.WARD, col(Area.valid_to) > clock.today()).limit(1)
        ).one()


def test_what_commands_do_is_told_without_an_actor(database: Database, ward: int, tmp_path: Path) -> None:
    """Every command that changes something; the person's own ward, else the city's chain. No name, no number of a telephone."""
    with database.reading() as db:
        cluster = db.exec(select(Area.id).where(Area.level == Level.DISTRICT).limit(1)).one()
    assert run("person", "add", "Lê Thị Hoài", "0905123456", "volunteer", str(ward), *PASSWORD).exit_code == 0
    assert (
        run("person", "add", "Đặng Minh Tâm", "0905123457", "officer", str(cluster), *PASSWORD).exit_code == 0
    )
    assert run("person", "reset", "0905123456", *PASSWORD).exit_code == 0
    assert run("person", "token", "0905123457").exit_code == 0
    with database.writing() as db:
        hoai = find_person(db, "0905123456")
        assert hoai is not None
        phone = Device(id=uuid.uuid4(), person_id=hoai.id, enrolled_at=clock.now())
        db.add(phone)
    assert run("phone", "lost", str(phone.id)).exit_code == 0
    assert run("phone", "lost", str(uuid.uuid4())).exit_code == 0
    assert run("person", "dismiss", "0905123456").exit_code == 0
    for command in (("phone", "seal"), ("epoch", "renew"), ("totals", "rebuild")):
        assert run(*command).exit_code == 0
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps([{"rename": {"area": ward, "name": "Phường Mới", "on": "2027-01-01"}}]))
    assert run("areas", "reorganise", str(plan)).exit_code == 0
    assert told(database) == [
        (0, "person.added", "full_name,phone,role,area_id,password"),
        (0, "token.issued", ""),
        (0, "device.revoked", ""),
        (0, "sealing_key.made", ""),
        (0, "epoch.renewed", ""),
        (0, "totals.rebuilt", ""),
        (0, "areas.reorganised", "rename"),
        (ward, "person.added", "full_name,phone,role,area_id,password"),
        (ward, "person.reset", "password"),
        (ward, "device.revoked", ""),
        (ward, "person.dismissed", "dismissed_at"),
    ]
    assert {each.actor_id for each in entries(database)} == {None}
    assert run("audit", "verify").output == "11 entries and 0 reads in 2 chains, 0 broken\n"


def test_a_command_that_fails_leaves_nothing(database: Database) -> None:
    """Nobody was dismissed."""
    assert "nobody signs in" in refused("person", "dismiss", "0905123456")
    assert entries(database) == []


def test_verify_names_the_first_broken_entry_of_each_ward(
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And ends with 1."""
    assert run("audit", "verify").output == "0 entries and 0 reads in 0 chains, 0 broken\n"
    write_days(database, monkeypatch)
    assert run("audit", "verify").output == "18 entries and 9 reads in 2 chains, 0 broken\n"
    tamper(
        database,
        f"UPDATE audit_entry SET action = 'person.kept' WHERE ward_id = {HAI_CHAU} AND seq IN (3, 7)",
    )
    answer = run("audit", "verify")
    assert answer.exit_code == 1
    assert (
        answer.output.splitlines()[0]
        == f"ward {HAI_CHAU}: entry 3 does not follow from the one before it: altered, put in, or moved"
    )
    assert answer.output.endswith("in 2 chains, 1 broken\n")


def test_heads_that_are_kept_elsewhere(
    database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What `audit heads` printed last night still has to be there; a ward that is gone whole is missed."""
    write_days(database, monkeypatch)
    kept = tmp_path / "heads.txt"
    kept.write_text(run("audit", "heads").output)
    assert len(kept.read_text().splitlines()) == 2
    assert run("audit", "verify", "--heads", str(kept)).exit_code == 0
    for table in ("audit_entry", "audit_head", "day_seal", "read_entry"):
        tamper(database, f"DELETE FROM {table} WHERE ward_id = {HAI_CHAU}")
    assert run("audit", "verify").exit_code == 0
    answer = run("audit", "verify", "--heads", str(kept))
    assert answer.exit_code == 1
    assert f"ward {HAI_CHAU}: " in answer.output
    kept.write_text("something else\n")
    assert "audit heads" in refused("audit", "verify", "--heads", str(kept))


def test_days_are_sealed_each_night(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once; a day on which nothing happened gets no seal."""
    write_days(database, monkeypatch)
    with time_machine.travel("2026-11-28T00:05:00+07:00", tick=False) as moment:
        assert run("audit", "seal").output == "2 days sealed\n"
        assert run("audit", "seal").output == "0 days sealed\n"
        for _ in range(3):
            moment.shift(timedelta(days=1))
            assert run("audit", "seal").output == "0 days sealed\n"
    assert run("audit", "verify").exit_code == 0
    with database.reading() as db:
        assert len(db.exec(select(DaySeal)).all()) == 6
