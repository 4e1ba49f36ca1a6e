"""A phone goes from hand to hand: who leaves takes along everything that can be read, and what she saved arrives as hers."""

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from skills import clock
from skills.households.models import Household
from skills.people import sessions
from tests.browser.conftest import LEADER, VOLUNTEER, Site
from tests.browser.pocket import (
    DRAFTS,
    HANDED_IN,
    KEPT,
    KEPT_HERE,
    NAMES_KEPT,
    at_a_door,
    deaf,
    flag,
    hearing,
    save,
    sign_in_as,
    taught,
    traces,
    until,
)
from tests.browser.test_switch import PINS, enrolled

CANARY = "chim hoàng yến 7319"  # a text that is nowhere else
OF_AN_ENTRY = {"item", "person", "state", "seq", "late", "sealed"}


@pytest.fixture
def hers(site: Site) -> Page:
    """Hoài's phone: one visit sent, one visit and one door that wait, one visit begun; no network. The canary is in all of them."""
    page = at_a_door(site)
    form = page.url
    taught(page)
    note(page)
    save(page).tap()
    page.wait_for_url("**/visits/*/*-*")

    deaf(site, page.context)
    page.goto(form)
    note(page)
    save(page).tap()
    expect(page.get_by_text(KEPT_HERE)).to_be_visible()

    page.goto("/households/new")
    expect(page.get_by_text("Mất mạng vẫn lưu được trên máy này.")).to_be_visible()
    page.get_by_label("Đường").fill(CANARY)
    page.get_by_label("Số nhà").fill("12")
    page.get_by_role("button", name="Thêm hộ này").tap()
    expect(page.get_by_text(KEPT_HERE)).to_be_visible()

    page.goto(form)
    note(page)
    expect(flag(page)).to_have_text("2 chờ gửi")
    until(page, DRAFTS, bool)
    page.evaluate("() => localStorage.setItem('seen', 'chim hoàng yến 7319')")
    page.evaluate(
        "() => caches.open('pages').then((cache) => cache.put('/seen', new Response('chim hoàng yến 7319')))"
    )
    page.evaluate("() => caches.open('precache').then((cache) => cache.put('/shell', new Response('')))")
    assert len(traces(page, CANARY)) >= 5
    return page


def test_after_signing_out_nothing_of_hers_can_be_read_and_everything_arrives(site: Site, hers: Page) -> None:
    """Online: a draft is asked about once; then nothing is left in clear, and what waited goes out from the page for signing in."""
    sign_out(hers)
    hers.wait_for_url("**/sign-in")
    nothing_is_left(hers)
    entries = hers.evaluate(KEPT)
    assert len(entries) == 3
    assert all(set(entry) == OF_AN_ENTRY for entry in entries)
    assert hers.evaluate("() => caches.keys()") == ["precache"]

    hearing(hers.context)
    with hers.expect_response(HANDED_IN):
        hers.reload()
    arrived_as_hers(site)
    nothing_is_left(hers)


def test_signing_out_works_without_a_network_and_the_session_ends_with_the_first_page(
    site: Site, hers: Page
) -> None:
    """The phone forgets her at once. The server hears of it before anybody sees a page."""
    session = next(cookie["value"] for cookie in hers.context.cookies() if cookie["name"] == "sid")
    hers.context.set_offline(True)
    site.watch.forgives += ["ERR_INTERNET_DISCONNECTED"]
    sign_out(hers)
    expect(hers.get_by_text("Đã đăng xuất trên máy này.")).to_be_visible()
    nothing_is_left(hers)

    hers.context.set_offline(False)
    hearing(hers.context)
    hers.goto("/visits")
    hers.wait_for_url("**/sign-in")
    nothing_is_left(hers)
    again = site.page()
    again.context.add_cookies([{"name": "sid", "value": session, "url": site.address}])
    again.goto("/households")
    assert again.url.endswith("/sign-in?next=%2Fhouseholds")  # the session is over wherever its cookie went
    arrived_as_hers(site)


def test_whoever_opens_the_phone_next_finds_nothing_and_adds_nothing(site: Site, hers: Page) -> None:
    """The team leader signs in without her signing out: the same, before he sees his first page."""
    sign_in_as(site, hers.context, LEADER)
    his = hers.context.new_page()
    his.goto("/visits")
    expect(flag(his)).to_have_text("Đã gửi hết")
    nothing_is_left(his)
    assert f"key {site.person(VOLUNTEER).id}" not in his.evaluate(
        NAMES_KEPT, "meta"
    )  # nobody signs in her name
    assert f"ticket {site.person(VOLUNTEER).id}" in his.evaluate(NAMES_KEPT, "meta")

    his.goto("/sync")
    expect(his.get_by_text("Của người khác dùng máy này: 2 bản đã niêm phong")).to_be_visible()
    hearing(his.context)
    with his.expect_response(HANDED_IN):
        his.get_by_role("button", name="Thử gửi ngay").tap()
    arrived_as_hers(site)


def test_the_next_person_takes_the_phone_with_a_pin(site: Site, hers: Page) -> None:
    """By the link at the foot, and his name: her draft is asked about once; what is hers is gone before his first page and arrives as
    hers, and her session is over."""
    hers_was = session_in(hers)
    enrolled(site, hers.context)
    hers.goto("/")
    hers.get_by_role("link", name="Đổi người").tap()
    expect(hers.get_by_text("Có bản ghi dở chưa lưu.")).to_be_visible()
    hers.get_by_role("link", name="Đổi người").tap()
    hers.wait_for_url("**/switch")
    nothing_is_left(hers)
    expect(hers.get_by_text("2 lượt chờ gửi")).to_be_visible()
    take(site, hers, LEADER)
    expect(hers.locator(".foot")).to_contain_text(site.person(LEADER).full_name)
    nothing_is_left(hers)
    hearing(hers.context)
    with hers.expect_response(HANDED_IN):
        hers.reload()
    arrived_as_hers(site)
    nobody_has(site, hers_was)


def test_whoever_goes_to_the_page_of_names_by_its_address_leaves_nothing_either(
    site: Site, hers: Page
) -> None:
    """She is still signed in: her draft is asked about when he opens, and all of hers is sealed before his PIN is sent."""
    hers_was = session_in(hers)
    enrolled(site, hers.context)
    hers.goto("/switch")
    take(site, hers, LEADER)
    expect(hers.get_by_text("Người trước còn bản ghi dở chưa lưu.")).to_be_visible()
    hers.get_by_role("button", name="Mở", exact=True).tap()
    expect(hers.locator(".foot")).to_contain_text(site.person(LEADER).full_name)
    nothing_is_left(hers)
    nobody_has(site, hers_was)
    hearing(hers.context)
    with hers.expect_response(HANDED_IN):
        hers.reload()
    arrived_as_hers(site)


def test_without_a_network_she_leaves_and_nobody_comes_in(site: Site, hers: Page) -> None:
    """A PIN is checked by the server: the page says so, what is hers is sealed all the same, and goes out later."""
    hers_was = session_in(hers)
    enrolled(site, hers.context)
    hers.goto("/switch")
    hers.context.set_offline(True)
    site.watch.forgives += ["ERR_INTERNET_DISCONNECTED"]
    take(site, hers, LEADER)
    hers.get_by_role("button", name="Mở", exact=True).tap()  # her draft was asked about
    expect(hers.get_by_text("Mở máy bằng mã PIN cần có mạng.")).to_be_visible()
    nothing_is_left(hers)
    assert hers.url.endswith("/switch")

    hers.context.set_offline(False)
    hearing(hers.context)
    hers.get_by_role("button", name="Mở", exact=True).tap()
    expect(hers.locator(".foot")).to_contain_text(site.person(LEADER).full_name)
    nobody_has(site, hers_was)
    until(hers, KEPT, lambda entries: all(entry["state"] == "accepted" for entry in entries))
    arrived_as_hers(site)


def test_an_interrupted_sign_out_is_finished_by_the_next_page(site: Site, hers: Page) -> None:
    """The phone died after her key was gone and before her entries were sealed: whatever page comes next seals them."""
    hers.context.set_offline(False)
    hers.evaluate(
        """(person) => new Promise((resolve) => {
          const opening = indexedDB.open("tungnha");
          opening.onsuccess = () => {
            const change = opening.result.transaction(["meta"], "readwrite");
            change.objectStore("meta").delete("key " + person);
            change.objectStore("meta").delete("person");
            change.oncomplete = () => { opening.result.close(); resolve(); };
          };
        })""",
        str(site.person(VOLUNTEER).id),
    )
    hers.context.clear_cookies()
    hers.goto("/sign-in")
    until(hers, KEPT, lambda entries: all(set(entry) == OF_AN_ENTRY for entry in entries))


def note(page: Page) -> None:
    """Writes the canary into the note of a visit."""
    page.get_by_label("Ghi chú cho lần sau").fill(CANARY)


def sign_out(page: Page) -> None:
    """At the foot of the page; what was begun is asked about once."""
    page.get_by_role("button", name="Đăng xuất").tap()
    expect(page.get_by_text("Có bản ghi dở chưa lưu.")).to_be_visible()
    page.get_by_role("button", name="Đăng xuất").tap()


def nothing_is_left(page: Page) -> None:
    """No storage, no page and no entry of the history holds the canary."""
    assert traces(page, CANARY) == []
    assert traces(page, "hoàng yến") == []


def arrived_as_hers(site: Site) -> None:
    """Both visits and the door, under her name."""
    person = site.person(VOLUNTEER).id
    visits = site.saved()
    assert [visit.author_id for visit in visits] == [person] * 2
    assert [visit.note for visit in visits] == [CANARY] * 2
    with site.database.reading() as db:
        [door] = db.exec(select(Household).where(Household.street == CANARY)).all()
    assert door.created_by == person


def take(site: Site, page: Page, telephone: str) -> None:
    """Somebody taps their name, types their PIN and opens."""
    page.locator(f"label:has-text('{site.person(telephone).short_name}')").tap()
    page.get_by_label("Mã PIN, 6 chữ số").fill(PINS[telephone])
    page.get_by_role("button", name="Mở", exact=True).tap()


def session_in(page: Page) -> str:
    """The token with which somebody is signed in there."""
    return next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "sid")


def nobody_has(site: Site, session: str) -> None:
    """It is over on the server, wherever its cookie went."""
    with site.database.reading() as db:
        assert sessions.find(db, session, clock.now()) is None
