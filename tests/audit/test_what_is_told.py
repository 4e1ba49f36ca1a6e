"""What the trail says about the daily work: what was done to somebody else's work or account, and nothing that a person typed."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import event, text

from skills import clock
from skills.audit.models import AuditEntry
from skills.db import Database
from tests.audit.book import broken, entries, told
from tests.cast import PASSWORD, City
from tests.client import Client
from tests.conftest import AsPerson
from tests.coverage.story import hold, page_of, visit_fields
from tests.phone import Phone, new_id
from tests.visits.pages import log

CANARY = "Chim Hoàng Yến"
TABLES = ("audit_entry", "audit_head", "read_entry", "day_seal")


def correct(client: Client, visit: str, **values: str) -> Any:
    """Corrects a visit on its page."""
    return client.submit(client.page(f"{visit}/correction"), f"{visit}/correction", **values)


def test_a_correction_by_somebody_else(city: City, as_person: AsPerson) -> None:
    """Names of what she changed, the visit, who; what it says stands nowhere."""
    visit = log(as_person("Hoài"), city.doors["12"], people="1", note="gặp buổi chiều")
    assert correct(as_person("Thu"), visit, people="2", note=CANARY).status_code == 303
    [entry] = entries(city.database)
    assert (entry.ward_id, entry.action, entry.fields) == (
        city.wards["Hải Châu"].id,
        "visit.corrected",
        "people,note",
    )
    assert entry.actor_id == city.people["Thu"].id
    assert entry.subject == visit.rpartition("/")[2]


def test_ones_own_correction_is_in_the_history_of_the_visit_and_nowhere_else(
    city: City, as_person: AsPerson
) -> None:
    """The trail is for what was done to the work of others."""
    hoai = as_person("Hoài")
    visit = log(hoai, city.doors["12"])
    assert correct(hoai, visit, people="2").status_code == 303
    page = hoai.page(f"{visit}/void")
    assert hoai.submit(page, f"{visit}/void", reason="twice").status_code == 303
    assert told(city.database) == []


def test_a_visit_cancelled_by_its_leader(city: City, as_person: AsPerson) -> None:
    """Sent twice, told once."""
    visit, loc = log(as_person("Hoài"), city.doors["12"]), as_person("Lộc")
    page = loc.page(f"{visit}/void")
    for _ in range(2):
        assert loc.submit(page, f"{visit}/void", reason="twice").status_code == 303
    assert told(city.database) == [(city.wards["Hải Châu"].id, "visit.voided", "voided_at")]


def test_a_visit_carried_to_another_door_with_other_skills(city: City, as_person: AsPerson) -> None:
    """The door is one of the names, and so are skills."""
    visit, thu = log(as_person("Hoài"), city.doors["12"]), as_person("Thu")
    other = {"household": str(city.doors["7A"].id), "skill": "1", "level-1": "2"}
    answer = correct(thu, visit, **other)
    assert answer.status_code == 303, answer.text[:2000]
    assert told(city.database) == [(city.wards["Hải Châu"].id, "visit.corrected", "household_id,skills")]


def test_answers_in_the_tray(city: City, as_person: AsPerson) -> None:
    """Each tap is one line in the ward whose tray it was; who is moved on is told in both wards."""
    thu = as_person("Thu")
    accepted = hold(city, "Hoài", visit_fields(city.doors["12"]), code="clock")
    returned = hold(city, "Hoài", visit_fields(city.doors["7A"]), code="clock")
    moved = hold(city, "Bảo", visit_fields((city.wards["Hải Châu"].id, uuid.uuid4())))
    for held, verb, fields in (
        (accepted, "acceptance", {}),
        (accepted, "acceptance", {}),  # answered already: nothing is told
        (returned, "return", {"reason": "ask"}),
        (returned, "recall", {}),
        (moved, "move", {"ward": str(city.wards["An Hải"].id)}),
    ):
        answer = thu.post(f"{page_of(held)}/{verb}", fields)
        assert answer.status_code == 303, answer.text[:2000]
    here, there = city.wards["Hải Châu"].id, city.wards["An Hải"].id
    assert [(each.ward_id, each.action) for each in entries(city.database)] == [
        (here, "tray.accepted"), (here, "tray.returned"), (here, "tray.recalled"), (here, "tray.moved"), (there, "tray.moved"),
    ]  # fmt: skip
    assert {each.actor_id for each in entries(city.database)} == {city.people["Thu"].id}
    assert entries(city.database)[0].subject == str(accepted.item)
    assert broken(city.database) == {}


def test_counts_of_a_group(city: City, as_person: AsPerson) -> None:
    """Which numbers were told, and not what they are."""
    loc = as_person("Lộc")
    page = loc.page(f"/group-counts/new?group={city.groups['Tổ 12'].id}&month=2026-08")
    assert loc.submit(page, "/group-counts", disabled="47", poor="0").status_code == 303
    [entry] = entries(city.database)
    assert (entry.action, entry.subject, entry.fields) == (
        "group_count.told",
        str(city.groups["Tổ 12"].id),
        "disabled,poor",
    )
    assert entry.ward_id == city.wards["Hải Châu"].id


def test_signing_in(city: City, stranger: Client) -> None:
    """In the chain of the person's ward; whoever works above the wards, in the city's."""
    for tel in ("0905000001", "0905000005"):
        assert stranger.post("/sign-in", {"tel": tel, "pw": PASSWORD}).status_code == 303
        stranger.post("/sign-out", {})
    assert [(each.ward_id, each.action, each.subject) for each in entries(city.database)] == [
        (0, "session.started", str(city.people["Khánh"].id)),
        (city.wards["Hải Châu"].id, "session.started", str(city.people["Hoài"].id)),
    ]


@pytest.mark.parametrize("tel", ["0905000001", "0905999999"])
def test_too_many_tries_are_told_once(city: City, stranger: Client, tel: str) -> None:
    """Fifteen tries are one line, five minutes later there may be another; of a number that nobody has, without the number."""
    with time_machine.travel(clock.now().replace(hour=3), tick=False) as moment:
        for _ in range(15):
            stranger.post("/sign-in", {"tel": tel, "pw": "wrong"})
        assert [each.action for each in entries(city.database)] == ["session.refused"]
        moment.shift(timedelta(minutes=6))
        for _ in range(15):
            stranger.post("/sign-in", {"tel": tel, "pw": "wrong"})
    found = entries(city.database)
    assert [each.action for each in found] == ["session.refused"] * 2
    known = tel == "0905000001"
    assert {(each.ward_id, each.subject) for each in found} == {
        (city.wards["Hải Châu"].id, str(city.people["Hoài"].id)) if known else (0, str(uuid.UUID(int=0)))
    }


def test_the_daily_work_does_not_touch_the_trail(city: City, as_person: AsPerson) -> None:
    """A visit online, fifty handed in by a phone, a new door, her own doors and visits read: not one statement about the trail."""
    hoai = as_person("Hoài")
    phone = Phone(hoai)
    said: list[str] = []

    def listen(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        said.extend(table for table in TABLES if table in statement)

    engines = (hoai.app.state.database.writer, hoai.app.state.database.reader)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", listen)
    visit = log(hoai, city.doors["12"], note="của chính Hoài")
    door = city.doors["7A"]
    answers = phone.hand_in(*(phone.visit(city, "7A", note="của chính Hoài") for _ in range(50)))
    assert {each["status"] for each in answers} == {"accepted"}
    new = hoai.page("/households/new")
    assert (
        hoai.submit(
            new, "/households", group=str(city.groups["Tổ 12"].id), street="Hàng Dừa", number="99"
        ).status_code
        == 303
    )
    for page in ("/", "/households", visit, "/visits", f"/households/{door.ward_id}/{door.id}/visits"):
        assert hoai.get(page).status_code == 200
    for engine in engines:
        event.remove(engine, "before_cursor_execute", listen)
    assert said == []


def test_what_is_done_is_told_or_not_done(
    city: City, as_person: AsPerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The entry and the change are one: when the trail can't be written, the visit stays as it was."""
    visit, thu = log(as_person("Hoài"), city.doors["12"], people="1"), as_person("Thu")
    page = thu.page(f"{visit}/void")

    def fail(*_told: object) -> str:
        raise RuntimeError("no key")

    monkeypatch.setattr("skills.audit.trail.chained", fail)
    assert thu.submit(page, f"{visit}/void", reason="twice").status_code == 500
    monkeypatch.undo()
    assert "đã hủy" not in thu.page(visit).text.lower()
    assert entries(city.database) == []


def test_no_value_ever_stands_in_the_trail(city: City, as_person: AsPerson, stranger: Client) -> None:
    """Everything that can be typed is typed with a canary in it, by the people of the stories; none sings in the tables."""
    thu, hoai, loc = as_person("Thu"), as_person("Hoài"), as_person("Lộc")
    visit = log(hoai, city.doors["12"], note=f"{CANARY} 1")
    assert correct(thu, visit, note=f"{CANARY} 2", people="3").status_code == 303
    thu.get(visit)
    thu.submit(thu.page(f"{visit}/void"), f"{visit}/void", reason="twice")
    held = hold(city, "Hoài", visit_fields(city.doors["7A"], note=f"{CANARY} 3"), code="clock")
    thu.post(f"{page_of(held)}/acceptance", {})
    door = hold(
        city, "Bảo", {"group": str(city.groups["Tổ 12"].id), "street": CANARY, "number": "777"}, op="door",
    )  # fmt: skip
    thu.post(
        f"{page_of(door)}/door",
        {"group": str(city.groups["Tổ 12"].id), "street": CANARY, "number": "777", "id": new_id()},
    )
    page = loc.page(f"/group-counts/new?group={city.groups['Tổ 12'].id}&month=2026-08")
    loc.submit(page, "/group-counts", disabled="4747")
    for _ in range(12):
        stranger.post("/sign-in", {"tel": "0905999888", "pw": CANARY})
    stranger.post("/sign-in", {"tel": "0905000003", "pw": PASSWORD})
    thu.get(f"/admin/audit?subject={city.people['Thu'].id}")
    for file in ("csv", "xlsx"):
        assert thu.post("/admin/audit/export", {"file": file, "day": "28/8/2026"}).status_code == 200
    found = everything(city.database)
    assert len(entries(city.database)) >= 7
    for canary in (CANARY, "Hoàng", "0905", "84905", "4747", "777", "Nguyễn", "Thu,", "Hàng Dừa", PASSWORD):
        assert canary not in found, canary
    assert broken(city.database) == {}


def everything(database: Database) -> str:
    """Every value of the trail's tables but hashes, as text."""
    with database.reading() as db:
        return "\n".join(
            ",".join(str(value) for name, value in row.items() if "hash" not in name and name not in ("seal", "at", "actor_id", "person_id") and not _is_id(value))
            for table in TABLES
            for row in db.execute(text(f"SELECT * FROM {table}")).mappings()
        )  # fmt: skip


def _is_id(value: object) -> bool:
    try:
        return bool(uuid.UUID(str(value)))
    except ValueError:
        return False


def test_the_entries_have_an_action_that_can_be_said(city: City) -> None:
    """The column has room for every action there is."""
    assert AuditEntry.__table__.c.action.type.length == 40  # type: ignore[attr-defined]
