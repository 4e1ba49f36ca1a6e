"""A phone for tests that need no browser: enrols, mints, signs, seals and hands in, as docs/sync.md says."""

import base64
import gzip
import json
import secrets
from datetime import datetime, timedelta
from typing import Any

from skills import clock
from skills.db import uuid7
from skills.sync.seal import seal
from skills.sync.wire import phone_hash, signature
from tests.cast import City
from tests.client import Client

Item = dict[str, Any]


def new_id(moment: datetime | None = None) -> str:
    """A UUIDv7 as a phone mints it."""
    return str(uuid7(moment or clock.now(), secrets.token_bytes(10)))


class Phone:
    """One device in the hands of one person who is signed in in `client`."""

    def __init__(self, client: Client, device: str | None = None) -> None:
        answer = client.post("/api/v1/devices", json={"device": device, "label": "Chrome · Android"})
        assert answer.status_code == 200, answer.text
        told = answer.json()
        self.client, self.told, self.seq = client, told, 0
        self.person, self.device, self.ticket = told["person"], told["device"], told["ticket"]
        self.key = base64.b64decode(told["key"]["secret"])

    def visit(self, city: City, number: str, **fields: Any) -> Item:
        """A visit saved at that door: met, one person, unless told otherwise. `saved_at`, `needs` belong to the item."""
        door = city.doors[number]
        return self.visit_at(door.ward_id, str(door.id), **fields)

    def visit_at(self, ward: int, household: str, **fields: Any) -> Item:
        """The same at any door."""
        saved_at = fields.pop("saved_at", clock.local(clock.now()).isoformat(timespec="seconds"))
        about = {name: fields.pop(name) for name in ("needs", "skew", "schema") if name in fields}
        visit, item = fields.pop("id", new_id()), fields.pop("item", new_id())
        told = {
            "ward": ward, "household": household, "item": item, "id": visit, "base": 0, "outcome": "met", "people": 1,
            "people_new": 0, "visited_on": saved_at[:10], "saved_at": saved_at,
        } | fields  # fmt: skip
        return self.saved("visit", ward, visit, told, item=item, saved_at=saved_at, **about)

    def saved(
        self, op: str, ward: int, id: str, fields: dict[str, Any], *, item: str | None = None, base: int = 0,
        saved_at: str | None = None, **about: Any,
    ) -> Item:  # fmt: skip
        """An item as Save makes it, signed with this phone's key."""
        self.seq += 1
        pairs = [
            [name, str(value)] for name, given in fields.items() for value in (given if isinstance(given, list) else [given])
        ]  # fmt: skip
        made: Item = {
            "item": item or fields.get("item") or new_id(), "op": op, "schema": 1, "ward": ward, "id": id, "base": base,
            "saved_at": saved_at or clock.local(clock.now()).isoformat(timespec="seconds"), "needs": None, "fields": pairs,
            "key": self.told["key"]["id"], "seq": self.seq, "skew": 0, "tries": 0, "app": "test",
        } | about  # fmt: skip
        return self.signed(made)

    def signed(self, item: Item) -> Item:
        """The item under this phone's signature, whatever it says now."""
        return item | {"mac": signature(self.key, item["item"], phone_hash(item))}

    def sealed(self, item: Item) -> Item:
        """The item as it lies on the phone after a sign-out."""
        sealed = {"key": self.told["seal"]["id"], **seal(self.told["seal"]["public"], item["item"], item)}
        return {"item": item["item"], "sealed": sealed}

    def hand_in(self, *items: Any, **envelope: Any) -> list[dict[str, Any]]:
        """The answers, one an item."""
        told = self.send({"items": list(items)} | envelope)
        assert told.status_code == 200, told.text
        results: list[dict[str, Any]] = told.json()["results"]
        assert len(results) == len(items)
        return results

    def send(self, body: Any, compressed: bool = False, encoding: str = "") -> Any:
        """The raw answer to a batch; what the envelope leaves out is filled in."""
        now = clock.local(clock.now()).isoformat(timespec="seconds")
        if isinstance(body, dict):
            body = {"app": "test", "sent_at": now, "pending": 0, "oldest": None, "ask": []} | body
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.ticket}", "Content-Type": "application/json"}
        if compressed or encoding:
            content = gzip.compress(content) if compressed else content
            headers["Content-Encoding"] = encoding or "gzip"
        return self.client.post("/api/v1/sync", content=content, headers=headers)


def days_ago(days: int) -> str:
    """A moment as a phone in Vietnam writes it."""
    return (clock.local(clock.now()) - timedelta(days=days)).isoformat(timespec="seconds")
