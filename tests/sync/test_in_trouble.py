"""What goes wrong in the middle of a handing in, and in the life of a server: nothing is said to be there that is not."""

import base64
import uuid
from typing import Any

import pytest
from fastapi import FastAPI
from sqlmodel import delete, select

from skills.people.add import dismiss
from skills.people.models import Person, UploadTicket
from skills.sync import verbs
from skills.sync.models import HeldItem
from skills.visits.models import Receipt, Visit
from tests.cast import City
from tests.conftest import AsPerson
from tests.faults.items import sealed
from tests.phone import Phone, new_id


def test_a_disk_that_is_full_at_the_fortieth_item_takes_none(
    city: City, app: FastAPI, as_person: AsPerson
) -> None:
    """SQLite ends the whole transaction then: those before it are gone as well, so none of them may be called accepted."""
    phone = Phone(as_person("Hoài"))
    items = [phone.visit(city, "K45/2", note=f"{n} " * 120) for n in range(60)]
    writer = app.state.database.writer
    with writer.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 3}")
        connection.commit()
    answer = phone.send({"items": items})
    assert answer.status_code == 503, answer.text[:500]
    assert "retry-after" in answer.headers
    writer.dispose()
    with city.database.reading() as db:
        assert db.exec(select(Receipt)).all() == []
        assert db.exec(select(Visit)).all() == []
    assert {told["status"] for told in phone.hand_in(*items)} == {"accepted"}


def test_a_sealed_item_that_fails_is_held_at_once(
    city: City, as_person: AsPerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How often it was sent stands inside the seal: it would be the first time for ever."""

    def fail(*_: Any) -> Any:
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setitem(verbs.VERBS, "visit", fail)
    monkeypatch.setattr("skills.sync.take_in.record_together", fail)
    phone = Phone(as_person("Hoài"))
    item, other = phone.visit(city, "K45/2"), phone.visit(city, "K45/12")
    told = phone.hand_in(phone.sealed(item), other)
    assert [(each["status"], each["code"]) for each in told] == [
        ("held", "unforeseen"),
        ("retry_later", "error"),
    ]
    with city.database.reading() as db:
        assert [str(row.item) for row in db.exec(select(HeldItem))] == [item["item"]]


def test_a_ticket_that_a_restored_copy_never_heard_of_still_hands_in(city: City, as_person: AsPerson) -> None:
    """Hoài got it after the copy was made and was dismissed since: she can't sign in for another one."""
    phone = Phone(as_person("Hoài"))
    before, after = phone.visit(city, "K45/2"), phone.visit(city, "K45/12")
    with city.database.writing() as db:
        db.execute(delete(UploadTicket))
    assert phone.hand_in(before)[0]["status"] == "accepted"
    with city.database.writing() as db:
        dismiss(db, db.get_one(Person, uuid.UUID(phone.person)))
    assert phone.hand_in(after)[0] == {"item": after["item"], "status": "held", "code": "dismissed"}


def test_a_ticket_that_somebody_changed_is_nobodys(city: City, as_person: AsPerson) -> None:
    """Who it stands for can't be written into it."""
    hoai, mai = Phone(as_person("Hoài")), Phone(as_person("Mai"))
    told = base64.urlsafe_b64decode(hoai.ticket)
    forged = told[:16] + uuid.UUID(mai.person).bytes + told[32:]
    item = hoai.visit(city, "K45/2")
    for ticket in (base64.urlsafe_b64encode(forged).decode(), hoai.ticket[:-4], "x", "é", ""):
        hoai.ticket = ticket
        assert hoai.client.post(
            "/api/v1/sync", json={"items": [item]}, headers={"Authorization": f"Bearer {ticket}".encode()}
        ).status_code == 401  # fmt: skip


def test_a_form_that_is_about_something_else_than_its_item_is_refused(
    city: City, as_person: AsPerson
) -> None:
    """Else it would be stored under one id, and called accepted under another."""
    phone = Phone(as_person("Hoài"))
    ward, group = city.wards["Hải Châu"].id, city.groups["Tổ 12"].id
    visit, other = phone.visit(city, "K45/2"), new_id()
    void = phone.saved("void", ward, visit["id"], {"item": other, "base": 1, "reason": "undo"}, item=new_id())
    count = phone.saved(
        "group_count", ward, new_id(), {"item": other, "id": other, "group": group, "month": "2026-08", "poor": 1}, item=new_id()
    )  # fmt: skip
    door = phone.saved(
        "door", ward, new_id(), {"id": other, "group": group, "street": "Hàng Dừa", "number": "99"}
    )
    told = phone.hand_in(visit, void, count, door)
    assert [each["status"] for each in told] == ["accepted", "rejected", "rejected", "rejected"]
    with city.database.reading() as db:
        assert [str(row.item) for row in db.exec(select(Receipt))] == [visit["item"]]


def test_what_no_database_can_hold_costs_only_itself(city: City, as_person: AsPerson) -> None:
    """Halves of letters and NUL in an id, in an op, in the name of the program, in a seal: the other item goes on."""
    phone = Phone(as_person("Hoài"))
    good = phone.visit(city, "K45/2")
    odd: list[Any] = ["\ud800", "a\x00b", [], {"a": []}, None]
    seal = phone.told["seal"]
    unread = [sealed(text, seal["id"], base64.b64decode(seal["public"]), new_id()) for text in odd]
    bad: list[Any] = [
        *({"item": text} for text in odd),
        *(good | {"item": new_id(), "op": text} for text in odd),
    ]
    body = {"app": "\ud800\x00", "items": [*bad, *unread, good]}
    answer = phone.send(body)
    assert answer.status_code == 200, answer.text
    statuses = [told["status"] for told in answer.json()["results"]]
    assert statuses == ["rejected"] * 10 + ["held"] * 5 + ["accepted"]


def test_what_a_phone_of_1970_saved_does_not_wait_for_ever(city: City, as_person: AsPerson) -> None:
    """For its door, which never comes: nobody can tell how long it has waited, so it is sent three times, and held."""
    phone = Phone(as_person("Hoài"))
    ward = city.doors["K45/2"].ward_id
    item = phone.visit_at(ward, new_id(), saved_at="1970-01-03T09:00:00+07:00", visited_on="", needs=new_id())
    told = [phone.hand_in(item | {"tries": tries})[0] for tries in range(5)]
    assert [each["status"] for each in told] == ["retry_later"] * 3 + ["held"] * 2
    assert told[-1]["code"] == "no_place"
