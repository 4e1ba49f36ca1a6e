"""Signing in: with a telephone number as people write it, a password, and one sentence for all that can be wrong."""

import re
from datetime import timedelta

import pytest
import time_machine
from fastapi import FastAPI
from sqlmodel import col, select

from skills import clock
from skills.app import create_app
from skills.people import sessions
from skills.people.add import dismiss, reset_password
from skills.people.models import LoginSession, Person, Posting, Role
from tests.cast import PASSWORD, City
from tests.client import Client, Page
from tests.conftest import AsPerson

WRONG = "Số điện thoại hoặc mật khẩu chưa đúng. Kiểm tra rồi thử lại. Quên mật khẩu thì báo người phụ trách phường."


def sign_in(client: Client, tel: str = "0905000001", pw: str = PASSWORD, **more: str):  # type: ignore[no-untyped-def]
    """The answer to the form of the page."""
    return client.submit(client.page("/sign-in"), "/sign-in", tel=tel, pw=pw, **more)


@pytest.mark.parametrize(
    "tel", ["0905000001", "0905 000 001", "0905.000.001", "+84905000001", "84 905 000 001", "905000001"]
)
def test_it_works(stranger: Client, tel: str) -> None:
    """Whichever way the number is written. A phone that is new to her is offered a PIN."""
    answer = sign_in(stranger, tel)
    assert (answer.status_code, answer.headers["location"]) == (303, "/devices/pin")
    stranger.cookies.delete("sid")
    assert sign_in(stranger, tel).headers["location"] == "/"
    assert stranger.get("/households").status_code == 200


def test_the_page_asked_for_is_gone_to(stranger: Client) -> None:
    """From there to sign in and back again."""
    asked = stranger.get("/reports?period=2026-08").headers["location"]
    answer = stranger.submit(stranger.page(asked), "/sign-in", tel="0905000003", pw=PASSWORD)
    assert answer.headers["location"] == "/reports?period=2026-08"


def test_nobody_is_sent_to_another_site(stranger: Client) -> None:
    """By a link that somebody forwarded, in the query or in the form."""
    page = stranger.page("/sign-in?next=//evil.example")
    assert page.form("/sign-in")["next"] == ["/"]
    assert sign_in(stranger, next="https://evil.example").headers["location"] == "/devices/pin"


@pytest.mark.parametrize(
    ("tel", "pw"),
    [
        ("0905000001", "wrong"),
        ("0905999999", PASSWORD),
        ("12", PASSWORD),
        ("nobody", PASSWORD),
        ("0905000001", "x" * 200),
    ],
)
def test_one_sentence_for_everything_that_is_wrong(stranger: Client, tel: str, pw: str) -> None:
    """Known and unknown numbers look alike; what was typed as a number stays, the password does not."""
    answer = sign_in(stranger, tel, pw)
    page = Page(answer)
    assert answer.status_code == 422
    assert page.one("div", role="alert").text == WRONG
    assert page.form("/sign-in")["tel"] == [tel]
    assert pw not in answer.text
    assert "set-cookie" not in answer.headers


def test_known_and_unknown_numbers_get_the_same_page(stranger: Client) -> None:
    """To the letter, but for the number typed."""
    pages = [sign_in(stranger, tel, "wrong").text.replace(tel, "") for tel in ("0905000001", "0905999999")]
    assert pages[0] == pages[1]


def test_an_unknown_number_takes_a_password_s_time(stranger: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same work is done when there is nobody to compare with."""
    asked: list[str | None] = []

    def verify(password_hash: str | None, password: str) -> tuple[bool, None]:
        asked.append(password_hash)
        return False, None

    monkeypatch.setattr("skills.accounts.sign_in.verify", verify)
    for tel in ("0905000001", "0905999999", "nobody"):
        sign_in(stranger, tel)
    assert len(asked) == 3
    assert asked[0]
    assert asked[1:] == [None, None]


def test_empty_fields_are_said_beside_themselves(stranger: Client) -> None:
    """And use up no try."""
    for _ in range(15):
        answer = sign_in(stranger, "", "")
    page = Page(answer)
    assert answer.status_code == 422
    assert {e.attrs["id"]: e.text for e in page.all("p", class_="error")} == {
        "f-tel-e": "Ghi số điện thoại, ví dụ 0905 123 456.",
        "f-pw-e": "Ghi mật khẩu.",
    }
    assert sign_in(stranger).status_code == 303


def test_a_form_with_more_than_it_has_is_refused(stranger: Client) -> None:
    """Nobody grows a role out of the sign-in form."""
    assert sign_in(stranger, role="city_admin").status_code == 422


def test_the_cookie_is_kept_from_scripts_and_other_sites(stranger: Client) -> None:
    """Over http by its plain name."""
    device, session = sign_in(stranger).headers.get_list("set-cookie")
    assert re.sub("=[^;]{43};", "=…;", device) == "device=…; HttpOnly; Max-Age=34560000; Path=/; SameSite=lax"
    assert re.sub("=[^;]{43};", "=…;", session) == "sid=…; HttpOnly; Max-Age=7776000; Path=/; SameSite=lax"


def test_over_https_the_cookie_is_bound_to_this_host(city: City) -> None:
    """Its name makes browsers insist on it."""
    app = create_app(city.settings.model_copy(update={"base_url": "https://testserver"}))
    client = Client(app)
    answer = client.post("/sign-in", {"tel": "0905000001", "pw": PASSWORD})
    device, session = answer.headers.get_list("set-cookie")
    assert re.sub("=[^;]{43};", "=…;", device) == (
        "__Host-device=…; HttpOnly; Max-Age=34560000; Path=/; SameSite=lax; Secure"
    )
    assert re.sub("=[^;]{43};", "=…;", session) == (
        "__Host-sid=…; HttpOnly; Max-Age=7776000; Path=/; SameSite=lax; Secure"
    )


def test_the_token_is_stored_hashed_only(stranger: Client, city: City) -> None:
    """A copy of the database signs nobody in."""
    sign_in(stranger)
    token = stranger.cookies["sid"]
    with city.database.reading() as db:
        stored = [session.token_hash for session in db.exec(select(LoginSession))]
    assert len(token) >= 43
    assert stored
    assert token not in stored


def test_a_cookie_that_somebody_planted_is_replaced(stranger: Client) -> None:
    """Each sign-in makes a token of its own, and a planted one never signs anybody in."""
    answer = stranger.post(
        "/sign-in", {"tel": "0905000001", "pw": PASSWORD}, headers={"Cookie": "sid=planted"}
    )
    assert "planted" not in answer.headers["set-cookie"]
    assert Client(stranger.app).get("/households", headers={"Cookie": "sid=planted"}).status_code == 303
    assert stranger.get("/households").status_code == 200


def test_whoever_is_signed_in_goes_on_from_the_page(as_person: AsPerson) -> None:
    """Nothing to do there."""
    assert as_person("Hoài").get("/sign-in?next=/households").headers["location"] == "/households"


def test_somebody_without_a_posting_gets_in_and_may_nothing(stranger: Client) -> None:
    """403 for what their role lacks, no tabs."""
    sign_in(stranger, "0905000009")
    assert stranger.get("/households").status_code == 403
    assert stranger.get("/reports").status_code == 403
    assert Page(stranger.get("/households")).all("nav", class_="tabs") == []


# How a session ends


def test_signing_out_ends_it_on_the_server(stranger: Client) -> None:
    """The old cookie is worth nothing."""
    sign_in(stranger)
    token = stranger.cookies["sid"]
    answer = stranger.post("/sign-out")
    assert answer.headers["location"] == "/sign-in"
    assert "sid" not in stranger.cookies
    stranger.cookies.set("sid", token)
    assert stranger.get("/households").status_code == 303


def test_signing_out_twice_or_without_being_in_is_no_error(stranger: Client) -> None:
    """The page is simply there again."""
    assert stranger.post("/sign-out").status_code == 303


def test_dismissal_holds_from_the_next_request_on(as_person: AsPerson, city: City) -> None:
    """And the password no longer opens."""
    hoai = as_person("Hoài")
    assert hoai.get("/households").status_code == 200
    with city.database.writing() as db:
        person = db.get(Person, city.people["Hoài"].id)
        assert person is not None
        dismiss(db, person)
    assert hoai.get("/households").status_code == 303
    assert Page(sign_in(hoai)).one("div", role="alert").text == WRONG


def test_a_new_password_ends_the_old_sessions(as_person: AsPerson, city: City) -> None:
    """Somebody else may have known the old one."""
    hoai = as_person("Hoài")
    with city.database.writing() as db:
        person = db.get(Person, city.people["Hoài"].id)
        assert person is not None
        reset_password(db, person, "another one")
    assert hoai.get("/households").status_code == 303
    assert sign_in(hoai).status_code == 422
    assert sign_in(hoai, pw="another one").status_code == 303


def test_a_role_that_ended_yesterday_is_gone_today(as_person: AsPerson, city: City) -> None:
    """Without signing in again."""
    thu = as_person("Thu")
    assert thu.get("/reports").status_code == 200
    with city.database.writing() as db:
        posting = db.exec(select(Posting).where(col(Posting.person_id) == city.people["Thu"].id)).one()
        posting.valid_to = clock.today() - timedelta(days=1)
        db.add(posting)
    assert thu.get("/reports").status_code == 403


@pytest.mark.parametrize(
    ("name", "lasts"),
    [
        ("Hoài", timedelta(days=30)),
        ("Thu", timedelta(days=30)),
        ("Tâm", timedelta(hours=12)),
        ("Khánh", timedelta(hours=12)),
        ("Yến", timedelta(hours=12)),
    ],
)
def test_offices_for_a_working_day_phones_for_a_month(
    as_person: AsPerson, name: str, lasts: timedelta
) -> None:
    """Desks are shared; phones have to work where there is no network."""
    used, unused = as_person(name), as_person(name)
    began = clock.now()
    with time_machine.travel(began + lasts - timedelta(minutes=1)):
        assert used.get("/reports").status_code == 200
    with time_machine.travel(began + lasts + timedelta(minutes=1)):
        assert unused.get("/reports").status_code == 303


def test_a_forged_or_broken_cookie_is_nobody(stranger: Client) -> None:
    """And no error."""
    for value in ("", "x", "%ff", "é".encode().decode("latin-1"), "a" * 4000, '"', "\\udc80"):
        answer = stranger.get("/households", headers={"Cookie": f"sid={value}".encode("latin-1")})
        assert answer.status_code == 303


def test_passwords_are_hashed_anew_when_ours_became_stronger(stranger: Client, city: City) -> None:
    """The cast's hashes are cheap ones; after signing in hers is not."""
    sign_in(stranger)
    with city.database.reading() as db:
        person = db.get(Person, city.people["Hoài"].id)
    assert person is not None
    assert "m=8," in str(city.people["Hoài"].password_hash)
    assert str(person.password_hash).startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert sign_in(Client(stranger.app)).status_code == 303


def test_another_program_reads_with_a_token(app: FastAPI, city: City) -> None:
    """What its person may read, until it is taken back; without the check of origins that browsers get."""
    with city.database.writing() as db:
        token = sessions.issue_api_token(db, city.people["Tâm"].id, "dashboard of the district")
        weak = sessions.issue_api_token(db, city.people["Hoài"].id, "of a volunteer")
    area = city.district.id
    program = Client(app)

    def status(token: str) -> int:
        url = f"/api/v1/totals?area={area}&period=2026-08"
        return int(program.get(url, headers={"Authorization": f"Bearer {token}"}).status_code)

    assert [status(token), status("x"), status(""), status(weak)] == [200, 401, 401, 403]
    with city.database.writing() as db:
        sessions.revoke_all(db, city.people["Tâm"].id)
    assert status(token) == 401


def test_the_roles_of_the_cast(city: City) -> None:
    """The highest of several is the one that decides the first page."""
    roles = {name: city.viewer(name).role for name in city.people}
    assert roles["Hoài"] is Role.VOLUNTEER
    assert roles["Lộc"] is Role.TEAM_LEADER
    assert roles["Lạ"] is None


def test_an_address_too_long_to_go_back_to_is_left_out(stranger: Client) -> None:
    """Whoever followed a very long link can still sign in, and begins at the first page."""
    page = stranger.page("/sign-in?next=/households?q=" + "x" * 3000)
    answer = stranger.submit(page, "/sign-in", tel="0905000001", pw=PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/devices/pin")
