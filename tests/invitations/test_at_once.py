"""Twenty who use one card at the same moment, fifty who guess a code: one comes in, and nobody guesses more than five times."""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import anyio
import httpx2
import pytest
from fastapi import FastAPI
from sqlmodel import col, func, select

from skills.app import create_app
from skills.invitations.accept import CameIn, Chosen, Closed, NumberTaken, State, accept, look
from skills.invitations.codes import TRIES, TooManyTries, WrongCode, exchange, give_code
from skills.invitations.models import Invitation
from skills.people.models import Enrolment, LoginSession, Person, Posting, TeamMember
from tests.cast import City
from tests.invitations.story import PHONE, PIN, invited_by, person_of, stored, trail

SECRET = "only for these tests"


@pytest.fixture(params=["sqlite", "postgres"])
def here(request: pytest.FixtureRequest) -> City:
    """The cast, on each database."""
    city: City = request.getfixturevalue("city" if request.param == "sqlite" else "postgres_city")
    return city


def together(n: int, act: Callable[[int], Any]) -> list[Any]:
    """What came of each of n who act at the same moment."""
    start, came = Barrier(n), [None] * n

    def one(place: int) -> None:
        start.wait()
        came[place] = act(place)

    threads = [Thread(target=one, args=(place,)) for place in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return came


def counted(city: City, table: type[Any], *where: Any) -> int:
    """How many rows."""
    with city.database.reading() as db:
        return db.exec(select(func.count()).select_from(table).where(*where)).one()


def use(city: City, token: str, n: int, phone: str | None = None) -> Any:
    """What becomes of the card in the hands of the n-th; NumberTaken is given back like any other answer."""
    try:
        with city.database.writing() as db:
            seen = look(db, token, None)
            if isinstance(seen, Closed):
                return seen
            return accept(db, seen, Chosen(PIN, None, "vi", f"Người {n}", phone), "", None, None, "key" * 12)
    except NumberTaken as taken:
        return taken


def test_twenty_use_one_card_and_one_comes_in(here: City) -> None:
    """One account, one posting, one place in the team, one session; the others hear that the card was used."""
    invited, people = invited_by(here), counted(here, Person)
    outcomes = together(20, lambda n: use(here, invited.token, n))
    [won] = [n for n, outcome in enumerate(outcomes) if isinstance(outcome, CameIn)]
    assert [each.state for each in outcomes if isinstance(each, Closed)] == [State.USED] * 19
    person = person_of(here)
    assert person is not None
    assert person.full_name == f"Người {won}"
    assert counted(here, Person) == people + 1
    for table in (Posting, TeamMember, LoginSession, Enrolment):
        assert counted(here, table, col(table.person_id) == person.id) == 1
    assert stored(here, invited.invitation_id).used_by == person.id
    assert trail(here) == ["invitation.made", "person.joined", "invitation.used"]


def test_twenty_browsers_send_the_page_at_once(here: City) -> None:
    """The same through the whole program: one goes on, the others read a page that says what to do."""
    app = create_app(here.settings)
    statuses = anyio.run(_all_send, app, invited_by(here).token)
    app.state.database.dispose()
    assert sorted(statuses) == [303] + [410] * 19
    assert counted(here, Person, col(Person.phone) == PHONE) == 1


async def _all_send(app: FastAPI, token: str) -> list[int]:
    statuses: list[int] = []
    transport, headers = httpx2.ASGITransport(app=app), {"Sec-Fetch-Site": "same-origin"}

    async def send(n: int) -> None:
        async with httpx2.AsyncClient(
            transport=transport, base_url="http://testserver", headers=headers
        ) as browser:
            answer = await browser.post(f"/join/{token}", data={"full_name": f"Người {n}", "pin": PIN})
            statuses.append(answer.status_code)

    async with anyio.create_task_group() as everybody:
        for n in range(20):
            everybody.start_soon(send, n)
    return statuses


def test_eight_cards_for_one_number(here: City) -> None:
    """The first to come in has the account; the others hear of it, and their cards stay unused."""
    cards = [invited_by(here, phone=None, name=f"Người {n}") for n in range(8)]
    outcomes = together(len(cards), lambda n: use(here, cards[n].token, n, PHONE))
    assert sorted(type(each).__name__ for each in outcomes) == ["CameIn"] + ["NumberTaken"] * 7
    assert counted(here, Person, col(Person.phone) == PHONE) == 1
    assert counted(here, Invitation, col(Invitation.used_at).is_not(None)) == 1


def test_fifty_guess_a_code_and_five_are_looked_at(here: City) -> None:
    """And then the right one is refused too, until a new one is shown."""
    invited = invited_by(here)
    with here.database.writing() as db:
        code = give_code(db, invited.invitation_id, SECRET)
    assert code is not None

    def guess(n: int) -> Any:
        with here.database.writing() as db:
            return exchange(db, PHONE, f"2222{n:04}", f"10.0.0.{n}", SECRET)

    outcomes = together(50, guess)
    assert [isinstance(each, WrongCode) for each in outcomes].count(True) == TRIES
    assert all(isinstance(each, WrongCode | TooManyTries) for each in outcomes)
    with here.database.writing() as db:
        assert isinstance(exchange(db, PHONE, code, "10.0.1.1", SECRET), TooManyTries)
    with here.database.writing() as db:
        fresh = give_code(db, invited.invitation_id, SECRET)
        assert fresh is not None
        assert isinstance(exchange(db, PHONE, fresh, "10.0.1.1", SECRET), str)


def test_twenty_type_one_code(here: City) -> None:
    """One of them gets the link."""
    invited = invited_by(here)
    with here.database.writing() as db:
        code = give_code(db, invited.invitation_id, SECRET) or ""

    def type_it(n: int) -> Any:
        with here.database.writing() as db:
            return exchange(db, PHONE, code, f"10.0.0.{n}", SECRET)

    outcomes = together(20, type_it)
    assert [isinstance(each, str) for each in outcomes].count(True) == 1
