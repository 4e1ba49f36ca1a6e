"""Where somebody is signed in, and the end of it: one's own phones, those of a team, of a ward, of all; for others they are not there."""

import uuid

import pytest
from sqlmodel import select

from skills import clock
from skills.accounts.told import tell_pin_off
from skills.audit.models import AuditEntry
from skills.people import enrolments, sessions, tickets
from skills.people.enrolments import remember
from skills.people.models import Device, PhoneReport, UploadTicket
from tests.cast import City
from tests.client import Client, Element, Page
from tests.conftest import AsPerson
from tests.phone import Phone

PIN = "508274"
CHROME = (
    "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36"
)


def enrolled(city: City, name: str, waiting: int | None = None, device: str | None = None) -> str:
    """A phone with a PIN, a session and an upload ticket, on which so many visits wait; its token."""
    with city.database.writing() as db:
        person = city.people[name].id
        token = remember(db, device, person, PIN, "Chrome · Android")
        sessions.create(db, person, browser="Chrome · Android", device_token=token)
        ticket = tickets.enrol(db, person, None, "Chrome · Android", city.settings.secret, token)
        if waiting is not None:
            now = clock.now()
            db.add(PhoneReport(device_id=ticket.device_id, person_id=person, seen_at=now, pending=waiting))
    return token


def phone_on(page: Page) -> str:
    """The key of the only phone on the page."""
    keys = {e.attrs["value"] for e in page.all("input", name="phone")}
    assert len(keys) == 1
    return keys.pop()


def test_ones_own_phones(city: City, stranger: Client) -> None:
    """One line for a phone, however much is known of it: who it is, when it was heard of, what waits, its PIN."""
    token = enrolled(city, "Hoài", waiting=3)
    stranger.cookies.set("device", token)
    stranger.post("/switch", {"person": str(city.people["Hoài"].id), "pin": PIN})
    page = stranger.page("/devices")
    assert page.h1 == "Máy của tôi"
    assert [e.text for e in page.all("h2")] == ["Chrome · Android"]
    assert "Máy này" in page.text
    told = {dt.text: dd.text for dt, dd in zip(page.all("dt"), page.all("dd"), strict=True)}
    assert told == {
        "Vào lần đầu": clock.today().strftime("%d/%m/%Y"), "Liên lạc lần cuối": "vừa xong", "Đăng nhập": "Đang đăng nhập", "Mã PIN": "Đang dùng", "Lượt chờ gửi": "3",
    }  # fmt: skip
    for secret in (token, sessions.hashed(token), stranger.cookies["sid"]):
        assert secret not in page.source


def test_a_browser_is_called_by_what_it_is(city: City, stranger: Client) -> None:
    """Short, and nothing else that it says of itself."""
    page = stranger.page("/sign-in")
    stranger.http.headers["User-Agent"] = CHROME
    stranger.submit(page, "/sign-in", tel="0905000001", pw="tungnha-demo")
    assert [e.text for e in stranger.page("/devices").all("h2")] == ["Chrome · Android"]


def test_signing_out_there_leaves_the_pin(city: City, as_person: AsPerson) -> None:
    """Her other phone has to be opened with the PIN again."""
    client = as_person("Hoài")
    own = phone_on(client.page("/devices"))
    enrolled(city, "Hoài")
    page = client.page("/devices")
    [there] = {e.attrs["value"] for e in page.all("input", name="phone")} - {own}
    hoai = city.people["Hoài"].id
    answer = client.post(f"/devices/{hoai}/sign-outs", {"phone": there})
    assert answer.headers["location"] == "/devices"
    page = client.page("/devices")
    assert page.text.count("Đã đăng xuất") == 1
    assert page.text.count("Đang dùng") == 1
    client.post(f"/devices/{hoai}/sign-outs", {"phone": own})
    assert client.get("/devices").status_code == 303  # this one


def test_a_lost_phone_is_harmless(city: City, as_person: AsPerson) -> None:
    """No session, no PIN, and what it hands in is held; Bảo, who shares it, goes on. It stands in the ward's trail."""
    token = enrolled(city, "Hoài", waiting=2)
    enrolled(city, "Bảo", device=token)
    hoai = city.people["Hoài"].id
    lead = as_person("Thu")
    page = lead.page(f"/devices/{hoai}")
    assert page.h1 == "Máy của Lê Thị Hoài"
    assert "chờ phường xem rồi mới tính" in page.text
    answer = lead.post(f"/devices/{hoai}/revocations", {"phone": phone_on(page)})
    assert answer.headers["location"] == f"/devices/{hoai}"
    assert "Chưa có máy nào" in lead.page(f"/devices/{hoai}").text
    assert "Chrome · Android" in lead.page(f"/devices/{city.people['Bảo'].id}").text
    database = city.database
    assert enrolments.try_pin(database, token, hoai, PIN, tell_pin_off) == enrolments.NotHere()
    assert isinstance(
        enrolments.try_pin(database, token, city.people["Bảo"].id, PIN, tell_pin_off), enrolments.Opened
    )
    with database.reading() as db:
        over = {row.person_id: row.revoked_at is not None for row in db.exec(select(UploadTicket))}
        assert over == {hoai: True, city.people["Bảo"].id: False}
        assert all(device.revoked_at is None for device in db.exec(select(Device)))
        [entry] = db.exec(select(AuditEntry)).all()
    assert (entry.ward_id, entry.actor_id, entry.action, entry.subject, entry.fields) == (
        city.wards["Hải Châu"].id, city.people["Thu"].id, "device.revoked", str(hoai), "",
    )  # fmt: skip


def test_what_a_lost_phone_still_hands_in_is_held(city: City, as_person: AsPerson) -> None:
    """Not lost, not counted: the ward looks at it. The cookie ties the phone's ticket, PIN and session into one line."""
    client = as_person("Hoài")
    client.cookies.set("device", enrolled(city, "Hoài"))
    phone = Phone(client)
    before, after = phone.visit(city, "12"), phone.visit(city, "4")
    assert [told["status"] for told in phone.hand_in(before)] == ["accepted"]
    hoai, lead = city.people["Hoài"].id, as_person("Thu")
    page = lead.page(f"/devices/{hoai}")
    forms = page.all("form", action=f"/devices/{hoai}/revocations")
    [with_pin] = [form for form in forms if "Đang dùng" in _line(form)]
    [key] = [field.attrs["value"] for field in with_pin.walk() if field.attrs.get("name") == "phone"]
    lead.post(f"/devices/{hoai}/revocations", {"phone": key})
    assert [told["status"] for told in phone.hand_in(after)] == ["held"]


def _line(element: Element) -> str:
    row = element.within("li")
    assert row is not None
    return row.text


REACH = {  # who looks → (whose phones are there, whose are seen and left alone)
    "Hoài": ({"Hoài"}, set()),
    "Bảo": ({"Bảo"}, set()),
    "Lộc": ({"Lộc", "Hoài", "Bảo"}, set()),
    "Thu": ({"Thu", "Hoài", "Bảo", "Lộc", "Mai"}, set()),
    "Phúc": ({"Phúc", "Ngân"}, set()),
    "Tâm": ({"Tâm", "Hoài", "Bảo", "Lộc", "Mai", "Thu"}, set()),
    "Yến": ({"Yến"}, {"Hoài", "Bảo", "Lộc", "Mai", "Thu", "Ngân", "Phúc", "Tâm", "Khánh"}),
    "Lạ": ({"Lạ"}, set()),
}


@pytest.mark.parametrize("name", REACH)
def test_whose_phones_somebody_may_look_after(city: City, as_person: AsPerson, name: str) -> None:
    """Own, team, ward, district; the rest is as absent as nobody. Reading and revoking have one reach."""
    client = as_person(name)
    may, sees = REACH[name]
    absent = client.get(f"/devices/{uuid.uuid4()}")
    assert absent.status_code == 404
    for whose, person in city.people.items():
        wanted = 200 if whose in may else 403 if whose in sees else 404
        answer = client.get(f"/devices/{person.id}")
        assert answer.status_code == wanted, whose
        if wanted == 404:
            assert answer.text.replace(str(person.id), "") == absent.text.replace(
                absent.request.url.path.rpartition("/")[2], ""
            )
        for verb in ("sign-outs", "revocations"):
            answer = client.post(f"/devices/{person.id}/{verb}", {"phone": "x"})
            assert answer.status_code == (wanted if wanted != 200 else 404), (whose, verb)
    with city.database.reading() as db:
        assert db.exec(select(AuditEntry)).all() == []


def test_an_administrator_looks_after_all(city: City, as_person: AsPerson) -> None:
    """Also after those who have no posting any more."""
    client = as_person("Khánh")
    assert {client.get(f"/devices/{person.id}").status_code for person in city.people.values()} == {200}


def test_a_phone_of_somebody_else_is_not_ended_through_ones_own_address(
    city: City, as_person: AsPerson
) -> None:
    """The key in the form belongs to the person in the address."""
    enrolled(city, "Mai")
    key = phone_on(as_person("Thu").page(f"/devices/{city.people['Mai'].id}"))
    hoai = as_person("Hoài")
    answer = hoai.post(f"/devices/{city.people['Hoài'].id}/revocations", {"phone": key})
    assert answer.status_code == 404
    with city.database.reading() as db:
        assert db.exec(select(AuditEntry)).all() == []


def test_nobody_without_a_session_sees_phones(stranger: Client, city: City) -> None:
    """Sent to sign in, all of it."""
    hoai = city.people["Hoài"].id
    for answer in (
        stranger.get("/devices"), stranger.get("/devices/pin"), stranger.get(f"/devices/{hoai}"),
        stranger.post(f"/devices/{hoai}/revocations", {"phone": "x"}),
    ):  # fmt: skip
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in")
