"""The difference that a change makes, per unit, period and measure: lock the wards, snapshot, apply, snapshot, post.

One path serves insert, correction, move, void and undo. Whoever changes what counts passes a function that says what the
touched households count for; it is asked before and after, and only the difference is written. Totals are therefore exact
whatever the change was, as long as the wards are locked in between (on PostgreSQL the lock is a row, on SQLite the single
writer); `totals check` recounts everything and proves it.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date

from sqlalchemy import bindparam
from sqlmodel import Session

from skills.db import table_of, upsert
from skills.households.lock import lock_wards
from skills.totals.models import UnitPeriod

Key = tuple[int, int, str, str, date, int]  # ward, unit, calendar, kind, first day of the period, measure
Amounts = dict[Key, int]

COLUMNS = ("ward_id", "unit_id", "calendar", "kind", "period", "measure")


@contextmanager
def difference(db: Session, ward_ids: Iterable[int], snapshot: Callable[[], Amounts]) -> Iterator[None]:
    """Locks the wards, lets the block change the facts, and posts what that changed. Never commits."""
    lock_wards(db, ward_ids)
    before = snapshot()
    yield
    db.flush()
    post(db, before, snapshot())


def post(db: Session, before: Amounts, after: Amounts) -> None:
    """Adds `after` − `before` to the totals; an amount that comes to zero is no row."""
    changes = {key: after.get(key, 0) - before.get(key, 0) for key in before.keys() | after.keys()}
    changed = sorted((key, n) for key, n in changes.items() if n)
    add(db, changed)
    fallen = [
        {f"at_{name}": value for name, value in zip(COLUMNS, key, strict=True)} for key, n in changed if n < 0
    ]
    if fallen:
        table = table_of(UnitPeriod)
        here = [table.c[name] == bindparam(f"at_{name}") for name in COLUMNS]
        db.connection().execute(table.delete().where(*here, table.c.n == 0), fallen)


def add(db: Session, amounts: Iterable[tuple[Key, int]]) -> None:
    """Adds amounts to the totals, making rows where there are none. One prepared statement, however many there are."""
    rows = [dict(zip(COLUMNS, key, strict=True), n=n) for key, n in amounts]
    if rows:
        statement = upsert(db, UnitPeriod)
        grown = {"n": table_of(UnitPeriod).c.n + statement.excluded.n}
        statement = statement.on_conflict_do_update(index_elements=list(COLUMNS), set_=grown)
        db.connection().execute(statement, rows)
