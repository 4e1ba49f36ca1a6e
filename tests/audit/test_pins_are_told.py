"""What the trail says about PINs: set, changed, and turned off by wrong ones; not each time that somebody opens a phone."""

from datetime import timedelta

import time_machine
from fastapi import FastAPI

from skills import clock
from tests.audit.book import entries
from tests.cast import PASSWORD, City
from tests.client import Client
from tests.conftest import AsPerson

PIN, OTHER, WRONG = "508274", "639150", "417905"


def enrol(client: Client) -> None:
    """Hoài signs in with her password and sets a PIN."""
    client.submit(client.page("/sign-in?by=password"), "/sign-in", tel="0905000001", pw=PASSWORD)
    client.submit(client.page("/devices/pin"), "/devices/pin", pin=PIN, again=PIN)


def take(client: Client, city: City, pin: str) -> int:
    """Somebody taps her name and types."""
    who = str(city.people["Hoài"].id)
    return int(client.post("/switch", {"person": who, "pin": pin}).status_code)


def pins(city: City) -> list[tuple[int, str, bool, bool]]:
    """Ward, action, whether she did it, whether it is about her; of all that is about PINs."""
    hoai = city.people["Hoài"].id
    return [
        (each.ward_id, each.action, each.actor_id == hoai, each.subject == str(hoai))
        for each in entries(city.database)
        if each.action.startswith("pin.")
    ]


def test_a_pin_that_was_set_and_one_in_its_place(city: City, stranger: Client) -> None:
    """Under her own name, in the chain of her ward; a weak one tells nothing, and opening with it neither."""
    ward = city.wards["Hải Châu"].id
    enrol(stranger)
    assert pins(city) == [(ward, "pin.set", True, True)]
    stranger.submit(stranger.page("/devices/pin"), "/devices/pin", pin="123456", again="123456")
    stranger.post("/sign-out")
    assert take(stranger, city, PIN) == 303
    assert len(pins(city)) == 1
    stranger.submit(stranger.page("/devices/pin"), "/devices/pin", pin=OTHER, again=OTHER)
    assert pins(city)[1:] == [(ward, "pin.changed", True, True)]
    assert all(PIN not in each.fields + each.subject for each in entries(city.database))


def test_five_wrong_ones_are_told_once(city: City, stranger: Client, as_person: AsPerson) -> None:
    """When it went off, and nobody's name, because it may have been anybody; the team's leader, the ward and she herself read it."""
    enrol(stranger)
    stranger.post("/sign-out")
    for _ in range(4):
        take(stranger, city, WRONG)
    assert len(pins(city)) == 1  # nothing is off yet
    for pin in (WRONG, WRONG, PIN):
        assert take(stranger, city, pin) == 422
    assert pins(city)[1:] == [(city.wards["Hải Châu"].id, "pin.turned_off", False, True)]
    assert [each.actor_id for each in entries(city.database) if each.action == "pin.turned_off"] == [None]
    said = "Mã PIN của Lê Thị Hoài trên một máy đã tắt sau 5 lần sai"
    for name in ("Hoài", "Lộc", "Thu"):
        assert said in as_person(name).page("/admin/audit").text, name
    for name in ("Mai", "Ngân"):
        assert said not in as_person(name).page("/admin/audit").text, name


def test_turned_off_where_one_proves_again_who_one_is(city: City, app: FastAPI) -> None:
    """Whoever finds the phone open tries at the form for another PIN: that is told like at the door."""
    phone = Client(app)
    with time_machine.travel(clock.now() - timedelta(hours=1)):
        enrol(phone)
    for _ in range(5):
        answer = phone.submit(
            phone.page("/devices/pin"), "/devices/pin", present=WRONG, pin=OTHER, again=OTHER
        )
        assert answer.status_code == 422
    assert [action for _ward, action, *_rest in pins(city)] == ["pin.set", "pin.turned_off"]
