"""Who writes next: one at a time on SQLite, a few on PostgreSQL."""

import anyio

from skills.db import WAIT_MS, Database
from skills.errors import Busy

_WRITERS_AT_ONCE = 16  # on PostgreSQL: as many as its pool has connections


class Turns:
    """Who writes next. Requests wait here without holding a thread: forty of them waiting inside the database's pool would
    leave none for people who only read."""

    def __init__(self, database: Database) -> None:
        self._free = anyio.Semaphore(1 if database.is_sqlite else _WRITERS_AT_ONCE)

    async def take(self) -> None:
        """Waits for a turn, as long as a write may wait for the lock; Busy after that."""
        try:
            with anyio.fail_after(WAIT_MS / 1000):
                await self._free.acquire()
        except TimeoutError:
            raise Busy("locked") from None

    def give_back(self) -> None:
        """Lets the next one write."""
        self._free.release()
