"""From a printed card to the first door, and back in after a forgotten PIN: on a small phone, counted in taps and seconds."""

import time
from typing import Any

from playwright.sync_api import Page, expect
from sqlmodel import col, select

from skills import clock
from skills.invitations.bring_back import invite_back
from skills.invitations.invite import invite
from skills.people.models import Role, UploadTicket
from skills.people.viewer import find_viewer
from tests.browser.conftest import VOLUNTEER, WARD_LEAD, Site, form_of
from tests.browser.finger import Finger, on_first_screen
from tests.browser.pocket import KEPT_HERE, NAMES_KEPT, deaf, flag, hearing, save, taught, until

PIN, NEW_PIN = "580274", "719350"
NAME, NUMBER = "Phan Thị Sương", "0935 777 001"


def card(site: Site, full_name: str = NAME, phone: str = NUMBER) -> str:
    """The token on a card for a new volunteer of the team that the volunteer of the demonstration is in."""
    with site.database.writing() as db:
        lead = find_viewer(db, site.person(WARD_LEAD).id, clock.today())
        member = find_viewer(db, site.person(VOLUNTEER).id, clock.today())
        assert lead is not None
        assert member is not None
        [ward] = [posted.area_id for posted in lead.postings]
        made = invite(
            db, lead, full_name=full_name, phone=phone, role=Role.VOLUNTEER, area_id=ward, team_id=member.team_ids[0]
        )  # fmt: skip
    return made.token


def way_back(site: Site) -> str:
    """The token on a return card that the ward lead opened for the volunteer."""
    with site.database.writing() as db:
        lead = find_viewer(db, site.person(WARD_LEAD).id, clock.today())
        assert lead is not None
        return invite_back(db, lead, site.person(VOLUNTEER).id).token


def choose_pin(page: Page, finger: Finger, pin: str) -> None:
    """One tap into the field, and six digits."""
    finger.tap(page.locator("[name=pin]"))
    page.keyboard.type(pin)


def test_from_a_printed_card_to_the_first_door(site: Site) -> None:
    """At most six taps and sixty seconds; the camera opened the link, which is the first of them."""
    page = site.page()
    started, finger = time.monotonic(), Finger(page, taps=1)
    page.goto(f"/join/{card(site)}")
    assert on_first_screen(page.locator("button.go"))
    choose_pin(page, finger, PIN)
    finger.tap(page.locator("button.go"))
    page.wait_for_url(site.address + "/")
    finger.tap(page.locator(".act a.go"))
    finger.tap(page.locator(".walk a").first)
    page.wait_for_url("**/visits/new?**")
    expect(page.locator("form.if-met button.go")).to_be_visible()
    assert finger.taps <= 6
    assert time.monotonic() - started <= 60
    names = {cookie["name"]: cookie for cookie in page.context.cookies()}
    for name in ("sid", "device"):
        assert names[name]["httpOnly"]
        assert names[name]["sameSite"] == "Lax"


def test_the_same_without_javascript(site: Site) -> None:
    """The page of the card is a form like any other."""
    page = site.page(java_script_enabled=False)
    page.goto(f"/join/{card(site)}")
    page.locator("[name=pin]").fill("123456")
    page.locator("button.go").click()
    expect(page.locator("main")).to_contain_text("Mã này nhiều người dùng, dễ đoán.")
    assert page.locator("[name=full_name]").input_value() == NAME
    page.locator("[name=pin]").fill(PIN)
    page.locator("button.go").click()
    page.wait_for_url(site.address + "/")
    expect(page.locator(".foot")).to_contain_text(NAME)


def test_back_in_on_the_phone_with_the_queue(site: Site) -> None:
    """She forgot her PIN while a visit waited: within a minute she is back, and the visit arrives and counts."""
    phone = site.context()
    page = phone.new_page()
    sign_in(page)
    ready(site, page)
    door = site.doors()[0]
    page.goto(form_of(door))
    deaf(site, phone)
    taught(page)
    save(page).tap()
    expect(page.locator("[data-outbox-status]")).to_have_text(KEPT_HERE)
    hearing(phone)
    started, finger = time.monotonic(), Finger(page, taps=1)
    page.goto(f"/join/{way_back(site)}")
    choose_pin(page, finger, NEW_PIN)
    finger.tap(page.locator("button.go"))
    page.wait_for_url(site.address + "/")
    expect(flag(page)).to_have_attribute("data-state", "ok", timeout=20_000)
    assert time.monotonic() - started <= 60
    [visit] = site.saved()
    assert (visit.household_id, visit.author_id) == (door.id, site.person(VOLUNTEER).id)


def test_back_in_on_a_new_phone(site: Site) -> None:
    """What still lies on the old one comes in under her name, and waits for the ward."""
    old = site.page()
    sign_in(old)
    ready(site, old)
    new = site.page()
    finger = Finger(new, taps=1)
    started = time.monotonic()
    new.goto(f"/join/{way_back(site)}")
    choose_pin(new, finger, NEW_PIN)
    finger.tap(new.locator("button.go"))
    new.wait_for_url(site.address + "/")
    assert time.monotonic() - started <= 60
    ready(site, new)
    old.goto("/households")
    assert old.locator("body").get_attribute("data-person") is None
    with site.database.reading() as db:
        tickets: Any = db.exec(
            select(UploadTicket)
            .where(col(UploadTicket.person_id) == site.person(VOLUNTEER).id)
            .order_by(col(UploadTicket.issued_at))
        ).all()
    assert [ticket.revoked_at is None for ticket in tickets[-2:]] == [False, True]


def sign_in(page: Page) -> None:
    """With number and password, as on the first day before there were cards."""
    page.goto("/sign-in?by=password&next=/households")
    page.locator("[name=tel]").fill(VOLUNTEER)
    page.locator("[name=pw]").fill("tungnha-demo")
    page.locator("button.go").click()
    page.wait_for_url("**/households")


def ready(site: Site, page: Page) -> None:
    """Until the phone can save without a network in her name."""
    hers = f"ticket {site.person(VOLUNTEER).id}"
    until(page, f"() => ({NAMES_KEPT})('meta')", lambda names: hers in names)
