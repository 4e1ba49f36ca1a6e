"""Another site in the same browser: it can neither write in somebody's name, nor read, nor put our pages into its own."""

import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page
from sqlmodel import col, func, select

from skills.db import table_of
from skills.people.models import LoginSession
from skills.tables import ALL
from tests.browser.conftest import WARD_LEAD, Site

WRITES = (
    "/visits",
    "/households",
    "/sign-out",
    "/language",
    "/account/second-factor/removal",
    "/confirm",
    "/sign-in",
)


class Elsewhere(http.server.BaseHTTPRequestHandler):
    """A page that says nothing; what it does is done by the test."""

    def do_GET(self) -> None:
        """The page."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(
            b"<!doctype html><title>Elsewhere</title><h1>Elsewhere</h1><link rel=icon href=data:>"
        )

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""


@dataclass
class Another:
    """The other site by two names: another port of the same machine (same site, another origin), and another name (another site)."""

    port: int

    def address(self, host: str) -> str:
        """Its page under that name."""
        return f"http://{host}:{self.port}/"


@pytest.fixture
def another() -> Iterator[Another]:
    """It listens on a port of its own."""
    server = http.server.ThreadingHTTPServer(("", 0), Elsewhere)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Another(server.server_address[1])
    server.shutdown()
    thread.join(10)
    server.server_close()


def rows(site: Site) -> dict[str, int]:
    """How many rows each table has, and how many sessions are open."""
    with site.database.reading() as db:
        counted = {
            table.name: db.execute(select(func.count()).select_from(table)).scalar_one() for table in ALL
        }
        ended = (
            select(func.count())
            .select_from(table_of(LoginSession))
            .where(col(LoginSession.revoked_at).is_not(None))
        )
        return counted | {"sessions ended": db.execute(ended).scalar_one()}


def post_by_form(page: Page, url: str) -> int:
    """A form that the other page makes and sends, as a person who was lured there would."""
    with page.expect_navigation() as gone:
        page.evaluate(
            """(url) => {
              const form = Object.assign(document.createElement("form"), { method: "post", action: url });
              form.append(Object.assign(document.createElement("input"), { name: "next", value: "/" }));
              document.body.append(form);
              form.submit();
            }""",
            url,
        )
    answer = gone.value
    assert answer is not None
    assert answer.url == url
    return answer.status


def signed_in(site: Site) -> Page:
    """Her page, with all that a first visit of it stores."""
    page = site.page(WARD_LEAD)
    with page.expect_response("**/api/v1/devices") as enrolled:
        page.goto("/reports")
    enrolled.value.finished()
    return page


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_form_of_another_site_changes_nothing(site: Site, another: Another, host: str) -> None:
    """Her session is in this very browser; the other port of the same machine gets the cookie along, and is refused all the same."""
    page = signed_in(site)
    before = rows(site)
    for path in WRITES:
        page.goto(another.address(host))
        assert post_by_form(page, site.address + path) == 403, path
    assert rows(site) == before
    page.goto("/reports")
    assert page.locator("footer form[action='/sign-out']").count() == 1  # she is still in


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_script_of_another_site_writes_and_reads_nothing(site: Site, another: Another, host: str) -> None:
    """Whatever kind of request: what needs no leave of ours is refused by us, what needs it never leaves the browser."""
    site.watch.forgives += ["CORS", "ERR_FAILED", "ERR_BLOCKED_BY_RESPONSE", "403: POST"]
    page = signed_in(site)
    before = rows(site)
    statuses: list[tuple[str, int]] = []
    page.on("response", lambda answer: statuses.append((answer.request.method, answer.status)))
    page.goto(another.address(host))
    statuses.clear()
    for path in (*WRITES, "/api/v1/sync"):
        told = page.evaluate(
            """async (url) => {
              const tried = [];
              for (const how of [
                { method: "POST", mode: "no-cors", body: new URLSearchParams({ next: "/" }) },
                { method: "POST", mode: "no-cors", body: "{}", headers: { "Content-Type": "text/plain" } },
                { method: "POST", mode: "cors", body: "{}", headers: { "Content-Type": "application/json" } },
                { method: "POST", mode: "cors", headers: { Authorization: "Bearer x" } },
                { method: "DELETE", mode: "cors" },
                { method: "GET", mode: "cors" },
              ]) {
                try {
                  const answer = await fetch(url, { credentials: "include", ...how });
                  tried.push([answer.type, answer.status, (await answer.text()).length]);
                } catch {
                  tried.push(["error", 0, 0]);
                }
              }
              return tried;
            }""",
            site.address + path,
        )
        assert all(kind in ("error", "opaque") and length == 0 for kind, _, length in told), (path, told)
    assert {status for method, status in statuses if method == "POST"} <= {403, 401}
    assert rows(site) == before


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_our_pages_are_put_into_no_other(site: Site, another: Another, host: str) -> None:
    """Neither in a frame, nor as an object, nor as a picture or a script; a window that was opened is out of reach."""
    site.watch.forgives += ["frame-ancestors", "ERR_BLOCKED_BY_RESPONSE", "chrome-error", "Framing"]
    page = site.page(WARD_LEAD)
    page.goto("/reports")
    page.goto(another.address(host))
    for tag, name in (("iframe", "src"), ("object", "data"), ("embed", "src")):
        page.evaluate(
            """([tag, name, url]) => new Promise((done) => {
              const element = document.createElement(tag);
              element.onload = element.onerror = done;
              element[name] = url;
              document.body.append(element);
              setTimeout(done, 1500);
            })""",
            [tag, name, site.address + "/reports"],
        )
    shown = [frame for frame in page.frames if frame is not page.main_frame]
    for frame in shown:
        assert not frame.url.startswith(site.address)
        assert frame.locator("h1").count() == 0 or "Từng Nhà" not in frame.content()
    with page.context.expect_page() as opened:
        page.evaluate("(url) => { window.ours = open(url) }", site.address + "/reports")
    opened.value.wait_for_load_state("load")
    assert opened.value.locator("footer form[action='/sign-out']").count() == 1  # a link may lead to us
    assert page.evaluate("window.ours === null || window.ours.closed")
