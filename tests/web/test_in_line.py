"""Many write at the same moment: one does it for all of them, each in a transaction of its own, and nobody's trouble is anybody else's."""

import asyncio
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from sqlmodel import col, select

from skills import clock
from skills.db import Database, Session
from skills.errors import Busy
from skills.language import LANGUAGES, Language, current, speaking
from skills.people.models import Person
from skills.web import in_line
from skills.web.in_line import Line
from skills.web.turns import Turns
from tests.cast import City


class Town:
    """The line of an application, and who was written down in it."""

    def __init__(self, city: City) -> None:
        self.database = Database(city.url)
        self.turns = Turns(self.database)
        self.line = Line(self.database, self.turns)
        self.numbers = count()

    def writes(self, name: str, slow: float = 0.0, then: Exception | None = None) -> Callable[[Session], str]:
        """Writes down somebody of that name, takes its time, and raises when something is to go wrong."""

        def work(db: Session) -> str:
            number = f"+8490577{next(self.numbers):05}"
            db.add(Person(id=uuid.uuid4(), full_name=name, phone=number, created_at=clock.now()))
            db.flush()
            time.sleep(slow)
            if then is not None:
                raise then
            return name

        return work

    def names(self) -> set[str]:
        """Everybody who is on the disk, as another connection reads it."""
        with self.database.reading() as db:
            return set(
                db.scalars(select(col(Person.full_name)).where(col(Person.phone).startswith("+8490577")))
            )


@pytest.fixture
def town(city: City) -> Iterator[Town]:
    town = Town(city)
    yield town
    town.database.dispose()


def test_thirty_at_once_are_thirty_transactions_in_a_few_turns(town: Town) -> None:
    """Each is told what came of its own; those of one turn are done in one thread, without a way back in between."""
    turns = 0
    take = town.turns.take

    async def counted() -> None:
        nonlocal turns
        turns += 1
        await take()

    town.turns.take = counted  # type: ignore[method-assign]

    async def thirty() -> Any:
        return await asyncio.gather(*(town.line.write(town.writes(f"{n}", slow=0.002)) for n in range(30)))

    assert asyncio.run(thirty()) == [f"{n}" for n in range(30)]
    assert town.names() == {f"{n}" for n in range(30)}
    assert 30 / 8 <= turns <= 12


def test_it_is_on_the_disk_when_it_is_told(town: Town) -> None:
    """Also to those who are done in the middle of a turn."""

    async def one(n: int) -> bool:
        name = await town.line.write(town.writes(f"{n}"))
        return name in await asyncio.to_thread(town.names)

    async def all_of_them() -> list[bool]:
        return await asyncio.gather(*map(one, range(12)))

    assert all(asyncio.run(all_of_them()))


def test_what_goes_wrong_with_one_touches_no_other(town: Town) -> None:
    """Its transaction is gone, its error is its own."""

    async def three() -> Any:
        work = [town.writes("Lan"), town.writes("Mai", then=ValueError("hers")), town.writes("Cúc")]
        return await asyncio.gather(*map(town.line.write, work), return_exceptions=True)

    first, second, third = asyncio.run(three())
    assert (first, third) == ("Lan", "Cúc")
    assert isinstance(second, ValueError)
    assert town.names() == {"Lan", "Cúc"}


def test_a_page_gets_its_turn_in_between(town: Town) -> None:
    """However many phones stand in line, somebody who saves on a page waits for one turn of theirs."""
    order: list[str] = []

    async def phone(n: int) -> None:
        await town.line.write(town.writes(f"{n}", slow=0.005))
        order.append("phone")

    async def page() -> None:
        await asyncio.sleep(0.002)
        await town.turns.take()
        order.append("page")
        town.turns.give_back()

    async def all_of_them() -> None:
        await asyncio.gather(*map(phone, range(40)), page())

    asyncio.run(all_of_them())
    assert order.index("page") <= 2 * in_line._IN_A_TURN


def test_nobody_waits_longer_than_a_write_may(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else has the turn and keeps it: all are told to come back, none is stored, and the line is free afterwards."""
    monkeypatch.setattr(in_line, "WAIT_MS", 50)
    monkeypatch.setattr("skills.web.turns.WAIT_MS", 50)

    async def three_in_vain_and_one() -> list[object]:
        await town.turns.take()
        told = await asyncio.gather(
            *(town.line.write(town.writes(name)) for name in ("Lan", "Mai", "Cúc")), return_exceptions=True
        )
        town.turns.give_back()
        return [*told, await town.line.write(town.writes("Đào"))]

    *busy, taken = asyncio.run(three_in_vain_and_one())
    assert [type(one) for one in busy] == [Busy] * 3
    assert taken == "Đào"
    assert town.names() == {"Đào"}


def test_whoever_hangs_up_leaves_nobody_behind(town: Town) -> None:
    """The first of the line, the second and the third go away while the turn is somebody else's; those behind them are served."""

    async def five() -> Any:
        await town.turns.take()
        asked = [asyncio.create_task(town.line.write(town.writes(f"{n}"))) for n in range(5)]
        await asyncio.sleep(0.01)
        for gone in asked[:3]:
            gone.cancel()
        await asyncio.sleep(0.01)
        town.turns.give_back()
        return await asyncio.gather(*asked, return_exceptions=True)

    told = asyncio.run(five())
    assert told[3:] == ["3", "4"]
    assert all(isinstance(one, asyncio.CancelledError) for one in told[:3])
    assert {"3", "4"} <= town.names()


def test_each_is_done_in_the_language_of_its_own_request(town: Town) -> None:
    """What one thread does for all of them, it does as each of them."""

    async def asks(language: Language) -> str:
        with speaking(language):
            told: str = await town.line.write(lambda _db: current())
            return told

    async def all_of_them() -> list[str]:
        return await asyncio.gather(*(asks(language) for _ in range(6) for language in LANGUAGES))

    assert asyncio.run(all_of_them()) == ["vi", "en"] * 6


def test_requests_of_several_threads_stand_in_one_line(town: Town) -> None:
    """Each with an event loop of its own, as the clients of the tests have."""
    told: list[str] = []

    def from_a_thread(n: int) -> None:
        told.append(asyncio.run(town.line.write(town.writes(f"{n}", slow=0.002))))

    threads = [threading.Thread(target=from_a_thread, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(told) == [f"{n}" for n in range(8)]
    assert town.names() == set(told)
