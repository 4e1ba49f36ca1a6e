"""A phone out of somebody's pocket: the form of a visit on it, and what lies in its storage."""

import gzip
import json
import re
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from tests.browser.conftest import VOLUNTEER, Site, form_of

SAVED = "Đã lưu, đã tính"
KEPT_HERE = re.compile(r"Đã lưu trên máy \d\d:\d\d, chờ gửi")
ALL_SENT = "Đã gửi hết"
HANDED_IN = "**/api/v1/sync"
KEPT = """() => new Promise((resolve) => {
  const opening = indexedDB.open("tungnha");
  opening.onsuccess = () => {
    const all = opening.result.transaction("outbox").objectStore("outbox").getAll();
    all.onsuccess = () => { opening.result.close(); resolve(all.result); };
  };
})"""

EVERYTHING_KEPT = """async () => {
  const found = [];
  for (const { name, version } of await indexedDB.databases()) {
    const db = await new Promise((resolve) => {
      const opening = indexedDB.open(name, version);
      opening.onsuccess = () => resolve(opening.result);
    });
    for (const store of db.objectStoreNames) {
      const all = db.transaction(store).objectStore(store).getAll();
      found.push(...(await new Promise((resolve) => (all.onsuccess = () => resolve(all.result)))).map((row) => JSON.stringify(row)));
    }
    db.close();
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) found.push(request.url, await (await cache.match(request)).text());
  }
  for (const area of [localStorage, sessionStorage]) found.push(...Object.entries(area).flat());
  found.push(document.title, document.documentElement.outerHTML);
  for (const field of document.querySelectorAll("input, textarea")) found.push(field.value);
  return found;
}"""
NAMES_KEPT = """(store) => new Promise((resolve) => {
  const opening = indexedDB.open("tungnha");
  opening.onsuccess = () => {
    const all = opening.result.transaction(store).objectStore(store).getAllKeys();
    all.onsuccess = () => { opening.result.close(); resolve(all.result); };
  };
})"""

DRAFTS = KEPT.replace("outbox", "drafts")


def until(page: Page, look: str, is_right: Callable[[Any], bool]) -> Any:
    """What a script on the page finds, once it is right; asked again and again for five seconds."""
    last = time.monotonic() + 5
    while not is_right(found := page.evaluate(look)):
        assert time.monotonic() < last, found
        page.wait_for_timeout(50)
    return found


def at_a_door(site: Site, **how: Any) -> Page:
    """The form of a visit at a door, in the browser of a volunteer."""
    page = site.page(VOLUNTEER, **how)
    page.goto(form_of(max(site.doors(), key=lambda row: len(row.last_skills))))
    if how.get("java_script_enabled", True):  # the outbox has found its storage
        expect(
            page.get_by_text("Mất mạng vẫn lưu được trên máy này.").locator("visible=true")
        ).to_be_visible()
    return page


def sign_in_as(site: Site, phone: BrowserContext, telephone: str) -> None:
    """Somebody else signs in on the same phone."""
    phone.add_cookies([{"name": "sid", "value": site.session_of(telephone), "url": site.address}])


def taught(page: Page) -> None:
    """Ticks the first skill."""
    page.locator(".chips input[name=skill] + label").first.tap()


def save(page: Page) -> Locator:
    """The button that saves a meeting."""
    return page.locator("form.if-met button.go")


def states(page: Page) -> list[str]:
    """How far each entry of this phone has come."""
    return [entry["state"] for entry in page.evaluate(KEPT)]


def flag(page: Page) -> Locator:
    """What waits on this phone, in the bar."""
    return page.locator(".sync")


def flush_is_over(page: Page) -> None:
    """Waits until nothing is being sent from this phone."""
    page.evaluate("() => navigator.locks.request('outbox', () => null)")


def traces(page: Page, text: str) -> list[str]:
    """Where a text still is on this phone: any storage, the page itself, the addresses and titles of its history."""
    history = page.context.new_cdp_session(page).send("Page.getNavigationHistory")["entries"]
    found = [*page.evaluate(EVERYTHING_KEPT), *(entry["url"] + entry["title"] for entry in history)]
    return [place[:200] for place in found if text in place]


def deaf(site: Site, context: BrowserContext) -> None:
    """The server's pages come, but it can't be handed anything: what is saved waits."""
    site.watch.forgives += ["/api/v1/sync", "/healthz"]
    for address in (HANDED_IN, "**/healthz"):
        context.route(address, lambda route: route.abort("connectionrefused"))


def hearing(context: BrowserContext) -> None:
    """The end of `deaf`."""
    context.unroute_all(behavior="wait")


def handed_in(route: Route) -> list[dict[str, Any]]:
    """The items of a batch on its way, unpacked when the browser packed them."""
    body = route.request.post_data_buffer or b""
    batch = json.loads(gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body)
    items: list[dict[str, Any]] = batch["items"]
    return items
