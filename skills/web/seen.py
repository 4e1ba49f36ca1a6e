"""When a session was used last, written down after the answer has gone out, so that reading stays reading: nobody waits for it,
and where storage takes no writes it is simply not written.
"""

from contextlib import suppress

from fastapi.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from skills import clock
from skills.db import Database
from skills.errors import Busy
from skills.people import sessions
from skills.people.models import LoginSession
from skills.web.turns import Turns


class Seen:
    """Stands outside everything else. At most one write in ten minutes for each session."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI interface."""
        beside = scope.setdefault("state", {}) if scope["type"] == "http" else {}
        await self.app(scope, receive, send)
        session: LoginSession | None = beside.get("session")
        if session is not None and sessions.is_due(session, clock.now()):
            state = scope["app"].state
            with suppress(Busy):
                await _write_down(state.turns, state.database, session.token_hash)


async def _write_down(turns: Turns, database: Database, token_hash: str) -> None:
    await turns.take()
    try:
        await run_in_threadpool(_touch, database, token_hash)
    finally:
        turns.give_back()


def _touch(database: Database, token_hash: str) -> None:
    with database.writing() as db:
        sessions.touch(db, token_hash)
