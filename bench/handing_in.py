"""Phones hand in what they saved, as docs/sync.md says: many at once, and two thousand that come back to a network in one minute."""

import base64
import http.client
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from bench.call import Ask
from bench.ground import Ground
from bench.people import Goer, carriers
from bench.rows import Bar, Limit, Row, Times, timed_row
from bench.server import Server
from bench.visits import BATCH, MANY, fields_of, together
from skills import clock
from skills.sync.wire import phone_hash, signature
from skills.visits.models import Receipt

SOON = Bar("p99 ≤ 1 s", 1_000)
_PATIENCE = 600.0  # seconds after the minute in which a phone goes on trying
_ASKED = 5_000  # items of a statement
_TO_THE_SYNC = "/api/v1/sync"


@dataclass
class Phone:
    """A phone that is enrolled, with batches of twenty visits that were saved on it and signed."""

    ticket: str
    batches: list[bytes] = field(default_factory=list)
    items: list[UUID] = field(default_factory=list)
    wards: set[int] = field(default_factory=set)


@dataclass
class Heard:
    """What the server said: statuses of answers and of items, the milliseconds until each, and the items that it said it has."""

    answers: Counter[int] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    taken: list[float] = field(default_factory=list)
    acknowledged: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, status: int, body: bytes, ms: float) -> bool:
        """Keeps an answer, and says whether the phone is rid of the batch."""
        results = json.loads(body)["results"] if status == 200 else []
        with self.lock:
            self.answers[status] += 1
            self.statuses.update(result["status"] for result in results)
            self.acknowledged.update(
                result["item"] for result in results if result["status"] in ("accepted", "already", "held")
            )
            if status == 200:
                self.taken.append(ms)
        return len(results) == BATCH


def measure_handing_in(ground: Ground, server: Server, empty_ms: float) -> Iterator[Row]:
    """Phones with one connection each, the next batch when the last is answered; then all phones of a city in a minute."""
    effort = ground.effort
    people = carriers(ground.database, ground.city.day, effort.carriers)
    limits = (
        Limit("bare insert, 20 in a transaction", ground.limits.insert_20.p50 / BATCH),
        Limit("empty route over HTTP", empty_ms),
    )
    phones = [
        _phone(ground, server, people[place % len(people)], effort.batches) for place in range(effort.senders)
    ]
    heard, wall = _all_at_once(server, phones)
    who = f"{len(phones)} phones at once, batches of {BATCH}"
    said: dict[str, int | float | str] = {
        "accepted": heard.statuses["accepted"], "lost": _lost(ground, phones, heard), "errors": _errors(heard),
    }  # fmt: skip
    yield Row(
        "handing in", f"{who}: for each visit", "ms", wall / (len(phones) * effort.batches * BATCH), limits,
        n=len(heard.taken) * BATCH, bar=MANY, more={"per_second": round(heard.statuses["accepted"] / wall * 1000), **said},
    )  # fmt: skip
    times = Times.of(heard.taken)
    batch_limits = (Limit("bare insert, 20 in a transaction", ground.limits.insert_20.p50), limits[1])
    yield timed_row("handing in", f"{who}: until the answer", times, *batch_limits)
    yield Row(
        "handing in", f"{who}: p99 until the answer", "ms", times.p99, batch_limits, n=times.n, bar=SOON
    )
    yield from _in_a_minute(ground, server, people, batch_limits)


def _all_at_once(server: Server, phones: Sequence[Phone]) -> tuple[Heard, float]:
    heard = Heard()

    def sends(phone: Phone) -> Callable[[], None]:
        def work() -> None:
            line = _Line(server, phone.ticket)
            for batch in phone.batches:
                while not heard.note(*line.hand_in(batch)):
                    time.sleep(0.1)
            line.close()

        return work

    begun = time.perf_counter()
    together([sends(phone) for phone in phones])
    return heard, (time.perf_counter() - begun) * 1000


def _in_a_minute(
    ground: Ground, server: Server, people: Sequence[Goer], limits: tuple[Limit, ...]
) -> Iterator[Row]:
    """Each phone finds a network at a moment of its own, and tries again, with growing pauses, as long as it is not answered."""
    effort = ground.effort
    phones = [_phone(ground, server, people[place % len(people)], 1) for place in range(effort.phones)]
    chance = Random("when there is a network")
    due = sorted((chance.uniform(0, effort.minute), place) for place in range(len(phones)))
    heard, left, lock = Heard(), iter(due), threading.Lock()
    begun = time.perf_counter()

    def work() -> None:
        while True:
            with lock:
                moment, place = next(left, (0.0, -1))
            if place < 0:
                return
            time.sleep(max(begun + moment - time.perf_counter(), 0))
            _until_answered(server, phones[place], heard, begun + moment, begun + effort.minute + _PATIENCE)

    together([work] * min(effort.senders * 2, len(phones)))
    whole = time.perf_counter() - begun
    times = Times.of(heard.taken)
    yield timed_row(
        "handing in", f"{len(phones)} phones with {BATCH} visits each within {effort.minute:g} s: each waits", times, *limits,
        accepted=heard.statuses["accepted"], held=heard.statuses["held"], lost=_lost(ground, phones, heard), errors=_errors(heard),
        never_answered=len(phones) * BATCH - len(heard.acknowledged), told_to_try_again=heard.answers[503], p99=round(times.p99, 1), seconds=round(whole, 1),
    )  # fmt: skip


def _until_answered(server: Server, phone: Phone, heard: Heard, due: float, until: float) -> None:
    """A wait begins when the phone has a network, not when one of our threads is free for it."""
    for again in range(50):
        line = _Line(server, phone.ticket)
        status, body, _ms = line.hand_in(phone.batches[0])
        line.close()
        if heard.note(status, body, (time.perf_counter() - due) * 1000) or time.perf_counter() > until:
            return
        time.sleep(random.uniform(0, min(2**again, 10)))


class _Line:
    """One connection of one phone."""

    def __init__(self, server: Server, ticket: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        self._headers = {"Authorization": f"Bearer {ticket}", "Content-Type": "application/json"}

    def hand_in(self, batch: bytes) -> tuple[int, bytes, float]:
        """The status (0 for no answer), what came back, and the milliseconds that took."""
        begun = time.perf_counter()
        try:
            self._connection.request("POST", _TO_THE_SYNC, batch, self._headers)
            answer = self._connection.getresponse()
            status, body = answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            status, body = 0, b""
        return status, body, (time.perf_counter() - begun) * 1000

    def close(self) -> None:
        """Hangs up."""
        self._connection.close()


def _phone(ground: Ground, server: Server, goer: Goer, batches: int) -> Phone:
    """A new phone of somebody, enrolled over HTTP, with so many batches ready to be sent."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    headers = Ask("/api/v1/devices", goer.cookie, fields=(("", ""),)).headers | {
        "content-type": "application/json",
        "accept-encoding": "identity",
    }
    connection.request("POST", "/api/v1/devices", json.dumps({"device": None, "label": "bench"}), headers)
    answer = connection.getresponse()
    told = json.loads(answer.read())
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"a phone was not enrolled: {answer.status}")
    phone = Phone(told["ticket"])
    key, key_id = base64.b64decode(told["key"]["secret"]), told["key"]["id"]
    for batch in range(batches):
        items = [saved(ground.chance, goer, key, key_id, batch * BATCH + seq) for seq in range(BATCH)]
        phone.items += [UUID(item["item"]) for item in items]
        phone.wards |= {item["ward"] for item in items}
        envelope = {
            "app": "bench",
            "sent_at": _now(),
            "pending": 0,
            "oldest": None,
            "items": items,
            "ask": [],
        }
        phone.batches.append(json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode())
    return phone


def saved(chance: Random, goer: Goer, key: bytes, key_id: str, seq: int) -> dict[str, Any]:
    """A visit as Save leaves it on a phone, signed."""
    ward, door = chance.choice(goer.doors)
    fields = fields_of(chance, ward, door)
    told = dict(fields)
    item: dict[str, Any] = {
        "item": told["item"], "op": "visit", "schema": 1, "ward": ward, "id": told["id"], "base": 0,
        "saved_at": told["saved_at"], "needs": None, "fields": [list(pair) for pair in fields], "key": key_id, "seq": seq,
        "skew": None, "tries": 0, "app": "bench",
    }  # fmt: skip
    return item | {"mac": signature(key, item["item"], phone_hash(item))}


def _now() -> str:
    return clock.local(clock.now()).isoformat(timespec="seconds")


def _errors(heard: Heard) -> int:
    """Answers that nobody foresaw: all but 200 and 503."""
    return sum(n for status, n in heard.answers.items() if status not in (200, 503))


def _lost(ground: Ground, phones: Collection[Phone], heard: Heard) -> int:
    """How many visits the server said it has, and has not."""
    items = [item for phone in phones for item in phone.items]
    wards = sorted({ward for phone in phones for ward in phone.wards})
    here: set[UUID] = set()
    with ground.database.reading() as db:
        for start in range(0, len(items), _ASKED):
            some = items[start : start + _ASKED]
            rows = select(Receipt.item).where(col(Receipt.ward_id).in_(wards), col(Receipt.item).in_(some))
            here.update(db.exec(rows))
    return sum(1 for item in items if str(item) in heard.acknowledged and item not in here)
