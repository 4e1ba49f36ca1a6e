"""Something breaks in every route: the answer says that, gives a reference, and nothing else."""

import logging
import re
from collections.abc import Callable

import pytest
from sqlalchemy.exc import ProgrammingError

from tests.matrix.table import Line, Table
from tests.matrix.walk import Walk
from tests.test_gates import walk as walk_routes

_LEAKS = re.compile(
    r"zqpersonqz|SELECT |Traceback|/srv/|\.py\b|line \d|Error\b|Exception|sqlalchemy|sqlite|psycopg|fastapi|starlette|uvicorn|python/?\d",
    re.IGNORECASE,
)
_ASKS = {
    "phone": "K",
    "program": "P",
    "anyone": "N",
    "half signed in": "N",
}  # who is let in, by gate; the ward lead everywhere else


def _plainly(**_given: object) -> None:
    raise RuntimeError("SELECT zqpersonqz FROM person -- /srv/tungnha/skills/people/models.py, line 41")


def _in_the_database(**_given: object) -> None:
    raise ProgrammingError(
        "SELECT zqpersonqz FROM person", {}, Exception("/srv/tungnha/skills/people/models.py, line 41")
    )


@pytest.mark.parametrize("bomb", [_plainly, _in_the_database])
def test_an_error_says_nothing_of_the_program(
    walk: Walk, table: Table, bomb: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    """Not where it stands, not what it asked the database, not what it is made of; the log knows it under the reference."""
    lines = {line.route: line for line in table.lines}
    routes = [
        (path, method, route)
        for path, route in walk_routes(walk.app.routes)
        for method in getattr(route, "methods", None) or ()
    ]
    assert len(routes) == len(lines)
    caplog.set_level(logging.ERROR, "skills.web")
    for path, method, route in routes:
        endpoint, line = route.endpoint, lines[f"{method} {path}"]  # type: ignore[attr-defined]
        code, endpoint.__code__ = endpoint.__code__, bomb.__code__
        endpoint.__globals__.setdefault("ProgrammingError", ProgrammingError)
        try:
            _one(walk, line, caplog)
        finally:
            endpoint.__code__ = code
            if endpoint.__globals__.get("ProgrammingError") is ProgrammingError:
                del endpoint.__globals__["ProgrammingError"]


def _one(walk: Walk, line: Line, caplog: pytest.LogCaptureFixture) -> None:
    subject = _ASKS.get(line.gate, "C" if "confirmed" in line.gate else "W")
    between = [(b"cookie", f"half={walk.world.half}".encode())] if line.gate == "half signed in" else []
    for headers in ([], [(b"accept", b"application/json")]):
        caplog.clear()
        address, body = walk.request(line, subject, line.positions[0])
        answer = walk.send(line.method, address, subject, body, [*headers, *between])
        told = answer.response.text
        assert answer.response.status_code == 500, line.route
        assert answer.stored == frozenset()
        reference = re.search(r"\b[0-9a-f]{8}\b", re.sub(r"/static/\S+|[0-9a-f-]{36}", "", told))
        assert reference, f"{line.route} gives no reference"
        assert reference[0] in caplog.text, "the log does not know it"
        headers_told = "\n".join(f"{name}: {value}" for name, value in answer.response.headers.items())
        found = _LEAKS.search(re.sub(r"/static/\S+", "", told)) or _LEAKS.search(headers_told)
        assert not found, f"{line.route} says {found}"


@pytest.mark.parametrize("subject", ["N", "W", "C"])
@pytest.mark.parametrize(
    "address",
    [
        "/docs",
        "/docs/oauth2-redirect",
        "/redoc",
        "/openapi.json",
        "/api/v1/docs",
        "/static/docs",
        "/static/",
        "/static",
        "/.env",
        "/var/tungnha.db",
    ],
)
def test_the_program_has_no_pages_about_itself(walk: Walk, subject: str, address: str) -> None:
    """But the one document that is meant for programs."""
    assert walk.send("GET", address, subject).letter == "4"
