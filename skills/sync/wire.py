"""What a phone sends, read: items, signed or not, sealed or not (docs/sync.md). What can't be read is an answer, never an error."""

import base64
import binascii
import hashlib
import hmac
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeGuard

from skills.forms import by_name
from skills.people.tickets import signing_key
from skills.visits.forms import read_moment

NEWEST = 1  # schema of an item; older ones are read for ever, newer ones stay on the phone
OPS = frozenset({"visit", "correction", "void", "door", "group_count"})
MOST_ITEMS = 200
_MOST_FIELDS = 400
_MOST_TEXT = 64 * 1024  # characters of all fields of an item
_LARGEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Sealed:
    """An item that only the server can open. `item` is bound into the seal."""

    item: uuid.UUID
    key: int
    point: bytes
    iv: bytes
    text: bytes


@dataclass(frozen=True, slots=True)
class Item:
    """One change as a phone saved it. `hash` is of all that it says; `signed` when its key really signed that."""

    item: uuid.UUID
    op: str
    ward: int
    id: uuid.UUID
    base: int
    saved_at: datetime | None
    needs: uuid.UUID | None
    fields: tuple[tuple[str, str], ...]
    key: uuid.UUID | None
    hash: str
    signed: bool
    skew_ms: int | None
    tries: int
    typed: dict[str, list[str]] = field(hash=False)
    sealed: bool = False

    @property
    def text(self) -> str:
        """The fields as they are kept in the tray."""
        return json.dumps(self.fields, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Refused:
    """An item that can't be taken as it is, and what the phone is told. `named` is its id as it was sent."""

    named: Any
    status: str
    code: str

    @property
    def item(self) -> uuid.UUID | None:
        """Its id, when it has one."""
        return read_uuid(self.named)


Read = Item | Sealed | Refused


@dataclass(frozen=True, slots=True)
class Batch:
    """One handing in."""

    app: str
    sent_at: datetime | None
    pending: int
    oldest: datetime | None
    items: Sequence[Read]
    ask: Sequence[uuid.UUID]


class Unreadable(ValueError):
    """The whole is no batch; `too_many` when it is one with more than 200 items."""

    def __init__(self, too_many: bool = False) -> None:
        super().__init__("unreadable batch")
        self.too_many = too_many


def read_batch(given: Any, secret: str) -> Batch:
    """A batch out of JSON, its signatures checked. Raises Unreadable when it is none; an item that can't be read is Refused."""
    if not isinstance(given, dict) or not isinstance(given.get("items"), list):
        raise Unreadable
    ask = given.get("ask", [])
    if not isinstance(ask, list):
        raise Unreadable
    if len(given["items"]) > MOST_ITEMS or len(ask) > MOST_ITEMS:
        raise Unreadable(too_many=True)
    pending = given.get("pending")
    return Batch(
        app=storable(str(given.get("app", "")))[:20],
        sent_at=read_moment(given.get("sent_at")),
        pending=min(pending, 1_000_000) if _is_count(pending) else 0,
        oldest=read_moment(given.get("oldest")),
        items=[read_item(each, secret) for each in given["items"]],
        ask=[asked for asked in map(read_uuid, ask) if asked is not None],
    )


def read_item(given: Any, secret: str) -> Read:
    """One item out of JSON."""
    named = given.get("item") if isinstance(given, dict) else None
    item = read_uuid(named)
    if item is None:
        known = isinstance(named, str) and len(named) <= 100 and named == storable(named)
        return Refused(named if known else None, "rejected", "invalid")
    if "sealed" in given:
        return _read_sealed(item, given["sealed"]) or Refused(named, "rejected", "invalid")
    schema = given.get("schema")
    if not _is_count(schema) or schema == 0:
        return Refused(named, "rejected", "invalid")
    if schema > NEWEST:
        return Refused(named, "retry_later", "schema_unknown")
    return _read_open(item, given, secret) or Refused(named, "rejected", "invalid")


def storable(text: str) -> str:
    """The text as every database and every answer can hold it: without halves of letters and without NUL."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def said(given: dict[str, Any]) -> str:
    """All that an item says, as the text that is hashed and signed: the same bytes as JSON.stringify makes."""
    names = ("schema", "op", "ward", "id", "base", "saved_at", "needs", "fields")
    return json.dumps([given.get(name) for name in names], ensure_ascii=False, separators=(",", ":"))


def phone_hash(given: dict[str, Any]) -> str:
    """SHA-256 of what an item says, in hexadecimal. Raises ValueError for text that is no text."""
    return hashlib.sha256(said(given).encode()).hexdigest()


def signature(key: bytes, item: str, hash: str) -> str:
    """What a phone signs an item with, in base64."""
    return base64.b64encode(hmac.digest(key, f"{item}\n{hash}".encode(), "sha256")).decode()


def as_sealed(item: Item) -> Item:
    """The same item, remembered to have come sealed: nobody on the phone can repair it, so it is never rejected."""
    return replace(item, sealed=True)


def _read_open(item: uuid.UUID, given: dict[str, Any], secret: str) -> Item | None:
    """An item in clear, or None when a part of it can't be read."""
    ward, base, fact, needs = (
        given.get("ward"),
        given.get("base"),
        read_uuid(given.get("id")),
        given.get("needs"),
    )
    fields, saved_at, key = given.get("fields"), given.get("saved_at"), read_uuid(given.get("key"))
    tries, skew = given.get("tries", 0), given.get("skew")
    op = given.get("op")
    if not isinstance(op, str) or op not in OPS or not _is_count(ward) or not _is_count(base) or fact is None:
        return None
    if not isinstance(saved_at, str) or len(saved_at) > 40 or not _are_fields(fields):
        return None
    if needs is not None and read_uuid(needs) is None:
        return None
    try:
        hash, typed = phone_hash(given), by_name((name, value) for name, value in fields)
    except ValueError:
        return None
    signed = key is not None and hmac.compare_digest(
        signature(signing_key(secret, key), given["item"], hash).encode(),
        str(given.get("mac")).encode("utf-8", "replace"),
    )
    return Item(
        item=item,
        op=op,
        ward=ward,
        id=fact,
        base=min(base, 1_000_000),
        saved_at=read_moment(saved_at),
        needs=read_uuid(needs),
        fields=tuple((name, value) for name, value in fields),
        key=key if signed else None,
        hash=hash,
        signed=signed,
        skew_ms=skew if isinstance(skew, int) and not isinstance(skew, bool) and abs(skew) < 2**53 else None,
        tries=tries if _is_count(tries) else 0,
        typed=typed,
    )


def _read_sealed(item: uuid.UUID, given: Any) -> Sealed | None:
    if not isinstance(given, dict) or not _is_count(given.get("key")):
        return None
    parts = [_bytes(given.get(name)) for name in ("point", "iv", "text")]
    if any(part is None for part in parts):
        return None
    point, iv, text = (part or b"" for part in parts)
    return Sealed(item, given["key"], point, iv, text)


def _are_fields(given: Any) -> TypeGuard[list[list[str]]]:
    """A list of pairs of texts, not too many and not too long."""
    if not isinstance(given, list) or len(given) > _MOST_FIELDS:
        return False
    length = 0
    for pair in given:
        if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(part, str) for part in pair):
            return False
        length += len(pair[0]) + len(pair[1])
    return length <= _MOST_TEXT


def _is_count(given: Any) -> TypeGuard[int]:
    return isinstance(given, int) and not isinstance(given, bool) and 0 <= given <= _LARGEST


def read_uuid(given: Any) -> uuid.UUID | None:
    """A uuid written in its 36 characters, and in no other of the ways Python reads."""
    if not isinstance(given, str) or len(given) != 36:
        return None
    try:
        found = uuid.UUID(given)
    except ValueError:
        return None
    return found if str(found) == given.lower() else None


def _bytes(given: Any) -> bytes | None:
    if not isinstance(given, str) or len(given) > 400_000:
        return None
    try:
        return base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        return None
