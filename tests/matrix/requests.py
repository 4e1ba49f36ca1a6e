"""What is sent to each route: the address with an object in it, and a body that would be taken if it came from whoever may."""

import base64
import json
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from skills import clock
from skills.sync.wire import phone_hash, signature
from tests.cast import PASSWORD
from tests.matrix.world import Thing, World, new_id

Fields = dict[str, str]
Body = Callable[[World, str, Thing], Fields | bytes]  # the world, the letter of the subject, the object


def filled(address: str, thing: Thing) -> str:
    """The address with the object's numbers in it; the names are those of the routes."""
    ids = {
        "household",
        "household_id",
        "visit_id",
        "item",
        "told_id",
        "id",
        "group",
        "group_id",
        "area",
        "area_id",
        "person_id",
        "team_id",
    }
    values = dict.fromkeys(ids, str(thing.id)) | dict.fromkeys(("ward", "ward_id"), str(thing.ward))
    return address.format(**values, language="vi")


def sent(body: Fields | bytes) -> tuple[bytes, str]:
    """A body as bytes with its type."""
    if isinstance(body, bytes):
        return body, "application/json"
    return urlencode(body).encode(), "application/x-www-form-urlencoded"


def query_of(*some: Fields) -> str:
    """These fields one behind the other, as a form sends them; a name may come twice."""
    return urlencode([pair for fields in some for pair in fields.items()])


def _own(world: World, kind: str, subject: str) -> Thing:
    return world.thing(kind, "own", subject)


def _visit(world: World, _subject: str, door: Thing) -> Fields:
    return {
        "ward": str(door.ward), "household": str(door.id), "item": str(new_id()), "id": str(new_id()), "outcome": "met",
        "people": "1", "people_new": "0", "visited_on": f"{clock.today()}",
    }  # fmt: skip


def _correction(world: World, subject: str, visit: Thing) -> Fields:
    door = (
        world.homes.get(visit.id, Thing(visit.ward, new_id())) if isinstance(visit.id, uuid.UUID) else visit
    )
    return _visit(world, subject, door) | {"id": str(visit.id), "base": str(visit.version)}


def _to_a_door(world: World, subject: str, door: Thing) -> Fields:
    """One's own visit, to be carried to that door."""
    visit = _own(world, "visit", subject)
    return _visit(world, subject, door) | {"id": str(visit.id), "base": "1"}


def _void(_world: World, _subject: str, visit: Thing) -> Fields:
    return {"item": str(new_id()), "base": str(visit.version), "reason": "twice"}


def _door(_world: World, _subject: str, group: Thing) -> Fields:
    return {"id": str(new_id()), "group": str(group.id), "street": "Phố Mới", "number": "977"}


def _counts(_world: World, _subject: str, group: Thing) -> Fields:
    return {
        "group": str(group.id), "month": f"{clock.today():%Y-%m}", "disabled": "1", "item": str(new_id()), "id": str(new_id()),
    }  # fmt: skip


def _at_a_door(_world: World, _subject: str, door: Thing) -> Fields:
    return {"door": f"{door.ward}/{door.id}"}


def _at_my_door(world: World, subject: str, _held: Thing) -> Fields:
    return _at_a_door(world, subject, _own(world, "door", "V"))


def _at_my_group(world: World, subject: str, _held: Thing) -> Fields:
    return _door(world, subject, _own(world, "group", "V"))


def _to_a_ward(_world: World, _subject: str, area: Thing) -> Fields:
    return {"ward": str(area.id)}


def _to_the_cluster(world: World, _subject: str, _held: Thing) -> Fields:
    return {"ward": str(world.wards["cluster"].id)}


def _always(**fields: str) -> Body:
    return lambda _world, _subject, _thing: dict(fields)


def _batch(world: World, _subject: str, door: Thing) -> bytes:
    """What the volunteer's phone hands in: one visit at that door, signed with its key."""
    assert world.phone is not None
    now = clock.local(clock.now()).isoformat(timespec="seconds")
    fields = _visit(world, "V", door) | {"saved_at": now, "base": "0"}
    item: dict[str, Any] = {
        "item": fields["item"], "op": "visit", "schema": 1, "ward": door.ward, "id": fields["id"], "base": 0, "saved_at": now,
        "needs": None, "fields": [[name, value] for name, value in fields.items()], "key": str(world.phone.ticket_id), "seq": 1,
        "skew": 0, "tries": 0, "app": "test",
    }  # fmt: skip
    item["mac"] = signature(base64.b64decode(world.phone.secret), item["item"], phone_hash(item))
    return json.dumps(
        {"app": "test", "sent_at": now, "pending": 0, "oldest": None, "ask": [], "items": [item]}
    ).encode()


def _json(**told: Any) -> Body:
    return lambda _world, _subject, _thing: json.dumps(told).encode()


def _day(_world: World, _subject: str, _thing: Thing) -> bytes:
    return json.dumps({"day": f"{clock.today()}", "items": []}).encode()


_TRAY = "POST /coverage/tray/{ward_id}/{item}"
BODIES: dict[tuple[str, str], Body] = {  # by route and by what the line of the table is about
    ("POST /sign-in", "-"): _always(tel="0905999999", pw=PASSWORD),  # nobody's number
    ("POST /sign-out", "-"): _always(),
    ("POST /language", "-"): _always(language="en", next="/"),
    ("POST /households", "group"): _door,
    ("POST /visits", "door"): _visit,
    ("POST /visits/practice", "-"): _always(),
    ("POST /visits/{ward_id}/{visit_id}/correction", "visit"): _correction,
    ("POST /visits/{ward_id}/{visit_id}/correction", "own visit, door"): _to_a_door,
    ("POST /visits/{ward_id}/{visit_id}/correction", "guest"): _correction,
    ("POST /visits/{ward_id}/{visit_id}/void", "visit"): _void,
    ("POST /visits/{ward_id}/{visit_id}/void", "guest"): _void,
    ("POST /group-counts", "group"): _counts,
    (_TRAY + "/acceptance", "held"): _at_my_door,
    (_TRAY + "/acceptance", "own held, door"): _at_a_door,
    (_TRAY + "/door", "held"): _at_my_group,
    (_TRAY + "/door", "own held, group"): _door,
    (_TRAY + "/choice", "held"): _always(keep="sent"),
    (_TRAY + "/move", "held"): _to_the_cluster,
    (_TRAY + "/move", "own held, area"): _to_a_ward,
    (_TRAY + "/return", "held"): _always(reason="ask"),
    (_TRAY + "/recall", "held"): _always(),
    ("POST /api/v1/devices", "-"): _json(device=None, label="test"),
    ("POST /api/v1/sync", "door"): _batch,
    ("POST /api/v1/sync/ledger", "-"): _day,
}
