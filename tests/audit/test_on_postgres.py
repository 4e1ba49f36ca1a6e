"""Many write into one ward's chain at once, on the city's database: no two entries follow the same one, and nobody waits for ever."""

import random
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from skills.audit import reads, trail
from skills.db import Database, Session
from skills.households.lock import lock_wards
from tests.audit.book import AN_HAI, HAI_CHAU, SOMEBODY, broken, go_through, read, tamper, write_days
from tests.cast import City
from tests.six_rules import RuleBroken

WRITERS, EACH = 8, 25

pytestmark = pytest.mark.postgres


def test_concurrent_writers_to_one_ward(postgres_city: City) -> None:
    """Eight at once, changes and reads, some of which are taken back: 1, 2, 3, … without a gap, every hash right."""
    database = postgres_city.database
    begin = threading.Barrier(WRITERS)

    def work(writer: int) -> int:
        begin.wait()
        kept = 0
        for n in range(EACH):
            try:
                with database.writing() as db:
                    trail.write(db, HAI_CHAU, SOMEBODY, "person.changed", uuid.uuid4(), ["role"])
                    read(db, HAI_CHAU, uuid.uuid4())
                    if (writer + n) % 5 == 0:
                        raise ZeroDivisionError
                kept += 1
            except ZeroDivisionError:
                pass
        return kept

    with ThreadPoolExecutor(WRITERS) as many:
        kept = sum(many.map(work, range(WRITERS)))
    found = go_through(database)
    assert (found.entries, found.reads, found.broken) == (kept, kept, [])
    with database.reading() as db:
        numbers = db.execute(text("SELECT seq FROM audit_entry ORDER BY seq")).scalars().all()
    assert numbers == list(range(1, kept + 1))


def test_several_wards_at_once_never_wait_for_one_another(postgres_city: City) -> None:
    """Each takes the wards' locks and then the chains, both in ascending order, as the rule says: no deadlock among two hundred."""
    database = postgres_city.database
    with database.writing() as db:
        lock_wards(
            db, [0, HAI_CHAU, AN_HAI, 400]
        )  # the rows are there, as they are after the first visit of a ward
    begin = threading.Barrier(WRITERS)

    def work(writer: int) -> None:
        begin.wait()
        chance = random.Random(writer)
        for _ in range(EACH):
            wards = sorted(chance.sample([0, HAI_CHAU, AN_HAI, 400], 2))
            with database.writing() as db:
                if chance.random() < 0.5:
                    lock_wards(db, wards)
                for ward in wards:
                    trail.write(db, ward, SOMEBODY, "person.moved", writer)

    with ThreadPoolExecutor(WRITERS) as many:
        list(many.map(work, range(WRITERS)))
    found = go_through(database)
    assert (found.entries, found.broken) == (2 * WRITERS * EACH, [])


def test_the_order_of_locks_is_watched(postgres_city: City) -> None:
    """The detector works: a chain below one that is held, a ward after a chain, an entry whose chain is not locked."""
    database = postgres_city.database
    with pytest.raises(RuleBroken, match="out of order"), database.writing() as db:
        trail.write(db, AN_HAI, None, "person.moved", 1)
        trail.write(db, HAI_CHAU, None, "person.moved", 1)
    with pytest.raises(RuleBroken, match="after the trail"), database.writing() as db:
        trail.write(db, HAI_CHAU, None, "person.moved", 1)
        lock_wards(db, [HAI_CHAU])
    with database.writing() as db:  # whose locks keep everybody else away
        lock_wards(db, [HAI_CHAU, AN_HAI])
        trail.write(db, AN_HAI, None, "person.moved", 1)
        trail.write(db, HAI_CHAU, None, "person.moved", 1)
    with pytest.raises(RuleBroken, match="not locked"), database.writing() as db:
        _insert_past_the_lock(db)


def test_whoever_signs_in_does_not_wait_for_the_visits(postgres_city: City) -> None:
    """The chain has a lock of its own: while the ward's is held, an entry is written."""
    database = postgres_city.database
    with database.writing() as long_batch:
        lock_wards(long_batch, [HAI_CHAU])
        with database.writing() as db:
            trail.write(db, HAI_CHAU, SOMEBODY, "session.started", SOMEBODY)
    assert go_through(database).entries == 1


def test_days_seals_and_tampering(postgres_city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same hashes as on SQLite: moments, ids and days come back as they were hashed."""
    database = postgres_city.database
    write_days(database, monkeypatch)
    found = go_through(database)
    assert (found.entries, found.reads, found.broken) == (18, 9, [])
    tamper(database, f"UPDATE audit_entry SET fields = 'role' WHERE ward_id = {HAI_CHAU} AND seq = 7")
    tamper(database, f"DELETE FROM day_seal WHERE ward_id = {AN_HAI} AND day = '2026-11-26'")
    assert broken(database)[HAI_CHAU].startswith("entry 7 does not follow")
    assert broken(database)[AN_HAI].startswith("the last seal is missing")


def _insert_past_the_lock(db: Session) -> None:
    values = {
        "ward_id": HAI_CHAU, "seq": 99, "at": trail.clock.now(), "action": "person.moved", "subject": "1", "fields": "", "hash": "",
    }  # fmt: skip
    db.execute(trail._ENTRY.insert().values(**values))


def test_reads_of_a_ward_at_midnight(postgres_city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """Readers on both sides of midnight at once: each read is in the day under whose lock it was written, and sealed with it."""
    database = postgres_city.database
    write_days(database, monkeypatch)
    begin = threading.Barrier(WRITERS)

    def work(writer: int) -> None:
        begin.wait()
        for n in range(10):
            with database.writing() as db:
                reads.keep(db, (reads.Noted(HAI_CHAU, SOMEBODY, "visit.note", str(uuid.uuid4()), ""),))
                _turn_the_page_sometimes(database, n)

    with ThreadPoolExecutor(WRITERS) as many:
        list(many.map(work, range(WRITERS)))
    found = go_through(database)
    assert (found.reads, found.broken) == (9 + WRITERS * 10, [])


def _turn_the_page_sometimes(database: Database, n: int) -> None:
    """Another ward's day is sealed in between."""
    if n == 5:
        with database.writing() as db:
            trail.write(db, 400 + n, None, "person.moved", n)
