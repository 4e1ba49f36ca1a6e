"""A phone: keeps what was saved until the server said where it is, and reacts to every answer exactly as docs/sync.md has it.

Its clock may be wrong, it may be killed at any moment, several people may use it one after the other. What lies in `disk` survives
all of that; everything else is gone after `killed`. Time between two tries is told by `wait`, so that ten minutes take none.
"""

import base64
import gzip
import json
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from tests.faults.items import Fields, Key, Wire, hash_of, mint, sealed, signed

VIETNAM = timezone(timedelta(hours=7))
APP = "1a2b3c4d5e"
HERE = ("accepted", "already", "held", "conflict", "returned")  # the server has it
KNOWN = (*HERE, "rejected", "retry_later")
SHORTEST_WAIT, LONGEST_WAIT = 5.0, 600.0  # seconds


class NoAnswer(Exception):
    """Nothing came back, or not all of it."""


@dataclass(frozen=True)
class Answer:
    """What came back whole."""

    status: int
    headers: Mapping[str, str]  # names in small letters
    body: bytes


Send = Callable[[str, dict[str, str], bytes, str], Answer]
"""Path, headers, body, fault ("" for none): posts. Raises NoAnswer."""


@dataclass
class Seat:
    """One person's place on this phone. `key` is None after they signed out."""

    person: str
    ticket: str
    key: Key | None
    seal: int
    public: bytes
    asks_to_sign_in: bool = False


@dataclass
class Record:
    """One change in the phone's store. `bearer`: by whose ticket it goes; it is the author's but for what was handed over."""

    seq: int
    item: str
    person: str
    bearer: str
    hash: str
    wire: Wire
    state: str = "pending"  # or: sent, held, conflict, returned, rejected
    code: str = ""
    tries: int = 0
    turn: int = 0  # who waits longest goes first
    not_before: float = 0.0


@dataclass
class Phone:
    """See above. `bugs` names planted ones (planted.py); a phone in the field has none."""

    name: str
    send: Send
    chance: random.Random
    clock_off: timedelta = timedelta(0)
    bugs: frozenset[str] = frozenset()
    batch: int = 20
    device: str | None = None
    epoch: str | None = None
    here: str | None = None  # who is signed in
    seats: dict[str, Seat] = field(default_factory=dict)
    disk: dict[int, Record] = field(default_factory=dict)
    skew_ms: int | None = None
    counter: int = 0
    turns: int = 0
    now: float = 0.0  # seconds of waiting
    pause_until: float = 0.0
    failures: int = 0
    unreadable: int = 0
    single: bool = False
    lock: threading.RLock = field(default_factory=threading.RLock)

    def clock(self) -> datetime:
        """What this phone thinks the time is."""
        return datetime.now(VIETNAM) + self.clock_off

    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.now += seconds

    # Signing in and out

    def enrol(self, cookie: str, fault: str = "") -> bool:
        """Signs in and is given a ticket, a key and the public half of a seal. False when the server did not answer."""
        headers = {
            "cookie": f"sid={cookie}",
            "sec-fetch-site": "same-origin",
            "content-type": "application/json",
        }
        body = json.dumps({"device": self.device, "label": self.name}).encode()
        try:
            answer = self.send("/api/v1/devices", headers, body, fault)
            told = json.loads(answer.body)
            if answer.status != 200 or not isinstance(told, dict):
                return False
        except (NoAnswer, ValueError):
            return False
        self.device, self.here = told["device"], told["person"]
        key = Key(told["key"]["id"], base64.b64decode(told["key"]["secret"]))
        public = base64.b64decode(told["seal"]["public"])
        self.seats[told["person"]] = Seat(told["person"], told["ticket"], key, told["seal"]["id"], public)
        self._see_epoch(told["epoch"], frozenset())
        return True

    def sign_out(self) -> None:
        """The key is deleted, what waits and what was sent is sealed; the ticket goes on handing it in."""
        with self.lock:
            seat = self.seats[self.here or ""]
            for record in self.disk.values():
                if (
                    record.person == seat.person
                    and "sealed" not in record.wire
                    and record.state != "rejected"
                ):
                    record.wire = sealed(self._on_the_wire(record), seat.seal, seat.public)
            seat.key, self.here = None, None

    # Saving

    def mint(self) -> str:
        """An id of this phone's own: by its clock, which may be wrong, and by chance."""
        with self.lock:
            return mint(int(self.clock().timestamp() * 1000), self.chance.randbytes(10))

    def save(
        self, op: str, ward: int, fact: str, base: int, fields: Fields, needs: str | None = None,
        item: str | None = None, schema: int = 1, sign: bool = True,
    ) -> Record:  # fmt: skip
        """One change of who is signed in, kept before anybody reads "saved". Gives a copy of what was kept."""
        with self.lock:
            seat = self.seats[self.here or ""]
            assert seat.key is not None
            self.counter += 1
            seq = int(self.clock().timestamp()) if "seq_by_clock" in self.bugs else self.counter
            saved_at = self.clock().isoformat(timespec="seconds")
            item = item or self.mint()
            named = {"item": item, "id": fact, "base": str(base), "saved_at": saved_at}
            wire: Wire = {
                "item": item, "op": op, "schema": schema, "ward": ward, "id": fact, "base": base, "saved_at": saved_at,
                "needs": needs, "fields": [[name, named.get(name, value) if value == "…" else value] for name, value in fields],
                "seq": seq, "skew": self.skew_ms, "tries": 0, "app": APP,
            }  # fmt: skip
            wire = signed(wire, seat.key) if sign else wire | {"key": None, "mac": None}
            self.turns += 1
            kept = Record(seq, item, seat.person, seat.person, hash_of(wire), wire, turn=self.turns)
            self.disk[seq] = kept
            return Record(**vars(kept))

    def take_over(self, other: Record) -> None:
        """A change rescued from another phone: it goes by the ticket of who is signed in here, and stays its author's."""
        with self.lock:
            self.counter += 1
            self.turns += 1
            wire = dict(other.wire)
            self.disk[self.counter] = Record(
                self.counter, other.item, other.person, self.here or "", other.hash, wire, turn=self.turns
            )

    def shuffle(self) -> None:
        """What was saved in one order waits in another."""
        with self.lock:
            waiting = self._waiting()
            turns = [record.turn for record in waiting]
            self.chance.shuffle(turns)
            for record, turn in zip(waiting, turns, strict=True):
                record.turn = turn

    # Handing in

    def pending(self) -> list[Record]:
        """What still waits."""
        return [record for record in list(self.disk.values()) if record.state == "pending"]

    def hand_in(self, fault: str = "", forgets: bool = False) -> bool:
        """One handing in for each person with something to hand in; whether anything was sent at all. `forgets`: the phone
        is killed when the answer has come and nothing of it is written down yet."""
        if self.now < self.pause_until:
            return False
        sent = False
        for seat in list(self.seats.values()):
            if not seat.asks_to_sign_in:
                sent = self._hand_in(seat, fault, forgets) or sent
        if forgets:
            self.killed()
        return sent

    def killed(self) -> None:
        """The phone starts anew: what was only in memory is gone."""
        self.failures = self.unreadable = 0
        self.single = False
        self.pause_until = 0.0

    def _hand_in(self, seat: Seat, fault: str, forgets: bool) -> bool:
        with self.lock:
            waiting = [
                each for each in self._waiting() if each.bearer == seat.person and each.not_before <= self.now
            ]
            batch = waiting[: 1 if self.single else self.batch]
            ask = [
                each.item for each in list(self.disk.values())
                if each.bearer == seat.person and each.state in ("held", "conflict")
            ][:200]  # fmt: skip
            if not batch and not ask:
                return False
            items = [self._on_the_wire(each) for each in batch]
            for record in batch:
                record.tries += 1
        while True:
            answer = self._post(seat, items, ask, len(waiting) - len(items), fault)
            if answer is None or answer.status != 413 or len(items) <= 1:
                break
            items, batch = items[: len(items) // 2], batch[: len(batch) // 2]
            self.batch = max(1, len(items))
        if forgets:
            return True
        with self.lock:
            self._react(seat, batch, answer)
        return True

    def _post(self, seat: Seat, items: list[Wire], ask: list[str], left: int, fault: str) -> Answer | None:
        told = {
            "app": APP, "sent_at": self.clock().isoformat(timespec="milliseconds"), "pending": left,
            "oldest": None, "items": items, "ask": ask,
        }  # fmt: skip
        body = json.dumps(told, ensure_ascii=False).encode()
        headers = {
            "authorization": f"Bearer {seat.ticket}", "content-type": "application/json", "x-items": str(len(items))
        }  # fmt: skip
        if len(body) > 2_000:
            body, headers = gzip.compress(body, 1), headers | {"content-encoding": "gzip"}
        try:
            return self.send("/api/v1/sync", headers, body, fault)
        except NoAnswer:
            return None

    def _react(self, seat: Seat, batch: list[Record], answer: Answer | None) -> None:
        """The table of docs/sync.md."""
        if "forgets_on_200" in self.bugs and answer is not None and answer.status == 200:
            for record in batch:
                self.disk.pop(record.seq, None)
        told = whole_answer(answer, [record.item for record in batch]) if answer is not None else None
        if told is None:
            self._kept_all(seat, batch, answer)
            return
        self.failures = self.unreadable = 0
        self.single = False
        self.skew_ms = _milliseconds(datetime.fromisoformat(told["server_time"]) - self.clock())
        for record, result in zip(batch, told["results"], strict=True):
            self._settle(record, result)
        for record in list(self.disk.values()):
            if (
                record.bearer == seat.person
                and record.item in told["states"]
                and record.state in ("held", "conflict")
            ):
                self._settle(record, told["states"][record.item])
        self._see_epoch(told["epoch"], frozenset(record.seq for record in batch))

    def _settle(self, record: Record, result: dict[str, Any]) -> None:
        status = result["status"]
        record.code = str(result.get("code", ""))
        if status in ("accepted", "already"):
            record.state = "sent"
        elif status in ("held", "conflict", "returned"):
            record.state = status
        elif status == "rejected":
            record.state = "rejected"
            if "deletes_rejected" in self.bugs:
                self.disk.pop(record.seq, None)
        else:
            self.turns += 1
            record.turn = self.turns
            record.not_before = self.now + self._back_off(record.tries)

    def _kept_all(self, seat: Seat, batch: list[Record], answer: Answer | None) -> None:
        """Nothing is known: everything stays, and is tried again later."""
        self.failures += 1
        self.pause_until = self.now + self._back_off(self.failures)
        if answer is None:
            return
        if answer.status == 401:
            seat.asks_to_sign_in = True
        elif answer.status == 413:
            if "drops_on_413" in self.bugs:
                for record in batch:
                    self.disk.pop(record.seq, None)
        elif answer.status == 503:
            self.pause_until = max(self.pause_until, self.now + _seconds(answer.headers.get("retry-after")))
        elif answer.status in (200, 400, 422):
            self.unreadable += 1
            if self.unreadable >= 3 and len(batch) > 1:
                self.single = True  # one by one, until it is found which of them nobody can read
            elif self.unreadable >= 3:
                for record in batch:  # kept and shown with its reason, behind all others
                    self.turns += 1
                    record.turn, record.code = self.turns, "unreadable"

    def _see_epoch(self, epoch: str, just_told: frozenset[int]) -> None:
        """Another life of the server: everything that was sent to the last one is offered again."""
        if self.epoch is not None and epoch != self.epoch and "no_reoffer" not in self.bugs:
            for record in list(self.disk.values()):
                if record.state not in ("pending", "rejected") and record.seq not in just_told:
                    record.state, record.not_before = "pending", 0.0
        self.epoch = epoch

    def _waiting(self) -> list[Record]:
        return sorted(self.pending(), key=lambda record: record.turn)

    def _on_the_wire(self, record: Record) -> Wire:
        return record.wire if "sealed" in record.wire else record.wire | {"tries": record.tries}

    def _back_off(self, times: int) -> float:
        """With full jitter, so that phones that failed together do not come back together."""
        longest = min(LONGEST_WAIT, SHORTEST_WAIT * 2.0 ** min(times, 10))
        return self.chance.uniform(SHORTEST_WAIT / 2, longest)


def whole_answer(answer: Answer, sent: list[str]) -> dict[str, Any] | None:
    """The answer to a handing in when it is one, whole and about every item that was sent; else None, and nothing is known."""
    if answer.status != 200:
        return None
    try:
        told = json.loads(answer.body)
        results, states = told["results"], told["states"]
        known = all(result["status"] in KNOWN for result in [*results, *states.values()])
        same = [result["item"] for result in results] == sent
        datetime.fromisoformat(told["server_time"])
        return told if known and same and isinstance(told["epoch"], str) else None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _milliseconds(gap: timedelta) -> int:
    return int(gap / timedelta(milliseconds=1))


def _seconds(text: str | None) -> float:
    return float(text) if text and text.isdigit() else 0.0
