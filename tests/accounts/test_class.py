"""A class signs in: sixty people at once, behind one address, while others go on with their day."""

import os
import threading
import time

import anyio
import httpx2
import pytest
from fastapi import FastAPI

from skills.people.passwords import verify
from tests.cast import PASSWORD

PHONES = [f"09050000{n:02}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 11, 13)]


def test_sixty_at_once_all_get_in_and_no_more_are_checked_than_there_are_processors(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once: list[int] = []
    counting = threading.Lock()
    now = 0

    def watched(known: str | None, password: str) -> tuple[bool, str | None]:
        nonlocal now
        with counting:
            now += 1
            at_once.append(now)
        time.sleep(0.005)  # long enough for others to come in between, if they may
        found = verify(known, password)
        with counting:
            now -= 1
        return found

    monkeypatch.setattr("skills.accounts.sign_in.verify", watched)
    answers = anyio.run(_all_at_once, app)
    assert answers == [303] * 60
    assert len(at_once) == 60
    assert max(at_once) <= (os.cpu_count() or 1)


async def _all_at_once(app: FastAPI) -> list[int]:
    """The answers to sixty sign-ins that are sent together to one server."""
    answers: list[int] = []
    transport = httpx2.ASGITransport(app=app)
    headers = {"Sec-Fetch-Site": "same-origin"}
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://testserver", headers=headers
    ) as browser:

        async def sign_in(phone: str) -> None:
            answer = await browser.post("/sign-in", data={"tel": phone, "pw": PASSWORD})
            answers.append(answer.status_code)

        async with anyio.create_task_group() as everybody:
            for place in range(60):
                everybody.start_soon(sign_in, PHONES[place % len(PHONES)])
    return answers
