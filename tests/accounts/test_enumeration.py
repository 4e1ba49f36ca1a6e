"""Nobody learns from the sign-in page who has an account: not by what it says, and not by how long it takes."""

import statistics
import time

import pytest
from sqlmodel import delete

from skills.accounts.models import SignInFailure
from skills.people.add import dismiss
from skills.people.models import Person
from skills.people.passwords import hash_password
from tests.accounts.second_factor import give_second_factor
from tests.cast import PASSWORD, City
from tests.client import Client

TRIES = 200
NUMBERS = {
    "known": "0905000001",
    "unknown": "0905999999",
    "dismissed": "0905000007",
    "invited, not joined": "0905000008",
    "with a second factor": "0905000005",
    "without a posting": "0905000009",
}


@pytest.fixture
def town(city: City) -> City:
    """Everybody's password costs what it costs in earnest; one was dismissed, one never joined, one has a second factor."""
    real = hash_password(PASSWORD)
    with city.database.writing() as db:
        for person in city.people.values():
            stored = db.get_one(Person, person.id)
            stored.password_hash = None if person.full_name.endswith("Mai") else real
            db.add(stored)
        dismiss(db, db.get_one(Person, city.people["Bảo"].id))
    give_second_factor(city, "Khánh")
    return city


def answer_to(client: Client, tel: str):  # type: ignore[no-untyped-def]
    """What somebody is told who guesses."""
    return client.post("/sign-in", {"tel": tel, "pw": "a guess"})


def test_the_answer_is_the_same_for_all(town: City, stranger: Client) -> None:
    """Status, every header, every letter; and again when it is too often."""
    for tries in (1, 10):
        told = set()
        for tel in NUMBERS.values():
            for _ in range(tries):
                answer = answer_to(stranger, tel)
            headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
            headers.pop("retry-after", None)  # seconds that passed while we asked
            sentence = answer.text.replace(tel, "")
            told.add(
                (answer.status_code, str(sorted(headers.items())), len(sentence) if tries > 1 else sentence)
            )
        assert len(told) == 1
    assert answer.status_code == 429


@pytest.mark.prove
def test_the_time_is_the_same_for_all(town: City, stranger: Client) -> None:
    """The medians of 200 tries differ by less than a tenth; asked in turn, so that a busy moment of the machine meets all alike."""
    for tel in NUMBERS.values():
        answer_to(stranger, tel)  # what is made at the first use
    took: dict[str, list[float]] = {kind: [] for kind in NUMBERS}
    for _ in range(TRIES):
        for kind, tel in NUMBERS.items():
            with town.database.writing() as db:
                db.execute(delete(SignInFailure))
            began = time.perf_counter()
            assert answer_to(stranger, tel).status_code == 422
            took[kind].append(time.perf_counter() - began)
    medians = {kind: statistics.median(times) for kind, times in took.items()}
    told = ", ".join(f"{kind} {median * 1000:.1f} ms" for kind, median in medians.items())
    assert max(medians.values()) / min(medians.values()) < 1.1, told
    print(told)  # noqa: T201 - read with -s
