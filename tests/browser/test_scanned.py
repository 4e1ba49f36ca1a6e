"""Each QR code that we draw, read off the screen by a decoder as a phone's camera would, and what its text leads to."""

from urllib.parse import parse_qs, unquote, urlsplit

import pyotp
import pytest
from playwright.sync_api import Page, expect

from skills import clock
from tests.browser.camera import read_codes
from tests.browser.conftest import ADMINISTRATOR, LEADER, VOLUNTEER, WARD_LEAD, Site, form_of
from tests.browser.pocket import ALL_SENT, KEPT_HERE, deaf, flag, hearing, save, states
from tests.browser.test_joining import card

TAKEN_IN = "Đã gửi 1 bản."
LONGEST = (
    "Nhà có hai thế hệ, hẹn buổi tối. " * 30
)  # more than the form lets in: the longest visit that there can be


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_two_codes_on_a_broken_phone_arrive_once_by_another(site: Site, dark: bool) -> None:
    """The volunteer's queue is shown, one of it as long as can be; the leader's camera opens what it reads, and each counts once."""
    page = a_phone_that_cannot_send(site, ["", LONGEST], dark)
    page.goto("/sync")
    page.get_by_role("button", name="Hiện mã QR").tap()
    codes = page.locator("[data-codes] svg")
    expect(codes).to_have_count(2)
    read = [text for code in codes.all() for text in read_codes(code)]
    assert read == [code.get_attribute("data-address") for code in codes.all()]

    other = site.page(LEADER)
    other.goto("/")
    expect(flag(other)).to_have_text(ALL_SENT)
    for address in [*read, read[0]]:  # the first is held before the camera twice
        assert address.startswith(f"{site.address}/sync/take-in#")
        other.goto("about:blank")
        other.goto(address)
        expect(other.get_by_text(TAKEN_IN)).to_be_visible()
    brought = site.saved()
    assert {visit.author_id for visit in brought} == {site.person(VOLUNTEER).id}
    assert {visit.household_id for visit in brought} == {door.id for door in site.doors()[:2]}
    assert len(brought) == 2

    hearing(page.context)  # the broken phone finds a network after all
    page.get_by_role("button", name="Thử gửi ngay").tap()
    expect(flag(page)).to_have_text(ALL_SENT)
    assert states(page) == ["accepted", "accepted"]
    assert len(site.saved()) == 2


def test_a_code_that_the_stylesheet_spoils_is_not_read(site: Site) -> None:
    """Planted: what the dots once had, a line around each. The decoder is no rubber stamp."""
    page = a_phone_that_cannot_send(site, [""])
    page.goto("/sync")
    page.get_by_role("button", name="Hiện mã QR").tap()
    code = page.locator("[data-codes] svg")
    assert len(read_codes(code)) == 1
    code.locator("path").evaluate("(path) => { path.style.stroke = '#000'; path.style.strokeWidth = '1.6'; }")
    assert read_codes(code) == []


def test_a_card_is_read_and_opens_the_invitation(site: Site) -> None:
    """On the screen of the ward lead, and among the cards to print: each code is the link of that card, and its last one works."""
    card(site)
    page = site.page(WARD_LEAD)
    page.goto("/invitations")
    page.get_by_role("button", name="Mở thẻ mới của").tap()
    [first] = read_codes(page.locator("svg.qr"))
    assert first.startswith(f"{site.address}/join/")
    assert in_letters(page) == urlsplit(first).path

    page.goto("/invitations")
    page.get_by_role("button", name="In thẻ đã chọn").tap()
    page.emulate_media(media="print")
    [printed] = read_codes(page.locator("svg.qr"))
    assert in_letters(page) == urlsplit(printed).path
    assert printed != first

    guest = site.page()
    guest.goto(printed)
    expect(guest.get_by_label("Họ và tên")).to_have_value("Phan Thị Sương")
    expect(guest.get_by_label("Mã PIN 6 số")).to_be_visible()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_square_of_the_second_factor_sets_up_an_app_that_makes_codes(site: Site, dark: bool) -> None:
    """What an app reads there is RFC 6238 with a name, and the code that it makes of it is taken."""
    page = site.page(ADMINISTRATOR, dark=dark)
    page.goto("/account/second-factor")
    [told] = read_codes(page.get_by_role("img", name="Mã vuông của ứng dụng tạo mã"))
    url = urlsplit(told)
    assert (url.scheme, url.netloc) == ("otpauth", "totp")
    assert unquote(url.path).removeprefix("/Từng Nhà:") == site.person(ADMINISTRATOR).phone
    [secret] = parse_qs(url.query)["secret"]
    assert secret == page.locator(".reference").inner_text().replace(" ", "")
    page.get_by_label("Mã 6 chữ số").fill(pyotp.TOTP(secret).at(clock.now()))
    page.get_by_role("button", name="Cài xong").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mã dự phòng")


def a_phone_that_cannot_send(site: Site, notes: list[str], dark: bool = False) -> Page:
    """Her phone with a visit at a door for each note, saved and not sent."""
    page = site.page(VOLUNTEER, dark=dark)
    page.goto("/")
    expect(flag(page)).to_have_text(ALL_SENT)
    deaf(site, page.context)
    for door, note in zip(site.doors(), notes, strict=False):
        page.goto(form_of(door))
        page.get_by_label("Ghi chú cho lần sau").fill(note)
        save(page).tap()
        expect(page.get_by_text(KEPT_HERE)).to_be_visible()
    return page


def in_letters(page: Page) -> str:
    """The path of the link that a card also says in letters, in groups of four."""
    return "/" + page.locator(".letters").inner_text().replace("-", "").partition("/")[2]
