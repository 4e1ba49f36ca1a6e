"""How often one may try: ten times in five minutes for a number, a hundred failures for an address."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from fastapi import FastAPI
from sqlmodel import select

from skills.accounts.limits import PER_ACCOUNT, PER_ADDRESS, TooMany, count_try, forgive, keys
from skills.accounts.models import SignInFailure
from skills.app import create_app
from tests.cast import PASSWORD, City
from tests.client import Client, Page

NOON = datetime(2026, 8, 28, 5, 0, tzinfo=UTC)  # 12:00 in Đà Nẵng


def sign_in(client: Client, tel: str = "0905000001", pw: str = "wrong", **headers: str):  # type: ignore[no-untyped-def]
    """One try."""
    return client.post("/sign-in", {"tel": tel, "pw": pw}, headers=headers)


@pytest.mark.parametrize("tel", ["0905000001", "0905999999", "nobody"])
def test_the_eleventh_try_is_too_many_known_or_not(stranger: Client, tel: str) -> None:
    """Even with the right password; the page says when it opens, and it does."""
    with time_machine.travel(NOON, tick=False):
        assert [sign_in(stranger, tel).status_code for _ in range(11)] == [422] * 10 + [429]
        answer = sign_in(stranger, tel, PASSWORD)
        assert answer.status_code == 429
        assert 300 <= int(answer.headers["retry-after"]) <= 302
        assert "12:05:00" in Page(answer).one("div", role="alert").text
        assert Page(answer).form("/sign-in")["tel"] == [tel]
    with time_machine.travel(NOON + timedelta(minutes=5, seconds=1), tick=False):
        assert sign_in(stranger, tel).status_code == 422


def test_other_people_are_not_kept_out(stranger: Client) -> None:
    """The number is closed, not the door."""
    for _ in range(12):
        sign_in(stranger)
    assert sign_in(stranger, "0905000003", PASSWORD).status_code == 303


def test_however_the_number_is_written_it_is_one(stranger: Client) -> None:
    """Spaces make no new tries."""
    for tel in ("0905000001", "0905 000 001", "+84905000001", "84905000001") * 3:
        last = sign_in(stranger, tel)
    assert last.status_code == 429


def test_a_success_gives_all_tries_back(stranger: Client) -> None:
    """Somebody who mistypes nine times each morning is never closed out."""
    for _ in range(3):
        assert [sign_in(stranger).status_code for _ in range(9)] == [422] * 9
        assert sign_in(stranger, pw=PASSWORD).status_code == 303


@pytest.fixture
def no_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of wrong passwords, without the time that each takes."""
    monkeypatch.setattr("skills.accounts.sign_in.verify", lambda _known, _password: (False, None))


def test_an_address_has_a_hundred_failures(stranger: Client, no_hashing: None) -> None:
    """Spread over many numbers."""
    statuses = [sign_in(stranger, f"090511{n:04d}").status_code for n in range(PER_ADDRESS + 1)]
    assert statuses == [422] * PER_ADDRESS + [429]
    assert sign_in(stranger, "0905000003", PASSWORD).status_code == 429  # somebody else's number, and right


def test_a_training_class_shares_one_address(city: City) -> None:
    """Successes are given back: three hundred people sign in behind one Wi-Fi."""
    for n in range(300):
        who = keys("s", f"+8490500{n:04d}", "203.0.113.9")
        with city.database.writing() as db:
            assert count_try(db, who, NOON) is None
            forgive(db, who)


def test_fifty_tries_at_once_are_ten(city: City) -> None:
    """Counting comes before looking."""
    passed: list[TooMany | None] = []

    def one() -> None:
        with city.database.writing() as db:
            passed.append(count_try(db, keys("s", "+84905000001", "203.0.113.9"), NOON))

    threads = [threading.Thread(target=one) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == 50
    assert passed.count(None) == PER_ACCOUNT


@pytest.mark.postgres
def test_fifty_tries_at_once_are_ten_on_postgresql(postgres_city: City) -> None:
    """Where many write at the same time, each count locks its row."""
    test_fifty_tries_at_once_are_ten(postgres_city)


def test_who_can_not_be_counted_does_not_get_in(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    """A limiter that fails is closed."""

    def fail(*_: object) -> None:
        raise RuntimeError("no table")

    monkeypatch.setattr("skills.accounts.sign_in.count_try", fail)
    answer = sign_in(Client(app), pw=PASSWORD)
    assert answer.status_code == 500
    assert "set-cookie" not in answer.headers


def test_what_is_kept_names_nobody(stranger: Client, city: City) -> None:
    """People type passwords into the wrong field."""
    sign_in(stranger, "my password 123")
    with city.database.reading() as db:
        kept = db.exec(select(SignInFailure)).all()
    assert len(kept) == 4  # her number for five minutes and for a day, the address, everybody
    assert all(len(row.key) == 64 for row in kept)
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=25)):
        sign_in(stranger)
    with city.database.reading() as db:
        assert (
            len(db.exec(select(SignInFailure)).all()) == 4
        )  # of the number just tried; the older ones are gone


def test_an_address_in_a_header_is_believed_of_our_proxy_only(city: City, no_hashing: None) -> None:
    """Else anybody could be a new address with every try; and of several only the one that the proxy saw itself."""
    forged = Client(create_app(city.settings))
    for n in range(PER_ADDRESS + 1):
        last = sign_in(forged, f"090511{n:04d}", **{"X-Forwarded-For": f"198.51.100.{n}"})
    assert last.status_code == 429

    behind = Client(create_app(city.settings.model_copy(update={"trusted_proxy": "testclient"})))
    for n in range(PER_ADDRESS):
        sign_in(behind, f"090512{n:04d}", **{"X-Forwarded-For": f"6.6.6.{n}, 203.0.113.1"})
    assert sign_in(behind, "0905130000", **{"X-Forwarded-For": "6.6.6.6, 203.0.113.1"}).status_code == 429
    assert sign_in(behind, "0905130001", **{"X-Forwarded-For": "203.0.113.1, 203.0.113.2"}).status_code == 422
