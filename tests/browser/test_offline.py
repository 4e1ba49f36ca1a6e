"""A phone that was opened once opens without a network: the day's page, the doors, the form, with Back and reload; and is never stuck."""

import re
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from skills.households.browse import browse
from skills.households.find import DoorRow
from tests.browser.conftest import PHONE, VOLUNTEER, WARD_LEAD, Site, form_of
from tests.browser.finger import is_on_top
from tests.browser.test_pages import SIDEWAYS, SMALL, SMALLEST_TARGET, photograph, violations
from tests.client import Page as Read
from tests.test_templates_to_js import differences

CONTROLLED = "() => navigator.serviceWorker.controller !== null"
TAKEN = """async () => {
  const opening = indexedDB.open("tungnha");
  const db = await new Promise((resolve) => (opening.onsuccess = () => resolve(opening.result)));
  if (!db.objectStoreNames.contains("package")) return db.close();
  const asked = db.transaction(["package", "meta"]);
  const all = asked.objectStore("package").getAll();
  const holder = asked.objectStore("meta").get("person");
  await new Promise((resolve) => (asked.oncomplete = resolve));
  const [found, person] = [all.result, holder.result];
  db.close();
  return person && found.length === 1 && found[0].doors.length;
}"""
AGE = re.compile(r"Danh sách nhà lúc \d\d:\d\d")


def until(page: Page, script: str) -> None:
    """Asks the page until it says yes; `wait_for_function` takes any promise for one."""
    end = time.monotonic() + 15
    while not page.evaluate(script):
        assert time.monotonic() < end, f"never true: {script}"
        page.wait_for_timeout(50)


def taken_along(site: Site, telephone: str = VOLUNTEER, **how: Any) -> BrowserContext:
    """A phone on which the first page was opened once, and left when it had everything; now without a network."""
    site.watch.forgives += ["ERR_INTERNET_DISCONNECTED", "ERR_FAILED"]
    context = site.context(telephone, **how)
    page = context.new_page()
    page.goto("/")
    page.wait_for_function(CONTROLLED)
    until(page, TAKEN)
    page.close()
    context.set_offline(True)
    return context


def busiest(site: Site) -> DoorRow:
    """A door at which much was taught."""
    return max(site.doors(), key=lambda row: len(row.last_skills))


@pytest.mark.parametrize(("language", "dark"), [("vi", False), ("en", True)])
def test_the_pages_of_the_day_open_from_cold_without_a_network(site: Site, language: str, dark: bool) -> None:
    """With their content, readable by all, and not sideways."""
    page = taken_along(site, language=language, dark=dark).new_page()
    door = busiest(site)
    form = form_of(door)
    seen = {
        "home": ("/", "ul.doors use"),
        "households": ("/households", "ol.walk .plate"),
        "households-new": ("/households/new", "form[action='/households']"),
        "visit": (form, "form.if-met .chips input[name=skill]"),
        "door": (f"/households/{door.ward_id}/{door.id}", "dl.pairs"),
        "practice": ("/visits/practice", "form[data-practice]"),
        "elsewhere": ("/reports", "h1"),
    }
    for name, (address, content) in seen.items():
        page.goto(address)
        expect(page.locator(content).first).to_be_attached()
        assert page.locator("html").get_attribute("lang") == language
        assert page.evaluate(SIDEWAYS) <= 0
        assert page.evaluate(SMALL, SMALLEST_TARGET) == []
        photograph(page, f"offline-{name}-{language}", PHONE)
        assert violations(page) == [], name
        page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})


def test_back_and_reload_are_pages_too(site: Site) -> None:
    page = taken_along(site).new_page()
    page.goto("/")
    page.get_by_role("link", name="Hộ dân").first.tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hộ dân")
    page.locator("ol.walk a").first.tap()
    expect(page.locator("form.if-met button.go")).to_be_visible()
    page.reload()
    expect(page.locator("form.if-met button.go")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hộ dân")
    page.goto("/reports")
    expect(page.get_by_role("heading", level=1)).to_have_text("Cần mạng")
    page.go_back()
    expect(page.locator("ol.walk .plate").first).to_be_visible()
    expect(page.get_by_text(AGE)).to_be_visible()


def test_whole_pages_are_those_of_the_server(site: Site) -> None:
    """Ids, the line that says how old the list is, and what the running page shows or hides by itself aside."""
    addresses = ["/", "/households", form_of(busiest(site))]
    there = {each: site.context(VOLUNTEER).request.get(each).text() for each in addresses}
    context = taken_along(site)
    context.add_init_script(STILL)
    page = context.new_page()
    for address, whole in there.items():
        page.goto(address)
        page.wait_for_function("() => window.filled")
        here = page.evaluate("() => window.filled")
        assert differences(here, Read(whole)) == "", address


# Keeps the page as the shell filled it, before the scripts of the page begin to show things.
STILL = """
  const parse = DOMParser.prototype.parseFromString;
  DOMParser.prototype.parseFromString = function (text, kind) {
    window.filled = text;
    return parse.call(this, text, kind);
  };
"""


def test_search_and_the_choice_of_a_group_work_without_a_network(site: Site) -> None:
    page = taken_along(site).new_page()
    page.goto("/households")
    plates = page.locator("ol.walk .plate")
    expect(plates.first).to_be_visible()
    before = plates.count()
    door = next(row for row in site.doors() if row.lane)
    page.get_by_label("Tìm nhà").fill(f"{door.lane} {door.street}")
    expect(page.get_by_role("status").filter(has_text="Tìm thấy")).to_be_visible()
    assert 0 < plates.count() < before
    page.reload()
    expect(page.get_by_role("status").filter(has_text="Tìm thấy")).to_be_visible()
    page.locator(".chips label", has_text="Chưa thăm").tap()
    expect(page.locator("ol.walk .plate:not([data-state=todo])")).to_have_count(0)


def test_a_list_of_the_server_goes_on_searching_when_the_network_goes(site: Site) -> None:
    """The page came from the server; what is typed into it after that is found on the phone."""
    site.watch.forgives.append("htmx:error: Failed to fetch")
    context = taken_along(site)
    context.set_offline(False)
    page = context.new_page()
    page.goto("/households")
    expect(page.get_by_text(AGE)).to_be_hidden()
    context.set_offline(True)
    door = next(row for row in site.doors() if row.lane)
    page.get_by_label("Tìm nhà").press_sequentially(door.number)
    expect(page.get_by_text(AGE)).to_be_visible()
    expect(page.locator(f"ol.walk a[href*='{door.id}']")).to_be_visible()


def test_a_day_without_a_network_shows_what_was_done_and_goes_out_at_the_end(site: Site) -> None:
    """A visit and a new door, saved on pages that the phone made itself: both in the list at once, both at the server later."""
    context = taken_along(site)
    door = next(row for row in site.doors() if row.mark == "todo" and row.last_on is None)
    page = context.new_page()
    page.goto("/households")
    row = page.locator(f"ol.walk a[href*='{door.id}']")
    expect(row).to_contain_text("Chưa thăm")
    row.tap()
    page.get_by_role("button", name="Vắng nhà").tap()
    expect(page.get_by_role("status").filter(has_text="Đã lưu trên máy")).to_be_visible()
    page.goto("/households")
    expect(row).to_contain_text(re.compile(r"Vắng nhà \d\d:\d\d"))

    page.goto("/households/new")
    page.get_by_label("Đường", exact=True).fill(door.street)
    page.get_by_label("Số nhà", exact=True).fill("k45/998")
    page.get_by_role("button", name="Thêm hộ này").tap()
    expect(page.get_by_role("status").filter(has_text="Đã lưu trên máy")).to_be_visible()
    page.goto("/households?q=k45/998")
    expect(page.locator("ol.walk .plate")).to_have_text("K45/998")
    assert site.saved() == []
    page.close()

    context.set_offline(False)
    page = context.new_page()
    page.goto("/reports")
    expect(page.locator(".sync")).to_have_text("Đã gửi hết")
    assert [visit.outcome for visit in site.saved()] == ["absent"]
    assert "K45/998" in [row.number for row in site.doors()]


def test_a_phone_that_nobody_has_yet_asks_for_a_network(site: Site) -> None:
    """The worker is there, from the page for signing in; nobody's doors are."""
    site.watch.forgives += ["ERR_INTERNET_DISCONNECTED", "ERR_FAILED"]
    context = site.context()
    page = context.new_page()
    page.goto("/sign-in")
    page.wait_for_function(CONTROLLED)
    context.set_offline(True)
    page.goto("/")
    expect(page.get_by_text("Cần mạng để đăng nhập hay mở bằng mã PIN.")).to_be_visible()
    assert violations(page) == []


def test_a_form_that_could_not_be_sent_leads_to_no_broken_page(site: Site) -> None:
    page = taken_along(site).new_page()
    page.goto("/households")
    page.get_by_role("button", name="English").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cần mạng")
    expect(page.get_by_text("Chưa gửi được.")).to_be_visible()
    page.go_back()
    expect(page.locator("ol.walk .plate").first).to_be_visible()


def test_a_server_that_does_not_answer_is_not_waited_for_twice(site: Site) -> None:
    """After three seconds the phone shows its own page, the next ones at once; back again, the server is asked first."""
    site.watch.forgives += ["ERR_INTERNET_DISCONNECTED", "ERR_FAILED"]
    context = site.context(VOLUNTEER)
    page = context.new_page()
    page.goto("/")
    page.wait_for_function(CONTROLLED)
    until(page, TAKEN)
    context.set_offline(True)
    page.goto("/households")
    expect(page.get_by_text(AGE)).to_be_visible()
    context.set_offline(False)
    page.goto("/households")  # still quiet
    expect(page.locator("ol.walk .plate").first).to_be_visible()
    page.evaluate("navigator.serviceWorker.controller.postMessage('online')")
    page.goto("/households")
    expect(page.locator("ol.walk .plate").first).to_be_visible()
    expect(page.get_by_text(AGE)).to_be_hidden()


def test_a_page_that_takes_too_long_comes_from_the_phone(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody at a door waits three seconds, not a minute."""
    context = taken_along(site)
    context.set_offline(False)
    page = context.new_page()
    held = threading.Event()

    def slowly(*asked: Any) -> Any:
        held.wait(30)
        return browse(*asked)

    monkeypatch.setattr("skills.households.routes.browse", slowly)
    try:
        page.goto("/households")
        expect(page.get_by_text(AGE)).to_be_visible()
        expect(page.locator("ol.walk .plate").first).to_be_visible()
    finally:
        held.set()


def test_a_ward_lead_has_the_groups_without_a_network(site: Site) -> None:
    page = taken_along(site, WARD_LEAD).new_page()
    page.goto("/")
    expect(page.get_by_role("heading", name="Từng tổ trong phường")).to_be_visible()
    photograph(page, "offline-lead", PHONE)


def test_a_worker_that_is_called_back_leaves_nothing_behind_but_what_waits(site: Site) -> None:
    """TUNGNHA_WORKER=off: the next page takes it away, with its cache; IndexedDB stays as it is."""
    context = site.context(VOLUNTEER)
    page = context.new_page()
    page.goto("/")
    page.wait_for_function(CONTROLLED)
    until(page, TAKEN)
    site.settings.worker = "off"
    page.goto("/households")
    until(page, "async () => (await navigator.serviceWorker.getRegistrations()).length === 0")
    until(page, "async () => (await caches.keys()).length === 0")
    assert page.evaluate(TAKEN)
    page.close()
    page = context.new_page()
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("data-worker", "off")
    assert not page.evaluate(CONTROLLED)


def test_a_new_version_waits_until_somebody_wants_it(site: Site) -> None:
    """The page says that it is there; nothing is taken from who is writing; a tap, and it is at work."""
    context = site.context(VOLUNTEER)
    page = context.new_page()
    page.goto("/")
    page.wait_for_function(CONTROLLED)
    until(page, TAKEN)
    page.evaluate("navigator.serviceWorker.ready.then((r) => { window.old = r.active.scriptURL; })")
    site.settings.env = "production"  # the shells are others now, so the worker is another
    page.goto(form_of(busiest(site)))
    until(page, "async () => Boolean((await navigator.serviceWorker.getRegistration()).waiting)")
    assert page.locator("main > [data-new-version]").count() == 0  # somebody may be writing here
    page.goto("/")
    strip = page.locator("main > [data-new-version]")
    expect(strip).to_contain_text("Có bản mới")
    assert violations(page) == []
    with page.expect_navigation():
        strip.get_by_role("button").tap()
    until(page, "async () => !(await navigator.serviceWorker.getRegistration()).waiting")
    expect(page.locator("main > [data-new-version]")).to_have_count(0)


def test_the_form_is_there_again_within_a_second_on_a_slow_phone(
    site: Site, record_property: Callable[[str, object], None]
) -> None:
    """Six times slower than this machine, without a network, from the tap until Save can be tapped. A figure, not a race: no bar here."""
    context = taken_along(site)
    context.add_init_script(READY)
    page = context.new_page()
    page.goto("/households")
    network = context.new_cdp_session(page)
    network.send("Emulation.setCPUThrottlingRate", {"rate": 6})
    took = []
    for _ in range(5):
        page.goto(form_of(busiest(site)))
        page.wait_for_function("() => window.ready")
        save = page.locator("form.if-met button.go")
        expect(save).to_be_visible()
        assert is_on_top(save)
        took.append(
            page.evaluate(
                "() => [Math.round(window.ready), Math.round(performance.timing.responseEnd - performance.timing.navigationStart)]"
            )
        )
    record_property("milliseconds", took)


# When the scripts of the page run, Save has its handler; a frame later it is on the screen.
READY = """
  const look = () => {
    if (document.documentElement?.classList.contains("js")) requestAnimationFrame(() => setTimeout(() => (window.ready = performance.now())));
    else setTimeout(look);
  };
  look();
"""
