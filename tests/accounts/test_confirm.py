"""Proving again who sits there: a password or a code holds for half an hour, and nothing that was typed is lost over it."""

from datetime import timedelta

import pytest
import time_machine
from fastapi import FastAPI
from fastapi.responses import JSONResponse

from skills import clock
from skills.people import sessions
from skills.people.add import find_person
from skills.people.confirmed import confirm
from skills.people.enrolments import remember
from skills.web.forms import Fields
from skills.web.gate import MayManagePeopleConfirmed
from tests.cast import PASSWORD, City
from tests.client import Client, Page
from tests.conftest import AsPerson


@pytest.fixture
def with_a_guarded_form(app: FastAPI) -> FastAPI:
    """A form that only who has proved it may send."""

    @app.get("/guarded")
    def show(viewer: MayManagePeopleConfirmed) -> str:
        return "shown"

    @app.post("/guarded")
    def take(viewer: MayManagePeopleConfirmed, fields: Fields) -> JSONResponse:
        return JSONResponse(fields)

    return app


@pytest.fixture
def thu(with_a_guarded_form: FastAPI, city: City) -> Client:
    """A ward lead who came in a while ago."""
    with time_machine.travel(clock.now() - timedelta(hours=1)), city.database.writing() as db:
        token = sessions.create(db, city.people["Thu"].id)
    client = Client(with_a_guarded_form)
    client.cookies.set("sid", token, domain="testserver.local")
    return client


def test_a_page_asks_first_and_is_gone_on_to(thu: Client) -> None:
    """With the whole of its address."""
    answer = thu.get("/guarded?q=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/confirm?next=%2Fguarded%3Fq%3D1")
    page = thu.page(answer.headers["location"])
    answer = thu.submit(page, "/confirm", pw=PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/guarded?q=1")
    assert thu.get("/guarded").status_code == 200


def test_what_a_form_brought_is_sent_on_afterwards(thu: Client) -> None:
    """Every field, the ones with line breaks and the ones that come twice too; the browser goes along by itself."""
    typed = {"name": 'Nguyễn <Thu> & "Lan"', "note": "một\nhai", "group": ["12", "13"], "pin": "135790"}
    asks = thu.post("/guarded?from=list", typed, follow_redirects=True)
    assert asks.url.path == "/confirm/typed"
    wrong = thu.submit(Page(asks), "/confirm", pw="not hers")
    assert wrong.status_code == 422
    done = thu.submit(Page(wrong), "/confirm", pw=PASSWORD)
    assert done.status_code == 200
    sent = thu.post("/guarded?from=list", Page(done).form("/guarded"))
    assert sent.json() == {"name": [typed["name"]], "note": ["một\nhai"], "group": ["12", "13"]}
    assert "135790" not in asks.text + done.text  # a PIN is typed again
    assert Page(done).one("form", action="/guarded?from=list").attrs["method"] == "post"


def test_a_form_with_a_file_is_gone_back_to(thu: Client) -> None:
    """No page can hand a file back; it says so."""
    answer = thu.post(
        "/guarded",
        files={"sheet": ("a.csv", b"x", "text/csv")},
        headers={"Referer": "http://testserver/guarded?step=2"},
    )
    assert answer.status_code == 303
    page = thu.page(answer.headers["location"])
    assert "chọn lại tệp" in page.text
    assert thu.submit(page, "/confirm", pw=PASSWORD).headers["location"] == "/guarded?step=2"


def test_it_holds_for_half_an_hour(thu: Client) -> None:
    """And no longer, however busy the session is."""
    began = clock.now()
    with time_machine.travel(began, tick=False):
        thu.submit(thu.page("/confirm"), "/confirm", pw=PASSWORD)
    with time_machine.travel(began + timedelta(minutes=29), tick=False):
        assert thu.get("/guarded").status_code == 200
    with time_machine.travel(began + timedelta(minutes=30), tick=False):
        assert thu.get("/guarded").status_code == 303


def test_the_session_goes_on_under_a_new_token(thu: Client) -> None:
    """A copy of the old cookie is not raised with it."""
    old = thu.cookies["sid"]
    thu.submit(thu.page("/confirm"), "/confirm", pw=PASSWORD)
    assert thu.cookies["sid"] != old
    copy = Client(thu.app)
    copy.cookies.set("sid", old)
    assert copy.get("/reports").status_code == 303


def test_who_has_just_signed_in_is_not_asked(with_a_guarded_form: FastAPI) -> None:
    """They gave the password a moment ago."""
    client = Client(with_a_guarded_form)
    client.post("/sign-in", {"tel": "0905000003", "pw": PASSWORD})
    assert client.get("/guarded").status_code == 200


def test_who_may_not_is_told_so_before_anything_is_asked(
    with_a_guarded_form: FastAPI, as_person: AsPerson
) -> None:
    """A password opens no door of another role."""
    assert as_person("Hoài").get("/guarded").status_code == 403
    assert Client(with_a_guarded_form).get("/guarded").headers["location"].startswith("/sign-in")


def test_programs_are_told_in_their_own_words(thu: Client) -> None:
    """403 and a problem, no page."""
    answer = thu.post("/guarded", {"a": "1"}, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["status"]) == (403, 403)


def test_tries_are_those_of_the_sign_in(thu: Client) -> None:
    """Eleven guesses at an open desk are as many as at the door."""
    page = thu.page("/confirm")
    assert [thu.submit(page, "/confirm", pw="x").status_code for _ in range(11)] == [422] * 10 + [429]
    assert Client(thu.app).post("/sign-in", {"tel": "0905000003", "pw": PASSWORD}).status_code == 429


def test_nobody_is_sent_to_another_site(thu: Client) -> None:
    """Neither by the page nor by its form."""
    assert thu.page("/confirm?next=//evil.example").form("/confirm")["next"] == ["/"]
    answer = thu.post("/confirm", {"pw": PASSWORD, "next": "https://evil.example"})
    assert answer.headers["location"] == "/"


def test_who_has_no_password_is_told_what_to_do(thu: Client, city: City) -> None:
    """Nothing is asked that can't be given."""
    with city.database.writing() as db:
        person = find_person(db, "0905000003")
        assert person
        person.password_hash = None
        db.add(person)
    assert "chưa có mật khẩu" in thu.page("/confirm").text
    assert thu.post("/confirm", {"pw": PASSWORD}).status_code == 422


def test_who_has_only_a_pin_gives_that(thu: Client, city: City) -> None:
    """On the phone where she set it; five wrong ones and it is off there too."""
    with city.database.writing() as db:
        person = find_person(db, "0905000003")
        assert person
        person.password_hash = None
        db.add(person)
        device = remember(db, None, person.id, "508274", "")
    thu.cookies.set("device", device, domain="testserver.local")
    page = thu.page("/confirm?next=/guarded")
    assert thu.submit(page, "/confirm", pin="417905").status_code == 422
    assert thu.submit(page, "/confirm", pin="508274").headers["location"] == "/guarded"
    assert thu.get("/guarded").status_code == 200
    assert [thu.submit(page, "/confirm", pin="417905").status_code for _ in range(5)] == [422] * 5
    assert thu.submit(page, "/confirm", pin="508274").status_code == 422
    assert "chưa có mật khẩu" in thu.page("/confirm").text


@pytest.mark.parametrize(
    "typed",
    [
        "[]", "nonsense", '{"a": 1}', "null", '{"a": ["1"]', '{"a": [1]}', '{"a": ["\\ud800"]}', '{"\\ud800": ["a"]}',
        "[" * 100_000, '{"a": ' + "[" * 900 + "]" * 900 + "}", '{"a": [' + "9" * 5000 + "]}",
    ],
)  # fmt: skip
def test_what_this_page_did_not_send_is_not_handed_on(thu: Client, typed: str) -> None:
    """The page that was asked for, instead."""
    assert thu.post("/confirm", {"pw": PASSWORD, "next": "/guarded", "typed": typed}).status_code == 303


def test_an_ended_session_is_raised_by_nothing(city: City) -> None:
    """A token that nobody has any more stays worthless."""
    with city.database.writing() as db:
        token = sessions.create(db, city.people["Thu"].id)
        sessions.revoke(db, token)
        renewed = confirm(db, token)
        assert sessions.find(db, renewed, clock.now()) is None
