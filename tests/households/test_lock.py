"""Two who write to the same wards wait for one another and never for ever, also where nobody has ever written."""

import threading

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from skills.db import Database
from skills.households.lock import lock_wards
from skills.households.models import WardLock
from tests.cast import City

ROUNDS = 40


def wait_until_somebody_waits(database: Database) -> None:
    """Comes back once a transaction waits for what another one holds."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    for _ in range(10_000):
        with database.reading() as db:
            if db.execute(waiting).scalar_one():
                return
    pytest.fail("nobody ever waited")


def first_writers(database: Database, low: int, high: int) -> list[BaseException]:
    """Two wards without a row. Somebody has the higher, another wants both and waits; a third, who wants both, comes in at the moment
    when the first is done, and sees the row that it has made. What went wrong."""
    failed: list[BaseException] = []

    def take_both() -> None:
        try:
            with database.writing() as db:
                lock_wards(db, (low, high))
        except BaseException as error:
            failed.append(error)

    other = threading.Thread(target=take_both)
    try:
        with database.writing() as third:
            third.execute(text("SELECT 1"))  # its connection stands ready
            with database.writing() as first:
                lock_wards(first, [high])
                other.start()
                wait_until_somebody_waits(database)
            lock_wards(third, (high, low))
    except BaseException as error:
        failed.append(error)
    other.join()
    return failed


@pytest.mark.postgres
def test_the_first_to_write_in_two_wards_on_postgresql(postgres_city: City) -> None:
    """Whoever comes in whatever order, each lock is taken in ascending order, those of new wards too."""
    database = postgres_city.database
    failed = [
        error for n in range(ROUNDS) for error in first_writers(database, 700_000 - 2 * n, 700_001 - 2 * n)
    ]
    assert failed == []
    with database.reading() as db:
        made = db.exec(select(col(WardLock.ward_id)).where(col(WardLock.ward_id) > 600_000)).all()
    assert len(made) == 2 * ROUNDS


@pytest.mark.postgres
def test_who_has_it_keeps_the_other_out_on_postgresql(postgres_city: City) -> None:
    """A ward that has a row already is locked like one that has none."""
    database, order = postgres_city.database, []

    def second() -> None:
        with database.writing() as db:
            lock_wards(db, [9, 7])
            order.append("second")

    for _ in ("new", "known"):
        thread = threading.Thread(target=second)
        with database.writing() as db:
            lock_wards(db, [7])
            thread.start()
            wait_until_somebody_waits(database)
            order.append("first")
        thread.join()
    assert order == ["first", "second"] * 2


@pytest.mark.postgres
def test_no_ward_is_no_lock_on_postgresql(postgres_city: City) -> None:
    """And nothing is stored for it."""
    with postgres_city.database.writing() as db:
        before = db.exec(select(WardLock)).all()
        lock_wards(db, [])
        assert db.exec(select(WardLock)).all() == before
