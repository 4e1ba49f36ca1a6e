"""Very many rows at once, past the unit of work: executemany on SQLite, COPY on PostgreSQL. For the demonstration only."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Date, Dialect
from sqlalchemy.dialects import sqlite

from skills.db import NAMES, Database, Session, dialect

_MEMORY = -262_144  # KiB of pages that SQLite keeps while it is filled


@contextmanager
def loading(database: Database) -> Iterator[Session]:
    """One transaction for a database that is filled from nothing: committed whole, or nothing of it.

    A SQLite file is filled under a rollback journal where nobody else has it open: what is added to an empty file needs no
    copy, while a write-ahead log would hold it all a second time. Rows are not checked against one another one by one:
    they come out of one hand, and `totals check` looks at them.
    """
    if not database.is_sqlite:
        with database.writing() as db:
            yield db
        return
    connection = database.writer.raw_connection()
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA cache_size={_MEMORY}")
    cursor.execute("PRAGMA foreign_keys=OFF")
    try:
        cursor.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError:
        pass  # somebody else has it open: then through the log, which is slower
    cursor.close()
    connection.close()
    try:
        with database.writing() as db:
            yield db
    finally:
        database.writer.dispose()  # the next connection has the settings of every day again


def ready(table: str, rows: list[list[Any]], dialect_name: str) -> list[list[Any]]:
    """The same rows, made such as the driver takes them: SQLite knows no days and no UUIDs, psycopg knows them all."""
    if dialect_name == "sqlite":
        for place, converted in _converters(table):
            for row in rows:
                row[place] = converted(row[place])
    return rows


def write(db: Session, table: str, rows: Sequence[Sequence[Any]]) -> None:
    """Adds rows that are ready, in the order of the table's columns."""
    if not rows:
        return
    names = [column.name for column in NAMES.tables[table].columns]
    connection: Any = db.connection().connection.driver_connection
    if dialect(db) == "sqlite":
        places = ", ".join("?" * len(names))
        connection.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})", rows)  # noqa: S608 - our own names
        return
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


_SQLITE: Dialect = sqlite.dialect()


@cache
def _converters(table: str) -> list[tuple[int, Callable[[Any], Any]]]:
    """For each column whose values SQLite does not take as they are: its place, and what makes them so."""
    found: list[tuple[int, Callable[[Any], Any]]] = []
    for place, column in enumerate(NAMES.tables[table].columns):
        converted = column.type.dialect_impl(_SQLITE).bind_processor(_SQLITE)
        if isinstance(column.type, Date):
            converted = _written  # many rows, few days
        if converted is not None:
            found.append((place, converted))
    return found


@cache
def _written(day: date | None) -> str | None:
    """A day as SQLAlchemy writes it into SQLite."""
    return None if day is None else day.isoformat()
