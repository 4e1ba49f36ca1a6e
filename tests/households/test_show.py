"""One door's page: its plate, what its people manage alone, the follow-up, and the way to its history."""

import uuid
from datetime import timedelta

import pytest

from skills import clock
from skills.households.models import Forward, Mark
from tests.cast import City
from tests.client import Client
from tests.conftest import AsPerson
from tests.households.test_find import leave


def address_of(city: City, number: str) -> str:
    return f"/households/{city.doors[number].ward_id}/{city.doors[number].id}"


def test_a_door_says_what_its_people_manage_and_when_to_come_back(as_person: AsPerson, city: City) -> None:
    today = clock.today()
    with city.database.writing() as db:
        leave(
            db, city.doors["K45/12"], Mark.SELF, today - timedelta(days=9), cores="TA", last_skills="7",
            follow_up_on=today - timedelta(days=2),
        )  # fmt: skip
    page = as_person("Hoài").page(address_of(city, "K45/12"))
    assert page.h1 == "Kiệt 45 Hàng Dừa"
    assert page.one("b", class_="plate").attrs["data-state"] == "self"
    assert "2/5 tự làm được" in page.text
    assert [dd.text for dd in page.all("dd")].count("Tự làm được") == 2
    assert "Trễ hẹn 2 ngày" in page.text
    door = city.doors["K45/12"]
    assert page.link("Ghi lượt thăm") == f"/visits/new?ward={door.ward_id}&household={door.id}"
    history = address_of(city, "K45/12") + "/visits"
    assert page.link("Xem các lượt trước") == history
    assert page.one("div", hx_trigger="load").attrs["hx-get"] == history


def test_a_door_that_nobody_visited_says_so(as_person: AsPerson, city: City) -> None:
    page = as_person("Hoài").page(address_of(city, "7A"), headers={"Accept-Language": "en"})
    assert "Not visited" in page.text
    assert "0/5 done alone" in page.text


def test_an_old_address_leads_to_the_door_of_today(as_person: AsPerson, city: City) -> None:
    old, far = uuid.uuid4(), city.wards["An Hải"].id
    door = city.doors["K45/12"]
    with city.database.writing() as db:
        db.add(Forward(ward_id=far, id=old, to_ward_id=door.ward_id, to_id=door.id))
    answer = as_person("Hoài").get(f"/households/{far}/{old}")
    assert answer.status_code == 303
    assert answer.headers["location"] == address_of(city, "K45/12")
    assert as_person("Ngân").get(f"/households/{far}/{old}").status_code == 404


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("Hoài", 200),
        ("Lộc", 200),
        ("Thu", 200),
        ("Mai", 404),
        ("Ngân", 404),
        ("Phúc", 404),
        ("Tâm", 403),
        ("Yến", 403),
    ],
)
def test_who_may_open_it(as_person: AsPerson, city: City, who: str, status: int) -> None:
    assert as_person(who).get(address_of(city, "K45/12")).status_code == status


def test_a_stranger_signs_in_first_and_comes_back(stranger: Client, city: City) -> None:
    answer = stranger.get(address_of(city, "K45/12"))
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=")


@pytest.mark.parametrize(
    "path", ["/households/1/nobody", "/households/x/y", "/households/99999999999999999999/1"]
)
def test_an_address_that_is_none_is_not_found(as_person: AsPerson, path: str) -> None:
    assert as_person("Hoài").get(path).status_code == 404
    far = as_person("Hoài").get(f"/households/99999999999999999999/{uuid.uuid4()}")
    assert far.status_code == 404
