"""What a request left behind in the database, and how it is made undone, on SQLite and on PostgreSQL."""

import re
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Table, and_, event, select, text

from skills.db import Database
from skills.tables import ALL
from tests.six_rules import unwatched

_WRITES = re.compile(r'\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)
_TABLES = {table.name: table for table in ALL}

Rows = dict[tuple[Any, ...], tuple[Any, ...]]


class State:
    """The tables as they were when this was made. `watched` is the application's own database, which nobody else writes to.

    Whether anything was committed is asked of the database itself, and which tables it was is heard from the statements: the
    two have to agree, and every table is compared row by row where `whole` is asked for.
    """

    def __init__(self, watched: Database) -> None:
        self._own = Database(watched.url)  # beside the application's, so that looking is not heard as writing
        self._observer = self._own.reader.connect()
        self._heard: set[str] = set()
        self._pending: set[str] = set()
        event.listen(watched.writer, "before_cursor_execute", self._note)
        event.listen(watched.writer, "commit", self._keep)
        event.listen(watched.writer, "rollback", self._pending_is_gone)
        self._before = {name: self._rows(table) for name, table in _TABLES.items()}
        self._mark = self._moved()

    def stored(self) -> frozenset[str]:
        """The tables that differ from before; "?" for a commit of which no statement was heard."""
        mark, heard = self._moved(), frozenset(self._heard)
        moved, self._mark = mark != self._mark, mark
        self._heard.clear()
        if not moved:
            return frozenset()
        if not heard and self._own.is_sqlite:
            return frozenset({"?"})
        return self.differing(heard)

    def differing(self, names: Iterable[str] = _TABLES) -> frozenset[str]:
        """Those of the tables that differ from before, compared row by row."""
        self._observer.rollback()
        return frozenset(name for name in names if self._rows(_TABLES[name]) != self._before[name])

    def undo(self, names: Collection[str] = tuple(_TABLES)) -> None:
        """Puts these tables back as they were."""
        tables = [table for table in ALL if table.name in names]
        with unwatched(), self._own.writing() as db:
            now = {table.name: self._rows(table, db) for table in tables}
            for table in reversed(tables):
                for key in now[table.name].keys() - self._before[table.name].keys():
                    db.execute(table.delete().where(_is(table, key)))
            for table in tables:
                before = self._before[table.name]
                for key, row in before.items():
                    values = dict(zip(table.columns.keys(), row, strict=True))
                    if key not in now[table.name]:
                        db.execute(table.insert().values(values))
                    elif now[table.name][key] != row:
                        db.execute(table.update().where(_is(table, key)).values(values))
        self._heard.clear()
        self._mark = self._moved()

    def keep(self) -> None:
        """From now on the tables are meant to be as they are."""
        self._before = {name: self._rows(table) for name, table in _TABLES.items()}
        self._heard.clear()
        self._mark = self._moved()

    def close(self) -> None:
        """Lets go of the database."""
        self._observer.close()
        self._own.dispose()

    def _moved(self) -> Any:
        """A mark that is another one as soon as anybody else has committed a change."""
        self._observer.rollback()  # what it has seen until now is seen anew
        if self._own.is_sqlite:
            return self._observer.exec_driver_sql("PRAGMA data_version").scalar()
        return self._observer.execute(text("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")).scalar()

    def _rows(self, table: Table, db: Any = None) -> Rows:
        rows = (db or self._observer).execute(select(table))
        places = [place for place, column in enumerate(table.columns) if column.primary_key]
        return {tuple(row[place] for place in places): tuple(row) for row in rows}

    def _note(self, _connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        written = _WRITES.match(statement)
        if written and written[1] in _TABLES:
            self._pending.add(written[1])

    def _keep(self, _connection: Any) -> None:
        self._heard |= self._pending
        self._pending.clear()

    def _pending_is_gone(self, _connection: Any) -> None:
        self._pending.clear()


def _is(table: Table, key: tuple[Any, ...]) -> Any:
    columns = [column for column in table.columns if column.primary_key]
    return and_(*(column == part for column, part in zip(columns, key, strict=True)))
