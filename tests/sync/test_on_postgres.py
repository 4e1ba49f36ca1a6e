"""The same handing in on PostgreSQL: locks in ascending order before the first item, two flushers at once, the epoch's timeline."""

import threading
from typing import Any

import pytest
from fastapi import FastAPI
from sqlmodel import select

from skills.app import create_app
from skills.people import sessions
from skills.totals.check import check
from skills.visits.models import Visit
from skills.visits.tally import recount
from tests.cast import City
from tests.client import Client
from tests.phone import Phone, new_id

pytestmark = pytest.mark.postgres


def signed_in(app: FastAPI, city: City, name: str) -> Client:
    """A browser in which that person is signed in."""
    with city.database.writing() as db:
        token = sessions.create(db, city.people[name].id)
    client = Client(app)
    client.cookies.set("sid", token)
    return client


def test_a_mixed_batch_and_two_flushers_at_once(postgres_city: City) -> None:
    """Doors of two wards, a new door, something held, a sealed one; then the same batch twice at the same time."""
    city, app = postgres_city, create_app(postgres_city.settings)
    hoai, ngan = Phone(signed_in(app, city, "Hoài")), Phone(signed_in(app, city, "Ngân"))
    ward = city.wards["Hải Châu"].id
    door, door_item = new_id(), new_id()
    fields = {
        "id": door,
        "group": city.groups["Tổ 12"].id,
        "street": "Hàng Dừa",
        "number": "K45/98",
        "room": "",
    }
    abroad = next(number for number, at in city.doors.items() if at.ward_id == city.wards["An Hải"].id)
    batch = [
        ngan.visit(city, abroad), hoai.visit(city, "K45/2"), hoai.saved("door", ward, door, fields, item=door_item),
        hoai.visit_at(ward, door, needs=door_item), ngan.visit(city, "K45/12"), hoai.sealed(hoai.visit(city, "2")),
        hoai.visit(city, "4", people="x"),
    ]  # fmt: skip
    told = hoai.hand_in(*batch)
    assert [each["status"] for each in told] == ["accepted"] * 4 + ["held", "accepted", "rejected"]

    second = [hoai.visit(city, number) for number in ("6", "7", "7A")]
    answers: list[list[dict[str, Any]]] = []
    threads = [threading.Thread(target=lambda: answers.append(hoai.hand_in(*second))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    statuses = sorted(each["status"] for answer in answers for each in answer)
    assert statuses == ["accepted"] * 3 + ["already"] * 3
    epoch = hoai.send({"items": []}).json()["epoch"]
    assert epoch.endswith("-00000001")  # the timeline of a cluster that never failed over
    with city.database.reading() as db:
        assert len(db.exec(select(Visit)).all()) == 7
        assert check(db, recount) == []
    app.state.database.dispose()
