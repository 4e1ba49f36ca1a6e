"""Who takes the phone: a name, six digits, and the page of that person. Only in this browser, only for those who set a PIN there."""

import re
from datetime import timedelta

import pytest
import time_machine
from sqlmodel import select

from skills import clock
from skills.app import create_app
from skills.people.models import Enrolment, LoginSession
from skills.people.sessions import hashed
from tests.cast import PASSWORD, City
from tests.client import Client, Page
from tests.conftest import AsPerson

PINS = {"Hoài": "508274", "Bảo": "639150", "Lộc": "748206"}
NUMBERS = {"Hoài": "0905000001", "Bảo": "0905000007", "Lộc": "0905000002", "Tâm": "0905000004"}


def sign_in(client: Client, name: str):  # type: ignore[no-untyped-def]
    """With the password, on whatever page the phone shows first."""
    page = client.page("/sign-in?by=password")
    return client.submit(page, "/sign-in", tel=NUMBERS[name], pw=PASSWORD)


def set_pin(client: Client, pin: str):  # type: ignore[no-untyped-def]
    """On the page that is offered after signing in."""
    return client.submit(client.page("/devices/pin"), "/devices/pin", pin=pin, again=pin)


def take(client: Client, city: City, name: str, pin: str = ""):  # type: ignore[no-untyped-def]
    """Somebody taps their name and types."""
    page = client.page("/switch")
    return client.submit(page, "/switch", person=str(city.people[name].id), pin=pin or PINS[name])


@pytest.fixture
def phone(stranger: Client) -> Client:
    """The phone of the team: three people set a PIN on it, one after the other, and the last one left."""
    for name, pin in PINS.items():
        assert sign_in(stranger, name).headers["location"] == "/devices/pin"
        assert set_pin(stranger, pin).headers["location"] == "/"
        stranger.post("/sign-out")
    return stranger


def test_the_signed_out_page_says_who_opens_this_phone(phone: Client) -> None:
    """Given name and initial, the one who used it last first; how many wait is filled in by the phone."""
    asked = phone.get("/households").headers["location"]
    assert asked == "/sign-in?next=%2Fhouseholds"
    assert phone.get(asked).headers["location"] == "/switch?next=%2Fhouseholds"
    page = phone.page("/switch?next=/households")
    assert page.h1 == "Ai đang cầm máy?"
    assert [each.text for each in page.all("strong") if each.within("label")] == [
        "Lộc T.", "Bảo P.", "Hoài L."
    ]  # fmt: skip
    assert page.text.count("Chờ gửi: —") == 3
    assert "Mất mạng thì đăng xuất được" in page.text
    for full in ("Lê Thị Hoài", "Phạm Quốc Bảo", "0905"):
        assert full not in page.source
    assert "Hoài L." not in page.one("header").text
    assert page.response.headers["cache-control"] == "no-store"
    assert phone.page(page.link("Người khác: dùng mật khẩu")).form("/sign-in")["next"] == ["/households"]


def test_from_the_name_to_the_page_and_on_to_the_next_person(phone: Client, city: City) -> None:
    """Each is who their PIN says; the session of the one before is over on the server too."""
    answer = take(phone, city, "Hoài")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    hers = phone.cookies["sid"]
    assert "Lê Thị Hoài" in phone.page("/households").text
    take(phone, city, "Bảo")
    assert "Phạm Quốc Bảo" in phone.page("/households").text
    phone.cookies.delete("sid")
    phone.cookies.set("sid", hers)
    assert phone.get("/households").status_code == 303


def test_it_goes_on_to_the_page_that_was_asked_for_and_to_no_other_site(phone: Client, city: City) -> None:
    """Out of the query, through the form."""
    who = {"person": str(city.people["Hoài"].id), "pin": PINS["Hoài"]}
    page = phone.page("/switch?next=/visits")
    assert phone.submit(page, "/switch", **who).headers["location"] == "/visits"
    page = phone.page("/switch?next=//evil.example")
    assert phone.submit(page, "/switch", **who).headers["location"] == "/"
    assert phone.submit(page, "/switch", **who, next="https://evil.example").headers["location"] == "/"


def test_a_wrong_pin_says_how_many_tries_are_left_and_keeps_the_name(phone: Client, city: City) -> None:
    """Five, then it is off: said in words and shown at the name, which can't be chosen any more."""
    hoai = str(city.people["Hoài"].id)
    for left in (4, 3, 2, 1):
        answer = take(phone, city, "Hoài", "417905")
        assert answer.status_code == 422
        page = Page(answer)
        assert f"còn {left} lần" in page.text
        assert page.form("/switch")["person"] == [hoai]
        assert "417905" not in page.source
        assert "sid" not in phone.cookies
    answer = take(phone, city, "Hoài", "417905")
    assert "Mã PIN đã tắt sau 5 lần sai" in Page(answer).text
    page = phone.page("/switch")
    assert "disabled" in page.one("input", value=hoai).attrs
    assert "Mã PIN đã tắt" in page.text
    assert take(phone, city, "Hoài").status_code == 422
    assert take(phone, city, "Bảo").status_code == 303

    sign_in(phone, "Hoài")  # her password still opens, and she sets another PIN
    assert set_pin(phone, "920417").status_code == 303
    assert take(phone, city, "Hoài", "920417").status_code == 303


def test_a_stranger_with_another_browser_learns_no_name_and_opens_nothing(phone: Client, city: City) -> None:
    """Without the cookie, with a made-up one, with that of another phone; even with the right PIN."""
    elsewhere = Client(phone.app)
    sign_in(elsewhere, "Bảo")
    set_pin(elsewhere, "639150")
    other = elsewhere.cookies["device"]
    with city.database.reading() as db:
        stored = db.exec(select(Enrolment.token_hash)).first()
    for cookie in (None, "", "x", other, str(stored)):
        browser = Client(phone.app)
        if cookie is not None:
            browser.cookies.set("device", cookie)
        for answer in (
            browser.get("/switch"),
            browser.get("/sign-in"),
            browser.post("/switch", {"person": str(city.people["Hoài"].id), "pin": PINS["Hoài"]}),
        ):
            assert "Hoài" not in answer.text
            assert "Lộc" not in answer.text
            assert "set-cookie" not in answer.headers
    assert Client(phone.app).get("/switch").headers["location"] == "/sign-in?by=password&next=%2F"


def test_a_password_alone_names_nobody_to_the_next(stranger: Client, city: City) -> None:
    """Who signed in on a borrowed phone and set no PIN leaves no name on it."""
    sign_in(stranger, "Hoài")
    with city.database.reading() as db:
        [enrolled] = db.exec(select(Enrolment)).all()
    assert enrolled.pin_hash is None
    assert enrolled.token_hash == hashed(stranger.cookies["device"])
    stranger.post("/sign-out")
    assert stranger.get("/sign-in").status_code == 200
    assert stranger.get("/switch").status_code == 303


@pytest.mark.parametrize("name", ["Tâm", "Khánh", "Yến"])
def test_offices_are_offered_no_pin_and_may_set_none(
    stranger: Client, as_person: AsPerson, name: str
) -> None:
    """Nor is their browser enrolled; a ward lead may."""
    office = as_person(name)
    assert office.get("/devices/pin").status_code == 403
    assert office.post("/devices/pin", {"pin": "508274", "again": "508274"}).status_code == 403
    assert as_person("Thu").get("/devices/pin").status_code == 200
    assert sign_in(stranger, "Tâm").headers["location"] == "/"
    assert "device" not in stranger.cookies


def test_cookies_are_what_the_specification_says(city: City) -> None:
    """Both by name, flags and life, over https and over http."""
    for base, prefix, secure in (
        ("https://testserver", "__Host-", "; Secure"),
        ("http://testserver", "", ""),
    ):
        app = create_app(city.settings.model_copy(update={"base_url": base}))
        client = Client(app)
        client.http.base_url = base
        sign_in(client, "Hoài")
        set_pin(client, PINS["Hoài"])
        given = take(client, city, "Hoài").headers.get_list("set-cookie")
        assert [re.sub("=[^;]{43};", "=…;", each) for each in given] == [
            f"{prefix}device=…; HttpOnly; Max-Age=34560000; Path=/; SameSite=lax{secure}",
            f"{prefix}sid=…; HttpOnly; Max-Age=7776000; Path=/; SameSite=lax{secure}",
        ]
        app.state.database.dispose()


def test_no_token_is_stored_as_it_is(phone: Client, city: City) -> None:
    """Neither the phone's nor the session's."""
    take(phone, city, "Hoài")
    with city.database.reading() as db:
        session = db.exec(select(LoginSession).where(LoginSession.revoked_at == None)).one()  # noqa: E711
        kept = set(db.exec(select(Enrolment.token_hash)))
    assert session.token_hash == hashed(phone.cookies["sid"])
    assert kept == {hashed(phone.cookies["device"])} == {session.device_hash}


def test_a_pin_needs_a_proof_that_is_not_old(stranger: Client, city: City) -> None:
    """Half an hour after the password, whoever finds the phone open sets no PIN on it."""
    sign_in(stranger, "Hoài")
    with time_machine.travel(clock.now() + timedelta(minutes=31)):
        assert stranger.get("/devices/pin").headers["location"] == "/confirm?next=%2Fdevices%2Fpin"
        answer = stranger.post("/devices/pin", {"pin": "508274", "again": "508274"})
        assert answer.headers["location"] == "/confirm?next=%2Fdevices%2Fpin"
    with city.database.reading() as db:
        assert db.exec(select(Enrolment.pin_hash)).one() is None


def test_who_has_a_pin_proves_it_with_that(phone: Client, city: City) -> None:
    """Also those who have no password: the present one is asked for, and counted as at the door."""
    take(phone, city, "Hoài")
    sent = {"pin": "920417", "again": "920417"}
    with time_machine.travel(clock.now() + timedelta(minutes=31)):
        page = phone.page("/devices/pin?next=/visits")
        answer = phone.submit(page, "/devices/pin", **sent, present="417905")
        assert answer.status_code == 422
        assert "còn 4 lần" in Page(answer).one("p", id="f-present-e").text
        assert phone.submit(page, "/devices/pin", **sent).status_code == 422  # left out, and counted
        assert phone.post("/devices/pin", sent).status_code == 422
        answer = phone.submit(page, "/devices/pin", **sent, present=PINS["Hoài"])
        assert (answer.status_code, answer.headers["location"]) == (303, "/visits")
        assert take(phone, city, "Hoài", "920417").status_code == 303


def test_a_weak_pin_is_refused_beside_its_field(stranger: Client) -> None:
    """What was typed is not sent back."""
    sign_in(stranger, "Hoài")
    for pin, sentence in (("121212", "Mã này nhiều người dùng"), ("280890", "giống ngày sinh"), ("905000", "số điện thoại"), ("1", "Ghi đúng 6 chữ số")):  # fmt: skip
        answer = set_pin(stranger, pin)
        assert answer.status_code == 422
        assert sentence in Page(answer).one("p", id="f-pin-e").text
        assert f'value="{pin}"' not in answer.text


def test_junk_is_no_error_of_the_program(phone: Client) -> None:
    """Missing, doubled, made-up and foreign fields; a cookie that is no text."""
    for sent in (
        {}, {"person": "x", "pin": "508274"}, {"person": "", "pin": ""}, {"pin": "9" * 5000},
        {"person": ["a", "b"], "pin": ["1", "2"]}, {"role": "city_admin", "pin": "508274"},
    ):  # fmt: skip
        assert phone.post("/switch", sent).status_code == 422
    for cookie in (b"device=%ff", "device=é".encode("latin-1"), b"device=" + b"a" * 4000, b'device="'):
        browser = Client(phone.app)
        assert browser.get("/switch", headers={"Cookie": cookie}).status_code == 303
