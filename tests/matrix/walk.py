"""Asks the application what a line of the table is about, and holds each answer to three things: the status, what may be seen in
it, and what it left behind."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx2
from fastapi import FastAPI

from skills.app import create_app
from skills.db import Database
from tests.hostile.wire import Headers, Wire
from tests.matrix import world as worlds
from tests.matrix.canary import Secret, readable
from tests.matrix.requests import BODIES, Fields, filled, sent
from tests.matrix.state import State
from tests.matrix.table import Line, Table
from tests.matrix.world import SUBJECTS, Thing, World

_STATUS = {
    200: "o",
    204: "0",
    304: "n",
    400: "b",
    401: "1",
    403: "3",
    404: "4",
    405: "5",
    409: "9",
    410: "e",
    413: "g",
    422: "2",
    429: "m",
    503: "y",
}
_RESULT = {"accepted": "o", "already": "o", "held": "h", "rejected": "r"}
UNCONFIRMED = (
    "c"  # the administrator, whose last proof is half an hour old; asked only where a gate wants a new one
)
TAKEN = frozenset("o>0h")  # letters of answers after which something may have been stored
READS = frozenset({"GET", "HEAD", "OPTIONS"})
# What counts and remembers without changing anything that anybody wrote down, by route; named here, one by one.
COUNTERS: dict[str, frozenset[str]] = {
    "POST /sign-in": frozenset({"sign_in_failure"}),
    "POST /sign-in/code": frozenset({"sign_in_failure"}),
    "POST /confirm": frozenset({"sign_in_failure"}),
    "POST /join": frozenset({"sign_in_failure"}),
    "POST /api/v1/sync": frozenset({"phone_report", "epoch", "rejected_item"}),
}
# Pages on which notes of others are read, by the letters of the answers for which they are, and the log of who read them: all that a
# GET ever writes. A clash (9) shows the visit as it stands; the form of a voided visit leads on to its page and shows nothing.
READ_LOG = frozenset({"read_entry", "audit_head", "day_seal"})
NOTES_ARE_READ_AT = {
    "GET /households/{ward_id}/{household_id}/visits": "o", "GET /visits/{ward_id}/{visit_id}": "o",
    "GET /visits/{ward_id}/{visit_id}/correction": "o", "GET /visits/{ward_id}/{visit_id}/void": "o",
    "POST /visits/{ward_id}/{visit_id}/correction": "29", "POST /visits/{ward_id}/{visit_id}/void": "29",
}  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """What came back, and the tables that it changed."""

    letter: str
    seen: frozenset[Secret]
    stored: frozenset[str]
    response: httpx2.Response


class Walk:
    """An application over a world, and a connection for each subject."""

    def __init__(self, database: Database, url: str) -> None:
        self.world: World = worlds.build(database, url)
        self.app: FastAPI = create_app(self.world.city.settings)
        self.loop = asyncio.new_event_loop()
        self.state = State(self.app.state.database)
        self.sent = 0
        self.seen: set[tuple[str, Secret]] = (
            set()
        )  # by subject: what was really shown, in answers that the table allows
        self._wires: dict[str, tuple[Wire, Headers]] = {}
        for letter in SUBJECTS:
            token = self.world.credentials.get(letter, "")
            bearer = letter in ("K", "P")
            headers = [(b"authorization", f"Bearer {token}".encode())] if bearer else []
            self._wires[letter] = Wire(self.app, self.loop, letter, "" if bearer else token), headers
        self._wires[UNCONFIRMED] = Wire(self.app, self.loop, UNCONFIRMED, self.world.unconfirmed), []

    def ask(self, line: Line, subject: str, position: str) -> Answer:
        """What the line is about, at that position."""
        address, body = self.request(line, subject, position)
        return self.send(line.method, address, subject, body)

    def request(self, line: Line, subject: str, position: str) -> tuple[str, Fields | bytes | None]:
        """The address and the body of one cell."""
        thing = self.thing(line, subject, position)
        first = thing
        if ", " in line.about:  # the address is of one's own; the position is that of what the form names
            first = self.world.thing(line.about.partition(", ")[0].removeprefix("own "), "own", subject)
        body = BODIES.get((line.route, line.about))
        address = filled(line.path + (f"?{line.query}" if line.query else ""), first)
        return address, body(self.world, subject, thing) if body else None

    def thing(self, line: Line, subject: str, position: str) -> Thing:
        """What lies at that position, of the kind that the line is about."""
        if line.about == "-":
            return Thing(self.world.wards["own"].id, worlds.new_id())
        return self.world.thing(line.kind, position, subject)

    def send(
        self,
        method: str,
        address: str,
        subject: str,
        body: Fields | bytes | None = None,
        headers: Headers = (),
    ) -> Answer:
        """Any request of that subject; what it changed is undone. Bytes are JSON unless a header says otherwise."""
        wire, own = self._wires[subject]
        content, kind = sent(body) if body is not None else (b"", "")
        typed = not kind or any(name == b"content-type" for name, _value in headers)
        told = [*own, *headers, *([] if typed else [(b"content-type", kind.encode())])]
        response = wire.send(method, address, content, told)
        self.sent += 1
        stored = self.state.stored()
        if stored:
            self.state.undo(stored - {"?"})
        texts = readable(response.content)
        headers_told = " ".join(f"{name}: {value}" for name, value in response.headers.items())
        # what was asked for may be said back: it is the sender's own word
        seen = self.world.canaries.found_in(headers_told, *texts) - self.world.canaries.found_in(
            address, content.decode("utf-8", "replace")
        )
        return Answer(letter(response), frozenset(seen), stored, response)

    def complaints(self, line: Line, subject: str, position: str, table: Table) -> list[str]:
        """What is wrong with the answer to one cell, in sentences; nothing when it is as the table says."""
        answer = self.ask(line, subject, position)
        where = f"{line.route} ({line.about}), {SUBJECTS[subject][1]}, {position or 'no object'}"
        return self.judge(answer, line, subject, line.answer(subject, position), table, where)

    def judge(
        self, answer: Answer, line: Line, subject: str, meant: str, table: Table, where: str
    ) -> list[str]:
        """The three oracles."""
        wrong = []
        if answer.letter not in meant:
            wrong.append(f"{where}: {answer.letter} ({answer.response.status_code}) instead of {meant}")
        for secret in sorted(answer.seen):
            if table.may_see(line, subject, secret.kind, secret.of):
                self.seen.add((subject, secret))
            else:
                wrong.append(f"{where}: shows the {secret.kind} of {secret.of}")
        left = left_behind(answer, line)
        if left:
            wrong.append(f"{where}: answered {answer.letter} and changed {', '.join(sorted(left))}")
        return wrong

    def close(self) -> None:
        """Lets go of everything."""
        self.state.close()
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()
        self.app.state.database.dispose()
        self.world.database.dispose()


def left_behind(answer: Answer, line: Line) -> frozenset[str]:
    """The tables that should be as they were before that answer, and are not."""
    if line.method not in READS and answer.letter in TAKEN | {"s"}:
        return frozenset()
    left = answer.stored - COUNTERS.get(line.route, frozenset())
    return left - READ_LOG if answer.letter in NOTES_ARE_READ_AT.get(line.route, "") else left


def letter(response: httpx2.Response) -> str:
    """The letter for an answer; a status that the table has no letter for stays a number."""
    status = response.status_code
    if status == 303:
        return "s" if response.headers["location"].startswith("/sign-in") else ">"
    if status == 200 and b'"results":[{' in response.content:  # a batch with nothing in it is taken too
        return _RESULT.get(response.json()["results"][0]["status"], "?")
    return _STATUS.get(status, str(status))


@contextmanager
def walking(database: Database, url: str) -> Iterator[Walk]:
    """A walk over that database, in which the cast was built."""
    walk = Walk(database, url)
    yield walk
    walk.close()
