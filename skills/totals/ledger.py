"""The difference that a change makes, per unit, period and measure: lock the wards, snapshot, apply, snapshot, post.

One path serves insert, correction, move, void and undo. Whoever changes what counts passes a function that says what the
touched households count for; it is asked before and after, and only the difference is written. Totals are therefore exact
whatever the change was, as long as the wards are locked in between (on PostgreSQL the lock is a row, on SQLite the single
writer); `totals check` recounts everything and proves it.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import bindparam, literal_column
from sqlmodel import Session

from skills.db import dialect, table_of, upsert_on, write_rows
from skills.households.lock import lock_wards
from skills.totals.models import UnitPeriod

Key = tuple[int, int, str, str, date, int]  # ward, unit, calendar, kind, first day of the period, measure
Amounts = dict[Key, int]

COLUMNS = ("ward_id", "unit_id", "calendar", "kind", "period", "measure")
_AT = tuple(f"at_{name}" for name in COLUMNS)
_TOTALS = table_of(UnitPeriod)
_EMPTY = _TOTALS.delete().where(
    *(_TOTALS.c[name] == bindparam(at) for name, at in zip(COLUMNS, _AT, strict=True)),
    _TOTALS.c.n == literal_column("0"),
)


@contextmanager
def difference(db: Session, ward_ids: Iterable[int], snapshot: Callable[[], Amounts]) -> Iterator[None]:
    """Locks the wards, lets the block change the facts, and posts what that changed. Never commits."""
    lock_wards(db, ward_ids)
    before = snapshot()
    yield
    db.flush()
    post(db, before, snapshot())


def post(db: Session, before: Amounts, after: Amounts) -> None:
    """Adds `after` − `before` to the totals."""
    change(db, {key: after.get(key, 0) - before.get(key, 0) for key in before.keys() | after.keys()})


def change(db: Session, changes: Amounts) -> None:
    """Adds these differences to the totals, under the wards' locks; an amount that comes to zero is no row."""
    changed = sorted((key, n) for key, n in changes.items() if n)
    add(db, changed)
    write_rows(db, _EMPTY, _AT, [key for key, n in changed if n < 0])


def add(db: Session, amounts: Iterable[tuple[Key, int]]) -> None:
    """Adds amounts to the totals, making rows where there are none. One prepared statement, however many there are."""
    write_rows(db, _growing(dialect(db)), (*COLUMNS, "n"), [(*key, n) for key, n in amounts])


@cache
def _growing(dialect: str) -> Any:
    statement = upsert_on(dialect, UnitPeriod)
    grown = {"n": _TOTALS.c.n + statement.excluded.n}
    return statement.on_conflict_do_update(index_elements=list(COLUMNS), set_=grown)
