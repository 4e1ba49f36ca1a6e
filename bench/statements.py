"""What the database is asked, and how long each statement takes, its rows fetched."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from bench.rows import Said
from skills.db import Database

_FRAME = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA")


class Watch:
    """Listens to a database from its first connection on; keeps what is said while it is told to."""

    def __init__(self, database: Database) -> None:
        self.said: list[Said] = []
        self._listening = False
        self._begun = 0.0
        if database.is_sqlite:
            for engine in (database.writer, database.reader):
                event.listen(engine, "do_connect", self._watched_sqlite)
        else:  # where a statement comes back with all its rows; the reader is the same engine with other manners
            event.listen(database.writer, "before_cursor_execute", self._before)
            event.listen(database.writer, "after_cursor_execute", self._after)

    @contextmanager
    def listening(self) -> Iterator[list[Said]]:
        """The statements of the block, in order."""
        self.said = []
        self._listening = True
        try:
            yield self.said
        finally:
            self._listening = False

    def keep(self, text: str, ms: float, rows: int) -> int:
        """Notes a statement, and says in which place."""
        if self._listening:
            self.said.append(Said(" ".join(text.split()), ms, rows))
        return len(self.said) - 1

    def grow(self, place: int, ms: float, rows: int) -> None:
        """Adds the fetching of rows to their statement: SQLite does its work while they are fetched."""
        if self._listening and 0 <= place < len(self.said):
            said = self.said[place]
            self.said[place] = Said(said.text, said.ms + ms, said.rows + rows)

    def _watched_sqlite(self, _dialect: Any, _record: Any, _arguments: Any, named: dict[str, Any]) -> None:
        named["factory"] = _watched_connection(self)

    def _before(self, *_told: Any) -> None:
        self._begun = time.perf_counter()

    def _after(self, _connection: Any, cursor: Any, statement: str, *_told: Any) -> None:
        self.keep(statement, (time.perf_counter() - self._begun) * 1000, max(cursor.rowcount, 0))


def asked(said: list[Said]) -> list[Said]:
    """The statements without what frames a transaction and prepares a connection."""
    return [one for one in said if not one.text.upper().startswith(_FRAME)]


def _watched_connection(watch: Watch) -> type[sqlite3.Connection]:
    """A class of connections of which every cursor tells the watch."""

    class Cursor(sqlite3.Cursor):
        place = -1  # of the statement that it runs, among all that were said

        def execute(self, sql: str, *given: Any) -> "Cursor":
            return self._timed(sql, super().execute, sql, *given)

        def executemany(self, sql: str, *given: Any) -> "Cursor":
            return self._timed(sql, super().executemany, sql, *given)

        def _timed(self, sql: str, work: Any, *given: Any) -> "Cursor":
            begun = time.perf_counter()
            work(*given)
            self.place = watch.keep(sql, (time.perf_counter() - begun) * 1000, max(self.rowcount, 0))
            return self

        def fetchone(self) -> Any:
            begun = time.perf_counter()
            row = super().fetchone()
            watch.grow(self.place, (time.perf_counter() - begun) * 1000, 0 if row is None else 1)
            return row

        def fetchmany(self, *given: Any) -> list[Any]:
            begun = time.perf_counter()
            rows = super().fetchmany(*given)
            watch.grow(self.place, (time.perf_counter() - begun) * 1000, len(rows))
            return rows

        def fetchall(self) -> list[Any]:
            begun = time.perf_counter()
            rows = super().fetchall()
            watch.grow(self.place, (time.perf_counter() - begun) * 1000, len(rows))
            return rows

    class Connection(sqlite3.Connection):
        def cursor(self, factory: Any = Cursor) -> Any:
            return super().cursor(factory)

        def commit(self) -> None:
            begun = time.perf_counter()
            super().commit()
            watch.keep("COMMIT", (time.perf_counter() - begun) * 1000, 0)

    return Connection
