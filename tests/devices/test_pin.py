"""A PIN opens one phone for one person: something held and something known. Five wrong ones and it is off."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import text
from sqlmodel import col, select, update

from skills import clock
from skills.accounts.told import tell_pin_off
from skills.people import enrolments, sessions
from skills.people.add import dismiss, reset_password
from skills.people.enrolments import NotHere, Opened, PinOff, WrongPin, remember, try_pin
from skills.people.models import Enrolment, LoginSession, Person, Posting, Role
from skills.people.pins import COMMON_PINS, flaw
from tests.cast import CHEAP, City

PIN, WRONG = "508274", "417905"


@pytest.fixture(autouse=True)
def cheap_pins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that take no time."""
    monkeypatch.setattr(enrolments, "hash_password", CHEAP.hash)


def enrol(city: City, name: str, pin: str | None = PIN, device: str | None = None) -> str:
    """Somebody sets a PIN on a phone, a new one when none is given; its token."""
    with city.database.writing() as db:
        return remember(db, device, city.people[name].id, pin, "Chrome · Android")


def attempt(city: City, device: str | None, name: str, pin: str):  # type: ignore[no-untyped-def]
    """One try."""
    return try_pin(city.database, device, city.people[name].id, pin, tell_pin_off)


def test_a_right_pin_opens_the_phone(city: City) -> None:
    """With a session of that person, proven just now, on that phone."""
    phone = enrol(city, "Hoài")
    opened = attempt(city, phone, "Hoài", PIN)
    assert isinstance(opened, Opened)
    with city.database.reading() as db:
        session = sessions.find_session(db, opened.token, clock.now())
    assert session is not None
    assert session.person_id == city.people["Hoài"].id
    assert session.device_hash == sessions.hashed(phone)
    assert clock.now() - session.confirmed_at < timedelta(minutes=1)


def test_three_people_share_a_phone_each_with_a_pin_of_their_own(city: City) -> None:
    """One token for the browser; nobody's PIN opens for another."""
    phone = enrol(city, "Hoài", "508274")
    assert enrol(city, "Bảo", "639150", phone) == phone
    assert enrol(city, "Lộc", "748206", phone) == phone
    assert isinstance(attempt(city, phone, "Bảo", "639150"), Opened)
    assert attempt(city, phone, "Bảo", "508274") == WrongPin(left=4)
    with city.database.reading() as db:
        assert {each.short_name for each in enrolments.people_on(db, phone)} == {
            "Hoài L.",
            "Bảo P.",
            "Lộc T.",
        }


def test_five_wrong_ones_and_the_pin_is_off(city: City) -> None:
    """The right one too, a day later too; for this person on this phone alone, until they are enrolled again."""
    phone = enrol(city, "Hoài")
    enrol(city, "Bảo", PIN, phone)
    other = enrol(city, "Hoài")
    told = [attempt(city, phone, "Hoài", WRONG) for _ in range(6)]
    assert told == [WrongPin(4), WrongPin(3), WrongPin(2), WrongPin(1), PinOff(), PinOff()]
    with time_machine.travel(clock.now() + timedelta(days=1)):
        assert attempt(city, phone, "Hoài", PIN) == PinOff()
    assert isinstance(attempt(city, phone, "Bảo", PIN), Opened)
    assert isinstance(attempt(city, other, "Hoài", PIN), Opened)
    enrol(city, "Hoài", None, phone)  # signed in with the password, and set no PIN
    assert attempt(city, phone, "Hoài", PIN) == PinOff()
    enrol(city, "Hoài", "920417", phone)
    assert isinstance(attempt(city, phone, "Hoài", "920417"), Opened)


def test_a_right_one_gives_the_wrong_ones_back(city: City) -> None:
    """Somebody who mistypes four times each morning is never closed out; a clock set back or ahead gives no try back."""
    phone = enrol(city, "Hoài")
    for _ in range(3):
        for left in (4, 3, 2, 1):
            assert attempt(city, phone, "Hoài", WRONG) == WrongPin(left)
        assert isinstance(attempt(city, phone, "Hoài", PIN), Opened)
    for year in (2006, 2026, 2046):
        with time_machine.travel(datetime(year, 8, 28, tzinfo=UTC)):
            attempt(city, phone, "Hoài", WRONG)
    with city.database.reading() as db:
        assert db.exec(select(Enrolment.wrong_pins)).one() >= 2


def fifty_at_once(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifty wrong PINs typed in the same moment: five are looked at."""
    phone = enrol(city, "Hoài")
    looked_at = []

    def look(_stored: str, typed: str) -> tuple[bool, None]:
        looked_at.append(typed)
        return False, None

    monkeypatch.setattr(enrolments, "verify", look)
    told: list[object] = []
    threads = [
        threading.Thread(target=lambda: told.append(attempt(city, phone, "Hoài", WRONG))) for _ in range(50)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 50
    assert len(looked_at) == 5
    assert told.count(PinOff()) == 46


def test_fifty_tries_at_once_are_five(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counting comes before looking."""
    fifty_at_once(city, monkeypatch)


@pytest.mark.postgres
def test_fifty_tries_at_once_are_five_on_postgresql(
    postgres_city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where many write at the same time, each count locks its row."""
    fifty_at_once(postgres_city, monkeypatch)


def test_who_can_not_be_counted_does_not_get_in(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """A counter that fails is closed, even to the right PIN."""
    phone = enrol(city, "Hoài")
    with city.database.writing() as db:
        db.execute(
            text(
                "CREATE TRIGGER full BEFORE UPDATE ON enrolment BEGIN SELECT RAISE(ABORT, 'no room to count'); END"
            )
        )
    monkeypatch.setattr(enrolments, "verify", lambda *_: pytest.fail("looked at before it was counted"))
    with pytest.raises(Exception, match="no room to count"):
        attempt(city, phone, "Hoài", PIN)
    with city.database.reading() as db:
        assert db.exec(select(LoginSession)).all() == []


def test_a_pin_is_nothing_without_the_phone(city: City) -> None:
    """No token, somebody else's phone, a made-up one, or the hash out of the table: nobody is counted and nobody gets in."""
    phone = enrol(city, "Hoài")
    others = enrol(city, "Mai")
    for device in (None, "", others, "made up", sessions.hashed(phone), "đ\udc80"):
        assert attempt(city, device, "Hoài", PIN) == NotHere(), device
    with city.database.reading() as db:
        assert set(db.exec(select(Enrolment.wrong_pins))) == {0}
        assert enrolments.people_on(db, None) == []
        assert enrolments.people_on(db, "made up") == []


def test_who_left_opens_nothing(city: City) -> None:
    """Dismissed, given a new password, or forgotten by this phone: the PIN is over, and enrolling again does not bring it back."""
    phone = enrol(city, "Hoài")
    enrol(city, "Bảo", PIN, phone)
    enrol(city, "Mai", PIN, phone)
    enrol(city, "Lộc", PIN, phone)
    with city.database.writing() as db:
        dismiss(db, db.get_one(Person, city.people["Hoài"].id))
        reset_password(db, db.get_one(Person, city.people["Bảo"].id), "a new password")
        enrolments.revoke(db, sessions.hashed(phone), city.people["Mai"].id)
    for name in ("Hoài", "Bảo", "Mai"):
        assert attempt(city, phone, name, PIN) == NotHere()
    assert isinstance(attempt(city, phone, "Lộc", PIN), Opened)
    enrol(city, "Mai", None, phone)
    assert attempt(city, phone, "Mai", PIN) == NotHere()
    with city.database.reading() as db:
        assert [each.short_name for each in enrolments.people_on(db, phone)] == ["Lộc T."]


def test_a_pin_that_is_taken_away_while_it_is_looked_at_opens_nothing(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the count and the session lies the time that a hash takes."""
    phone = enrol(city, "Hoài")

    def look(*_: object) -> tuple[bool, None]:
        with city.database.writing() as db:
            enrolments.revoke(db, sessions.hashed(phone), city.people["Hoài"].id)
        return True, None

    monkeypatch.setattr(enrolments, "verify", look)
    assert attempt(city, phone, "Hoài", PIN) == NotHere()


@pytest.mark.parametrize("name", ["Tâm", "Khánh", "Yến", "Lạ"])
def test_offices_open_nothing_with_a_pin(city: City, name: str) -> None:
    """Officer, administrator, auditor, and who has no posting; nor are they named on the phone."""
    phone = enrol(city, name)
    assert attempt(city, phone, name, PIN) == NotHere()
    with city.database.reading() as db:
        assert enrolments.people_on(db, phone) == []


def test_a_volunteer_who_becomes_an_officer_opens_nothing_with_the_pin_any_more(city: City) -> None:
    """What a PIN opens is asked at each try."""
    phone = enrol(city, "Hoài")
    with city.database.writing() as db:
        db.execute(
            update(Posting)
            .where(col(Posting.person_id) == city.people["Hoài"].id)
            .values(role=Role.OFFICER, area_id=city.district.id)
        )
    assert attempt(city, phone, "Hoài", PIN) == NotHere()


def test_a_revoked_phone_gets_another_token(city: City) -> None:
    """Whoever copied the old one has nothing, even when the phone is found and enrolled again."""
    phone = enrol(city, "Hoài")
    with city.database.writing() as db:
        enrolments.revoke(db, sessions.hashed(phone), city.people["Hoài"].id)
    again = enrol(city, "Hoài", PIN, phone)
    assert again != phone
    assert attempt(city, phone, "Hoài", PIN) == NotHere()
    assert isinstance(attempt(city, again, "Hoài", PIN), Opened)


def test_a_token_of_somebody_elses_making_is_not_taken(city: City) -> None:
    """Who plants a cookie in a browser does not know what it is enrolled with."""
    assert enrol(city, "Hoài", PIN, "planted") != "planted"


def test_neither_token_nor_pin_is_stored(city: City) -> None:
    """Only hashes: 256 random bits plainly, six digits slowly."""
    phone = enrol(city, "Hoài")
    opened = attempt(city, phone, "Hoài", PIN)
    assert len(phone) == 43
    with city.database.reader.connect() as connection:
        rows = [
            row
            for table in ("enrolment", "login_session", "device")
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}")
        ]
    dump = "\n".join(map(str, rows))
    assert phone not in dump
    assert opened.token not in dump
    assert PIN not in dump
    assert "$argon2id$" in dump


@pytest.mark.parametrize(
    "pin",
    [
        "000000", "777777", "121212", "123123", "748748", "123321", "748847", "112233", "884400", "131133",  # repeats
        "123456", "654321", "890123", "210987", "135791", "975319",  # runs
        "280890", "010100", "311299", "290204", "081990", "122001",  # birthdays
        "905000", "000001", "500000",  # her own number
        "", "12345", "5082744", "50827a", "５０８２７４", "508 74", "-50827",  # no six digits
    ],
)  # fmt: skip
def test_a_pin_that_is_easily_guessed_is_refused(city: City, pin: str) -> None:
    """With a sentence that says why; nothing is stored."""
    assert flaw(pin, "+84905000001")
    with pytest.raises(ValueError, match="6"):
        enrol(city, "Hoài", pin)
    with city.database.reading() as db:
        assert db.exec(select(Enrolment)).all() == []


def test_the_common_ones_are_refused_and_most_are_left() -> None:
    """More than a hundred by name; and of all there are, nine in ten may still be chosen."""
    assert len(COMMON_PINS) >= 150
    assert all(flaw(pin) for pin in COMMON_PINS)
    assert flaw(PIN, "+84905000001") is None
    allowed = sum(flaw(f"{n:06d}") is None for n in range(0, 1_000_000, 7))
    assert allowed * 7 > 900_000
