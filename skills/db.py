"""The database: one writer and several readers on SQLite, a pool on PostgreSQL, the same six rules on both (architecture 4).

A session from `writing()` is one transaction: it is committed when the block ends, before anything is answered,
and rolled back by any exception. A session from `reading()` never writes. Verbs never commit.
"""

import sqlite3
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from operator import itemgetter
from typing import Any, ClassVar

from sqlalchemy import (
    Column,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    Table,
    TypeDecorator,
    bindparam,
    create_engine,
    event,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session, SQLModel

from skills.errors import Busy

WAIT_MS = 2_500  # how long a write may wait for the lock; the whole request answers 503 after 3 s

NAMES = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Row(SQLModel):
    """Base of every table: owns the metadata, so that every constraint has a name that migrations can use."""

    metadata: ClassVar[MetaData] = NAMES


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware going in, aware UTC coming out, on SQLite too, which would forget the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuses a naive moment: whoever made it forgot which clock it was read from."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime can't be stored: use skills.clock")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Gives the moment back in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    """The engines of one process. `url` is a SQLAlchemy address; SQLite gets a single-connection writer."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        # hide_parameters: what people typed must not stand in a log beside an error
        if self.is_sqlite:
            self.writer = create_engine(
                url, pool_size=1, max_overflow=0, pool_timeout=WAIT_MS / 1000, hide_parameters=True
            )
            self.reader = create_engine(
                url, pool_size=8, max_overflow=8, pool_timeout=WAIT_MS / 1000, hide_parameters=True
            )
            event.listen(self.writer, "connect", _prepare_sqlite)
            event.listen(self.reader, "connect", _prepare_sqlite)
            event.listen(self.reader, "connect", _only_read)
            # "begin immediate" takes the write lock at once, so that a transaction never fails half-way for want of it
            event.listen(
                self.writer, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE")
            )
            event.listen(self.reader, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        else:
            options = f"-c lock_timeout={WAIT_MS} -c statement_timeout=60000 -c timezone=UTC"
            self.writer = create_engine(
                url, pool_size=8, max_overflow=8, pool_timeout=WAIT_MS / 1000, pool_pre_ping=True,
                connect_args={"options": options}, hide_parameters=True,
            )  # fmt: skip
            # one view of the data for all statements of a page, so that what it adds up adds up
            self.reader = self.writer.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction that is committed at the end of the block. Raises Busy when storage is locked, full or read-only."""
        with as_busy(), Session(self.writer, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One consistent view of what is committed; nothing that is changed in it is kept."""
        with as_busy(), Session(self.reader, autoflush=False) as session:
            yield session

    def dispose(self) -> None:
        """Closes every connection."""
        self.writer.dispose()
        self.reader.dispose()


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    """WAL lets readers go on while one writes; FULL means that what was committed is on the disk."""
    connection.isolation_level = None  # the driver must not begin transactions of its own
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL", "synchronous=FULL", f"busy_timeout={WAIT_MS}", "foreign_keys=ON", "cache_size=-32768",
        # twenty visits touch 150 pages, many of them the same: copied back every 1000 pages, most commits would wait for that
        "wal_autocheckpoint=10000",
    ):  # fmt: skip
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _only_read(connection: sqlite3.Connection, _record: object) -> None:
    """A reader that tried to write would wait for the writer while it holds a turn of its own: better an error at once."""
    connection.execute("PRAGMA query_only=ON").close()


# SQLSTATE classes of PostgreSQL that mean "not now": lost connection, out of resources, shutting down, lock or
# serialisation trouble, read-only server (PostgreSQL manual, appendix A).
_NOT_NOW = ("08", "53", "57P", "55P03", "40001", "40P01", "25006", "58030")
_SQLITE_NOT_NOW = (
    "SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_READONLY", "SQLITE_IOERR", "SQLITE_CANTOPEN",
)  # fmt: skip


@contextmanager
def as_busy() -> Iterator[None]:
    """Turns what the database says when it can't take the write now into Busy; every other error passes unchanged."""
    try:
        yield
    except PoolTimeout as error:
        raise Busy("locked") from error
    except DBAPIError as error:
        reason = busy_reason(error)
        if reason is None:
            raise
        raise Busy(reason) from error


def busy_reason(error: DBAPIError) -> str | None:
    """The driver's code when the error means locked, full, read-only or unreachable storage; else None."""
    original: Any = error.orig
    name = str(getattr(original, "sqlite_errorname", "") or "")
    if name.startswith(_SQLITE_NOT_NOW):
        return name
    state = str(getattr(original, "sqlstate", "") or "")
    if state and state.startswith(_NOT_NOW):
        return state
    if isinstance(error, OperationalError) and not name and not state:
        return "unreachable"  # psycopg gives no SQLSTATE when it can't connect at all
    return None


def upsert(db: Session, table: type[Row]) -> Any:
    """An INSERT that knows ON CONFLICT on the session's own database (the two dialects spell it alike)."""
    return upsert_on(dialect(db), table)


def upsert_on(dialect: str, table: type[Row]) -> Any:
    """The same for a dialect by name, for a statement that is prepared once."""
    return (sqlite if dialect == "sqlite" else postgresql).insert(table_of(table))


def dialect(db: Session) -> str:
    """ "sqlite" or "postgresql"."""
    return db.get_bind().dialect.name


def table_of(model: type[Row]) -> Table:
    """The SQLAlchemy table under a model, for statements that need it."""
    return model.__table__  # type: ignore[attr-defined,no-any-return]


def among(ward_id: Any, fact_id: Any) -> tuple[Any, Any]:
    """Conditions for the rows of many facts, to be prepared once and asked with `within(keys)`, however many there are.

    They hold for any of the wards with any of the ids: who asks picks the pairs out of what comes back. Both columns lead
    an index, so that this finds few rows more than the pairs would.
    """
    return ward_id.in_(bindparam("wards", expanding=True)), fact_id.in_(bindparam("ids", expanding=True))


def within(keys: Collection[tuple[int, uuid.UUID]]) -> dict[str, list[Any]]:
    """The parameters of `among`: stored ward and id of each fact."""
    return {"wards": sorted({ward for ward, _ in keys}), "ids": [fact for _, fact in keys]}


def insert_many(db: Session, model: type[Row], rows: Sequence[dict[str, Any]], size: int = 2_000) -> None:
    """Adds many rows in one go, past the unit of work; for loading data, not for verbs."""
    for start in range(0, len(rows), size):
        db.execute(table_of(model).insert(), list(rows[start : start + size]))


def write_rows(
    db: Session, statement: Any, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Runs a prepared INSERT or DELETE of the tables that grow once for each row; `columns` names the values of a row.

    On SQLite the types are taken care of a column at a time, which takes half as long as SQLAlchemy's row at a time.
    """
    if not rows:
        return
    connection = db.connection()
    if connection.dialect.name != "sqlite":
        connection.execute(statement, [dict(zip(columns, row, strict=True)) for row in rows])
        return
    sql, binds = _for_sqlite(statement, columns, connection.dialect)
    given = list(zip(*rows, strict=True))
    wanted = [given[place] if bind is None else _bound(given[place], bind) for place, bind in binds]
    connection.exec_driver_sql(sql, list(zip(*wanted, strict=True)))


def write_dicts(db: Session, statement: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """The same for rows that name their columns, all the same ones."""
    if rows:
        columns = tuple(rows[0])
        pick = itemgetter(*columns)
        write_rows(db, statement, columns, [pick(row) for row in rows])


def _bound(values: Iterable[Any], bind: Callable[[Any], Any]) -> Iterable[Any]:
    """Each value as the driver takes it; the same day or person is worked out once."""
    known = {value: bind(value) for value in set(values)}
    return map(known.__getitem__, values)


@cache
def _for_sqlite(
    statement: Any, columns: tuple[str, ...], dialect: Dialect
) -> tuple[str, list[tuple[int, Callable[[Any], Any] | None]]]:
    """The statement as text, and for each of its question marks the place of the value in a row and what makes it fit. ValueError
    for a constant in the statement: write it as a literal."""
    compiled = statement.compile(dialect=dialect, column_keys=list(columns))
    binds = [
        (columns.index(name), compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect))
        for name in compiled.positiontup
    ]
    return str(compiled), binds


def uuid7(moment: datetime, random: bytes) -> uuid.UUID:
    """A UUIDv7 (RFC 9562, 5.7) from an aware moment and 10 random bytes; sorts by time, is an identifier and no secret."""
    value = (int(moment.timestamp() * 1000) & ((1 << 48) - 1)) << 80 | int.from_bytes(random[:10], "big")
    value &= ~(0xF << 76) & ~(0x3 << 62)
    return uuid.UUID(int=value | 0x7 << 76 | 0x2 << 62)


def moment_column(**options: Any) -> Any:
    """A Column for an aware moment, to be given to sa_column."""
    return Column(UtcDateTime(), **options)


__all__ = [
    "Database", "Engine", "Row", "Session", "UtcDateTime", "among", "as_busy", "busy_reason", "dialect", "insert_many",
    "moment_column", "table_of", "upsert", "upsert_on", "uuid7", "within", "write_dicts",
    "write_rows",
]  # fmt: skip
