"""What can't be done is said: as a page with one way on, or as problem+json."""

import asyncio
import logging
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy.exc import IntegrityError

from skills.errors import Busy, Conflict, NotAllowed, NotFound
from skills.web.gate import Anyone, Program, SignedIn
from tests.client import Client, Page
from tests.conftest import AsPerson

JSON = {"Accept": "application/json"}


@pytest.fixture
def browser(app: FastAPI) -> Client:
    """A browser on an application in which each address raises what it is called."""
    raised: dict[str, Exception] = {
        "absent": NotFound("7"),
        "not-allowed": NotAllowed(),
        "conflict": Conflict("item_id_reused", location="/visits/1/2", version=3),
        "elsewhere": Conflict("item_id_reused", location="https://example.org/"),
        "busy": Busy("locked"),
        "full": Busy("SQLITE_FULL"),
        "unforeseen": RuntimeError("secret words"),
        "integrity": IntegrityError("INSERT INTO secret", {}, Exception("UNIQUE secret")),
    }

    @app.get("/raise/{what}")
    def raise_it(viewer: Anyone, what: str) -> None:
        raise raised[what]

    @app.get("/number/{number}")
    def number(viewer: Anyone, number: int, page: int = 1) -> int:
        return number

    @app.get("/mine")
    def mine(viewer: SignedIn) -> str:
        return viewer.full_name

    @app.post("/mine")
    def change_mine(viewer: SignedIn) -> str:
        return viewer.full_name

    @app.get("/figures")
    def figures(viewer: Program) -> str:
        return viewer.full_name

    return Client(app)


@pytest.mark.parametrize(
    ("what", "status"),
    [
        ("absent", 404),
        ("not-allowed", 403),
        ("conflict", 409),
        ("busy", 503),
        ("full", 503),
        ("unforeseen", 500),
        ("integrity", 500),
    ],
)
def test_each_error_has_its_status_as_page_and_as_problem(browser: Client, what: str, status: int) -> None:
    """Pages have a heading and one act; programs get problem+json; neither is kept in a cache."""
    page = browser.get(f"/raise/{what}")
    assert page.status_code == status
    assert len(Page(page).all("a", class_="go")) == 1
    problem = browser.get(f"/raise/{what}", headers=JSON)
    assert problem.status_code == status
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json()["status"] == status
    assert problem.json()["title"]
    assert problem.json()["detail"]
    assert {page.headers["cache-control"], problem.headers["cache-control"]} == {"no-store"}


def test_absent_and_foreign_look_the_same(browser: Client) -> None:
    """A page that is not there, a thing that is not there, an id that is none: nobody learns which."""
    pages = [Page(browser.get(path)).text for path in ("/raise/absent", "/number/seven", "/no-such-page")]
    assert len(set(pages)) == 1


def test_a_query_that_cannot_be_read_is_422(browser: Client) -> None:
    """Unlike an address, which then names nothing."""
    assert browser.get("/number/7?page=two").status_code == 422
    assert browser.get("/number/7?page=two", headers=JSON).json()["fields"].keys() == {"page"}


def test_an_unforeseen_error_shows_a_reference_and_nothing_else(
    browser: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """The log has the rest, under the same reference."""
    with caplog.at_level(logging.ERROR, "skills.web"):
        page = browser.get("/raise/unforeseen")
    reference = Page(page).one("strong", **{"class": "reference"}).text
    assert len(reference) == 8
    assert reference in caplog.text
    assert "secret words" in caplog.text
    for told in ("secret", "Traceback", "RuntimeError", "/work", "sqlite"):
        assert told not in page.text
    assert browser.get("/raise/integrity", headers=JSON).text.count("secret") == 0


def test_an_error_page_that_fails_itself_is_still_an_answer(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the layout, with the headers."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no templates")

    monkeypatch.setattr("skills.web.errors.render", fail)
    answer = browser.get("/raise/unforeseen", skip=("title", "h1"))
    assert answer.status_code == 500
    assert "Máy chủ gặp lỗi" in answer.text
    assert "content-security-policy" in answer.headers


def test_busy_says_when_to_come_back(browser: Client) -> None:
    """Seconds for a lock, a minute for a full disk."""
    assert browser.get("/raise/busy").headers["retry-after"] == "5"
    assert browser.get("/raise/full").headers["retry-after"] == "60"


def test_a_conflict_leads_to_the_newest(browser: Client) -> None:
    """But never off this site."""
    assert Page(browser.get("/raise/conflict")).link("Mở bản mới nhất") == "/visits/1/2"
    assert "example.org" not in browser.get("/raise/elsewhere").text
    assert browser.get("/raise/conflict", headers=JSON).json()["code"] == "item_id_reused"


def test_signed_out_goes_to_sign_in_and_back(browser: Client) -> None:
    """A page is come back to; a post is not repeated."""
    assert browser.get("/mine?a=1").headers["location"] == "/sign-in?next=%2Fmine%3Fa%3D1"
    assert browser.post("/mine").headers["location"] == "/sign-in"
    assert browser.get("/mine").status_code == 303


def test_htmx_is_sent_to_sign_in_in_its_own_way(browser: Client) -> None:
    """It would follow a 303 by itself and put the sign-in page into the middle of another."""
    answer = browser.get("/mine", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (200, "/sign-in?next=%2Fmine")


def test_a_program_is_told_401(browser: Client, as_person: AsPerson) -> None:
    """With the way to sign in where a token would do."""
    answer = browser.get("/mine", headers=JSON)
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    answer = browser.get("/figures")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert as_person("Hoài").get("/figures").status_code == 403
    assert as_person("Thu").get("/figures").status_code == 200


def test_what_is_not_offered_is_405_and_documents_are_closed(browser: Client) -> None:
    """Also in the words of the house."""
    assert browser.request("DELETE", "/sign-in").status_code == 405
    assert browser.request("TRACE", "/sign-in").status_code == 405
    for path in ("/docs", "/redoc", "/openapi.json", "/sign-in/"):
        assert browser.get(path).status_code == 404


def test_error_pages_keep_the_tabs_of_whoever_sees_them(browser: Client, as_person: AsPerson) -> None:
    """A volunteer who follows an old link is one tap from today."""
    assert Page(as_person("Hoài").get("/raise/absent")).link("Hôm nay") == "/"


def test_error_pages_are_in_english_too(browser: Client) -> None:
    """Whole, with the way on."""
    page = Page(browser.get("/raise/absent", headers={"Accept-Language": "en"}))
    assert page.h1 == "There is no such page"
    assert page.link("To the first page") == "/"


def test_who_hangs_up_in_the_middle_is_no_error(app: FastAPI, caplog: pytest.LogCaptureFixture) -> None:
    """A phone that loses the network while it sends: nothing is answered, and nothing stands in the log."""
    sent: list[Any] = []
    messages = iter(
        [{"type": "http.request", "body": b"tel=09", "more_body": True}, {"type": "http.disconnect"}]
    )
    scope = {
        "type": "http", "method": "POST", "path": "/sign-in", "raw_path": b"/sign-in", "query_string": b"", "root_path": "",
        "headers": [(b"host", b"testserver"), (b"sec-fetch-site", b"same-origin"), (b"content-type", b"application/x-www-form-urlencoded")],
        "scheme": "http", "http_version": "1.1", "server": ("testserver", 80), "client": ("testclient", 1),
    }  # fmt: skip

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    assert sent == []
    assert caplog.records == []


def test_htmx_is_sent_on_to_addresses_with_vietnamese_letters(browser: Client) -> None:
    """Escaped, as in the Location of a plain answer: a header can't hold them."""
    for headers, name in (({"HX-Request": "true"}, "hx-redirect"), ({}, "location")):
        answer = browser.post("/language", {"language": "vi", "next": "/households?q=Hường"}, headers=headers)
        assert answer.headers[name] == "/households?q=H%C6%B0%E1%BB%9Dng"
