"""How pages are made: whole or in pieces, in the right language, with numbers and days as people write them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from fastapi import FastAPI, Request, Response
from jinja2 import DictLoader, Environment

from skills.language import speaking
from skills.web import render as kitchen
from skills.web.answers import own_path, receipt, see_other
from skills.web.gate import Anyone
from skills.web.render import environment, render
from tests.cast import City
from tests.client import Client, Page
from tests.conftest import AsPerson


@pytest.fixture
def browser(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A browser on an application with one page of two blocks."""
    monkeypatch.setattr(environment(), "loader", DictLoader(PAGES))

    @app.get("/page")
    def page(request: Request, viewer: Anyone) -> Response:
        return render(request, viewer, "page.html", block="rows", name="<b>Hoài</b>")

    @app.get("/blank")
    def blank(request: Request, viewer: Anyone) -> Response:
        return render(request, viewer, "page.html")

    @app.post("/page")
    def post_page(request: Request, viewer: Anyone) -> Response:
        return see_other(request, "/page")

    return Client(app, skip=("csp", "doctype", "lang", "title", "h1", "references"))


PAGES = {
    "page.html": "<main>{% block rows %}<p>{{ name }} {{ locale }}</p>{{ kit.icon('i-date') }}{% endblock %}</main>",
    "errors/error.html": "<main>{{ title }}</main>",
}


def test_a_page_is_whole_and_a_piece_is_a_piece(browser: Client) -> None:
    """Escaped both times, the kit in reach both times, and never mixed up by a cache."""
    whole = browser.get("/page")
    piece = browser.get("/page", headers={"HX-Request": "true"})
    assert whole.text.startswith("<main><p>&lt;b&gt;Hoài")
    assert "<svg" in whole.text
    assert piece.text.startswith("<p>&lt;b&gt;Hoài")
    assert "<svg" in piece.text
    for answer in (whole, piece):
        assert "HX-Request" in answer.headers["vary"]


@pytest.mark.parametrize("header", ["HX-Boosted", "HX-History-Restore-Request"])
def test_boosted_and_restored_requests_get_the_whole_page(browser: Client, header: str) -> None:
    """They replace all that is on the screen."""
    assert browser.get("/page", headers={"HX-Request": "true", header: "true"}).text.startswith("<main>")


def test_a_name_that_a_page_was_not_given_is_an_error(browser: Client) -> None:
    """Not a blank on somebody's phone."""
    assert browser.get("/blank").status_code == 500


def test_pages_of_somebody_are_never_stored(browser: Client, as_person: AsPerson) -> None:
    """Phones are shared."""
    assert "cache-control" not in browser.get("/page").headers
    hoai = as_person("Hoài")
    hoai.skip = browser.skip
    assert hoai.get("/page").headers["cache-control"] == "no-store"


def test_going_on_after_a_post(browser: Client) -> None:
    """303 for browsers, a header for htmx."""
    assert browser.post("/page").headers["location"] == "/page"
    answer = browser.post("/page", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (200, "/page")


def test_a_receipt_says_what_the_outbox_waits_for() -> None:
    """Item, status, version and where it is."""
    body = bytes(receipt("i", "stored", 1, "/visits/1/2").body)
    assert body == b'{"item":"i","status":"stored","version":1,"location":"/visits/1/2"}'


@pytest.mark.parametrize(
    "sent",
    [
        "//evil.org",
        "https://evil.org",
        "/\\evil.org",
        "\\/evil.org",
        "evil",
        "",
        "/a\nb",
        "/\t/evil.org",
        " /x",
    ],
)
def test_nobody_is_sent_to_another_site(sent: str) -> None:
    """Whatever a link asks for."""
    assert own_path(sent) == "/"


def test_addresses_of_this_site_are_gone_to() -> None:
    """With their query."""
    assert own_path("/reports?area=6&period=2026-08") == "/reports?area=6&period=2026-08"


# Language


def test_the_language_of_the_phone_then_of_the_browser_then_vietnamese(stranger: Client) -> None:
    """And the answer says which it is, and on what it depends."""

    def spoken(**headers: str) -> str:
        answer = stranger.get("/sign-in", headers=headers)
        assert {"Accept-Language", "Cookie"} <= set(answer.headers["vary"].replace(" ", "").split(","))
        return str(answer.headers["content-language"])

    def asked(header: str) -> str:
        return spoken(**{"Accept-Language": header})

    assert spoken() == "vi"
    assert asked("en-GB,en;q=0.9,vi;q=0.8") == "en"
    assert asked("fr, en;q=0.5, vi;q=0.7") == "vi"
    assert asked("fr") == "vi"
    assert asked("en;q=0, *;q=x") == "vi"
    assert (
        stranger.post("/language", {"language": "en", "next": "/sign-in"}).headers["location"] == "/sign-in"
    )
    assert asked("vi") == "en"


def test_an_unknown_language_changes_nothing_and_next_stays_here(stranger: Client) -> None:
    """No cookie, no other site."""
    answer = stranger.post("/language", {"language": "fr", "next": "//evil.org"})
    assert "set-cookie" not in answer.headers
    assert answer.headers["location"] == "/"


def test_static_files_do_not_depend_on_the_language(stranger: Client, app: FastAPI) -> None:
    """They are kept by caches for ever."""
    path = environment().globals["asset"]("app.css")  # type: ignore[operator]
    answer = stranger.get(path)
    assert answer.status_code == 200
    assert "cookie" not in answer.headers.get("vary", "").lower()
    assert "content-language" not in answer.headers


def test_tabs_are_those_of_the_role(city: City) -> None:
    """Today and doors for whoever goes to them, reports for offices, none for nobody."""

    def offered(name: str) -> list[str]:
        return [tab.href for tab in kitchen.tabs(city.viewer(name), "/households/new")]

    assert offered("Hoài") == ["/", "/households", "/reports"]
    assert offered("Lộc") == ["/", "/households", "/reports", "/admin"]
    assert offered("Thu") == ["/", "/households", "/coverage/tray", "/reports", "/admin"]
    assert offered("Tâm") == offered("Khánh") == offered("Yến") == ["/reports", "/admin"]
    assert offered("Lạ") == [] == kitchen.tabs(None, "/")
    assert [tab.current for tab in kitchen.tabs(city.viewer("Hoài"), "/households/new")] == [
        False,
        True,
        False,
    ]


# Filters


def shown(template: str, **context: object) -> str:
    """A line of a template."""
    return environment().from_string(template).render(context)


@pytest.mark.parametrize(
    ("template", "vi", "en"),
    [
        ("{{ 1234.5|num }}", "1.234,5", "1,234.5"),
        ("{{ 1234567|num }}", "1.234.567", "1,234,567"),
        ("{{ 0|num }}", "0", "0"),
        ("{{ none|num }}", "—", "—"),
        ("{{ 2|num(1) }}", "2,0", "2.0"),
        ("{{ 0.436|pct }}", "44%", "44%"),
        ("{{ 0.4361|pct(1) }}", "43,6%", "43.6%"),
        ("{{ none|pct }}", "—", "—"),
        ("{{ d|day }}", "28/08/2026", "28/08/2026"),
        ("{{ d|day_short }}", "28/8", "28/8"),
        ("{{ m|day }}", "29/08/2026", "29/08/2026"),  # 18:30 in Greenwich is the next day in Đà Nẵng
        ("{{ m|clock }}", "01:30", "01:30"),
        ("{{ d|weekday }}", "Thứ Sáu", "Friday"),
        ("{{ d|ago(d) }}", "hôm nay", "today"),
        ("{{ (d)|ago(later) }}", "3 ngày trước", "3 days ago"),
    ],
)
def test_numbers_and_days(template: str, vi: str, en: str) -> None:
    """As people of each language write them; a line compiled in one language is right in the other."""
    context = {
        "d": date(2026, 8, 28),
        "later": date(2026, 8, 31),
        "m": datetime(2026, 8, 28, 18, 30, tzinfo=UTC),
    }
    assert shown(template, **context) == vi
    with speaking("en"):
        assert shown(template, **context) == en
    assert shown(template, **context) == vi


def test_how_long_ago_something_was() -> None:
    """Seconds are just now; a clock of the phone that runs ahead is no future."""
    with time_machine.travel(datetime(2026, 8, 28, 2, 0, tzinfo=UTC), tick=False):
        now = datetime(2026, 8, 28, 2, 0, tzinfo=UTC)
        assert shown("{{ m|ago }}", m=now - timedelta(minutes=5)) == "5 phút trước"
        assert shown("{{ m|ago }}", m=now - timedelta(seconds=20)) == "vừa xong"
        assert shown("{{ m|ago }}", m=now + timedelta(minutes=3)) == "vừa xong"
        assert shown("{{ d|ago }}", d=date(2026, 8, 27)) == "hôm qua"


def test_decimals_are_numbers_too() -> None:
    """Databases give them for sums."""
    assert shown("{{ n|num }}", n=Decimal("1234.50")) == "1.234,5"


def test_the_environment_is_strict_and_escapes() -> None:
    """For every template, whatever it is called."""
    made: Environment = environment()
    assert made.from_string("{{ a }}").render(a="<script>") == "&lt;script&gt;"


def test_a_chart_has_room_for_the_numbers_beside_its_lines() -> None:
    """Those of a village and those of a city: a digit is ten units wide at most, and nothing begins left of the drawing."""
    for number in ("10", "4.000", "100.000", "1.000.000"):
        drawn = shown(
            "{{ kit.column_chart([{'value': 7, 'label': 'T1', 'part': false}], 'h', [(5, number)]) }}",
            number=number,
        )
        (end,) = [float(text.attrs["x"]) for text in Page(drawn).all("text") if text.text == number]
        assert end - 10 * len(number) >= 0
