"""One request, one transaction, committed before the first byte of the answer: "saved" is never said of what is not."""

import os
from collections.abc import AsyncIterator
from typing import Annotated

import anyio
from fastapi import Depends, FastAPI, Request
from fastapi.concurrency import contextmanager_in_threadpool, run_in_threadpool

from skills.audit import reads
from skills.audit.reads import Noted, keep, noted
from skills.db import Database, Session
from skills.web.in_line import Line
from skills.web.turns import Turns


def open_database(app: FastAPI, database: Database) -> None:
    """Puts the database where requests find it."""
    app.state.database = database
    app.state.turns = Turns(database)
    app.state.line = Line(database, app.state.turns)
    app.state.hashing = anyio.Semaphore(os.cpu_count() or 1)


async def writing(request: Request) -> AsyncIterator[Session]:
    """A session whose changes are committed when the route returns, before anything is answered, or not at all."""
    await request.body()  # a slow sender is waited for before the turn is taken, not while it is held
    turns: Turns = request.app.state.turns
    database: Database = request.app.state.database
    await turns.take()
    try:
        async with contextmanager_in_threadpool(reads.writing(database)) as db:
            yield db
    finally:
        turns.give_back()


async def hashing(request: Request) -> AsyncIterator[None]:
    """A turn to check a password. There are as many as processors: when a class of sixty signs in at once, those who wait hold
    no thread, no connection and no memory, and pages are answered in between."""
    async with request.app.state.hashing:
        yield


async def reading(request: Request) -> AsyncIterator[Session]:
    """A session that sees what is committed and changes nothing. What was read under somebody's name is written down before the
    page leaves; when it can't be, Busy is raised and nothing is shown. A page that reads nothing of the kind writes nothing."""
    database: Database = request.app.state.database
    async with contextmanager_in_threadpool(database.reading()) as db:
        yield db
    if told := noted(db):
        await _write_down(request.app.state.turns, database, told)


async def _write_down(turns: Turns, database: Database, told: tuple[Noted, ...]) -> None:
    await turns.take()
    try:
        await run_in_threadpool(_keep_alone, database, told)
    finally:
        turns.give_back()


def _keep_alone(database: Database, told: tuple[Noted, ...]) -> None:
    with database.writing() as db:
        keep(db, told)


# scope="function" is what ends the session before the answer; FastAPI's own default would end it afterwards
Db = Annotated[Session, Depends(writing, scope="function")]
ReadDb = Annotated[Session, Depends(reading, scope="function")]
HashingTurn = Annotated[None, Depends(hashing, scope="function")]
