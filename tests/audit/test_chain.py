"""Whatever is done to the trail behind the program's back, `verify` names the first place where it shows."""

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import text

from skills.audit import trail
from skills.audit.verify import heads
from skills.db import Database
from skills.settings import settings
from tests.audit.book import (
    AN_HAI,
    HAI_CHAU,
    MORNING,
    SOMEBODY,
    at,
    broken,
    go_through,
    read,
    tamper,
    write_days,
)
from tests.cast import City


@pytest.fixture
def database(city: City, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Three days of two wards; the last is still open."""
    write_days(city.database, monkeypatch)
    return city.database


def test_an_untouched_trail_is_whole(database: Database) -> None:
    """Twelve entries and nine reads here, six entries there, two days sealed in both."""
    found = go_through(database)
    assert (found.entries, found.reads, found.wards, found.broken) == (18, 9, 2, [])
    with database.reading() as db:
        assert db.execute(text("SELECT ward_id, count(*) FROM day_seal GROUP BY ward_id")).all() == [
            (HAI_CHAU, 2), (AN_HAI, 2),
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("column", "other"),
    [
        ("at", "'2026-11-25 01:00:00.000001'"), ("actor_id", "NULL"), ("actor_id", "'00000000000000000000000000000009'"),
        ("action", "'person.dismissed'"), ("subject", "'9'"), ("fields", "'role'"), ("hash", f"'{'a' * 64}'"),
    ],
)  # fmt: skip
def test_an_altered_field(database: Database, column: str, other: str) -> None:
    """Any column of any entry; the other ward is not blamed."""
    tamper(database, f"UPDATE audit_entry SET {column} = {other} WHERE ward_id = {HAI_CHAU} AND seq = 6")
    assert broken(database) == {
        HAI_CHAU: "entry 6 does not follow from the one before it: altered, put in, or moved"
    }


def test_a_row_taken_out_of_the_middle(database: Database) -> None:
    """The gap in the numbers says where."""
    tamper(database, f"DELETE FROM audit_entry WHERE ward_id = {HAI_CHAU} AND seq = 5")
    assert broken(database) == {HAI_CHAU: "entry 5 is missing"}


def test_a_row_taken_out_and_the_rest_renumbered(database: Database) -> None:
    """The numbers are in the hash too, and so is the hash before."""
    tamper(
        database,
        f"DELETE FROM audit_entry WHERE ward_id = {HAI_CHAU} AND seq = 5",
        f"UPDATE audit_entry SET seq = -seq WHERE ward_id = {HAI_CHAU} AND seq > 5",
        f"UPDATE audit_entry SET seq = -seq - 1 WHERE ward_id = {HAI_CHAU} AND seq < 0",
        f"UPDATE audit_head SET seq = 11 WHERE ward_id = {HAI_CHAU}",
    )
    assert broken(database)[HAI_CHAU].startswith("entry 5 does not follow")


def test_two_rows_swapped(database: Database) -> None:
    """Each is real, and neither stands where it stood."""
    tamper(
        database,
        f"UPDATE audit_entry SET seq = -3 WHERE ward_id = {HAI_CHAU} AND seq = 3",
        f"UPDATE audit_entry SET seq = 3 WHERE ward_id = {HAI_CHAU} AND seq = 4",
        f"UPDATE audit_entry SET seq = 4 WHERE ward_id = {HAI_CHAU} AND seq = -3",
    )
    assert broken(database)[HAI_CHAU].startswith("entry 3 does not follow")


def test_a_row_put_in_at_the_end(database: Database) -> None:
    """Even with a head that knows of it: the hash needs the program's secret, and a plain one over the same text won't do."""
    with database.reading() as db:
        before = db.execute(text(f"SELECT hash FROM audit_head WHERE ward_id = {HAI_CHAU}")).scalar_one()
    forged = hashlib.sha256(before.encode()).hexdigest()
    tamper(
        database,
        "INSERT INTO audit_entry (ward_id, seq, at, action, subject, fields, hash) "
        f"VALUES ({HAI_CHAU}, 13, '2026-11-27 01:00:00.000000', 'person.added', '5', '', '{forged}')",
        f"UPDATE audit_head SET seq = 13, hash = '{forged}' WHERE ward_id = {HAI_CHAU}",
    )
    assert broken(database)[HAI_CHAU].startswith("entry 13 does not follow")


def test_a_row_put_into_the_middle(database: Database) -> None:
    """All later ones moved up by one."""
    tamper(
        database,
        f"UPDATE audit_entry SET seq = -seq WHERE ward_id = {HAI_CHAU} AND seq > 5",
        f"UPDATE audit_entry SET seq = 1 - seq WHERE ward_id = {HAI_CHAU} AND seq < 0",
        "INSERT INTO audit_entry (ward_id, seq, at, action, subject, fields, hash) SELECT ward_id, 6, at, action, subject, fields, hash "
        f"FROM audit_entry WHERE ward_id = {HAI_CHAU} AND seq = 5",
    )
    assert broken(database)[HAI_CHAU].startswith("entry 6 does not follow")


def test_the_end_cut_off(database: Database) -> None:
    """The head knows how many there were."""
    tamper(database, f"DELETE FROM audit_entry WHERE ward_id = {HAI_CHAU} AND seq > 10")
    assert broken(database) == {HAI_CHAU: "entry 11 is missing: the head says that there were 12"}


def test_the_end_cut_off_and_the_head_put_back(database: Database) -> None:
    """The seal of the day before knows where the chain ended then."""
    tamper(database, f"DELETE FROM audit_entry WHERE ward_id = {HAI_CHAU} AND seq > 6", *head_at(database, 6))
    assert broken(database) == {HAI_CHAU: "entry 8 is not the one that was sealed on 26/11/2026"}


def test_the_end_cut_off_with_everything_that_told_of_it(database: Database) -> None:
    """Entries, head, seals and reads as they stood on the first evening. Inside the database all fits: only what was kept outside shows it."""
    with database.reading() as db:
        kept = tuple(heads(db))
    tamper(
        database,
        f"DELETE FROM audit_entry WHERE ward_id = {HAI_CHAU} AND seq > 4",
        f"DELETE FROM day_seal WHERE ward_id = {HAI_CHAU} AND day > '2026-11-25'",
        f"DELETE FROM read_entry WHERE ward_id = {HAI_CHAU} AND day > '2026-11-25'",
        *head_at(database, 4),
        f"UPDATE audit_head SET reads = 0, reads_hash = '{'0' * 64}', "
        f"seal = (SELECT hash FROM day_seal WHERE ward_id = {HAI_CHAU}) WHERE ward_id = {HAI_CHAU}",
    )
    assert broken(database) == {}
    assert broken(database, kept) == {HAI_CHAU: "entry 12 is not the one that was kept elsewhere"}


def test_a_whole_ward_taken_out(database: Database) -> None:
    """The same: nothing in the database tells of it any more, what was kept elsewhere does."""
    with database.reading() as db:
        kept = tuple(heads(db))
    tables = ("audit_entry", "audit_head", "day_seal", "read_entry")
    tamper(database, *(f"DELETE FROM {table} WHERE ward_id = {HAI_CHAU}" for table in tables))
    assert broken(database) == {}
    assert broken(database, kept) == {HAI_CHAU: "the head of the chain is gone"}


def test_the_head_taken_out(database: Database) -> None:
    """So that the chain could begin anew."""
    tamper(database, f"DELETE FROM audit_head WHERE ward_id = {HAI_CHAU}")
    assert broken(database) == {HAI_CHAU: "the head of the chain is gone"}


def test_an_entry_of_another_ward(database: Database) -> None:
    """The ward is in the hash."""
    tamper(
        database,
        f"DELETE FROM audit_entry WHERE ward_id = {HAI_CHAU}",
        f"UPDATE audit_entry SET ward_id = {HAI_CHAU} WHERE ward_id = {AN_HAI}",
    )
    assert broken(database)[HAI_CHAU].startswith("entry 1 does not follow")
    assert broken(database)[AN_HAI].startswith("entry 1 is missing")


def test_a_read_altered_taken_out_put_in(database: Database) -> None:
    """Of a day that is sealed, and of the day that is still open."""
    for day in ("2026-11-25", "2026-11-27"):
        where = f"WHERE ward_id = {HAI_CHAU} AND day = '{day}'"
        written = f"{day[8:]}/11/2026"
        tamper(
            database,
            f"UPDATE read_entry SET person_id = '00000000000000000000000000000009' {where} AND n = 2",
        )
        assert broken(database) == {HAI_CHAU: f"a read of {written} was altered"}
        tamper(database, f"UPDATE read_entry SET person_id = '{SOMEBODY.hex}' {where} AND n = 2")
        assert broken(database) == {}
    tamper(database, f"DELETE FROM read_entry WHERE ward_id = {HAI_CHAU} AND day = '2026-11-25' AND n = 3")
    assert broken(database) == {HAI_CHAU: "2 reads of 25/11/2026, and there were 3"}
    tamper(database, f"DELETE FROM read_entry WHERE ward_id = {HAI_CHAU} AND day = '2026-11-25'")
    assert broken(database) == {HAI_CHAU: "0 reads of 25/11/2026, and there were 3"}


def test_a_read_put_into_a_day_that_is_over(database: Database) -> None:
    """As the fourth of three, and as the first of a day on which there was none."""
    copied = (
        "INSERT INTO read_entry (ward_id, day, n, at, person_id, page, subject, why) "
        "SELECT ward_id, '{day}', {n}, at, person_id, page, subject, why FROM read_entry "
        f"WHERE ward_id = {HAI_CHAU} AND day = '2026-11-25' AND n = 1"
    )
    tamper(database, copied.format(day="2026-11-25", n=4))
    assert broken(database) == {HAI_CHAU: "4 reads of 25/11/2026, and there were 3"}
    tamper(database, "DELETE FROM read_entry WHERE n = 4", copied.format(day="2026-11-20", n=1))
    assert "20/11/2026" in broken(database)[HAI_CHAU]


def test_a_seal_altered_or_taken_out(database: Database) -> None:
    """Seals follow from one another, and each is keyed."""
    tamper(database, f"UPDATE day_seal SET reads = 2 WHERE ward_id = {HAI_CHAU} AND day = '2026-11-25'")
    assert broken(database)[HAI_CHAU].startswith("the seal of 25/11/2026 does not follow")
    tamper(database, f"DELETE FROM day_seal WHERE ward_id = {HAI_CHAU} AND day = '2026-11-25'")
    assert broken(database)[HAI_CHAU].startswith("the seal of 26/11/2026 does not follow")
    tamper(database, f"DELETE FROM day_seal WHERE ward_id = {AN_HAI} AND day = '2026-11-26'")
    assert broken(database)[AN_HAI].startswith("the last seal is missing")


def test_with_another_secret_nothing_fits(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """And so nobody who has the database without the secret makes anything that fits."""
    monkeypatch.setenv("TUNGNHA_SECRET_KEY", "another secret of more than thirty-two letters")
    settings.cache_clear()
    try:
        assert sorted(broken(database)) == [HAI_CHAU, AN_HAI]
    finally:
        monkeypatch.undo()
        settings.cache_clear()


def test_a_clock_that_goes_back_opens_no_day_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written on a day that is over by the clock goes to the day that is open; all of it still fits."""
    with at(monkeypatch, MORNING - timedelta(days=30)), database.writing() as db:
        trail.write(db, HAI_CHAU, SOMEBODY, "person.changed", 1)
        read(db, HAI_CHAU, SOMEBODY)
    assert broken(database) == {}
    with at(monkeypatch, MORNING + timedelta(days=30)), database.writing() as db:
        read(db, HAI_CHAU, SOMEBODY)
    found = go_through(database)
    assert (found.entries, found.reads, found.broken) == (19, 11, [])


def test_what_is_rolled_back_was_never_there(database: Database) -> None:
    """An entry shares the fate of its change: of the transaction, and of the savepoint."""
    with pytest.raises(ZeroDivisionError), database.writing() as db:
        trail.write(db, HAI_CHAU, None, "person.added", 1)
        raise ZeroDivisionError
    with database.writing() as db:
        with pytest.raises(ZeroDivisionError), db.begin_nested():
            trail.write(db, HAI_CHAU, None, "person.added", 2)
            raise ZeroDivisionError
        trail.write(db, HAI_CHAU, None, "person.added", 3)
    found = go_through(database)
    assert (found.entries, found.broken) == (19, [])


@pytest.mark.parametrize(
    "subject", ["Lê Thị Hoài", "+84905000001", "0905000001", "84905000001", "", "a" * 61, "12 Hàng Dừa"]
)
def test_a_value_does_not_get_in_as_subject(city: City, subject: str) -> None:
    """Names, telephone numbers and addresses are refused where they are written, and the refusal does not repeat them."""
    with pytest.raises(ValueError) as refused, city.database.writing() as db:
        trail.write(db, HAI_CHAU, None, "person.added", subject)
    assert not subject or subject not in str(refused.value)


@pytest.mark.parametrize("field", ["Hoài", "full_name=Hoài", "full name", "0905000001", "", "a,b"])
def test_a_value_does_not_get_in_as_a_field(city: City, field: str) -> None:
    """Only names of fields."""
    with pytest.raises(ValueError), city.database.writing() as db:
        trail.write(db, HAI_CHAU, None, "person.added", 1, [field])


def head_at(database: Database, seq: int) -> list[str]:
    """The statement that puts the head back to an entry that is real."""
    with database.reading() as db:
        said = db.execute(
            text("SELECT hash FROM audit_entry WHERE ward_id = :ward AND seq = :seq"),
            {"ward": HAI_CHAU, "seq": seq},
        ).scalar_one()
    return [f"UPDATE audit_head SET seq = {seq}, hash = '{said}' WHERE ward_id = {HAI_CHAU}"]
