"""The difference that a change makes, per unit, period and measure: lock the wards, snapshot, apply, snapshot, post.

One path serves insert, correction, move, void and undo. Whoever changes what counts passes a function that says what the
touched households count for; it is asked before and after, and only the difference is written. Totals are therefore exact
whatever the change was, as long as the wards are locked in between (on PostgreSQL the lock is a row, on SQLite the single
writer); `totals check` recounts everything and proves it.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date

from sqlalchemy import and_, delete, or_, select
from sqlmodel import Session, col

from skills.db import dialect, table_of, upsert
from skills.totals.models import UnitPeriod, WardLock

Key = tuple[int, int, str, str, date, int]  # ward, unit, calendar, kind, first day of the period, measure
Amounts = dict[Key, int]

COLUMNS = ("ward_id", "unit_id", "calendar", "kind", "period", "measure")
_AT_ONCE = 500  # rows a statement; SQLite allows 32 766 parameters


@contextmanager
def difference(db: Session, ward_ids: Iterable[int], snapshot: Callable[[], Amounts]) -> Iterator[None]:
    """Locks the wards, lets the block change the facts, and posts what that changed. Never commits."""
    lock(db, ward_ids)
    before = snapshot()
    yield
    db.flush()
    post(db, before, snapshot())


def lock(db: Session, ward_ids: Iterable[int]) -> None:
    """Takes the wards' locks in ascending order until the transaction ends, so that two writers never wait for each other."""
    if dialect(db) == "sqlite":
        return  # BEGIN IMMEDIATE has locked the whole file already
    wanted = sorted(set(ward_ids))
    rows = (
        select(col(WardLock.ward_id)).where(col(WardLock.ward_id).in_(wanted)).order_by(col(WardLock.ward_id))
    )
    held = db.execute(rows.with_for_update()).scalars().all()
    if len(held) < len(wanted):
        db.execute(
            upsert(db, WardLock).values([{"ward_id": ward} for ward in wanted]).on_conflict_do_nothing()
        )
        db.execute(rows.with_for_update()).all()


def post(db: Session, before: Amounts, after: Amounts) -> None:
    """Adds `after` − `before` to the totals; an amount that comes to zero is no row."""
    changes = {key: after.get(key, 0) - before.get(key, 0) for key in before.keys() | after.keys()}
    changed = sorted((key, n) for key, n in changes.items() if n)
    add(db, changed)
    fallen = [key for key, n in changed if n < 0]
    for start in range(0, len(fallen), _AT_ONCE // 10):
        same = [
            and_(*(table_of(UnitPeriod).c[name] == value for name, value in zip(COLUMNS, key, strict=True)))
            for key in fallen[start : start + _AT_ONCE // 10]
        ]
        db.execute(delete(UnitPeriod).where(or_(*same), col(UnitPeriod.n) == 0))


def add(db: Session, amounts: Iterable[tuple[Key, int]]) -> None:
    """Adds amounts to the totals, making rows where there are none."""
    rows = [dict(zip(COLUMNS, key, strict=True), n=n) for key, n in amounts]
    for start in range(0, len(rows), _AT_ONCE):
        statement = upsert(db, UnitPeriod).values(rows[start : start + _AT_ONCE])
        db.execute(
            statement.on_conflict_do_update(
                index_elements=list(COLUMNS), set_={"n": table_of(UnitPeriod).c.n + statement.excluded.n}
            )
        )
