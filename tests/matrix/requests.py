"""What is sent to each route: the address with an object in it, and a body that would be taken if it came from whoever may."""

import base64
import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from skills import clock
from skills.admin.people.sheet import Typed, seal
from skills.areas.models import Area
from skills.people.sessions import hashed
from skills.people.viewer import find_viewer
from skills.sync.wire import phone_hash, signature
from tests.cast import PASSWORD
from tests.matrix.world import SUBJECTS, Thing, World, new_id

Fields = dict[str, str]
_BOUNDARY = b"canary"
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
        "invitation_id",
        "import_id",
        "entry_id",
        "token",
        "team",
        "person",
    }
    values = dict.fromkeys(ids, str(thing.id)) | dict.fromkeys(("ward", "ward_id"), str(thing.ward))
    if "/members/" in address or "/groups/" in address:
        values["team_id"] = str(thing.within or thing.id)
    values |= {
        "posting": str(thing.within or uuid.UUID(int=0)),
        "kind": "skills" if thing.id == 1 else "audiences",
    }
    return address.format(**values, language="vi")


def sent(body: Fields | bytes) -> tuple[bytes, str]:
    """A body as bytes with its type."""
    if isinstance(body, bytes):
        if body.startswith(b"--" + _BOUNDARY):
            return body, f"multipart/form-data; boundary={_BOUNDARY.decode()}"
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


# Phones, invitations and the office


def _phone_of(world: World, _subject: str, person: Thing) -> Fields:
    return {"phone": hashed(str(world.phones.get(person.id, "")))[:24]}


def _below(subject: str) -> str:
    return {"A": "ward_lead"}.get(subject, "volunteer")


def _invitation(world: World, subject: str, area: Thing) -> Fields:
    team = {"team": str(world.teams["own"])} if subject == "T" else {}
    if subject == "T":
        area = Thing(0, world.wards["own"].id) if area == world.thing("area", "own", subject) else area
    return {"full_name": "Lê Thị Mới", "role": _below(subject), "area": str(area.id), **team}


def _invitation_into(world: World, _subject: str, team: Thing) -> Fields:
    return {
        "full_name": "Lê Thị Mới",
        "role": "volunteer",
        "area": str(world.wards["own"].id),
        "team": str(team.id),
    }


def _invitation_above(world: World, subject: str, _thing: Thing) -> Fields:
    """As high as the maker, where the maker is posted."""
    roles = {"T": "team_leader", "W": "ward_lead", "A": "officer", "C": "city_admin"}
    area = {"A": world.city.district.id, "C": world.city.whole.id}.get(subject, world.wards["own"].id)
    return {"full_name": "Lê Thị Mới", "role": roles.get(subject, "volunteer"), "area": str(area)}


def _which(_world: World, _subject: str, invitation: Thing) -> Fields:
    return {"which": str(invitation.id)}


def _posting(world: World, subject: str, person: Thing) -> Fields:
    area = world.wards["sibling" if subject == "A" else "own"].id
    return {"posting": str(person.within or uuid.UUID(int=0)), "role": _below(subject), "area": str(area)}


def _posted_to(world: World, subject: str, area: Thing) -> Fields:
    below = world.things["below"]["own"]
    return {"posting": str(below.within), "role": "team_leader", "area": str(area.id)}


def _posted_above(world: World, subject: str, _area: Thing) -> Fields:
    below = world.things["below"]["own"]
    role, area = (
        ("city_admin", world.city.whole.id) if subject == "C" else ("ward_lead", world.wards["own"].id)
    )
    return {"posting": str(below.within), "role": role, "area": str(area)}


def _sheet(_world: World, _subject: str, area: Thing) -> bytes:
    parts = [
        b'Content-Disposition: form-data; name="area"\r\n\r\n' + str(area.id).encode(),
        'Content-Disposition: form-data; name="file"; filename="a.csv"\r\nContent-Type: text/csv\r\n\r\nHọ tên,Số điện thoại\r\nLê Thị Mới,0905999001\r\n'.encode(),
    ]
    return (
        b"".join(b"--" + _BOUNDARY + b"\r\n" + part + b"\r\n" for part in parts)
        + b"--"
        + _BOUNDARY
        + b"--\r\n"
    )


def _seen_sheet(world: World, subject: str, area: Thing) -> Fields:
    """A preview as the page would have given it out, for that area and that very person."""
    name = SUBJECTS[subject][0] or "Thu"
    with world.database.reading() as db:
        viewer, place = find_viewer(db, world.people[name], clock.today()), db.get(Area, area.id)
        assert viewer is not None
        place = place or Area(
            id=int(area.id), level="ward", kind="", name="", short_name="", fold="", sort_key=""
        )
        return {
            "seen": seal(
                viewer, place, [Typed(2, "Lê Thị Mới", "0905999001", "", "")], world.city.settings.secret
            )
        }


def _team(world: World, _subject: str, area: Thing) -> Fields:
    return {"ward": str(area.id), "name": "Tổ mới"}


def _joins(world: World, _subject: str, _team: Thing) -> Fields:
    return {"person": str(world.people["Bảo"]), "role": "member", "since": _today(1)}


def _this_one_joins(_world: World, _subject: str, person: Thing) -> Fields:
    return {"person": str(person.id), "role": "member", "since": _today(1)}


def _today(more: int = 0) -> str:
    return f"{clock.today() + timedelta(days=more):%d/%m/%Y}"


def _place(_world: World, _subject: str, _member: Thing) -> Fields:
    return {"role": "deputy", "since": _today()}


def _ends(_world: World, _subject: str, _thing: Thing) -> Fields:
    return {"since": _today(1)}


def _goes(world: World, _subject: str, _team: Thing) -> Fields:
    return {"group": str(world.groups["team"].id), "since": _today(1)}


def _goes_there(_world: World, _subject: str, group: Thing) -> Fields:
    return {"group": str(group.id), "since": _today(1)}


def _dissolved(world: World, _subject: str, _team: Thing) -> Fields:
    return {"to": str(world.teams["paper"]), "since": _today(2)}


def _dissolved_into(_world: World, _subject: str, team: Thing) -> Fields:
    return {"to": str(team.id), "since": _today(2)}


def _hands_over(world: World, _subject: str, _team: Thing) -> Fields:
    return {
        "person": str(world.people["Hoài"]), "to": f"team:{world.teams['team']}", "group": str(world.groups["own"].id)
    }  # fmt: skip


def _hands_over_to(world: World, _subject: str, team: Thing) -> Fields:
    return {
        "person": str(world.people["Hoài"]),
        "to": f"team:{team.id}",
        "group": str(world.groups["own"].id),
    }


def _hands_over_of(world: World, _subject: str, person: Thing) -> Fields:
    return {
        "person": str(person.id), "to": f"team:{world.teams['team']}", "group": str(world.groups["own"].id)
    }  # fmt: skip


_WORDS = {
    "name_vi": "Việc mới", "short_vi": "Việc mới", "check_vi": "Tự làm được.", "sort": "5",
}  # fmt: skip
_NEW_SKILL = _WORDS | {"code": "ZZ01", "pillar": "gov", "digcomp": "1"}


def _new_skill(_world: World, _subject: str, _thing: Thing) -> Fields:
    return _NEW_SKILL | {"valid_from": _today(1)}


_ME = "POST /admin/people/{person_id}"
_TEAM = "POST /admin/teams/{team_id}"
_INVITATION = "POST /invitations/{invitation_id}"
_SKILL = "POST /admin/catalogue/{kind}/{entry_id}"
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
    ("POST /sign-in/code", "-"): _always(code="000000"),
    ("POST /sign-in/second-factor", "-"): _always(code="000000", sealed="x"),
    ("POST /account/second-factor", "-"): _always(code="000000", sealed="x"),
    ("POST /account/second-factor/recovery-codes", "-"): _always(),
    ("POST /account/second-factor/removal", "-"): _always(),
    ("POST /confirm", "-"): _always(pw=PASSWORD, next="/devices"),
    ("POST /confirm/typed", "-"): _always(full_name="Lê Thị Mới"),
    ("POST /invitations", "area"): _invitation,
    ("POST /invitations", "team"): _invitation_into,
    ("POST /invitations", "above"): _invitation_above,
    ("POST /invitations/cards", "invitation"): _which,
    (_INVITATION + "/reissue", "invitation"): _always(),
    (_INVITATION + "/revocation", "invitation"): _always(),
    ("POST /invitations/return/{person_id}", "person"): _always(),
    ("POST /join", "-"): _always(tel="0905999999", code="2345abcd"),
    ("POST /join/{token}", "card"): _always(full_name="Lê Thị Mới", pin="483920"),
    ("POST /switch", "-"): _always(person=str(uuid.UUID(int=7)), pin="483920"),
    ("POST /devices/pin", "-"): _always(pin="483920", again="483920"),
    ("POST /devices/{person_id}/sign-outs", "person"): _phone_of,
    ("POST /devices/{person_id}/revocations", "person"): _phone_of,
    ("POST /admin/people/sheet", "area"): _sheet,
    ("POST /admin/people/imports", "area"): _seen_sheet,
    ("POST /admin/people/imports/{import_id}/undo", "import"): _always(),
    (_ME + "/dismissal", "person"): _always(),
    (_ME + "/reinstatement", "person"): _always(),
    (_ME + "/posting", "person"): _posting,
    (_ME + "/posting", "own below, area"): _posted_to,
    (_ME + "/posting", "own below, above"): _posted_above,
    ("POST /admin/teams", "area"): _team,
    (_TEAM + "/correction", "team"): _always(name="Tổ khác"),
    (_TEAM + "/members", "team"): _joins,
    (_TEAM + "/members", "own team, person"): _this_one_joins,
    (_TEAM + "/members/{person_id}/place", "member"): _place,
    (_TEAM + "/members/{person_id}/end", "member"): _ends,
    (_TEAM + "/groups", "team"): _goes,
    (_TEAM + "/groups", "own team, group"): _goes_there,
    (_TEAM + "/groups/{group_id}/end", "going"): _ends,
    (_TEAM + "/dissolution", "team"): _dissolved,
    (_TEAM + "/dissolution", "own team, team"): _dissolved_into,
    (_TEAM + "/hand-over", "team"): _hands_over,
    (_TEAM + "/hand-over", "own team, team"): _hands_over_to,
    (_TEAM + "/hand-over", "own team, person"): _hands_over_of,
    ("POST /admin/catalogue/{kind}", "skill"): _new_skill,
    (_SKILL + "/wording", "skill"): _always(**_WORDS),
    (_SKILL + "/wording", "sensitive"): _always(**_WORDS),
    (_SKILL + "/dates", "skill"): lambda _world, _subject, _thing: {"valid_to": _today(30)},
    (_SKILL + "/dates", "sensitive"): lambda _world, _subject, _thing: {"valid_to": _today(30)},
    ("POST /admin/audit/export", "-"): _always(file="xlsx"),
}
