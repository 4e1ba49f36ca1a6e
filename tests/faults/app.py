"""The program as it is, but for faults: a header of the request says at which moment its process dies, or what it answers instead.

TUNGNHA_PLANTED names a bug to be planted in it (planted.py), to see that the oracle finds it.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from skills.db import Database, Session
from tests.faults import planted

SLOW = 0.5  # seconds before the answer of fault 13; the phone gives up sooner
_ANSWERS = {
    "error": (500, "application/problem+json", b'{"status": 500}', []),
    "busy": (503, "application/problem+json", b'{"status": 503}', [(b"retry-after", b"30")]),
    "portal": (200, "text/html", "<!doctype html><title>Wi-Fi miễn phí</title>".encode(), []),
    "too_large_for_one": (413, "application/problem+json", b'{"status": 413}', []),
    "too_large": (413, "application/problem+json", b'{"status": 413}', []),
    "unknown_ticket": (
        401,
        "application/problem+json",
        b'{"status": 401}',
        [(b"www-authenticate", b"Bearer")],
    ),
}
_ON_SQLITE = {"read_only": "query_only=ON", "full": "max_page_count=1"}
_fault: ContextVar[str] = ContextVar("fault", default="")


def prepare() -> None:
    """Imports the program and breaks it, once for all processes that are forked afterwards."""
    bug = os.environ.get("TUNGNHA_PLANTED", "")
    planted.plant_before_import(bug)
    import skills.app  # noqa: F401 - its routes take what is planted above

    planted.plant(bug)
    _break_writing()


def make() -> ASGIApp:
    """The application with its faults, over a database that is opened now."""
    from skills.app import create_app

    return _Failing(create_app())


class _Failing:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope.get("headers", ())) if scope["type"] == "http" else {}
        fault = headers.get(b"x-fault", b"").decode()
        if fault in _ANSWERS and (fault != "too_large" or int(headers.get(b"x-items", b"0")) > 3):
            await _answer(receive, send, *_ANSWERS[fault])
            return
        token = _fault.set(fault)
        try:
            await self.app(scope, receive, send)
        finally:
            _fault.reset(token)


async def _answer(receive: Receive, send: Send, status: int, kind: str, body: bytes, more: list[Any]) -> None:
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode()), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _break_writing() -> None:
    """Every transaction goes through Database.writing: its beginning and its end are where a process dies worst."""
    whole = Database.writing

    @contextmanager
    def writing(self: Database) -> Iterator[Session]:
        fault = _fault.get()
        if fault == "die_before_begin":
            os._exit(137)
        with _storage(self, fault), whole(self) as session:
            yield session
            if fault == "die_before_commit":
                session.flush()
                os._exit(137)
        if fault == "die_after_commit":
            os._exit(137)
        if fault == "slow":
            time.sleep(SLOW)

    Database.writing = writing  # type: ignore[method-assign]


@contextmanager
def _storage(database: Database, fault: str) -> Iterator[None]:
    """The one connection that writes, told that it can't; and well again afterwards."""
    if fault not in _ON_SQLITE or not database.is_sqlite:
        yield
        return
    with database.writer.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA {_ON_SQLITE[fault]}")
        connection.commit()
    try:
        yield
    finally:
        database.writer.dispose()
