"""Thirty tries a day for a number, then longer and longer waits; a thousand failures anywhere slow everybody down a little.

On both databases, under fifty tries at once, with the clock moved.
"""

import logging
import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from fastapi import FastAPI

from skills.accounts import routes
from skills.accounts.limits import (
    OF_EVERYBODY,
    PER_ACCOUNT,
    PER_ACCOUNT_A_DAY,
    PER_ADDRESS,
    Buckets,
    TooMany,
    besieged,
    code_keys,
    count_try,
    forgive,
    keys,
)
from skills.accounts.models import SignInFailure
from skills.errors import Busy
from tests.cast import PASSWORD, City
from tests.client import Client

NOON = datetime(2026, 8, 28, 5, 0, tzinfo=UTC)
HER = keys("s", "+84905000001", "203.0.113.9")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def anywhere(request: pytest.FixtureRequest) -> City:
    """The cast, once on each database."""
    found: City = request.getfixturevalue("city" if request.param == "sqlite" else "postgres_city")
    return found


def one(city: City, moment: datetime, who: Buckets = HER) -> TooMany | None:
    """One try that fails, or what keeps it out; again when the machine has too much to do to say."""
    while True:
        try:
            with city.database.writing() as db:
                return count_try(db, who, moment)
        except Busy:
            continue


def at_once(city: City, moment: datetime, tries: list[Buckets]) -> int:
    """How many of these tries, each in a thread of its own, were let through."""
    let_in: list[TooMany | None] = []
    threads = [
        threading.Thread(target=lambda who=who: let_in.append(one(city, moment, who))) for who in tries
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(let_in) == len(tries)
    return let_in.count(None)


def many_failed(city: City, secret: str, n: int) -> None:
    """So many failures all over the program, within the same moment."""
    everybody = keys(secret, "", "")[-1].key
    with city.database.writing() as db:
        db.add(SignInFailure(key=everybody, since=NOON, n=n))


def use_up_the_day(city: City) -> datetime:
    """Thirty tries in three bursts; when the last of them was."""
    for burst in range(3):
        moment = NOON + burst * timedelta(minutes=6)
        assert [one(city, moment) for _ in range(PER_ACCOUNT)] == [None] * PER_ACCOUNT
    return moment


def test_after_thirty_in_a_day_each_wait_is_twice_the_last(anywhere: City) -> None:
    """One minute, two, four, … an hour, and an hour from then on; a try too early makes it no longer."""
    moment = use_up_the_day(anywhere)
    for minutes in (1, 2, 4, 8, 16, 32, 60, 60, 60):
        opens = moment + timedelta(minutes=minutes)
        later = max(
            opens, moment + timedelta(minutes=5)
        )  # five minutes after a burst the short limit is open again
        refused = one(anywhere, opens - timedelta(seconds=1))
        assert isinstance(refused, TooMany)
        assert refused.opens_at in (opens, NOON + timedelta(minutes=17))
        assert one(anywhere, later) is None, minutes
        moment = later


def test_fifty_at_once_after_a_wait_are_one(anywhere: City) -> None:
    """The door opens for one of them."""
    moment = use_up_the_day(anywhere)
    moment += timedelta(minutes=6)
    for wait in (timedelta(minutes=2), timedelta(minutes=4)):
        assert at_once(anywhere, moment, [HER] * 50) == 1
        assert at_once(anywhere, moment + wait - timedelta(seconds=1), [HER] * 50) == 0
        moment += wait


def test_fifty_codes_at_once_after_a_wait_are_one(anywhere: City) -> None:
    """Codes have the same limits, five at a time."""
    with anywhere.database.reading():
        who = code_keys("s", anywhere.people["Khánh"].id, "203.0.113.9")
    for burst in range(6):
        moment = NOON + burst * timedelta(minutes=6)
        assert at_once(anywhere, moment, [who] * 50) == 5
    moment += timedelta(minutes=6)
    assert at_once(anywhere, moment, [who] * 50) == 1


def test_a_day_later_it_begins_anew(anywhere: City) -> None:
    """A day after the first of the thirty."""
    use_up_the_day(anywhere)
    tomorrow = NOON + timedelta(days=1)
    assert [one(anywhere, tomorrow) for _ in range(PER_ACCOUNT)] == [None] * PER_ACCOUNT
    assert one(anywhere, tomorrow) is not None


def test_a_success_takes_all_of_it_back(anywhere: City) -> None:
    """Whoever remembers the password is in, and has thirty tries again."""
    moment = use_up_the_day(anywhere) + timedelta(minutes=6)
    assert one(anywhere, moment) is None
    with anywhere.database.writing() as db:
        forgive(db, HER)
    assert [one(anywhere, moment) for _ in range(PER_ACCOUNT)] == [None] * PER_ACCOUNT


def test_one_address_under_fifty_at_once(anywhere: City) -> None:
    """A hundred failures and no more, whoever's numbers they are for; another address is not kept out."""
    let_in = 0
    for burst in range(3):
        tries = [keys("s", f"+8490511{burst}{n:03d}", "203.0.113.9") for n in range(50)]
        let_in += at_once(anywhere, NOON, tries)
    assert let_in == PER_ADDRESS
    assert one(anywhere, NOON, keys("s", "+84905110000", "203.0.113.10")) is None


def test_a_try_that_is_refused_costs_nobody_anything(anywhere: City) -> None:
    """Hammering at one closed number does not close the address for the class behind it, nor a closed address a number."""
    for _ in range(PER_ACCOUNT):
        one(anywhere, NOON)
    for _ in range(PER_ADDRESS):
        assert one(anywhere, NOON) is not None
    for n in range(PER_ADDRESS - PER_ACCOUNT):
        assert one(anywhere, NOON, keys("s", f"+84906{n:06d}", "203.0.113.9")) is None
    for _ in range(PER_ACCOUNT):
        assert one(anywhere, NOON, keys("s", "+84905777777", "203.0.113.9")) is not None
    assert one(anywhere, NOON, keys("s", "+84905777777", "203.0.113.10")) is None


def test_a_thousand_failures_raise_the_alarm_once(anywhere: City, caplog: pytest.LogCaptureFixture) -> None:
    """From many addresses; nobody is locked out, and when it is over it is over."""
    caplog.set_level(logging.WARNING, logger="skills.accounts")
    many_failed(anywhere, "s", OF_EVERYBODY - 5)
    for n in range(10):
        assert one(anywhere, NOON, keys("s", f"+8490{n:07d}", f"198.51.100.{n}")) is None
    assert [record.levelname for record in caplog.records if record.name == "skills.accounts"] == ["WARNING"]
    with anywhere.database.reading() as db:
        assert besieged(db, "s", NOON + timedelta(minutes=4))
        assert not besieged(db, "s", NOON + timedelta(minutes=5))
        assert not besieged(db, "another program's", NOON)


def test_under_siege_a_sign_in_waits_and_works(
    app: FastAPI, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Delay, no lock."""
    waited: list[float] = []

    async def wait(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(routes, "pause", wait)
    many_failed(city, city.settings.secret, OF_EVERYBODY)
    with time_machine.travel(NOON, tick=False):
        assert Client(app).post("/sign-in", {"tel": "0905000001", "pw": PASSWORD}).status_code == 303
    assert waited == [2.0]
    with time_machine.travel(NOON + timedelta(minutes=5), tick=False):
        assert Client(app).post("/sign-in", {"tel": "0905000001", "pw": PASSWORD}).status_code == 303
    assert len(waited) == 1


def test_a_class_that_mistypes_once_each_still_gets_in(anywhere: City) -> None:
    """Sixty people behind one address within five minutes: sixty failures, sixty successes, nobody refused."""
    for n in range(60):
        moment = NOON + n * timedelta(seconds=5)
        who = keys("s", f"+84905{n:06d}", "203.0.113.9")
        assert one(anywhere, moment, who) is None
        assert one(anywhere, moment, who) is None
        with anywhere.database.writing() as db:
            forgive(db, who)


def test_thirty_is_three_times_ten() -> None:
    """What the bursts above rely on."""
    assert PER_ACCOUNT_A_DAY == 3 * PER_ACCOUNT
