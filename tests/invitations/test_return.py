"""Back in, face to face: a new PIN, everything old over, and not one visit lost."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from fastapi import FastAPI
from sqlmodel import col, select

from skills import clock
from skills.accounts.models import SecondFactor
from skills.audit.models import AuditEntry
from skills.invitations.models import Invitation
from skills.people import sessions
from skills.people.add import dismiss
from skills.people.models import Device, Enrolment, Person, Posting, Role, TeamMember
from tests.accounts.second_factor import give_second_factor
from tests.cast import AN_HAI, PASSWORD, City
from tests.client import Client, Page
from tests.conftest import AsPerson
from tests.invitations.story import NINTH, PIN, come_in, invited_by, trail
from tests.phone import Phone

NEW_PIN = "719350"


def card_for(city: City, client: Client, name: str) -> str:
    """The token on the card that somebody opens for a person of the cast."""
    address = f"/invitations/return/{city.people[name].id}"
    page = Page(client.submit(client.page(address), address))
    return page.one("p", class_="letters").text.rpartition("/join/")[2].replace("-", "")


def signed_in(app: FastAPI, tel: str = "0905000001") -> Client:
    """A phone on which somebody signed in with the password, which enrols it."""
    client = Client(app)
    answer = client.submit(client.page("/sign-in"), "/sign-in", tel=tel, pw=PASSWORD)
    assert answer.status_code == 303
    return client


def test_back_in_with_a_new_pin(city: City, as_person: AsPerson, app: FastAPI, stranger: Client) -> None:
    """On a new phone: in at once, and the old session and the old password are over."""
    old, token = signed_in(app), card_for(city, as_person("Thu"), "Hoài")
    page = stranger.page(f"/join/{token}")
    assert "Lê Thị Hoài" in page.one("h1").text
    assert not page.all("input", name="full_name")
    assert old.get("/households").status_code == 200  # nothing ends before the card is used
    assert come_in(stranger, token, pin=NEW_PIN).headers["location"] == "/"
    assert stranger.get("/households").status_code == 200
    assert old.get("/households").status_code == 303
    wrong = Client(app)
    assert wrong.submit(wrong.page("/sign-in"), "/sign-in", tel="0905000001", pw=PASSWORD).status_code == 422
    assert trail(city) == ["session.started", "invitation.made", "person.returned", "invitation.used"]


def test_on_the_phone_that_was_hers_the_queue_still_counts(
    city: City, as_person: AsPerson, app: FastAPI
) -> None:
    """She forgot her PIN, with two visits waiting on her phone."""
    hers = signed_in(app)
    phone = Phone(hers)
    waiting = [phone.visit(city, number) for number in ("2", "4")]
    hers.post("/sign-out")
    assert come_in(hers, card_for(city, as_person("Thu"), "Hoài"), pin=NEW_PIN).status_code == 303
    assert [told["status"] for told in phone.hand_in(*waiting)] == ["accepted"] * 2
    with city.database.reading() as db:
        device = db.get_one(Device, uuid.UUID(phone.device))
        enrolled = db.exec(select(Enrolment).where(col(Enrolment.person_id) == city.people["Hoài"].id)).all()
    assert device.revoked_at is None
    live = [each for each in enrolled if each.revoked_at is None]
    assert [each.token_hash for each in live] == [device.device_hash]
    assert live[0].pin_hash


def test_from_a_phone_that_was_lost_it_is_held(
    city: City, as_person: AsPerson, app: FastAPI, stranger: Client
) -> None:
    """Whoever found it hands in what they like: it waits for the ward and counts for nobody. Hers on the new phone counts."""
    lost = Phone(signed_in(app))
    waiting, sealed = lost.visit(city, "2"), lost.sealed(lost.visit(city, "4"))
    come_in(stranger, card_for(city, as_person("Thu"), "Hoài"), pin=NEW_PIN)
    assert [told["status"] for told in lost.hand_in(waiting, sealed)] == ["held"] * 2
    new = Phone(stranger)
    assert new.hand_in(new.visit(city, "6"))[0]["status"] == "accepted"
    assert lost.client.post("/api/v1/devices", json={"device": lost.device, "label": ""}).status_code in (
        303,
        401,
    )


def test_who_shares_the_lost_phone_goes_on(
    city: City, as_person: AsPerson, app: FastAPI, stranger: Client
) -> None:
    """Bảo's visits on the same phone are no business of her card."""
    shared = signed_in(app)
    hers = Phone(shared)
    shared.post("/sign-out")
    shared.submit(shared.page("/sign-in?by=password"), "/sign-in", tel="0905000007", pw=PASSWORD)
    his = Phone(shared, device=hers.device)
    come_in(stranger, card_for(city, as_person("Thu"), "Hoài"), pin=NEW_PIN)
    assert his.hand_in(his.visit(city, "2"))[0]["status"] == "accepted"
    assert hers.hand_in(hers.visit(city, "4"))[0]["status"] == "held"
    with city.database.reading() as db:
        assert db.get_one(Device, uuid.UUID(hers.device)).revoked_at is None


@pytest.mark.parametrize(
    ("name", "of", "status"),
    [
        ("Lộc", "Hoài", 200),  # her team leader
        ("Thu", "Hoài", 200),
        ("Thu", "Lộc", 200),
        ("Tâm", "Thu", 200),  # the officer above the ward
        ("Khánh", "Thu", 200),
        ("Khánh", "Tâm", 200),
        ("Khánh", "Yến", 200),
        ("Lộc", "Mai", 404),  # another team of the ward
        ("Lộc", "Lộc", 403),  # oneself
        ("Lộc", "Thu", 404),
        ("Thu", "Ngân", 404),  # another ward
        ("Thu", "Khánh", 404),
        ("Thu", "Thu", 403),
        ("Thu", "Lạ", 404),  # nobody's: without a posting
        ("Tâm", "Hoài", 403),  # within reach, and two steps below
        ("Tâm", "Phúc", 404),
        ("Khánh", "Khánh", 403),
        ("Hoài", "Bảo", 403),
        ("Yến", "Hoài", 403),
    ],
)
def test_who_helps_whom(city: City, as_person: AsPerson, name: str, of: str, status: int) -> None:
    """Always below oneself, always in one's own reach; GET changes nothing."""
    client, address = as_person(name), f"/invitations/return/{city.people[of].id}"
    assert client.get(address).status_code == status
    assert trail(city) == []
    assert client.post(address).status_code == status


def test_nobody_has_that_id(as_person: AsPerson) -> None:
    """As if out of reach."""
    assert as_person("Thu").get(f"/invitations/return/{uuid.UUID(int=0)}").status_code == 404
    assert as_person("Thu").get("/invitations/return/x").status_code in (404, 422)


def test_who_is_more_elsewhere_is_not_opened_from_below(city: City, as_person: AsPerson) -> None:
    """A volunteer here who leads a ward there: with her account that ward would be opened."""
    with city.database.writing() as db:
        db.add(
            Posting(
                id=uuid.UUID(int=1), person_id=city.people["Hoài"].id, role=Role.WARD_LEAD, area_id=city.wards[AN_HAI].id,
                valid_from=clock.today(),
            )
        )  # fmt: skip
    address = f"/invitations/return/{city.people['Hoài'].id}"
    assert as_person("Thu").get(address).status_code == 403
    assert as_person("Khánh").get(address).status_code == 200


def test_who_is_in_another_team_too(city: City, as_person: AsPerson) -> None:
    """Her leader leads one of her two teams: with her account the doors of the other would be opened."""
    with city.database.writing() as db:
        db.add(
            TeamMember(
                team_id=city.teams[NINTH].id, person_id=city.people["Hoài"].id, valid_from=clock.today(), role="member"
            )
        )  # fmt: skip
    address = f"/invitations/return/{city.people['Hoài'].id}"
    assert as_person("Lộc").get(address).status_code == 403
    assert as_person("Thu").get(address).status_code == 200


def test_who_rose_since_the_card_was_made(city: City, as_person: AsPerson, stranger: Client) -> None:
    """The card of the ward lead opens nothing that is beside the ward lead by now."""
    token = card_for(city, as_person("Thu"), "Hoài")
    with city.database.writing() as db:
        posting = db.exec(select(Posting).where(col(Posting.person_id) == city.people["Hoài"].id)).one()
        posting.role = Role.WARD_LEAD
        db.add(posting)
    answer = stranger.post(f"/join/{token}", {"pin": NEW_PIN})
    assert (answer.status_code, "Thẻ không còn hiệu lực" in answer.text) == (410, True)


@pytest.mark.parametrize("who", ["Thu", "Hoài"])
def test_dismissed_since(city: City, as_person: AsPerson, stranger: Client, who: str) -> None:
    """Whoever made it, or whom it was for."""
    token = card_for(city, as_person("Thu"), "Hoài")
    with city.database.writing() as db:
        dismiss(db, db.get_one(Person, city.people[who].id))
    assert stranger.post(f"/join/{token}", {"pin": NEW_PIN}).status_code == 410


def test_a_second_card_ends_the_first(city: City, as_person: AsPerson, stranger: Client) -> None:
    """And each is used once."""
    first, second = (card_for(city, as_person("Thu"), "Hoài") for _ in range(2))
    assert stranger.get(f"/join/{first}").status_code == 410
    assert come_in(stranger, second, pin=NEW_PIN).status_code == 303


def test_opened_by_herself_while_she_is_signed_in(city: City, as_person: AsPerson) -> None:
    """She knows neither PIN nor password, but her phone is still open: that is no obstacle."""
    hoai = as_person("Hoài")
    assert come_in(hoai, card_for(city, as_person("Thu"), "Hoài"), pin=NEW_PIN).status_code == 303
    assert hoai.get("/households").status_code == 200


def test_opened_while_somebody_else_is_signed_in(city: City, as_person: AsPerson) -> None:
    """Not over Bảo's session."""
    assert as_person("Bảo").get(f"/join/{card_for(city, as_person('Thu'), 'Hoài')}").status_code == 409


def test_an_officer_comes_back_with_a_password(city: City, as_person: AsPerson, stranger: Client) -> None:
    """And signs in with it."""
    token = card_for(city, as_person("Khánh"), "Tâm")
    assert stranger.post(f"/join/{token}", {"pin": PIN}).status_code == 422
    answer = come_in(stranger, token, pin=None, pw="mưa rào tháng ba")
    assert answer.headers["location"] == "/sign-in"
    assert "sid" not in stranger.cookies


def test_an_officer_who_lost_the_phone_with_the_codes(
    city: City, as_person: AsPerson, stranger: Client, app: FastAPI
) -> None:
    """The card takes the second factor away: the new password alone signs in, and another phone can be set up."""
    give_second_factor(city, "Tâm")
    token = card_for(city, as_person("Khánh"), "Tâm")
    come_in(stranger, token, pin=None, pw="mưa rào tháng ba")
    answer = stranger.submit(stranger.page("/sign-in"), "/sign-in", tel="0905000004", pw="mưa rào tháng ba")
    assert answer.headers["location"] == "/"
    with city.database.reading() as db:
        assert db.get(SecondFactor, city.people["Tâm"].id) is None


def test_the_way_to_it_and_what_ends(city: City, as_person: AsPerson) -> None:
    """From the officer's own page to the card; what is told before is what will happen, and nothing more."""
    khanh, officer = as_person("Khánh"), city.people["Tâm"].id
    assert "mã dự phòng" in khanh.page(f"/admin/people/{officer}").text
    ends = "Bước xác nhận thứ hai và mã dự phòng cũng bỏ"
    asked = khanh.page(f"/admin/people/{officer}").link("Giúp vào lại")
    assert ends not in khanh.page(asked).text  # there is none yet
    give_second_factor(city, "Tâm")
    page = khanh.page(asked)
    assert ends in page.text
    assert "lượt còn ở máy cũ" not in page.text
    khanh.submit(page, f"/invitations/return/{officer}")
    with city.database.reading() as db:
        assert db.get(SecondFactor, officer) is not None  # the card alone takes nothing away
    assert "lượt còn ở máy cũ" in as_person("Thu").page(f"/invitations/return/{city.people['Hoài'].id}").text


def test_taking_the_second_factor_away_stands_under_who_made_the_card(
    city: City, as_person: AsPerson, stranger: Client
) -> None:
    """The entry names the administrator, not the officer whose hands held the card."""
    give_second_factor(city, "Tâm")
    come_in(stranger, card_for(city, as_person("Khánh"), "Tâm"), pin=None, pw="mưa rào tháng ba")
    with city.database.reading() as db:
        removed = db.exec(select(AuditEntry).where(col(AuditEntry.action) == "second_factor.removed")).one()
    assert removed.actor_id == city.people["Khánh"].id
    assert removed.subject == str(city.people["Tâm"].id)


def test_an_open_page_of_the_office_opens_nobodys_account(
    city: City, as_person: AsPerson, app: FastAPI
) -> None:
    """Half an hour after her last proof the administrator proves anew who she is, before the page and before the card."""
    with time_machine.travel(clock.now() - timedelta(hours=1)), city.database.writing() as db:
        token = sessions.create(db, city.people["Khánh"].id)
    client, address = Client(app), f"/invitations/return/{city.people['Tâm'].id}"
    client.cookies.set("sid", token, domain="testserver.local")
    assert client.get(address).headers["location"].startswith("/confirm?next=")
    assert client.post(address).headers["location"].startswith("/confirm")
    with city.database.reading() as db:
        assert db.exec(select(Invitation)).all() == []


def test_five_wrong_pins_and_back(city: City, as_person: AsPerson, app: FastAPI, stranger: Client) -> None:
    """The count begins anew with the new PIN, on the same phone."""
    come_in(stranger, invited_by(city).token)
    with city.database.writing() as db:
        enrolment = db.exec(select(Enrolment)).one()
        enrolment.wrong_pins = 5
        person_id = enrolment.person_id
        db.add(enrolment)
    stranger.post("/sign-out")
    thu, address = as_person("Thu"), f"/invitations/return/{person_id}"
    page = Page(thu.post(address))
    token = page.one("p", class_="letters").text.rpartition("/join/")[2]
    assert come_in(stranger, token, pin=NEW_PIN).status_code == 303
    with city.database.reading() as db:
        live = db.exec(select(Enrolment).where(col(Enrolment.revoked_at).is_(None))).one()
    assert live.wrong_pins == 0
