"""Many who write at the same moment, as phones do when a network comes back: whoever stands first does the work of those behind too.

A route that asks for `Db` goes to a thread and back three times while it has the turn: to begin, to work, to commit. Between any two
the event loop has to come round, and while thirty requests are being read that takes as long as the commit itself. Here several
transactions, each one request's own and each on the disk before its answer, are done in one turn and one thread.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from skills.audit.reads import writing
from skills.db import WAIT_MS, Database, Session
from skills.errors import Busy
from skills.web.turns import Turns

_IN_A_TURN = 8  # transactions; then somebody who saves on a page gets the turn


@dataclass(eq=False)
class _Waiting:
    """A piece of work, the context of its request, and until when it may wait. `served` comes true when it is done, and false when
    it is first in the line."""

    work: Callable[[Session], Any]
    context: Context = field(default_factory=copy_context)
    until: float = field(default_factory=lambda: time.monotonic() + WAIT_MS / 1000)
    served: "Future[bool]" = field(default_factory=Future)
    result: Any = None
    error: Exception | None = None

    @property
    def is_first(self) -> bool:
        """Whether it was told that it is first in the line."""
        return self.served.done() and not self.served.cancelled() and not self.served.result()

    def tell(self, done: bool) -> bool:
        """Wakes whoever waits for it. False when nobody does any more; those who were woken as the first are up already."""
        try:
            self.served.set_result(done)
        except InvalidStateError:
            return False
        return True

    def outcome(self) -> Any:
        """What came of it, or the error."""
        if self.error is not None:
            raise self.error
        return self.result


class Line:
    """The line of one application."""

    def __init__(self, database: Database, turns: Turns) -> None:
        self._database = database
        self._turns = turns
        self._waiting: deque[_Waiting] = deque()
        self._has_first = False
        self._lock = Lock()

    async def write(self, work: Callable[[Session], Any]) -> Any:
        """What the work gives, done in a transaction of its own that is committed. Raises what the work raises, then nothing is
        stored; Busy when storage takes nothing now, or when it waited as long as a write may."""
        mine = _Waiting(work)
        if not self._database.is_sqlite:  # there as many write at once as there are turns
            await self._in_a_turn(deque([mine]), mine.until)
            return mine.outcome()
        with self._lock:
            self._waiting.append(mine)
            is_first, self._has_first = not self._has_first, True
        try:
            if is_first or not await asyncio.wrap_future(mine.served):
                await self._in_a_turn(self._waiting, mine.until)
        finally:  # whoever hung up may have become the first at this very moment
            if is_first or mine.is_first:
                self._pass_on(mine)
        return mine.outcome()

    def _pass_on(self, mine: _Waiting) -> None:
        """Wakes whoever is first now."""
        with self._lock:
            if mine in self._waiting:  # there was no turn
                self._waiting.remove(mine)
            while self._waiting and not self._waiting[0].tell(done=False):
                self._waiting.popleft()  # whoever hung up while waiting has not been told anything
            self._has_first = bool(self._waiting)

    async def _in_a_turn(self, some: deque[_Waiting], until: float) -> None:
        """Takes the turn, unless it is too late for whoever asks, and gives it back when some are done."""
        if time.monotonic() > until:
            raise Busy("locked")
        await self._turns.take()
        try:
            await run_in_threadpool(self._do, some)
        finally:
            self._turns.give_back()

    def _do(self, some: deque[_Waiting]) -> None:
        """One after the other, each told as soon as it is on the disk; who comes meanwhile is done too."""
        for _ in range(_IN_A_TURN):
            with self._lock:
                if not some:
                    return
                one = some.popleft()
            one.context.run(self._do_one, one)
            one.tell(done=True)

    def _do_one(self, one: _Waiting) -> None:
        if time.monotonic() > one.until:
            one.error = Busy("locked")
            return
        try:
            with writing(self._database) as db:
                one.result = one.work(db)
        except Exception as error:  # told to whoever waits for it
            one.error = error


async def write_in_line(request: Request, work: Callable[[Session], Any]) -> Any:
    """`Line.write` of the application behind a request."""
    line: Line = request.app.state.line
    return await line.write(work)
