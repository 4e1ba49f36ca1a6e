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
from tests.phone import Phone


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
