"""A real Chromium before a real server over its own copy of the demonstration city, watched for anything that goes wrong.

Every page opened through `site` fails the test on an error in the console, an error of a script, a breach of the content
security policy, and a request that failed or found nothing.
"""

import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn
from uuid import UUID

import pytest
import uvicorn
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    sync_playwright,
)
from sqlmodel import col, select

from skills import clock, migrate
from skills.app import create_app
from skills.db import Database
from skills.demo import make_city
from skills.households.find import DoorRow, doors_of
from skills.people import sessions
from skills.people.models import Person
from skills.people.viewer import find_viewer
from skills.settings import Settings
from skills.visits.models import Visit

HERE = Path(__file__).parent
NAMES = ("chromium", "chromium-browser", "google-chrome", "msedge")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE, DESK = (360, 640), (1280, 900)
PASSWORD = "tungnha-demo"
VOLUNTEER, LEADER, WARD_LEAD, OFFICER = "0905000001", "0905000002", "0905000003", "0905000004"
ADMINISTRATOR, AUDITOR, ELSEWHERE = "0905000005", "0905000006", "0905000011"

# The browser tells the page about a breach of the policy; the page tells us through its console.
TELL_OF_BREACHES = """addEventListener("securitypolicyviolation", (event) =>
  console.error("CSP", event.violatedDirective, event.blockedURI, event.sourceFile, event.lineNumber))"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@dataclass
class Watch:
    """What went wrong on the pages of one test. `forgives`: parts of complaints that the test brings about itself."""

    forgives: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Watches every page that this context opens."""
        context.add_init_script(TELL_OF_BREACHES)
        context.on("console", self._console)
        context.on("weberror", lambda error: self._complain(f"page error: {error.error}"))
        context.on("requestfailed", self._failed)
        context.on("response", self._answered)

    def verdict(self) -> list[str]:
        """The complaints that no test asked for."""
        return [said for said in self.complaints if not any(part in said for part in self.forgives)]

    def _console(self, message: ConsoleMessage) -> None:
        # "Failed to load resource" repeats what `_failed` and `_answered` hear, for pages that are meant to be 404 too.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self._complain(f"console: {message.text} ({message.page.url if message.page else ''})")

    def _failed(self, request: Request) -> None:
        if request.failure == "net::ERR_ABORTED":
            return  # the browser itself gave it up, because the page was left
        self._complain(f"failed: {request.method} {request.url} ({request.failure})")

    def _answered(self, response: Response) -> None:
        kind = response.request.resource_type
        said = response.status in (409, 422) and kind == "fetch"  # the outbox hears what has to be corrected
        if response.status >= 400 and kind != "document" and not said:
            self._complain(f"{response.status}: {response.request.method} {response.url}")

    def _complain(self, text: str) -> None:
        self.complaints.append(text)


@dataclass
class Site:
    """The program on a port of this machine, with the browser to look at it."""

    address: str
    database: Database
    browser: Browser
    settings: Settings
    watch: Watch = field(default_factory=Watch)
    contexts: list[BrowserContext] = field(default_factory=list)
    of_the_city: frozenset[UUID] = frozenset()  # ids of the visits of the demonstration

    def context(
        self,
        telephone: str = "",
        size: tuple[int, int] = PHONE,
        language: str = "vi",
        dark: bool = False,
        browser: Browser | None = None,
        **more: Any,
    ) -> BrowserContext:
        """A browser of somebody's own: a phone that is touched, or a desk; signed in when a telephone number is given."""
        context = (browser or self.browser).new_context(
            base_url=self.address,
            viewport={"width": size[0], "height": size[1]},
            has_touch=size[0] < 800,
            locale="vi-VN" if language == "vi" else "en-GB",
            timezone_id="Asia/Ho_Chi_Minh",
            color_scheme="dark" if dark else "light",
            **more,
        )
        context.set_default_timeout(10_000)
        self.contexts.append(context)
        self.watch.over(context)
        cookies = {"language": language} | ({"sid": self.session_of(telephone)} if telephone else {})
        context.add_cookies(
            [{"name": name, "value": value, "url": self.address} for name, value in cookies.items()]
        )
        return context

    def page(self, telephone: str = "", **how: Any) -> Page:
        """A page in a browser as `context` makes it."""
        return self.context(telephone, **how).new_page()

    def session_of(self, telephone: str) -> str:
        """The cookie of somebody who has signed in."""
        with self.database.writing() as db:
            return sessions.create(db, self.person(telephone).id)

    def token_of(self, telephone: str) -> str:
        """A bearer token with which another program reads what this person may read."""
        with self.database.writing() as db:
            return sessions.issue_api_token(db, self.person(telephone).id, "browser")

    def person(self, telephone: str) -> Person:
        """Who has this telephone number."""
        with self.database.reading() as db:
            return db.exec(select(Person).where(Person.phone == "+84" + telephone[1:])).one()

    def doors(self, telephone: str = VOLUNTEER) -> list[DoorRow]:
        """The doors of somebody's residential groups, in walking order."""
        with self.database.reading() as db:
            viewer = find_viewer(db, self.person(telephone).id, clock.today())
            assert viewer is not None
            return list(doors_of(db, viewer, None))

    def saved(self) -> list[Visit]:
        """The visits that were stored since the test began, voided ones too, latest first."""
        with self.database.reading() as db:
            latest_first = db.exec(select(Visit).order_by(col(Visit.received_at).desc()))
            return [visit for visit in latest_first if visit.id not in self.of_the_city]

    def close(self) -> None:
        """Closes what the test opened."""
        for context in self.contexts:
            context.close()
        self.contexts.clear()


@pytest.fixture(scope="package")
def playwright() -> Iterator[Any]:
    """Until the last test of this folder: its event loop would be in the way of tests that run one of their own."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="package")
def chromium(playwright: Any) -> Iterator[Browser]:
    """One browser for all tests of this folder."""
    browser = playwright.chromium.launch(executable_path=program(), args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def large_text(playwright: Any) -> Iterator[Browser]:
    """The browser of somebody who has set text to twice its size."""
    browser = playwright.chromium.launch(
        executable_path=program(),
        args=[*FLAGS, "--blink-settings=defaultFontSize=32,defaultFixedFontSize=26"],
    )
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def city_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration city in a SQLite file, made once."""
    file = tmp_path_factory.mktemp("city") / "city.db"
    database = Database(f"sqlite:///{file}")
    migrate.upgrade(database)
    make_city(database, seed=1, households=2000, visits=6000, days=365, until=clock.today())
    with database.writer.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return file


@pytest.fixture
def site(city_file: Path, tmp_path: Path, chromium: Browser) -> Iterator[Site]:
    """The demonstration, served to this test alone."""
    yield from serve(city_file, tmp_path, chromium)


@pytest.fixture(scope="module")
def still_site(
    city_file: Path, tmp_path_factory: pytest.TempPathFactory, chromium: Browser
) -> Iterator[Site]:
    """The demonstration, served to all tests of a file that only look at it. Each of them asks its own watch."""
    yield from serve(city_file, tmp_path_factory.mktemp("still"), chromium)


def serve(city_file: Path, folder: Path, browser: Browser) -> Iterator[Site]:
    """A server over a copy of the city, on a free port, until the test is over."""
    file = folder / "city.db"
    shutil.copy(city_file, file)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    settings = Settings(env="demo", database_url=f"sqlite:///{file}", base_url=address)
    app = create_app(settings)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        assert time.monotonic() < until, "the server did not start within 20 seconds"
        time.sleep(0.01)
    database = Database(f"sqlite:///{file}")
    with database.reading() as db:
        site = Site(address, database, browser, settings, of_the_city=frozenset(db.exec(select(Visit.id))))
    yield site
    site.close()
    server.should_exit = True
    thread.join(10)
    database.dispose()
    listening.close()
    assert site.watch.verdict() == []


def program() -> str:
    """The browser of this machine: $CHROMIUM, else the first of its usual names."""
    given = os.environ.get("CHROMIUM")
    found = given or next((path for name in NAMES if (path := shutil.which(name))), None)
    return found or without_browser()


def without_browser() -> NoReturn:
    """Where the proof is asked for, its absence is a failure; on a machine without a browser it is left out, and said so."""
    reason = f"no browser: set CHROMIUM to a Chromium, or put one of {', '.join(NAMES)} on PATH"
    if os.environ.get("CI") or os.environ.get("REQUIRE_BROWSER"):
        pytest.fail(reason)
    pytest.skip(reason)


def form_of(door: DoorRow) -> str:
    """The address of the form for a visit at this door."""
    return f"/visits/new?ward={door.ward_id}&household={door.id}"
