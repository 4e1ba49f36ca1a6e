"""What a failing server does to a visit: stored and said so, or not stored and said so, and sent again it is there once."""

import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest
from sqlalchemy import event

from skills.db import Session
from skills.people import sessions
from skills.visits.models import Receipt, Visit
from tests.cast import City
from tests.conftest import AsPerson
from tests.visits.pages import count, form_of, open_door


def test_a_commit_that_fails_unforeseen_is_500_and_stores_nothing(
    city: City, app: Any, as_person: AsPerson
) -> None:
    """It fails at the last moment, after the verb was done: never "saved", and the same item is taken afterwards."""
    hoai = as_person("Hoài")
    sent = form_of(open_door(hoai, city.doors["6"]), "met")

    def fail(_session: Session) -> None:
        raise RuntimeError("nobody foresaw this")

    event.listen(Session, "before_commit", fail)
    try:
        answer = hoai.post("/visits", sent)
    finally:
        event.remove(Session, "before_commit", fail)
    assert answer.status_code == 500
    assert "nobody foresaw" not in answer.text
    assert count(city.database, Visit) == count(city.database, Receipt) == 0
    assert hoai.post("/visits", sent).status_code == 303


def test_locked_storage_is_503(city: City, as_person: AsPerson) -> None:
    """Another program holds the file: within three seconds it is said that this can be tried again, and nothing is stored."""
    hoai = as_person("Hoài")
    sent = form_of(open_door(hoai, city.doors["6"]), "met")
    other = sqlite3.connect(city.url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answer = hoai.post("/visits", sent)
    other.execute("ROLLBACK")
    other.close()
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) >= 1
    assert count(city.database, Visit) == 0
    assert hoai.post("/visits", sent).status_code == 303


@pytest.mark.parametrize("pragma", ["query_only=ON", "max_page_count=1"])
def test_full_or_read_only_storage_is_503(city: City, app: Any, as_person: AsPerson, pragma: str) -> None:
    """A disk without room, a file system that was mounted read-only."""
    hoai = as_person("Hoài")
    sent = form_of(open_door(hoai, city.doors["6"]), "met") | {"note": "x" * 400}
    writer = app.state.database.writer
    with writer.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA {pragma}")
        connection.exec_driver_sql("COMMIT")
    answers = [hoai.post("/visits", sent, headers={"Accept": "application/json"}) for _ in range(2)]
    if "page_count" in pragma:  # what is free in the file may hold the first few
        for n in range(400):
            if answers[-1].status_code == 503:
                break
            answers.append(
                hoai.post(
                    "/visits", form_of(open_door(hoai, city.doors["6"]), "met") | {"note": f"{n}" * 120}
                )
            )
    assert answers[-1].status_code == 503, [answer.status_code for answer in answers]
    assert "retry-after" in answers[-1].headers
    assert "500" not in {str(answer.status_code) for answer in answers}
    writer.dispose()
    assert hoai.post("/visits", sent).status_code == 303


@contextmanager
def serving(city: City, **environment: str) -> Iterator[str]:
    """A real server process over the city's file; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "uvicorn",
            "tests.visits.dying_app:app",
            "--port",
            str(port),
            "--log-level",
            "warning",
        ],
        env={**os.environ, "TUNGNHA_ENV": "test", "TUNGNHA_DATABASE_URL": city.url, **environment},
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                httpx2.get(f"{address}/healthz", timeout=1)
                break
            except httpx2.TransportError:
                time.sleep(0.1)
        yield address
    finally:
        process.kill()
        process.wait()


def test_killed_between_commit_and_answer_then_sent_again(city: City, as_person: AsPerson) -> None:
    """The visit was on the disk when the process died; the phone, without an answer, sends it again: it is stored once."""
    sent = form_of(open_door(as_person("Hoài"), city.doors["6"]), "met")
    with city.database.writing() as db:
        token = sessions.create(db, city.people["Hoài"].id)
    headers = {"Cookie": f"sid={token}", "Sec-Fetch-Site": "same-origin", "Accept": "application/json"}
    with serving(city, DIE_BEFORE_THE_ANSWER="1") as address, pytest.raises(httpx2.TransportError):
        httpx2.post(f"{address}/visits", data=sent, headers=headers, timeout=20)
    assert count(city.database, Visit) == 1
    with serving(city) as address:
        answers = [
            httpx2.post(f"{address}/visits", data=sent, headers=headers, timeout=20).json() for _ in range(2)
        ]
    assert [answer["status"] for answer in answers] == ["already", "already"]
    assert count(city.database, Visit) == count(city.database, Receipt) == 1
