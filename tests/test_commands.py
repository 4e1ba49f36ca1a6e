"""The commands of whoever runs the server: what they do, and one kind sentence for what can be put right."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select
from typer.main import get_command
from typer.testing import CliRunner, Result

from skills import cli, clock
from skills.areas.models import Area
from skills.db import Database
from skills.people import sessions
from skills.people.add import find_person
from skills.people.models import Person, Posting
from skills.people.passwords import verify
from skills.settings import settings
from skills.totals.models import UnitPeriod

ROOT = Path(__file__).resolve().parents[1]
SMALL = ("demo", "--households", "300", "--visits", "600", "--until", "2026-11-24")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the commands of this test keep their database; nothing is there yet."""
    place = tmp_path / "var" / "tungnha.db"
    monkeypatch.setenv("TUNGNHA_DATABASE_URL", f"sqlite:///{place}")
    monkeypatch.setenv("TUNGNHA_ENV", "test")
    settings.cache_clear()
    yield place
    settings.cache_clear()


@pytest.fixture
def office(file: Path) -> Path:
    """A database with tables, map and catalogue, as a new office has it."""
    assert run("migrate").exit_code == 0
    return file


@pytest.fixture
def database(office: Path) -> Iterator[Database]:
    """The same, to look into it."""
    opened = Database(f"sqlite:///{office}")
    yield opened
    opened.dispose()


def run(*words: str) -> Result:
    """What a command answers."""
    return CliRunner().invoke(cli.app, list(words))


def refused(*words: str) -> str:
    """The one sentence with which a command ends that can't do what it was asked."""
    answer = run(*words)
    assert answer.exit_code == 1, answer.output
    assert isinstance(answer.exception, SystemExit)
    assert "Traceback" not in answer.output
    (sentence,) = answer.stderr.strip().splitlines()
    return sentence


def test_every_command_explains_itself(file: Path) -> None:
    listed = run("--help")
    assert listed.exit_code == 0
    commands = vars(get_command(cli.app))["commands"]
    assert {"serve", "migrate", "demo", "person", "areas", "totals", "report"} <= set(commands)
    for name, command in commands.items():
        inner = vars(command).get("commands", {})
        for words in [[name], *([name, one] for one in inner)]:
            answer = run(*words, "--help")
            assert answer.exit_code == 0
            assert "Usage" in answer.output
        assert (command.help or "").endswith(".")
        assert all((one.help or "").endswith(".") for one in inner.values())
    assert not file.exists()


def test_the_demonstration_by_command(office: Path) -> None:
    made = run(*SMALL)
    assert made.exit_code == 0, made.output
    assert "0905000001  Lê Thị Hoài" in made.output
    assert "tungnha-demo" in made.output
    checked = run("totals", "check")
    assert (checked.exit_code, checked.output) == (0, "0 differences\n")
    assert "already" in refused(*SMALL)
    assert run("totals", "check").output == "0 differences\n"


def test_totals_that_are_wrong_are_found_and_put_right(database: Database) -> None:
    assert run(*SMALL).exit_code == 0
    with database.writing() as db:
        first, second = db.exec(select(UnitPeriod).where(col(UnitPeriod.n) > 1).limit(2)).all()
        first.n += 5
        db.delete(second)
    found = run("totals", "check")
    assert found.exit_code == 1
    assert found.output.endswith("2 differences\n")
    assert f"kept {first.n}, counted {first.n - 5}" in found.output
    assert "amounts written" in run("totals", "rebuild").output
    assert run("totals", "check").output == "0 differences\n"


def test_a_person_from_the_first_day_to_the_last(database: Database) -> None:
    added = run(
        "person", "add", "Lê Thị Hoài", "0905 123 456", "volunteer", "332", "--password", "một mật khẩu dài"
    )
    assert added.exit_code == 0, added.output
    assert "+84905123456" in added.output
    with database.writing() as db:
        person = find_person(db, "0905123456")
        assert person is not None
        cookie = sessions.create(db, person.id)
    assert run("person", "reset", "0905123456", "--password", "mật khẩu khác").exit_code == 0
    with database.reading() as db:
        stored = db.get(Person, person.id)
        assert stored is not None
        assert verify(stored.password_hash, "mật khẩu khác")[0]
        assert sessions.find(db, cookie, clock.now()) is None
    token = run("person", "token", "0905123456", "--label", "bảng tính").output.strip()
    with database.reading() as db:
        assert sessions.find_api_token(db, token, clock.now()) == person.id
    assert run("person", "dismiss", "0905123456").exit_code == 0
    with database.reading() as db:
        assert sessions.find_api_token(db, token, clock.now()) is None
        (last,) = db.exec(select(col(Posting.valid_to)).where(Posting.person_id == person.id))
        assert last == clock.today() - timedelta(days=1)


def test_a_password_is_asked_for_when_none_is_given(office: Path) -> None:
    words = ["person", "add", "Lê Thị Hoài", "0905123456", "volunteer", "332"]
    answer = CliRunner().invoke(cli.app, words, input="một mật khẩu dài\nmột mật khẩu dài\n")
    assert answer.exit_code == 0, answer.output
    assert "một mật khẩu dài" not in answer.output


def test_persons_that_cannot_be(office: Path) -> None:
    password = ("--password", "một mật khẩu dài")
    assert "12 is no telephone number" in refused(
        "person", "add", "Lê Thị Hoài", "12", "volunteer", "332", *password
    )
    assert "no area 999999" in refused(
        "person", "add", "Lê Thị Hoài", "0905123456", "volunteer", "999999", *password
    )
    assert "needs a name" in refused("person", "add", "  ", "0905123456", "volunteer", "332", *password)
    assert run("person", "add", "Lê Thị Hoài", "0905123456", "volunteer", "332", *password).exit_code == 0
    assert "somebody already" in refused(
        "person", "add", "Bùi Văn An", "0905123456", "auditor", "332", *password
    )
    for command in (("reset", "0905999999", *password), ("dismiss", "0905999999"), ("token", "0905999999")):
        assert "0905999999" in refused("person", *command)


def test_the_map_is_loaded_once(office: Path) -> None:
    assert run("areas", "load").output == "0 rows of the map, 0 of the catalogue changed.\n"


def test_a_plan_is_carried_out_as_a_whole_or_not_at_all(database: Database, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    rename = {"area": 336, "name": "Phường An Hải Biển", "short_name": "An Hải Biển", "on": "2027-01-01"}
    plan.write_text(json.dumps([{"rename": rename}, {"rename": rename | {"area": 1}}]))
    refused("areas", "reorganise", str(plan))
    with database.reading() as db:
        assert db.exec(select(Area.id).where(Area.name == "Phường An Hải Biển")).first() is None
    plan.write_text(json.dumps([{"rename": rename}]))
    done = run("areas", "reorganise", str(plan))
    assert done.exit_code == 0, done.output
    assert "Phường An Hải Biển" in done.output
    with database.reading() as db:
        assert (
            db.exec(select(col(Area.valid_from)).where(Area.name == "Phường An Hải Biển")).one().year == 2027
        )


def test_plans_that_cannot_be_read(office: Path, tmp_path: Path) -> None:
    missing = run("areas", "reorganise", str(tmp_path / "none.json"))
    assert missing.exit_code != 0
    assert "none.json" in missing.output.replace("\n", "").replace("│", "").replace(" ", "")
    assert "Traceback" not in missing.output
    plan = tmp_path / "plan.json"
    for text in ("", "{}", '[{"abolish": {}}]'):
        plan.write_text(text)
        answer = run("areas", "reorganise", str(plan))
        assert answer.exit_code == 1
        assert isinstance(answer.exception, SystemExit)


def test_the_figures_of_an_area(office: Path) -> None:
    assert run(*SMALL).exit_code == 0
    told = run("report", "332", "2026")
    assert told.exit_code == 0, told.output
    assert told.output.startswith("Phường Hải Châu, 2026 (2026-01-01")
    figures = dict(line.split() for line in told.output.splitlines()[1:])
    assert int(figures["visits_met"]) > int(figures["households_reached"]) > 20
    nd09 = run("report", "332", "2026", "--calendar", "nd09")
    assert "2025-12-15" in nd09.output
    former = run("report", "10", "2026", "--lens", "today")
    assert former.exit_code == 0, former.output
    assert "no area 999999" in refused("report", "999999", "2026")
    refused("report", "332", "2026-13")


def test_a_database_without_tables_is_said_to_need_them(file: Path) -> None:
    file.parent.mkdir()
    for words in (("totals", "check"), ("areas", "load"), SMALL, ("report", "332", "2026")):
        assert "python -m skills migrate" in refused(*words)


def test_a_database_that_another_program_holds(office: Path) -> None:
    other = sqlite3.connect(office, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert "try again" in refused("areas", "load")
    other.execute("ROLLBACK")
    other.close()
    assert run("areas", "load").exit_code == 0


def test_a_setting_that_cannot_be_is_explained(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNGNHA_ENV", "production")
    settings.cache_clear()
    assert "TUNGNHA_SECRET_KEY" in refused("serve")
    assert "TUNGNHA_SECRET_KEY" in refused("migrate")


def test_days_that_are_none(office: Path) -> None:
    assert "2026-11-24" in refused("demo", "--until", "24/11/2026")
    assert "later day" in refused("demo", "--until", "2020-01-01")


def test_the_server_answers_until_it_is_stopped(office: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "PORT": str(port), "TUNGNHA_BASE_URL": f"http://127.0.0.1:{port}"}
    server = subprocess.Popen([sys.executable, "-m", "skills", "serve"], cwd=ROOT, env=environment)
    try:
        assert answers(f"http://127.0.0.1:{port}/readyz", server) == 200
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(20)


def answers(address: str, server: subprocess.Popen[bytes]) -> int:
    """What the server answers as soon as it does."""
    patience = time.monotonic() + 30
    while time.monotonic() < patience and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - our own server
                return int(answer.status)
        except OSError:
            time.sleep(0.1)
    return 0
