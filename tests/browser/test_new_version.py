"""A new version of the worker is found, installed and taken while a queue is being sent: nothing lost, nothing doubled, one sender at
a time."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from skills.app import create_app
from skills.settings import Settings
from skills.web.worker import KEPT as KEPT_BY_THE_WORKER
from tests.browser.conftest import Site, serve
from tests.browser.desk import PAGE, WORKER, Desk
from tests.browser.pocket import ALL_SENT, HANDED_IN, flag, hearing, states
from tests.browser.test_offline import CONTROLLED
from tests.browser.test_offline import until as until_true
from tests.browser.test_queue import three_that_wait

WAITS = "async () => Boolean((await navigator.serviceWorker.getRegistration())?.waiting)"
ONE_TOOK_OVER = "() => window.tookOver === true"
HEAR_OF_IT = (
    "() => navigator.serviceWorker.addEventListener('controllerchange', () => (window.tookOver = true))"
)
SEND = "() => { dispatchEvent(new Event('online')); }"


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Stands before the program of this test."""
    made = Desk(None)

    def create_behind(settings: Settings) -> Desk:
        made.program = create_app(settings)
        return made

    monkeypatch.setattr("tests.browser.conftest.create_app", create_behind)
    return made


@pytest.fixture
def site(desk: Desk, city_file: Path, tmp_path: Path, chromium: Browser) -> Iterator[Site]:
    """The demonstration behind the desk."""
    yield from serve(city_file, tmp_path, chromium)


def test_while_the_page_itself_is_sending(site: Site, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tap reloads the page in the middle of an answer. Its next life sends that item again, and hears that it is there."""
    page, items = three_at_home(site)
    come_out(monkeypatch)
    hearing(page.context)
    page.goto("/")
    until_kept_back(page, desk)
    take_the_new_version(page)
    everything_arrived_once(site, desk, page, items)
    assert {batch.sender for batch in desk.taken} == {PAGE}
    assert [batch.said for batch in desk.taken] == [["accepted"], ["accepted"], ["already"], ["accepted"]]
    assert [batch.items for batch in desk.taken] == [[items[0]], [items[1]], [items[1]], [items[2]]]


def test_while_another_window_is_sending(site: Site, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It gets another worker in the middle and goes on; the window of the tap waits until that is done, and has nothing left to send."""
    page, items = three_at_home(site)
    come_out(monkeypatch)
    hearing(page.context)
    page.evaluate(HEAR_OF_IT)
    page.evaluate(SEND)
    until_kept_back(page, desk)
    beside = page.context.new_page()
    beside.goto("/")
    take_the_new_version(beside)
    until_true(page, ONE_TOOK_OVER)
    assert desk.holds_one  # it was the new one's turn while the answer was on its way
    desk.keeps_back = False
    expect(flag(beside)).to_have_text(ALL_SENT)
    everything_arrived_once(site, desk, page, items)
    assert [batch.items for batch in desk.taken] == [[item] for item in items]


def test_while_the_worker_is_sending(site: Site, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """With no page to do it: the browser wakes the old worker, which has its say to the end; then the new one starts."""
    page, items = three_at_home(site)
    come_out(monkeypatch)
    for_the_worker_alone(page)
    wake(page, site)
    until_kept_back(page, desk)
    hearing(page.context)
    page.goto("/")
    take_the_new_version(page, at_once=False)
    assert desk.holds_one
    with page.expect_navigation():  # the page is loaded anew once the new one is at work
        desk.keeps_back = False
    everything_arrived_once(site, desk, page, items)
    assert [batch.items for batch in desk.taken] == [[item] for item in items]
    assert {batch.sender for batch in desk.taken} == {WORKER}


def test_two_windows_and_the_worker_at_the_same_moment(site: Site, desk: Desk) -> None:
    """Each of the three wants to send; each item goes once."""
    page, items = three_at_home(site)
    beside = page.context.new_page()
    beside.goto("/")
    hearing(page.context)
    wake(page, site)
    for window in (page, beside):
        window.evaluate(SEND)
    until_kept_back(page, desk)
    desk.keeps_back = False
    expect(flag(beside)).to_have_text(ALL_SENT)
    everything_arrived_once(site, desk, page, items)
    assert [batch.items for batch in desk.taken] == [[item] for item in items]


def test_two_senders_would_be_seen(site: Site, desk: Desk) -> None:
    """Planted: windows that know no locks send beside each other. The desk sees it; even so the server keeps each visit once."""
    page, _items = three_at_home(site)
    beside = page.context.new_page()
    for window in (page, beside):
        window.add_init_script("Object.defineProperty(Navigator.prototype, 'locks', { value: undefined });")
        window.goto("/")
    hearing(page.context)
    for window in (page, beside):
        window.evaluate(SEND)
    until_so(page, lambda: desk.most_at_once > 1)
    desk.keeps_back = False
    for window in (page, beside):
        expect(flag(window)).to_have_text(ALL_SENT)
    assert len(site.saved()) == 3


def three_at_home(site: Site) -> tuple[Page, list[str]]:
    """Three visits that wait, on a phone whose worker is at work and whose pages can't hand in; on the first page."""
    site.watch.forgives.append("413: POST")
    page, items = three_that_wait(site)
    page.goto("/")
    page.wait_for_function(CONTROLLED)
    return page, items


def come_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on the server has another version of the worker: it keeps one file more."""
    monkeypatch.setattr("skills.web.worker.KEPT", (*KEPT_BY_THE_WORKER, "switch.js"))


def for_the_worker_alone(page: Page) -> None:
    """Pages still can't hand in, the worker can."""

    def let_through(route: Route) -> None:
        if route.request.service_worker:
            route.continue_()
        else:
            route.abort("connectionrefused")

    page.context.route(HANDED_IN, let_through)


def wake(page: Page, site: Site) -> None:
    """What a browser does when there is a network again: the event of the outbox, in the worker."""
    devtools = page.context.new_cdp_session(page)
    known: list[Any] = []
    devtools.on("ServiceWorker.workerRegistrationUpdated", lambda told: known.extend(told["registrations"]))
    devtools.send("ServiceWorker.enable")
    while not known:
        page.wait_for_timeout(20)
    devtools.send(
        "ServiceWorker.dispatchSyncEvent",
        {
            "origin": site.address,
            "registrationId": known[0]["registrationId"],
            "tag": "outbox",
            "lastChance": False,
        },
    )


def until_kept_back(page: Page, desk: Desk) -> None:
    """One item is sent, the answer to the second lies at the desk, the third waits."""
    until_so(page, lambda: desk.holds_one and len(desk.taken) == 2)


def until_so(page: Page, is_so: Callable[[], bool]) -> None:
    """Waits for something at the server, while the page goes on."""
    last = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < last
        page.wait_for_timeout(20)


def take_the_new_version(page: Page, at_once: bool = True) -> None:
    """The strip on the page, and a tap on it."""
    until_true(page, WAITS)
    strip = page.locator("main > [data-new-version]")
    expect(strip).to_contain_text("Có bản mới")
    if not at_once:
        strip.get_by_role("button").tap()
        return
    with page.expect_navigation():
        strip.get_by_role("button").tap()


def everything_arrived_once(site: Site, desk: Desk, page: Page, items: list[str]) -> None:
    """On the phone, at the server, on the way between them; and the new version is at work."""
    expect(flag(page)).to_have_text(ALL_SENT)
    until_true(page, f"async () => !(await ({WAITS})())")
    assert states(page) == ["accepted"] * 3
    assert len(site.saved()) == 3
    assert {item for batch in desk.taken for item in batch.items} == set(items)
    assert desk.most_at_once == 1, desk.batches
