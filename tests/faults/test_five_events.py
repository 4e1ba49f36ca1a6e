"""Five things that happen to a person while a queue waits on the phone: it is handed in all the same, each visit counted or in a tray,
under the name of who made it."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import col, select, update

from skills import clock
from skills.areas.reorganise import merge
from skills.people.add import dismiss, reset_password
from skills.people.models import LoginSession, Person
from skills.sync.models import HeldItem
from skills.totals.check import check
from skills.visits.models import Receipt, Visit
from skills.visits.tally import recount
from tests.cast import AN_HAI, HAI_CHAU, City
from tests.client import Client
from tests.conftest import AsPerson
from tests.phone import Item, Phone

QUEUE = 12
Event = Callable[[City, Phone, list[Item]], list[Item]]


def signed_out(city: City, phone: Phone, queue: list[Item]) -> list[Item]:
    """She signs out: the queue is sealed, the key is gone, only the ticket is left."""
    phone.client.post("/sign-out")
    return [phone.sealed(item) for item in queue]


def new_password(city: City, phone: Phone, queue: list[Item]) -> list[Item]:
    """An office sets another password, and every session ends."""
    with city.database.writing() as db:
        reset_password(db, db.get_one(Person, uuid.UUID(phone.person)), "mot-mat-khau-khac")
    return queue


def session_over(city: City, phone: Phone, queue: list[Item]) -> list[Item]:
    """Thirty days went by."""
    with city.database.writing() as db:
        db.execute(update(LoginSession).values(expires_at=clock.now() - timedelta(seconds=1)))
    return queue


def dismissed(city: City, phone: Phone, queue: list[Item]) -> list[Item]:
    """She is no volunteer any more."""
    with city.database.writing() as db:
        dismiss(db, db.get_one(Person, uuid.UUID(phone.person)))
    return queue


def ward_merged(city: City, phone: Phone, queue: list[Item]) -> list[Item]:
    """Her ward is a part of the one next to it, from today."""
    with city.database.writing() as db:
        merge(db, [city.wards[AN_HAI].id], city.wards[HAI_CHAU].id, clock.today())
    return queue


@pytest.mark.parametrize("event", [signed_out, new_password, session_over, dismissed, ward_merged])
def test_nothing_is_stranded(city: City, as_person: AsPerson, event: Event) -> None:
    """Ngân of An Hải saved twelve visits; then this happened; then there was a network."""
    ngan: Client = as_person("Ngân")
    phone = Phone(ngan)
    queue = [phone.visit(city, "8", people=n + 1) for n in range(QUEUE)]
    sent = event(city, phone, queue)
    if event in (signed_out, new_password, session_over, dismissed):
        assert ngan.get("/visits", skip=("h1",)).status_code in (303, 401), "she is signed in no longer"
    statuses = [told["status"] for told in phone.hand_in(*sent)]
    again = [told["status"] for told in phone.hand_in(*sent)]
    with city.database.reading() as db:
        visits = db.exec(select(Visit).order_by(col(Visit.id))).all()
        held = db.exec(select(HeldItem)).all()
        receipts = db.exec(select(Receipt)).all()
        assert check(db, recount) == []
    assert len(visits) + len(held) == len(receipts) == QUEUE
    for rows in (visits, held, receipts):
        assert {str(row.author_id) for row in rows} <= {phone.person}
    assert {str(row.device_id) for row in receipts} == {phone.device}
    if event is dismissed:
        assert (set(statuses), set(again)) == ({"held"}, {"held"})
        assert {row.tray_id for row in held} == {city.wards[AN_HAI].id}
    else:
        assert (set(statuses), set(again)) == ({"accepted"}, {"already"})
        assert sorted(visit.people for visit in visits) == list(range(1, QUEUE + 1))
