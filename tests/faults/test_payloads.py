"""Thousands of payloads that are broken or out of date: each item is counted, lies in the tray, or stays on the phone with a reason;
what is no batch at all is told so. Never a 500, and nothing is stored otherwise than was said."""

import base64
import gzip
import json
import os
import random
import uuid
from collections import Counter
from typing import Any

import pytest
from sqlmodel import select

from skills.households.models import Household
from skills.sync import take_in, verbs
from skills.sync.models import HeldItem
from skills.sync.wire import phone_hash
from skills.totals.check import check
from skills.visits.models import Receipt, Visit, VisitVersion
from skills.visits.tally import recount
from tests.cast import City
from tests.conftest import AsPerson
from tests.faults.items import Wire, hash_of, sealed
from tests.phone import Phone, new_id

PAYLOADS = int(os.environ.get("TUNGNHA_TEST_PAYLOADS", "600"))
HERE = {"accepted", "already", "held", "conflict", "returned"}
TOLD = HERE | {"rejected", "retry_later"}

ODD: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 1.5, -0.0, 2**31, 2**31 - 1, 2**63, 2**70, -(2**70), 1e308, float("nan"), float("inf"), "", " ", "0", "1",
    "-1", "x", "null", "visit", "Visit", "void", [], {}, [[]], [None], [["a"]], [["a", "b", "c"]], [["people", 1]], [["people", None]], {"a": 1},
    "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "{01932f00-0000-7000-8000-000000000000}",
    "urn:uuid:01932f00-0000-7000-8000-000000000000", "01932F00-0000-7000-8000-00000000000A", "2026-02-30T25:61:61+99:99",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1970-01-01T00:00:00Z", "2199-12-31T23:59:59+07:00", "2026-11-25",
    "\x00", "a\x00b", "\ud800", "\udfff\ud800", "\ufffd", "\u202e\u2066", "🏠" * 50, "Đà Nẵng", "e" + "\u0301" * 2_000, "a\r\nb\rc\n", "\u2028",
    "' OR 1=1 --", "<script>x</script>", "=1+1", "%s%n", "../../etc/passwd", "9" * 5_000, "x" * 70_000, "AAAA", "====", "not base64!", "é" * 600,
)  # fmt: skip
NAMES = (
    "item",
    "op",
    "schema",
    "ward",
    "id",
    "base",
    "saved_at",
    "needs",
    "fields",
    "key",
    "mac",
    "seq",
    "skew",
    "tries",
    "app",
)


class Mutations:
    """Broken things out of a seed."""

    def __init__(self, seed: int, city: City, phone: Phone) -> None:
        self.chance = random.Random(seed)
        self.city, self.phone = city, phone

    def good(self) -> Wire:
        """An item of any kind, nothing wrong with it yet."""
        number = self.chance.choice(["K45/2", "K45/12", "2", "6"])
        kind = self.chance.choice(["visit", "visit", *verbs.VERBS])
        ward = self.city.wards["Hải Châu"].id
        visit = self.phone.visit(self.city, number, skill=[1], note="hẹn", **{"level-1": 2})
        if kind == "visit":
            return visit
        item = new_id()
        if kind == "correction":
            fields = dict(visit["fields"]) | {"item": item, "people": "2"}
            return self.phone.saved("correction", ward, new_id(), fields, item=item, base=1)
        if kind == "void":
            return self.phone.saved(
                "void", ward, new_id(), {"item": item, "base": 1, "reason": "twice"}, item=item, base=1
            )
        group = self.city.groups["Tổ 12"].id
        if kind == "door":
            door = new_id()
            number = f"{self.chance.randint(1, 9999)}"
            return self.phone.saved(
                "door", ward, door, {"id": door, "group": group, "street": "Hàng Dừa", "number": number}
            )
        count = new_id()
        told = {"item": item, "id": count, "base": 0, "group": group, "month": "2026-08", "disabled": 1}
        return self.phone.saved("group_count", ward, count, told, item=item)

    def item(self) -> Any:
        """An item with one to three things wrong with it; signed anew or not, sealed or not."""
        broken: Any = self.good()
        for _each in range(self.chance.randint(1, 3)):
            broken = self.chance.choice(
                [self._value, self._value, self._left_out, self._more, self._field, self._field, self._deep]
            )(broken)
        if self.chance.random() < 0.03:
            return self.odd()
        if self.chance.random() < 0.6:
            broken = self._signed(broken)
        return self._sealed(broken) if self.chance.random() < 0.15 else broken

    def odd(self) -> Any:
        """Any odd value."""
        return self.chance.choice(ODD)

    def _value(self, item: Wire) -> Wire:
        return item | {self.chance.choice(NAMES): self.odd()}

    def _left_out(self, item: Wire) -> Wire:
        gone = self.chance.choice(NAMES)
        return {name: value for name, value in item.items() if name != gone}

    def _more(self, item: Wire) -> Wire:
        return item | {
            self.chance.choice(["author", "person", "version", "sealed", "__proto__", "status"]): self.odd()
        }

    def _field(self, item: Wire) -> Wire:
        """One of the fields of the form: another value, gone, twice, or a name that no form has."""
        fields = (
            [list(pair) if isinstance(pair, list) else pair for pair in item["fields"]]
            if isinstance(item.get("fields"), list)
            else []
        )
        if not fields:
            return item | {"fields": self.odd()}
        at = self.chance.randrange(len(fields))
        what = self.chance.random()
        if what < 0.5:
            fields[at] = [
                fields[at][0] if isinstance(fields[at], list) and fields[at] else "x",
                str(self.odd()),
            ]
        elif what < 0.65:
            fields.pop(at)
        elif what < 0.8:
            fields.append(fields[at])
        elif what < 0.95:
            fields.append([str(self.odd())[:100], str(self.odd())])
        else:
            fields += [[f"x{n}", "y"] for n in range(self.chance.choice([50, 500]))]
        return item | {"fields": fields}

    def _deep(self, item: Wire) -> Wire:
        nested: Any = "x"
        for _each in range(self.chance.choice([5, 60, 400])):
            nested = [nested] if self.chance.random() < 0.5 else {"a": nested}
        return item | {self.chance.choice(NAMES): nested}

    def _signed(self, item: Wire) -> Wire:
        try:
            return self.phone.signed(item)
        except (ValueError, KeyError, TypeError, RecursionError):
            return item

    def _sealed(self, item: Wire) -> Any:
        """In a seal that is good, or that is broken too."""
        inside: Any = item if self.chance.random() < 0.7 else self.odd()
        named = item.get("item") if isinstance(item.get("item"), str) else new_id()
        seal = self.phone.told["seal"]
        try:
            whole = sealed({"item": named, "inside": 1}, seal["id"], base64.b64decode(seal["public"]))
            if isinstance(inside, dict):
                whole = sealed(inside | {"item": named}, seal["id"], base64.b64decode(seal["public"]))
        except (ValueError, AttributeError):
            return {"item": named, "sealed": self.odd()}
        if self.chance.random() < 0.4:
            whole["sealed"][self.chance.choice(["key", "point", "iv", "text"])] = self.odd()
        return whole

    def envelope(self) -> tuple[bytes, dict[str, str]]:
        """A whole body that is no batch, or hardly one; and its headers."""
        items = [self.good() for _each in range(self.chance.randint(0, 2))]
        whole: dict[str, Any] = {
            "app": "x",
            "sent_at": "2026-11-25T14:05:00+07:00",
            "pending": 0,
            "oldest": None,
            "items": items,
            "ask": [],
        }
        what = self.chance.randrange(11)
        body = json.dumps(whole).encode()
        if what == 0:
            whole[self.chance.choice(list(whole))] = self.odd()
            return json.dumps(whole).encode(), {}
        if what == 1:
            return body[: self.chance.randrange(len(body))], {}
        if what == 2:
            return json.dumps(self.odd()).encode(), {}
        if what == 3:
            return b"[" * 50_000 + b"]" * 50_000, {}
        if what == 4:
            return json.dumps(whole | {"items": [items[0] if items else {} for _ in range(201)]}).encode(), {}
        if what == 5:
            return body.replace(
                b'"items"', b'"items": [], "items"'
            ), {}  # the same name twice: the last counts
        if what == 6:
            return self.chance.randbytes(300), {"Content-Encoding": self.chance.choice(["", "gzip"])}
        if what == 7:
            return gzip.compress(b" " * 5_000_000), {"Content-Encoding": "gzip"}
        if what == 8:
            return gzip.compress(body)[:-9], {"Content-Encoding": "gzip"}
        if what == 9:
            return body.decode().encode("utf-16"), {
                "Content-Encoding": self.chance.choice(["", "br", "zstd"])
            }
        return b"\xef\xbb\xbf" + body + b" " * self.chance.choice([0, 1_100_000]), {}


@pytest.mark.parametrize("seed", [pytest.param(n, id=f"seed {n}") for n in range(2)])
def test_whatever_is_sent_has_an_answer_and_a_place(
    city: City, as_person: AsPerson, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Counted, in the tray, or on the phone with a reason."""
    monkeypatch.setattr(take_in, "MOST_A_DAY", 10**9)
    phone = Phone(as_person("Hoài"))
    mutations = Mutations(seed, city, phone)
    told: dict[str, set[str]] = {}
    ends: Counter[str] = Counter()
    sent = 0
    while sent < PAYLOADS // 2:
        if mutations.chance.random() < 0.15:
            body, headers = mutations.envelope()
            sent += 1
        else:
            items = [mutations.item() for _each in range(5)]
            body, headers = json.dumps({"items": items}).encode(), {}
            sent += 5
        answer = phone.client.post(
            "/api/v1/sync", content=body, headers={"Authorization": f"Bearer {phone.ticket}", "Content-Type": "application/json"} | headers
        )  # fmt: skip
        where = f"seed {seed}, payload {sent}: {body[:3000]!r} {answer.status_code} {answer.text[:1000]}"
        if answer.status_code != 200:
            assert answer.status_code in (400, 413, 415, 422), where
            assert answer.headers["content-type"].startswith("application/problem+json"), where
            ends[f"whole: {answer.status_code}"] += 1
            continue
        results = answer.json()["results"]
        whole = gzip.decompress(body) if headers.get("Content-Encoding") == "gzip" else body
        assert len(results) == len(json.loads(whole)["items"]), where
        for result in results:
            assert result["status"] in TOLD, where
            assert result["status"] in ("accepted", "already") or result["code"], where
            assert result.get("code") not in ("error", "unforeseen"), where
            ends[f"{result['status']} {result.get('code', '')}"] += 1
            if result["item"] is not None:
                told.setdefault(str(result["item"]).lower(), set()).add(result["status"])
    _stored_as_told(city, told)
    assert len(ends) >= 7, ends  # the mutations reach every corner
    assert ends["accepted "] > PAYLOADS // 100


def _stored_as_told(city: City, told: dict[str, set[str]]) -> None:
    """What is stored is what was said to be, in every table; and the totals are right."""
    here = {item for item, statuses in told.items() if statuses & HERE}
    counted = {item for item, statuses in told.items() if statuses & {"accepted", "already"}}
    with city.database.reading() as db:
        receipts = {str(row.item) for row in db.exec(select(Receipt))}
        assert here <= receipts
        odd = receipts - here  # sealed, under an id that was taken: held under an id of its own
        assert {str(uuid.UUID(item).version) for item in odd} <= {"5"}
        versions = {str(row.item) for row in db.exec(select(VisitVersion))}
        assert versions <= counted
        assert {str(row.item) for row in db.exec(select(HeldItem))} <= receipts
        assert len(db.exec(select(Visit)).all()) <= len(versions)
        assert len(db.exec(select(Household)).all()) <= len(city.doors) + len(counted)
        assert check(db, recount) == []


def test_the_hash_is_the_phones_own(city: City, as_person: AsPerson) -> None:
    """Two programs that hash what an item says, written apart, agree."""
    item = Phone(as_person("Hoài")).visit(city, "K45/2", note="“Bà Tư” & cháu\r\n🔒 \u2028")
    assert phone_hash(item) == hash_of(item)
