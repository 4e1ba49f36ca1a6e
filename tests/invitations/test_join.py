"""Coming in with a card: looked at by anybody, used once, by whom it is for, as long as it holds."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from fastapi import FastAPI
from sqlmodel import col, select

from skills import clock
from skills.areas.models import FOREVER
from skills.people.add import dismiss
from skills.people.models import Enrolment, Person, Posting, Role, Team, TeamMember
from skills.people.viewer import find_viewer
from tests.cast import AN_HAI, City
from tests.client import Client, Page
from tests.conftest import AsPerson
from tests.invitations.story import (
    FIFTH,
    NAME,
    NINTH,
    PIN,
    come_in,
    invited_by,
    person_of,
    stored,
    trail,
)

ENGLISH = {"Accept-Language": "en"}


def test_from_the_card_to_the_first_door(city: City, stranger: Client) -> None:
    """A PIN is all that is asked: then she is in, on this phone, in her team, with its doors on the page."""
    invited = invited_by(city)
    answer = come_in(stranger, invited.token)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert {"sid", "device"} <= set(stranger.cookies.keys())
    assert "Hàng Dừa" in stranger.page("/").text
    person = person_of(city)
    assert person is not None
    assert (person.full_name, person.language) == (NAME, "vi")
    with city.database.reading() as db:
        viewer = find_viewer(db, person.id, clock.today())
        enrolment = db.exec(select(Enrolment).where(col(Enrolment.person_id) == person.id)).one()
    assert viewer is not None
    assert viewer.role is Role.VOLUNTEER
    assert viewer.team_ids == (city.teams[FIFTH].id,)
    assert not viewer.led_team_ids
    assert enrolment.pin_hash
    assert PIN not in enrolment.pin_hash
    kept = stored(city, invited.invitation_id)
    assert kept.used_by == person.id
    assert kept.used_at is not None
    assert trail(city) == ["invitation.made", "person.joined", "invitation.used"]


def test_the_page_says_what_is_recorded_and_why(city: City, stranger: Client) -> None:
    """Before anything is: which fields, what for, who sees them, how long, whom to ask, by which law."""
    text = stranger.page(f"/join/{invited_by(city).token}").text
    for word in ("Ghi gì", "Để làm gì", "Ai xem được", "Giữ bao lâu", "Hỏi ai", "91/2025/QH15"):
        assert word in text


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_uses_nothing_up(city: City, stranger: Client, method: str) -> None:
    """A chat app looks at every link that is sent, and so do people."""
    invited = invited_by(city)
    before = stored(city, invited.invitation_id)
    for _ in range(5):
        stranger.request(method, f"/join/{invited.token}", headers={"User-Agent": "facebookexternalhit/1.1"})
    assert stored(city, invited.invitation_id) == before
    assert come_in(stranger, invited.token).status_code == 303


def test_the_name_may_be_mended_and_the_number_given(city: City, stranger: Client) -> None:
    """Where the invitation has no number, whoever comes in writes it."""
    invited = invited_by(city, name="phan thi suong", phone=None)
    answer = come_in(
        stranger, invited.token, full_name=f"  {NAME} ", tel="0905.777.001", pw="mưa rào tháng ba"
    )
    assert answer.headers["location"] == "/"
    person = person_of(city)
    assert person is not None
    assert person.full_name == NAME
    assert person.password_hash


def test_in_english(city: City, app: FastAPI, stranger: Client) -> None:
    """The language of the phone becomes hers."""
    invited = invited_by(city)
    english = Client(app, (), **ENGLISH)
    assert "What is recorded about you, and why" in english.page(f"/join/{invited.token}").text
    come_in(english, invited.token)
    person = person_of(city)
    assert person is not None
    assert person.language == "en"
    assert "This card has been used" in Client(app, (), **ENGLISH).get(f"/join/{invited.token}").text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"pin": ""}, "Chọn mã PIN 6 số để mở máy này."),
        ({"pin": "12345"}, "Ghi đúng 6 chữ số."),
        ({"pin": "123456"}, "Mã này nhiều người dùng, dễ đoán. Chọn 6 số khác."),
        ({"pin": "777001"}, "dễ đoán. Chọn 6 số khác."),
        ({"pw": "ngắn"}, "Mật khẩu ngắn nhất là 8 ký tự. Ghi dài hơn."),
        ({"full_name": " "}, "Ghi họ và tên."),
        ({"role": "city_admin"}, "Biểu mẫu này đã cũ"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_used(
    city: City, stranger: Client, typed: dict[str, str], sentence: str
) -> None:
    """The name stays; PIN and password are never sent back."""
    invited = invited_by(city)
    answer = come_in(stranger, invited.token, **({"full_name": "Phan Sương"} | typed))
    assert answer.status_code == 422
    assert sentence in Page(answer).text
    for name in ("pin", "pw"):
        assert not typed.get(name) or f'value="{typed[name]}"' not in answer.text
    assert person_of(city) is None
    assert come_in(stranger, invited.token).status_code == 303


def test_a_number_with_an_account(city: City, stranger: Client) -> None:
    """Whoever holds the card is told to ask for a way back in, and the card stays good for another number."""
    invited = invited_by(city, phone=None)
    answer = come_in(stranger, invited.token, tel="0905000011")
    assert answer.status_code == 422
    assert "Số này đã có tài khoản." in Page(answer).text
    assert "Ngân" not in answer.text
    assert stored(city, invited.invitation_id).used_at is None
    assert come_in(stranger, invited.token, tel="0905777001").status_code == 303


# What is over


def closed(client: Client, token: str, status: int, title: str) -> None:
    """Opened and sent, it says the same, with something to do next and no mistake of the server."""
    for answer in (
        client.get(f"/join/{token}"),
        client.post(f"/join/{token}", {"full_name": NAME, "pin": PIN}),
    ):
        assert answer.status_code == status
        page = Page(answer)
        assert page.one("h1").text == title
        assert page.all("a", class_="go")


def test_after_a_day(city: City, stranger: Client) -> None:
    """It has run out."""
    invited = invited_by(city)
    with time_machine.travel(clock.now() + timedelta(hours=24, seconds=1)):
        closed(stranger, invited.token, 410, "Thẻ đã hết hạn")
    assert person_of(city) is None


def test_a_second_time(city: City, app: FastAPI, stranger: Client) -> None:
    """Whoever it was forwarded to hears that it was used; whoever used it goes on to the first page."""
    invited = invited_by(city)
    come_in(stranger, invited.token)
    closed(Client(app), invited.token, 410, "Thẻ đã dùng rồi")
    assert stranger.get(f"/join/{invited.token}").headers["location"] == "/"
    assert stranger.post(f"/join/{invited.token}", {"pin": PIN}).headers["location"] == "/"


def test_taken_back(city: City, as_person: AsPerson, stranger: Client) -> None:
    """By whoever looks after the ward."""
    invited = invited_by(city)
    as_person("Thu").post(f"/invitations/{invited.invitation_id}/revocation")
    closed(stranger, invited.token, 410, "Thẻ đã thu hồi")


@pytest.mark.parametrize("token", ["22222222222222222222222222", "x", "%F0%9F%98%80", "a" * 190])
def test_never_made(stranger: Client, token: str) -> None:
    """Or mistyped, or printed anew since."""
    answer = stranger.get(f"/join/{token}")
    assert answer.status_code == 404
    assert stranger.post(f"/join/{token}", {"pin": PIN}).status_code in (404, 405)


def test_typed_with_and_without_dashes(city: City, stranger: Client) -> None:
    """As it is printed, in capitals too."""
    token = invited_by(city).token
    assert (
        stranger.get(f"/join/{token[:5]}-{token[5:]}".upper().replace("/JOIN/", "/join/")).status_code == 200
    )


def test_while_somebody_else_is_signed_in(city: City, as_person: AsPerson) -> None:
    """On a shared phone, or by a link sent on: nobody comes in over somebody else's session."""
    invited, hoai = invited_by(city), as_person("Hoài")
    closed(hoai, invited.token, 409, "Máy đang mở bằng tên khác")
    assert person_of(city) is None


def dismissed(city: City) -> None:
    with city.database.writing() as db:
        dismiss(db, db.get_one(Person, city.people["Thu"].id))


def moved(city: City) -> None:
    with city.database.writing() as db:
        posting = db.exec(select(Posting).where(col(Posting.person_id) == city.people["Thu"].id)).one()
        posting.area_id = city.wards[AN_HAI].id
        db.add(posting)


def dissolved(city: City) -> None:
    with city.database.writing() as db:
        db.get_one(Team, city.teams[FIFTH].id).dissolved_on = clock.today()


@pytest.mark.parametrize("since", [dismissed, moved, dissolved])
def test_who_made_it_may_not_any_more(city: City, stranger: Client, since: Callable[[City], None]) -> None:
    """Dismissed or moved since, or the team is gone: nobody comes in on a right that is over."""
    invited = invited_by(city)
    since(city)
    closed(stranger, invited.token, 410, "Thẻ không còn hiệu lực")
    assert person_of(city) is None


def test_a_leader_who_leads_no_more(city: City, stranger: Client) -> None:
    """The same for a team leader whose team has another leader by now."""
    invited = invited_by(city, "Lộc")
    with city.database.writing() as db:
        member = db.exec(select(TeamMember).where(col(TeamMember.person_id) == city.people["Lộc"].id)).one()
        member.role = "member"
        db.add(member)
    closed(stranger, invited.token, 410, "Thẻ không còn hiệu lực")


# Roles


def test_a_leader_leads(city: City, stranger: Client) -> None:
    """Whoever is invited as a leader into a team leads it."""
    come_in(stranger, invited_by(city, role=Role.TEAM_LEADER, team=NINTH).token)
    person = person_of(city)
    assert person is not None
    with city.database.reading() as db:
        viewer = find_viewer(db, person.id, clock.today())
        posting = db.exec(select(Posting).where(col(Posting.person_id) == person.id)).one()
    assert viewer is not None
    assert viewer.led_team_ids == {city.teams[NINTH].id}
    assert (posting.valid_from, posting.valid_to) == (clock.today(), FOREVER)


def test_an_office_needs_a_password_and_signs_in_with_it(city: City, stranger: Client) -> None:
    """No PIN opens what offices see, and no card does: they go on to sign in, where a second factor is asked for."""
    invited = invited_by(city, "Khánh", role=Role.OFFICER, area_id=city.district.id, team=None)
    page = stranger.page(f"/join/{invited.token}")
    assert not page.all("input", name="pin")
    for pin in (PIN, "9" * 50):
        assert stranger.submit(page, f"/join/{invited.token}", pin=pin).status_code == 422
    answer = stranger.submit(page, f"/join/{invited.token}", pw="một mật khẩu dài")
    assert answer.headers["location"] == "/sign-in"
    assert not {"sid", "device"} & set(stranger.cookies.keys())
    person = person_of(city)
    assert person is not None
    assert person.password_hash


def test_a_link_is_kept_by_nobody(city: City, stranger: Client) -> None:
    """Neither stored by browsers nor found by searching."""
    answer = stranger.get(f"/join/{invited_by(city).token}")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["x-robots-tag"] == "noindex"
