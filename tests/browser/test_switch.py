"""Taking a shared phone by name and PIN: how long it takes, what the page knows of this phone, and what is left of who had it."""

import time

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from skills import clock
from skills.people import enrolments, sessions
from tests.browser.conftest import LEADER, VOLUNTEER, Site
from tests.browser.finger import Finger
from tests.browser.pocket import KEPT_HERE, at_a_door, deaf, save, taught

PINS = {VOLUNTEER: "508274", LEADER: "639150"}
QUICKLY = 3.0  # seconds from the name to the page


def enrolled(site: Site, context: BrowserContext) -> BrowserContext:
    """The phone knows both, each with a PIN."""
    token = None
    with site.database.writing() as db:
        for telephone, pin in PINS.items():
            token = enrolments.remember(db, token, site.person(telephone).id, pin, "Chrome · Android")
    assert token
    context.add_cookies([{"name": "device", "value": token, "url": site.address}])
    return context


def name_of(site: Site, page: Page, telephone: str):  # type: ignore[no-untyped-def]
    """The row of somebody."""
    return page.locator(f"label:has-text('{site.person(telephone).short_name}')")


def type_pin(finger: Finger, pin: str) -> None:
    """On the keys of the page."""
    for digit in pin:
        finger.tap(finger.page.locator(f"[data-pad] button[value='{digit}']"))


def test_from_the_name_to_the_first_page_in_three_seconds(site: Site) -> None:
    """Eight taps: the name, six digits, Open. A slip is taken back."""
    page = enrolled(site, site.context()).new_page()
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ai đang cầm máy?")
    finger = Finger(page)
    began = time.monotonic()
    finger.tap(name_of(site, page, VOLUNTEER))
    type_pin(finger, PINS[VOLUNTEER])
    finger.tap(page.get_by_role("button", name="Mở", exact=True))
    expect(page.get_by_role("heading", level=1)).to_have_text("Hôm nay")
    took = time.monotonic() - began
    assert finger.taps == 8
    assert took <= QUICKLY
    expect(page.locator(".foot")).to_contain_text(site.person(VOLUNTEER).full_name)

    page.get_by_role("link", name="Đổi người").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ai đang cầm máy?")
    finger.tap(name_of(site, page, LEADER))
    type_pin(finger, "63915")
    finger.tap(page.locator("[data-pad] button[value='4']"))
    finger.tap(page.get_by_role("button", name="Xóa"))
    finger.tap(page.locator("[data-pad] button[value='0']"))
    finger.tap(page.get_by_role("button", name="Mở", exact=True))
    expect(page.locator(".foot")).to_contain_text(site.person(LEADER).full_name)


def test_the_keyboard_types_too_and_the_keys_do_not_bring_another_up(site: Site) -> None:
    """The field asks for no keyboard on the screen, and takes what a real one types."""
    page = enrolled(site, site.context()).new_page()
    page.goto("/switch")
    name_of(site, page, VOLUNTEER).tap()
    field = page.get_by_label("Mã PIN, 6 chữ số")
    assert field.evaluate("(field) => field.inputMode") == "none"
    field.fill(PINS[VOLUNTEER])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Hôm nay")


def test_without_javascript_the_field_is_typed_into(site: Site) -> None:
    """No keys that do nothing; the number of visits that wait is not known, and not made up."""
    page = enrolled(site, site.context(java_script_enabled=False)).new_page()
    page.goto("/switch")
    expect(page.locator("[data-pad] button[value='1']")).to_be_hidden()
    expect(page.locator("[data-waits]")).to_have_text(["Chờ gửi: —"] * 2)
    name_of(site, page, VOLUNTEER).tap()
    page.get_by_label("Mã PIN, 6 chữ số").fill(PINS[VOLUNTEER])
    page.get_by_role("button", name="Mở", exact=True).tap()
    expect(page.locator(".foot")).to_contain_text(site.person(VOLUNTEER).full_name)


def test_the_page_says_what_waits_for_each(site: Site) -> None:
    """Out of this phone's own storage, sealed or not."""
    page = at_a_door(site)
    enrolled(site, page.context)
    deaf(site, page.context)
    taught(page)
    save(page).tap()
    expect(page.get_by_text(KEPT_HERE)).to_be_visible()
    for _ in range(2):  # in clear, while she has the phone; sealed, after she left it
        page.goto("/switch")
        expect(name_of(site, page, VOLUNTEER)).to_contain_text("1 lượt chờ gửi")
        expect(name_of(site, page, LEADER)).to_contain_text("Đã gửi hết")
        page.goto("/")
        page.get_by_role("button", name="Đăng xuất").tap()
        page.wait_for_url("**/switch")
        page.context.add_cookies([{"name": "sid", "value": site.session_of(LEADER), "url": site.address}])


@pytest.mark.parametrize("wrong", [1, 5])
def test_wrong_pins_are_said_and_the_name_stays(site: Site, wrong: int) -> None:
    """Four left after one; off after five."""
    page = enrolled(site, site.context()).new_page()
    page.goto("/switch")
    finger = Finger(page)
    for n in range(wrong):
        if n == 0:
            finger.tap(name_of(site, page, VOLUNTEER))
        type_pin(finger, "417905")
        with page.expect_navigation():
            finger.tap(page.get_by_role("button", name="Mở", exact=True))
    if wrong == 1:
        expect(page.get_by_text("Mã PIN chưa đúng. Ghi lại, còn 4 lần.")).to_be_visible()
        expect(page.locator(f"[value='{site.person(VOLUNTEER).id}']")).to_be_checked()
    else:
        expect(page.get_by_text("Mã PIN đã tắt sau 5 lần sai.")).to_be_visible()
        expect(page.locator(f"[value='{site.person(VOLUNTEER).id}']")).to_be_disabled()
    with site.database.reading() as db:
        token = next(c["value"] for c in page.context.cookies() if c["name"] == "device")
        assert len(enrolments.people_on(db, token)) == 2
        sid = [c["value"] for c in page.context.cookies() if c["name"] == "sid"]
        assert [sessions.find(db, each, clock.now()) for each in sid] == []
