"""Whoever comes in under somebody's name on another phone is seen on the phone that was there before, for a week."""

from datetime import timedelta

import pytest
import time_machine
from fastapi import FastAPI

from skills import clock
from tests.cast import PASSWORD, City
from tests.client import Client, Page
from tests.conftest import AsPerson

HERS = (
    "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36"
)
OTHER = "Mozilla/5.0 (Windows NT 10.0; rv:128.0) Gecko/20100101 Firefox/128.0"
NUMBERS = {"Hoài": "0905000001", "Thu": "0905000003", "Tâm": "0905000004"}
TOLD = "Tài khoản này vào ở máy mới"


def come_in(app: FastAPI, browser: str, name: str = "Hoài") -> Client:
    """A browser in which somebody signed in with the password."""
    client = Client(app)
    client.http.headers["User-Agent"] = browser
    page = client.page("/sign-in?by=password")
    assert client.submit(page, "/sign-in", tel=NUMBERS[name], pw=PASSWORD).status_code == 303
    return client


@pytest.mark.parametrize("name", ["Hoài", "Thu"])
def test_the_phone_before_is_told_and_the_new_one_is_not(app: FastAPI, name: str) -> None:
    """A volunteer, a ward lead: quietly on the first page, with the way to end it; whoever came in is told of nothing."""
    with time_machine.travel(clock.now() - timedelta(days=2)):
        hers = come_in(app, HERS, name)
        assert TOLD not in hers.page("/").text  # her first one is no news
    other = come_in(app, OTHER, name)
    page = hers.page("/")
    assert f"{TOLD}: Firefox · Windows, {clock.today().day}/{clock.today().month}." in page.text
    assert TOLD not in other.page("/").text
    address, _, place = page.link("Không phải tôi").partition("#")
    phones = hers.page(address)
    assert phones.one("li", id=place).text.startswith("Firefox · Windows Mới")
    assert "Mới" not in other.page("/devices").text


def test_not_me_ends_it(app: FastAPI) -> None:
    """One tap from there: the other browser is out, and the note is gone."""
    with time_machine.travel(clock.now() - timedelta(days=2)):
        hers = come_in(app, HERS)
    other = come_in(app, OTHER)
    address, _, place = hers.page("/").link("Không phải tôi").partition("#")
    entry = hers.page(address).one("li", id=place)
    [ends] = [e for e in entry.walk() if e.attrs.get("action", "").endswith("/revocations")]
    assert "open" in next(e for e in entry.walk() if e.tag == "details").attrs
    [key] = {e.attrs["value"] for e in ends.walk() if e.attrs.get("name") == "phone"}
    assert hers.post(ends.attrs["action"], {"phone": key}).headers["location"] == "/devices"
    assert TOLD not in hers.page("/").text
    assert other.get("/households").status_code == 303
    with time_machine.travel(clock.now() + timedelta(hours=1)):  # whoever knows the password is seen again
        come_in(app, OTHER)
        assert TOLD in hers.page("/").text


def test_for_a_week_and_not_for_who_comes_back(app: FastAPI) -> None:
    """Signing in again on a phone that is known is no news, and news gets old."""
    with time_machine.travel(clock.now() - timedelta(days=9)):
        hers = come_in(app, HERS)
    with time_machine.travel(clock.now() - timedelta(days=6)):
        other = come_in(app, OTHER)
        other.post("/sign-out")
        assert TOLD in hers.page("/").text
    other.submit(other.page("/sign-in?by=password"), "/sign-in", tel=NUMBERS["Hoài"], pw=PASSWORD)
    assert TOLD in hers.page("/").text
    with time_machine.travel(clock.now() + timedelta(days=2)):
        assert TOLD not in hers.page("/").text
        assert "Mới" not in hers.page("/devices").text


def test_an_office_sees_it_in_its_list(app: FastAPI) -> None:
    """No phone is enrolled there: a session that began after the one at hand is marked while it lasts."""
    with time_machine.travel(clock.now() - timedelta(hours=2)):
        hers = come_in(app, HERS, "Tâm")
    come_in(app, OTHER, "Tâm")
    assert "Firefox · Windows Mới" in hers.page("/devices").text


def test_who_looks_after_somebody_sees_it_too(app: FastAPI, city: City, as_person: AsPerson) -> None:
    """The leader of the team, on the page of the member's phones; the member is the one to say that it was not they."""
    with time_machine.travel(clock.now() - timedelta(days=2)):
        come_in(app, HERS)
    come_in(app, OTHER)
    page: Page = as_person("Lộc").page(f"/devices/{city.people['Hoài'].id}")
    assert "Firefox · Windows Mới" in page.text
    assert "Không phải tôi" not in page.text
