"""Every page of every role as it stands on the screen: readable by all, in both languages, light and dark, small and wide.

A picture of each goes into `screenshots/`, which git does not keep.
"""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from sqlmodel import Session, col, select

from skills import clock
from skills.accounts.second_factor.set_up import offer, set_up
from skills.areas.find import children, city, former_districts
from skills.areas.models import Area, Level
from skills.audit import reads, trail
from skills.households.find import groups_of
from skills.people import add
from skills.people.models import PhoneReport, Posting, Role
from skills.people.teams import teams_of
from skills.people.viewer import find_viewer
from skills.sync.models import HeldItem
from skills.visits.models import Visit
from tests.admin.people.hostile_sheets import workbook
from tests.browser.conftest import (
    ADMINISTRATOR,
    AUDITOR,
    DESK,
    ELSEWHERE,
    LEADER,
    OFFICER,
    PASSWORD,
    PHONE,
    VOLUNTEER,
    WARD_LEAD,
    Site,
    form_of,
)
from tests.browser.test_joining import card as card_of
from tests.coverage.story import Fields, page_of, put, visit_fields

PICTURES = Path(__file__).resolve().parents[2] / "screenshots"
AXE = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "resultTypes": ["violations"],
}
HOLDER = "0905000013"  # a ward lead who is given a second factor
NARROWEST = (320, 640)
HIGHEST = 16_000  # pixels of a picture
SMALLEST_TARGET = 44  # CSS pixels
SIDEWAYS = "() => document.scrollingElement.scrollWidth - innerWidth"

# What can be pressed and is smaller than a finger: links inside a sentence may be, as WCAG 2.2 (2.5.8) allows. A choice whose
# input is drawn by its label is measured by the label.
SMALL = """(least) => [...document.querySelectorAll("a[href], button, select, textarea, summary, input, label")].filter((element) => {
  const hidden = (box) => box.width <= 1 || box.height <= 1;
  const box = element.getBoundingClientRect();
  if (hidden(box) || !element.checkVisibility({ checkVisibilityCSS: true })) return false;
  if (element.matches(".skip")) return false;
  if (element.matches("label") && !(element.control && hidden(element.control.getBoundingClientRect()))) return false;
  if (element.matches("a") && getComputedStyle(element).display === "inline") {
    const around = element.parentElement.closest("p, li, td, th, dd, small, strong");
    if (around && around.textContent.trim() !== element.textContent.trim()) return false;
    if (element.closest("td, th")) return false;
  }
  return box.width < least - 0.5 || box.height < least - 0.5;
}).map((element) => `${element.outerHTML.slice(0, 120)} ${JSON.stringify(element.getBoundingClientRect())}`)"""


@dataclass(frozen=True)
class Places:
    """What the addresses of the pages name."""

    door: str  # /households/…, a door with a history
    form: str
    untouched: str  # the form of a door where nobody has been
    visit: str  # /visits/…, stored long ago by the volunteer
    elsewhere: str  # a door of another ward
    group: int
    ward: int
    district: int
    whole: int
    gone: int  # a ward that ended in 2025
    held: str  # /coverage/tray/…, a visit at a door that nobody knows
    two: str  # one with two versions
    new_door: str
    returned: str  # id of an item given back just now
    person: str  # /admin/people/…, the volunteer
    posting: str
    dismissed: str  # somebody who has left
    year: str  # names of periods
    quarter: str
    month: str
    card: str  # /join/…, of an invitation that nobody has used
    volunteer: uuid.UUID
    holder: uuid.UUID  # of a second factor
    team: str  # /admin/teams/…
    member: uuid.UUID  # somebody of it


@dataclass(frozen=True)
class Look:
    """One page of somebody: its address, and what is done there until the page to be seen is on the screen."""

    name: str
    who: str
    address: str
    then: Callable[[Page], None] | None = None
    alike: bool = False  # so like another one that only the long proofs look at it

    def open(self, page: Page, places: Places) -> None:
        """Goes there."""
        page.goto(self.address.format(**vars(places)))
        if self.then:
            self.then(page)


def save_a_visit(page: Page) -> None:
    """A visit with the first skill of the list, just saved."""
    page.locator(".chips input[name=skill] + label").first.click()
    page.locator("form.if-met button.go").click()
    page.wait_for_url("**/visits/*/*-*")


def save_an_odd_visit(page: Page) -> None:
    """A visit with so many people that it is asked about, and a number in the note that is covered."""
    page.locator("form.if-met [name=people]").fill("24")
    page.locator("form.if-met [name=note]").fill("CCCD 048190001234")
    save_a_visit(page)


def open_everything(page: Page) -> None:
    """Everything that is folded, and the levels of two skills."""
    for fold in page.locator("details > summary").all():
        if not fold.evaluate("(summary) => summary.parentElement.open"):
            fold.click()
    for chip in page.locator("form.if-met .chips input[name=skill] + label").all()[:2]:
        chip.click()


def see_the_past(page: Page) -> None:
    """What happened at the door, which comes after the page itself."""
    page.locator(".track").wait_for()


def agree_on_a_day(page: Page) -> None:
    """The other face of the form."""
    page.locator("label[for=back]").click()


def send(page: Page, form: str, **values: str) -> None:
    """Sends a form the plain way, with these values in it, whatever they are."""
    page.evaluate(
        """([selector, values]) => {
          const form = document.querySelector(selector);
          for (const [name, value] of Object.entries(values)) {
            const [field] = form.querySelectorAll(`[name="${name}"]`);
            if (field.type === "date") field.type = "text";
            field.value = value;
          }
          HTMLFormElement.prototype.submit.call(form);
        }""",
        [form, values],
    )
    page.wait_for_load_state("load")


def with_errors(page: Page) -> None:
    """What cannot be: letters for a number, more first-timers than people, a day that was never."""
    page.locator("form.if-met [name=note]").fill("Hẹn con trai ở nhà")
    with page.expect_navigation():
        send(page, "form.if-met", people="mười", **{"audience-2": "ba"}, come_back_on="30/02/2026")


def saved_with_other_content(page: Page) -> None:
    """The same visit saved again under another item, with other content."""
    page.locator(".chips input[name=skill] + label").first.click()
    address = page.url
    fields = page.evaluate(
        """() => Object.fromEntries(new FormData(document.querySelector("form.if-met")))"""
    )
    page.locator("form.if-met button.go").click()
    page.wait_for_url("**/visits/*/*-*")
    stored = page.url.rsplit("/", 1)[1]
    page.goto(address)
    assert fields["id"] != stored  # the outbox minted its own
    with page.expect_navigation():
        send(page, "form.if-met", id=stored, people="3")


def without_a_reason(page: Page) -> None:
    """The void form, sent empty."""
    with page.expect_navigation():
        send(page, "form[action$='/void']")


def correct_with_errors(page: Page) -> None:
    """A correction that cannot be."""
    with page.expect_navigation():
        send(page, "form[action$='/correction']", people="-1")


def an_empty_door(page: Page) -> None:
    """A new door without anything."""
    with page.expect_navigation():
        send(page, "form[action='/households']")


def wrong_password(page: Page) -> None:
    """Not the right password."""
    with page.expect_navigation():
        send(page, "form[action='/sign-in']", tel="0905000001", pw="sai mat khau")


def too_many_tries(page: Page) -> None:
    """More wrong passwords than are allowed."""
    for _try in range(10):
        page.context.request.post(
            "/sign-in", form={"tel": "0905999999", "pw": "sai"}, headers={"origin": origin(page)}
        )
    with page.expect_navigation():
        send(page, "form[action='/sign-in']", tel="0905999999", pw="sai")


def give_back_without_a_reason(page: Page) -> None:
    """An answer that can't be taken."""
    with page.expect_navigation():
        send(page, "form[action$='/return']")


def without_a_number(page: Page) -> None:
    """Monthly counts that tell nothing."""
    with page.expect_navigation():
        send(page, "form[action='/group-counts']")


def half_way_in(page: Page) -> None:
    """The right password of somebody who has a second factor."""
    with page.expect_navigation():
        send(page, "form[action='/sign-in']", tel=HOLDER, pw=PASSWORD)


def wrong_code(page: Page) -> None:
    """Not the code of the phone."""
    half_way_in(page)
    with page.expect_navigation():
        send(page, "form[action='/sign-in/code']", code="12")


def wrong_first_code(page: Page) -> None:
    """Not the code of the square on the page."""
    with page.expect_navigation():
        send(page, "form[action='/account/second-factor']", code="12")


def new_codes(page: Page) -> None:
    """Ten codes for paper."""
    page.locator("form[action$='/recovery-codes'] button").click()
    page.wait_for_load_state("load")


def wrong_at_confirm(page: Page) -> None:
    """Not her password."""
    with page.expect_navigation():
        send(page, "form[action='/confirm']", pw="sai mat khau")


def with_something_typed(page: Page) -> None:
    """A form that she sent after the half hour was over."""
    with page.expect_navigation():
        page.evaluate(
            """() => {
              const form = Object.assign(document.createElement("form"), { method: "post", action: "/confirm/typed?next=/admin" });
              form.append(Object.assign(document.createElement("input"), { name: "note", value: "Chuyển tổ" }));
              document.body.append(form);
              form.submit();
            }"""
        )


def confirmed_with_something_typed(page: Page) -> None:
    """The same, after her password."""
    with_something_typed(page)
    with page.expect_navigation():
        send(page, "form[action='/confirm']", pw=PASSWORD)


def a_pin_that_many_use(page: Page) -> None:
    """Coming in with a PIN that can't be, and a password that is too short."""
    with page.expect_navigation():
        send(page, "form[action^='/join/']", pin="123456", pw="ngắn")


def a_wrong_code(page: Page) -> None:
    """A code that nobody was given."""
    with page.expect_navigation():
        send(page, "form[action='/join']", tel="0905999999", code="abcdefgh")


def invite_nobody(page: Page) -> None:
    """The form for one person, sent empty."""
    with page.expect_navigation():
        send(page, "form[action='/invitations']", tel="12")


def open_a_card(page: Page) -> None:
    """The card of the second in the list, made anew."""
    with page.expect_navigation():
        page.locator("li", has_text="Lê Văn Tám").locator("button[formaction$='/reissue']").click()


def print_a_card(page: Page) -> None:
    """The same card to be printed, without the others."""
    page.evaluate("() => document.querySelectorAll('[name=which]').forEach((box) => (box.checked = false))")
    page.locator("label", has_text="Lê Văn Tám").click()
    with page.expect_navigation():
        page.locator("form .act button.go").click()


def print_nobody(page: Page) -> None:
    """The list of cards, sent with nobody ticked."""
    page.evaluate("() => document.querySelectorAll('[name=which]').forEach((box) => (box.checked = false))")
    with page.expect_navigation():
        page.locator("form .act button.go").click()


def give_nothing(page: Page) -> None:
    """The residential groups of a team, sent with none ticked."""
    with page.expect_navigation():
        send(page, "form[action$='/groups']")


def on_a_phone_with_pins(page: Page) -> None:
    """Three people set a PIN on it, one of them mistyped it five times; nobody is signed in."""
    for tel, pin in ((LEADER, "639150"), (ELSEWHERE, "748206"), (VOLUNTEER, "508274")):
        steps: list[tuple[str, dict[str, str | float | bool]]] = [
            ("/sign-in", {"tel": tel, "pw": PASSWORD}),
            ("/devices/pin", {"pin": pin, "again": pin}),
            ("/sign-out", {}),
        ]
        for path, form in steps:
            answer = page.context.request.post(
                path, form=form, headers={"origin": origin(page)}, max_redirects=0
            )
            assert answer.status == 303, path
    page.goto("/switch")
    last = page.locator("[name=person]").last.get_attribute("value") or ""
    for _try in range(5):
        page.context.request.post(
            "/switch", form={"person": last, "pin": "417905"}, headers={"origin": origin(page)}
        )
    page.goto("/switch")
    page.locator("[name=person]").first.check(force=True)


def say_it_is_lost(page: Page) -> None:
    """What that means stands there before it is done."""
    page.get_by_text("Mất máy này").or_(page.get_by_text("This phone is lost")).first.click()


def come_in_elsewhere(page: Page) -> None:
    """Twice with the password, in two other browsers: the second is news."""
    browser = page.context.browser
    assert browser is not None
    origin = page.evaluate("location.origin")
    for _ in range(0 if page.get_by_text("Không phải tôi").or_(page.get_by_text("Not me")).count() else 2):
        other = browser.new_context(base_url=origin)
        there = other.new_page()
        there.goto("/sign-in?by=password")
        with there.expect_navigation():
            send(there, "form[action='/sign-in']", tel=ELSEWHERE, pw=PASSWORD)
        other.close()
    page.reload()


def wrong_pin(page: Page) -> None:
    """Four tries are left."""
    on_a_phone_with_pins(page)
    with page.expect_navigation():
        send(page, "[data-switch]", pin="417905")


def weak_pin(page: Page) -> None:
    """One that many people use, and the second time another."""
    with page.expect_navigation():
        send(page, "form[action='/devices/pin']", pin="121212", again="121213")


def an_empty_team(page: Page) -> None:
    """A team without a name, of a decision that was never made."""
    with page.expect_navigation():
        send(page, "form[action='/admin/teams']", decision_date="30/02/2026")


def leaves_on_no_day(page: Page) -> None:
    """The end of a membership, on a day that never was."""
    with page.expect_navigation():
        send(page, "form[action$='/end']", since="30/02/2026")


def an_empty_skill(page: Page) -> None:
    """A new skill without anything."""
    with page.expect_navigation():
        send(page, "form[action='/admin/catalogue/skills']")


NUMBERS = (f"0935{n:06d}" for n in count(100))  # nobody is invited twice


def send_a_sheet(page: Page) -> None:
    """A sheet with somebody new in every row but a few."""
    rows = [["Họ tên", "Số điện thoại", "Vai trò", "Ghi chú"]]
    rows += [[f"Nguyễn Thị Thanh {name}", next(NUMBERS), "", ""] for name in ("An", "Bình", "Chi")]
    rows += [
        ["Lê Thị Hoài", "0905 000 001", "", ""],
        ["Trần Văn Đức", "09O5 000 002", "", ""],
        ["Đỗ Thị Em", "0935000001", "", ""],
    ]
    rows += [['=HYPERLINK("x")', "0935000009", "Quản trị thành phố", ""]]
    put_in(page, "danh-sach.xlsx", workbook(rows))


def send_what_is_no_sheet(page: Page) -> None:
    """A picture with another name."""
    put_in(page, "danh-sach.xlsx", b"\x89PNG")


def take_a_sheet(page: Page) -> None:
    """The preview, and yes to it."""
    send_a_sheet(page)
    with page.expect_navigation():
        page.locator("form[action='/admin/people/imports'] button.go").click()


def put_in(page: Page, name: str, data: bytes) -> None:
    """Chooses a file and sends it."""
    page.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    )
    with page.expect_navigation():
        page.locator("form[action='/admin/people/sheet'] button.go").click()


def look_at_each(page: Page) -> None:
    """The preview with everybody unfolded."""
    send_a_sheet(page)
    page.locator("details > summary").click()


def origin(page: Page) -> str:
    """The address that forms of this site come from."""
    return str(page.evaluate("location.origin"))


LOOKS = (
    Look("sign-in", "", "/sign-in"),
    Look("sign-in-wrong", "", "/sign-in", wrong_password),
    Look("sign-in-too-often", "", "/sign-in", too_many_tries),
    Look("sign-in-code", "", "/sign-in", half_way_in),
    Look("sign-in-code-wrong", "", "/sign-in", wrong_code),
    Look("second-factor-set-up", ADMINISTRATOR, "/account/second-factor"),
    Look("second-factor-set-up-wrong", ADMINISTRATOR, "/account/second-factor", wrong_first_code),
    Look("second-factor", HOLDER, "/account/second-factor"),
    Look("second-factor-codes", HOLDER, "/account/second-factor", new_codes),
    Look("confirm", WARD_LEAD, "/confirm"),
    Look("confirm-code", HOLDER, "/confirm"),
    Look("confirm-wrong", WARD_LEAD, "/confirm", wrong_at_confirm),
    Look("confirm-typed", WARD_LEAD, "/confirm", with_something_typed),
    Look("confirm-done", WARD_LEAD, "/confirm", confirmed_with_something_typed),
    Look("confirm-file", WARD_LEAD, "/confirm?again=yes", alike=True),
    Look("switch", "", "/sign-in", on_a_phone_with_pins),
    Look("switch-wrong", "", "/sign-in", wrong_pin),
    Look("pin", VOLUNTEER, "/devices/pin"),
    Look("pin-weak", VOLUNTEER, "/devices/pin", weak_pin),
    Look("phones", VOLUNTEER, "/devices", say_it_is_lost),
    Look("phones-new", ELSEWHERE, "/devices", come_in_elsewhere),
    Look("today-new-phone", ELSEWHERE, "/", come_in_elsewhere),
    Look("lead-phones", WARD_LEAD, "/devices/{volunteer}", alike=True),
    Look("home", VOLUNTEER, "/"),
    Look("households", VOLUNTEER, "/households"),
    Look("households-found", VOLUNTEER, "/households?q=12"),
    Look("households-none", VOLUNTEER, "/households?q=zzz", alike=True),
    Look("households-back", VOLUNTEER, "/households?mark=back", alike=True),
    Look("households-new", VOLUNTEER, "/households/new"),
    Look("households-new-errors", VOLUNTEER, "/households/new", an_empty_door),
    Look("door", VOLUNTEER, "{door}", see_the_past),
    Look("door-history", VOLUNTEER, "{door}/visits"),
    Look("visits", VOLUNTEER, "/visits"),
    Look("visit", VOLUNTEER, "{form}"),
    Look("visit-open", VOLUNTEER, "{form}", open_everything),
    Look("visit-first", VOLUNTEER, "{untouched}"),
    Look("visit-comeback", VOLUNTEER, "{form}", agree_on_a_day),
    Look("visit-error", VOLUNTEER, "{form}", with_errors),
    Look("visit-clash", VOLUNTEER, "{form}", saved_with_other_content),
    Look("visit-saved", VOLUNTEER, "{form}", save_a_visit),
    Look("visit-saved-odd", VOLUNTEER, "{form}", save_an_odd_visit),
    Look("visit-stored", VOLUNTEER, "{visit}"),
    Look("visit-correction", VOLUNTEER, "{visit}/correction"),
    Look("visit-correction-error", VOLUNTEER, "{visit}/correction", correct_with_errors, alike=True),
    Look("visit-void", VOLUNTEER, "{visit}/void"),
    Look("visit-void-error", VOLUNTEER, "{visit}/void", without_a_reason),
    Look("report-own", VOLUNTEER, "/reports"),
    Look("not-there", VOLUNTEER, "/khong-co-trang-nay"),
    Look("not-mine", VOLUNTEER, "{elsewhere}"),
    Look("report-team", LEADER, "/reports"),
    Look("lead-home", WARD_LEAD, "/"),
    Look("lead-home-group", WARD_LEAD, "/?group={group}", alike=True),
    Look("lead-households", WARD_LEAD, "/households"),
    Look("lead-households-group", WARD_LEAD, "/households?group={group}"),
    Look("lead-visits", WARD_LEAD, "/visits", alike=True),
    Look("lead-tray", WARD_LEAD, "/coverage/tray"),
    Look("lead-tray-answered", WARD_LEAD, "/coverage/tray?ward={ward}&item={returned}"),
    Look("lead-tray-visit", WARD_LEAD, "{held}?q=12"),
    Look("lead-tray-wrong", WARD_LEAD, "{held}", give_back_without_a_reason),
    Look("lead-tray-two", WARD_LEAD, "{two}"),
    Look("lead-tray-door", WARD_LEAD, "{new_door}"),
    Look("counts", LEADER, "/group-counts/new"),
    Look("counts-wrong", LEADER, "/group-counts/new", without_a_number),
    Look("join", "", "{card}"),
    Look("join-wrong", "", "{card}", a_pin_that_many_use),
    Look("join-another", VOLUNTEER, "{card}"),
    Look("join-none", "", "/join/khong-co"),
    Look("code", "", "/join"),
    Look("code-wrong", "", "/join", a_wrong_code),
    Look("invitations", WARD_LEAD, "/invitations"),
    Look("invitations-none-ticked", WARD_LEAD, "/invitations", print_nobody),
    Look("invitations-new", WARD_LEAD, "/invitations/new"),
    Look("invitations-new-wrong", WARD_LEAD, "/invitations/new", invite_nobody),
    Look("invitations-new-area", ADMINISTRATOR, "/invitations/new", alike=True),
    Look("invitations-card", WARD_LEAD, "/invitations", open_a_card),
    Look("invitations-cards", WARD_LEAD, "/invitations", print_a_card),
    Look("invitations-return", WARD_LEAD, "/invitations/return/{volunteer}"),
    Look("invitations-return-second-factor", ADMINISTRATOR, "/invitations/return/{holder}"),
    Look("report-ward", WARD_LEAD, "/reports"),
    Look("report-ward-year", WARD_LEAD, "/reports?period={year}"),
    Look("report-group", WARD_LEAD, "/reports?area={group}"),
    Look("report-unreadable", WARD_LEAD, "/reports?period=hom-qua"),
    Look("report-district", OFFICER, "/reports"),
    Look("report-district-nd09", OFFICER, "/reports?calendar=nd09", alike=True),
    Look("report-district-today", OFFICER, "/reports?lens=today", alike=True),
    Look("report-district-days", OFFICER, "/reports?from=01/{month}&to=01/{month}", alike=True),
    Look("report-city", ADMINISTRATOR, "/reports"),
    Look("report-city-quarter", ADMINISTRATOR, "/reports?period={quarter}&sort=visits&desc=1", alike=True),
    Look("report-gone", ADMINISTRATOR, "/reports?area={gone}"),
    Look("trail", WARD_LEAD, "/admin/audit"),
    Look("trail-reads", WARD_LEAD, "/admin/audit?what=reads"),
    Look("trail-narrowed", ADMINISTRATOR, "/admin/audit?action=person.dismissed"),
    Look("trail-wrong", AUDITOR, "/admin/audit?day=31/2/2026"),
    Look("trail-own", VOLUNTEER, "/admin/audit", alike=True),
    Look("report-auditor", AUDITOR, "/reports", alike=True),
    Look("not-allowed", AUDITOR, "/households"),
    Look("office", WARD_LEAD, "/admin"),
    Look("teams", WARD_LEAD, "/admin/teams"),
    Look("teams-city", ADMINISTRATOR, "/admin/teams", alike=True),
    Look("team", WARD_LEAD, "{team}"),
    Look("team-leader", LEADER, "{team}", alike=True),
    Look("team-new-wrong", WARD_LEAD, "/admin/teams/new", an_empty_team),
    Look("team-join", WARD_LEAD, "{team}/members/new", alike=True),
    Look("team-member-wrong", WARD_LEAD, "{team}/members/{member}", leaves_on_no_day),
    Look("team-groups", WARD_LEAD, "{team}/groups/new", alike=True),
    Look("team-groups-none-ticked", WARD_LEAD, "{team}/groups/new", give_nothing, alike=True),
    Look("team-hand-over", WARD_LEAD, "{team}/hand-over?person={member}"),
    Look("team-dissolution", WARD_LEAD, "{team}/dissolution", alike=True),
    Look("areas", ADMINISTRATOR, "/admin/areas?q=hai+chau"),
    Look("area-then", OFFICER, "/admin/areas/{ward}?day=1/6/2025"),
    Look("catalogue", AUDITOR, "/admin/catalogue"),
    Look("catalogue-skill", ADMINISTRATOR, "/admin/catalogue/skills/1"),
    Look("catalogue-new-wrong", ADMINISTRATOR, "/admin/catalogue/skills/new", an_empty_skill),
    Look("catalogue-wording", ADMINISTRATOR, "/admin/catalogue/skills/1/wording", alike=True),
    Look("people-leader", LEADER, "/admin/people"),
    Look("people-ward", WARD_LEAD, "/admin/people"),
    Look("people-city", ADMINISTRATOR, "/admin/people?page=2"),
    Look("people-none", WARD_LEAD, "/admin/people?q=zzz", alike=True),
    Look("people-left", WARD_LEAD, "/admin/people?state=dismissed", alike=True),
    Look("person", WARD_LEAD, "{person}"),
    Look("person-auditor", AUDITOR, "{person}", alike=True),
    Look("person-left", WARD_LEAD, "{dismissed}?done=dismissed"),
    Look("person-dismissal", WARD_LEAD, "{person}/dismissal"),
    Look("person-reinstatement", WARD_LEAD, "{dismissed}/reinstatement"),
    Look("person-posting", ADMINISTRATOR, "{person}/posting?posting={posting}"),
    Look("sheet", WARD_LEAD, "/admin/people/sheet"),
    Look("sheet-city", ADMINISTRATOR, "/admin/people/sheet", alike=True),
    Look("sheet-wrong", WARD_LEAD, "/admin/people/sheet", send_what_is_no_sheet),
    Look("sheet-preview", WARD_LEAD, "/admin/people/sheet", look_at_each),
    Look("sheet-taken", WARD_LEAD, "/admin/people/sheet", take_a_sheet),
    Look("people-invited", WARD_LEAD, "/admin/people?state=invited"),
)
EVERY_LOOK = pytest.mark.parametrize(
    "look", [pytest.param(look, id=look.name, marks=[pytest.mark.prove] * look.alike) for look in LOOKS]
)
FACES = (("vi", "light"), ("en", "dark"), ("vi", "dark"), ("en", "light"))


def every_face() -> Iterator[Any]:
    """Each look in both languages, light and dark. The commit tier has one face of each, the first two in turn; all are a proof."""
    for place, look in enumerate(LOOKS):
        for face in FACES:
            is_proof = look.alike or face != FACES[place % 2]
            marks = [pytest.mark.prove] * is_proof
            yield pytest.param(look, *face, id="-".join((*face, look.name)), marks=marks)


INVITED = ("Phan Thị Sương", "0935 777 001"), ("Lê Văn Tám", "0935 777 002")


@pytest.fixture(scope="module")
def places(still_site: Site) -> Places:
    """Doors, visits and areas of the demonstration, and something in the tray."""
    doors = still_site.doors()
    visited = max(doors, key=lambda row: len(row.last_skills))
    elsewhere = still_site.doors(ELSEWHERE)[0]
    author = still_site.person(VOLUNTEER).id
    held = in_the_tray(still_site)
    with still_site.database.writing() as db:
        holder, key = still_site.person(HOLDER).id, still_site.settings.secret
        offered = offer(db, holder, key)
        set_up(db, holder, offered.sealed, pyotp.TOTP(offered.secret).now(), key)
    card, _other = (card_of(still_site, name, tel) for name, tel in INVITED)
    in_the_trail(still_site)
    with still_site.database.writing() as db:
        ward_lead = find_viewer(db, still_site.person(WARD_LEAD).id, clock.today())
        assert ward_lead
        left = add.add_person(db, "Phan Thị Út", "0935999999", Role.VOLUNTEER, ward_lead.postings[0].area_id)
        add.dismiss(db, left)
        gone = left.id
    with still_site.database.reading() as db:
        today = clock.today()
        visit = db.exec(
            select(Visit)
            .where(Visit.author_id == author, Visit.outcome == "met")
            .order_by(col(Visit.visited_on).desc())
        ).first()
        assert visit is not None
        ward = db.exec(select(Area).where(Area.id == visited.ward_id)).one()
        district = next(area for area in former_districts(db, today) if area.short_name == "Hải Châu")
        team_ids = teams_of(db, author, today)
        return Places(
            door=f"/households/{visited.ward_id}/{visited.id}",
            form=form_of(visited),
            untouched=form_of(
                min(doors, key=lambda row: (row.last_met_on is not None, row.last_on is not None))
            ),
            visit=f"/visits/{visit.ward_id}/{visit.id}",
            card=f"/join/{card}",
            elsewhere=f"/households/{elsewhere.ward_id}/{elsewhere.id}",
            group=children(db, ward, today)[0].id,
            ward=ward.id,
            district=district.id,
            whole=city(db, today).id,
            gone=_ward_of_the_past(db),
            **held,
            person=f"/admin/people/{author}",
            posting=str(
                db.exec(
                    select(Posting.id).where(Posting.person_id == author, Posting.valid_to >= today)
                ).one()
            ),
            dismissed=f"/admin/people/{gone}",
            year=f"{today:%Y}",
            quarter=f"{today.year}-Q{(today.month + 2) // 3}",
            month=f"{today:%m/%Y}",
            volunteer=author,
            holder=still_site.person(HOLDER).id,
            team=f"/admin/teams/{team_ids[0]}",
            member=author,
        )


def in_the_trail(site: Site) -> None:
    """Two wards' worth of what people do, and who read what."""
    lead, volunteer, admin = (site.person(who).id for who in (WARD_LEAD, VOLUNTEER, ADMINISTRATOR))
    [ward, *_] = {row.ward_id for row in site.doors()}
    with site.database.writing() as db:
        trail.write(db, 0, None, "totals.rebuilt", 128_000)
        trail.write(db, ward, lead, "session.started", lead)
        trail.write(
            db, ward, lead, "visit.corrected", uuid.uuid4(), ["people", "visited_on", "skills", "note"]
        )
        trail.write(db, ward, lead, "person.dismissed", volunteer, ["dismissed_at"])
        trail.write(db, ward, admin, "person.dismissed", volunteer, ["dismissed_at"])
        trail.write(db, ward, None, "session.refused", volunteer)
        reads.keep(db, (reads.Noted(ward, lead, "visit.note", str(uuid.uuid4()), ""),))


def in_the_tray(site: Site) -> dict[str, str]:
    """Something of each kind that waits for the ward lead, and phones that were not heard from."""
    door, author, now = site.doors()[0], site.person(VOLUNTEER).id, clock.now()
    ward, nowhere = door.ward_id, uuid.UUID(int=7)

    def wait(fields: Fields, code: str, **more: Any) -> HeldItem:
        return put(site.database, author, ward, fields, code, ward=ward, **more)

    with site.database.reading() as db:
        own = db.exec(
            select(Visit).where(Visit.author_id == author, Visit.outcome == "met", Visit.ward_id == ward)
        ).first()
        lead = find_viewer(db, site.person(WARD_LEAD).id, clock.today())
        assert own is not None
        assert lead is not None
        group = groups_of(db, lead)[0].id
    at_own = (ward, own.household_id)
    two = wait(
        visit_fields(at_own, people="5"), "same_field", op="correction", fact=own.id, state="conflict", days=1
    )
    wait(
        visit_fields((ward, door.id), visited_on="2026-08-14", skill=["1", "4"], people="2"),
        "dismissed",
        days=8,
    )
    fields = {"group": str(group), "street": "Hàng Dừa", "number": "K61/15"}
    new_door = wait(fields, "no_place", op="door", fact=nowhere, days=3)
    held = wait(visit_fields((ward, nowhere), people="3", skill=["1"], note="Cửa sau"), "no_place", days=3)
    wait(visit_fields((ward, door.id)), "clock", days=2)
    returned = wait(visit_fields((ward, door.id)), "many", state="returned")
    with site.database.writing() as db:
        row = db.get_one(HeldItem, (ward, returned.item))
        row.answer, row.answered_by, row.answered_at = "ask", lead.person_id, now + timedelta(hours=1)
        for person, pending, days in ((VOLUNTEER, 9, 2), (LEADER, 0, 9)):
            db.add(
                PhoneReport(
                    device_id=uuid.uuid4(), person_id=site.person(person).id, seen_at=now - timedelta(days=days), pending=pending
                )
            )  # fmt: skip
    return {
        "held": page_of(held),
        "two": page_of(two),
        "new_door": page_of(new_door),
        "returned": str(returned.item),
    }


@pytest.mark.parametrize(("look", "language", "theme"), list(every_face()))
def test_everybody_can_read_it(
    still_site: Site, places: Places, look: Look, language: str, theme: str
) -> None:
    """axe finds nothing, nothing stands out sideways, everything to press is as large as a finger; on a phone and a desk."""
    page = still_site.page(look.who, language=language, dark=theme == "dark")
    look.open(page, places)
    wrong: dict[str, object] = {}
    for screen, size in (("phone", PHONE), ("desktop", DESK)):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        wrong[f"sideways, {screen}"] = max(0, page.evaluate(SIDEWAYS))
        wrong[f"small, {screen}"] = page.evaluate(SMALL, SMALLEST_TARGET) if screen == "phone" else []
        photograph(page, f"{look.name}-{screen}-{language}-{theme}", size)
        # On the tall screen of the picture: a row half under the dock is one to scroll to, not one that is too small.
        wrong[f"axe, {screen}"] = violations(page)
    page.set_viewport_size({"width": NARROWEST[0], "height": NARROWEST[1]})
    wrong["sideways, 320"] = max(0, page.evaluate(SIDEWAYS))
    still_site.close()
    wrong["watch"] = still_site.watch.verdict()
    still_site.watch.complaints.clear()
    assert not any(wrong.values()), "\n".join(f"{where}: {what}" for where, what in wrong.items() if what)


@EVERY_LOOK
def test_it_bears_large_text(still_site: Site, large_text: Browser, places: Places, look: Look) -> None:
    """With text twice as large on a phone nothing stands out sideways."""
    page = still_site.page(look.who, browser=large_text)
    look.open(page, places)
    over = page.evaluate(SIDEWAYS)
    photograph(page, f"{look.name}-200", PHONE)
    still_site.close()
    breaches = [said for said in still_site.watch.verdict() if "CSP" in said]
    still_site.watch.complaints.clear()  # the other test has read the rest
    assert not breaches, breaches
    assert over <= 0, f"{over} pixels"


def violations(page: Page) -> list[str]:
    """What axe has to say, a line for each rule that is broken."""
    told = Axe().run(page, options=AXE).response["violations"]
    return [
        f"{rule['id']}: {rule['help']}: {[node['html'][:200] for node in rule['nodes'][:3]]}" for rule in told
    ]


def photograph(page: Page, name: str, size: tuple[int, int]) -> None:
    """The whole page in one picture, its dock at the foot as on a very tall screen."""
    PICTURES.mkdir(exist_ok=True)
    height = max(size[1], min(HIGHEST, page.evaluate("document.scrollingElement.scrollHeight")))
    page.set_viewport_size({"width": size[0], "height": height})
    page.screenshot(path=PICTURES / f"{name}.png")


def _ward_of_the_past(db: Session) -> int:
    """A ward of the former map that went into another one."""
    return (
        db.exec(
            select(Area.id)
            .where(Area.level == Level.WARD, col(Area.valid_to) < clock.today())
            .order_by(col(Area.id))
        ).first()
        or 0
    )
