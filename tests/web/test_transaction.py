"""Committed before it is answered, or not at all: no answer ever says "saved" of what is not on the disk."""

import sqlite3
import threading
import time
from collections.abc import Callable, MutableMapping
from pathlib import Path

import anyio
import pytest
from fastapi import FastAPI, Request, Response
from sqlalchemy import event, text

from skills.app import create_app
from skills.people.models import Person
from skills.settings import Settings
from skills.web.answers import see_other
from skills.web.forms import Fields
from skills.web.gate import Anyone
from skills.web.transaction import Db, ReadDb
from tests.cast import City
from tests.client import Client


@pytest.fixture
def renaming(app: FastAPI) -> FastAPI:
    """The application with two small routes: one that changes a name, one that tells it."""

    @app.post("/rename")
    def rename(request: Request, viewer: Anyone, db: Db, fields: Fields) -> Response:
        person = db.get(Person, _hoai(app))
        assert person is not None
        person.full_name = fields["name"][0]
        db.add(person)
        if fields.get("then") == ["raise"]:
            raise RuntimeError("after the change")
        return see_other(request, "/name")

    @app.post("/rename-the-other-way-round")
    def rename_fields_first(request: Request, viewer: Anyone, fields: Fields, db: Db) -> Response:
        return rename(request, viewer, db, fields)

    @app.get("/name")
    def name(viewer: Anyone, db: ReadDb) -> str:
        person = db.get(Person, _hoai(app))
        assert person is not None
        return person.full_name

    return app


def _hoai(app: FastAPI) -> object:
    return app.state.hoai


@pytest.fixture
def browser(renaming: FastAPI, city: City) -> Client:
    renaming.state.hoai = city.people["Hoài"].id
    return Client(renaming)


def name(city: City) -> str:
    """Her name as another program would read it."""
    with city.database.reading() as db:
        person = db.get(Person, city.people["Hoài"].id)
        assert person is not None
        return person.full_name


def test_it_is_committed_when_the_answer_leaves(browser: Client, city: City) -> None:
    """Another connection sees it at once."""
    assert browser.post("/rename", {"name": "Lê Thu Hoài"}).status_code == 303
    assert name(city) == "Lê Thu Hoài"


def test_an_error_in_the_route_stores_nothing(browser: Client, city: City) -> None:
    """500, with a reference and nothing else about it."""
    answer = browser.post("/rename", {"name": "X", "then": "raise"})
    assert answer.status_code == 500
    assert "after the change" not in answer.text
    assert name(city) == "Lê Thị Hoài"


def test_a_commit_that_fails_is_never_answered_with_saved(
    renaming: FastAPI, browser: Client, city: City
) -> None:
    """The route has returned, and still the answer is 500: the commit comes before the first byte."""

    def fail(_connection: object) -> None:
        raise RuntimeError("the disk went away")

    event.listen(renaming.state.database.writer, "commit", fail)
    answer = browser.post("/rename", {"name": "X"})
    assert answer.status_code == 500
    assert "location" not in answer.headers
    assert name(city) == "Lê Thị Hoài"


def test_locked_by_another_program(browser: Client, city: City) -> None:
    """503 within three seconds, with Retry-After; reading goes on; afterwards all is well."""
    other = sqlite3.connect(city.settings.database_file or "", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    answer = browser.post("/rename", {"name": "X"})
    waited = time.monotonic() - began
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert 2 < waited < 3.5
    assert browser.get("/name").text == '"Lê Thị Hoài"'
    other.execute("COMMIT")
    other.close()
    assert browser.post("/rename", {"name": "Lê Thu Hoài"}).status_code == 303


def test_full(renaming: FastAPI, browser: Client, city: City) -> None:
    """503 for a disk that is full, told apart from one that is busy: waiting five seconds would not help."""
    with renaming.state.database.writer.connect() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count = {pages}"))
    answer = browser.post("/rename", {"name": "X" * 100_000})
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "60"
    assert "đã đầy" in answer.text
    assert name(city) == "Lê Thị Hoài"


def test_read_only(tmp_path: Path, cast_file: Path, city: City) -> None:
    """503 too; the pages can still be read."""
    app = create_app(city.settings)
    event.listen(
        app.state.database.writer, "connect", lambda connection, _: connection.execute("PRAGMA query_only=ON")
    )

    @app.post("/rename")
    def rename(viewer: Anyone, db: Db) -> None:
        db.execute(text("UPDATE person SET full_name = 'X'"))

    assert Client(app).post("/rename").status_code == 503
    assert Client(app).get("/sign-in").status_code == 200
    assert name(city) == "Lê Thị Hoài"


def test_sixty_writers_at_once_take_turns(browser: Client, city: City) -> None:
    """More than there are threads, and every one is served."""
    with browser.http:  # one event loop for all, as a server has
        assert (
            in_threads(60, lambda n: browser.http.post("/rename", data={"name": f"Lê {n}"}).status_code)
            == [303] * 60
        )


def test_pages_are_read_while_sixty_writers_wait(browser: Client, city: City) -> None:
    """Whoever waits for a turn to write holds no thread, so those who only read are not kept waiting with them."""
    other = sqlite3.connect(city.settings.database_file or "", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with browser.http:
        writers = threading.Thread(
            target=in_threads,
            args=(60, lambda n: browser.http.post("/rename", data={"name": f"Lê {n}"}).status_code),
        )
        writers.start()
        time.sleep(0.5)
        began = time.monotonic()
        assert browser.get("/name").text == '"Lê Thị Hoài"'
        waited = time.monotonic() - began
        other.execute("COMMIT")
        writers.join()
    other.close()
    assert waited < 1


def in_threads(count: int, act: Callable[[int], int]) -> list[int]:
    """What each of so many threads got."""
    got: list[int] = []
    threads = [threading.Thread(target=lambda n=n: got.append(act(n))) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


def test_a_slow_sender_does_not_keep_others_from_writing(renaming: FastAPI, city: City) -> None:
    """The turn to write is taken when the whole body is there: a second request goes through before the first has ended."""
    renaming.state.hoai = city.people["Hoài"].id
    done: list[tuple[str, int]] = []

    async def both() -> None:
        rest = anyio.Event()

        async def send(who: str, *chunks: bytes) -> None:
            waiting = list(chunks)

            async def receive() -> dict[str, object]:
                if who == "slow" and len(waiting) == 1:
                    await rest.wait()
                chunk = waiting.pop(0)
                return {"type": "http.request", "body": chunk, "more_body": bool(waiting)}

            async def answer(message: MutableMapping[str, object]) -> None:
                if message["type"] == "http.response.start":
                    done.append((who, int(str(message["status"]))))

            await renaming(posted_form("/rename"), receive, answer)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(send, "slow", b"name=", b"Slow")
            await anyio.sleep(0.1)
            await send("quick", b"name=Quick")
            rest.set()

    anyio.run(both)
    assert done == [("quick", 303), ("slow", 303)]
    assert name(city) == "Slow"


def posted_form(path: str) -> dict[str, object]:
    """An ASGI request whose body is yet to come."""
    headers = {
        "host": "testserver",
        "sec-fetch-site": "same-origin",
        "content-type": "application/x-www-form-urlencoded",
    }
    return {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "client": ("198.51.100.7", 1),
        "server": ("testserver", 80), "headers": [(n.encode(), v.encode()) for n, v in headers.items()],
    }  # fmt: skip


def test_a_database_that_is_away_is_503_and_healthz_still_answers(tmp_path: Path) -> None:
    """Whoever watches the server sees the difference."""
    app = create_app(Settings(env="test", database_url=f"sqlite:///{tmp_path}/no/such/folder/db"))
    client = Client(app)
    assert client.get("/healthz").text == "ok"
    assert client.get("/readyz").status_code == 503


def test_a_route_may_name_its_fields_and_its_transaction_in_either_order(browser: Client, city: City) -> None:
    """Both wait for the body, and there is only one."""
    assert browser.post("/rename-the-other-way-round", {"name": "Lê Thị Hoài An"}).status_code == 303
    assert name(city) == "Lê Thị Hoài An"
