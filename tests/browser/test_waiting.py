"""The page of what waits: each state in words, what came back may be corrected or handed over, the day is compared, another phone helps."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect
from sqlmodel import Session, select

from skills.people.models import TeamGroup
from skills.sync.models import HeldItem
from skills.visits.models import Receipt
from tests.browser.conftest import LEADER, VOLUNTEER, Site, form_of
from tests.browser.pocket import (
    ALL_SENT,
    HANDED_IN,
    KEPT,
    KEPT_HERE,
    SAVED,
    at_a_door,
    deaf,
    flag,
    hearing,
    save,
    states,
    taught,
    until,
)


def test_without_script_the_server_says_what_it_has(site: Site) -> None:
    """Her latest visits, received and counted."""
    page = at_a_door(site, java_script_enabled=False)
    taught(page)
    save(page).tap()
    page.locator(".sync").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Chờ gửi")
    expect(page.get_by_text("đã tính").first).to_be_visible()
    expect(page.get_by_role("button", name="Thử gửi ngay")).to_be_hidden()


def test_what_the_ward_gives_back_is_corrected_and_saved_anew(site: Site) -> None:
    """Held because the door was out of reach, then given back with a reason; the form opens with everything that was said."""
    page = one_that_waits(site)
    hearing(page.context)
    with out_of_reach(site):
        page.goto("/sync")
        expect(page.get_by_text("Nhà này chưa có trong danh sách của tổ.")).to_be_visible()
        expect(page.get_by_text("Chờ phường xếp chỗ, chưa tính")).to_be_visible()
        assert states(page) == ["held"]
    with site.database.writing() as db:
        [held], [receipt] = db.exec(select(HeldItem)).all(), receipts(db)
        held.state = receipt.status = "returned"
        held.answer = "wrong_day"
        db.add_all([held, receipt])
    page.get_by_role("button", name="Thử gửi ngay").tap()
    expect(flag(page)).to_have_text("1 cần sửa")
    expect(page.get_by_text("Phường trả lại: nhầm ngày.")).to_be_visible()

    page.get_by_role("button", name="Sửa rồi gửi lại").tap()
    expect(page.get_by_label("Ghi chú cho lần sau")).to_have_value("Nhà có hai thế hệ")
    save(page).tap()
    expect(page.get_by_role("heading", level=1)).to_have_text(SAVED)
    assert [visit.note for visit in site.saved()] == ["Nhà có hai thế hệ"]
    expect(flag(page)).to_have_text(ALL_SENT)


def test_what_the_server_could_not_take_is_handed_over(site: Site) -> None:
    """Rejected, and nobody here can put it right: sealed, it lies in the ward's tray, not counted."""
    page = one_that_waits(site, people="hai mươi")
    hearing(page.context)
    page.goto("/sync")
    expect(page.get_by_text("Máy chủ chưa nhận: có chỗ cần sửa. Chỉ ghi chữ số")).to_be_visible()
    expect(flag(page)).to_have_text("1 cần sửa")
    page.get_by_role("button", name="Giao phường xử lý").tap()
    expect(page.get_by_text("Chờ phường xếp chỗ, chưa tính")).to_be_visible()
    with site.database.reading() as db:
        [held] = db.exec(select(HeldItem)).all()
    assert (held.code, held.author_id) == ("invalid", site.person(VOLUNTEER).id)
    assert "hai mươi" in held.fields
    assert states(page) == ["held"]


def test_the_day_is_compared_item_by_item(site: Site) -> None:
    """One is there; then one of them is missing at the server, and the page names its door."""
    page = one_that_waits(site)
    hearing(page.context)
    page.goto("/sync")
    expect(flag(page)).to_have_text(ALL_SENT)
    page.get_by_role("button", name="Chốt ngày").tap()
    expect(page.get_by_text("Khớp: 1 trên 1")).to_be_visible()

    with site.database.writing() as db:
        [receipt] = receipts(db)
        db.delete(receipt)
    page.get_by_role("button", name="Chốt ngày").tap()
    expect(page.get_by_text("Chưa khớp: 0 trên 1")).to_be_visible()
    missing = page.locator("[data-day-list=missing_here]")
    expect(missing.get_by_role("heading")).to_have_text("Máy chủ chưa có")
    expect(missing.locator(".plate")).to_have_text(site.doors()[0].number)


def test_another_phone_sends_a_file(site: Site, tmp_path: Path) -> None:
    """The queue as a sealed file, taken in by the leader's phone, arrives as hers; when both arrive, once."""
    page = one_that_waits(site)
    page.goto("/sync")
    with page.expect_download() as saving:
        page.get_by_role("button", name="Lưu hàng chờ ra tệp").tap()
    file = tmp_path / saving.value.suggested_filename
    saving.value.save_as(file)
    told = json.loads(file.read_text())
    assert [set(each) for each in told["items"]] == [{"item", "sealed"}]
    assert "hai thế hệ" not in file.read_text()

    other = helper(site)
    other.goto("/sync/take-in")
    other.get_by_label("Tệp của máy kia").set_input_files(file)
    expect(other.get_by_text("Đã gửi 1 bản.")).to_be_visible()
    assert [visit.author_id for visit in site.saved()] == [site.person(VOLUNTEER).id]
    hearing(page.context)
    page.get_by_role("button", name="Thử gửi ngay").tap()
    expect(flag(page)).to_have_text(ALL_SENT)
    assert len(site.saved()) == 1


def test_another_phone_scans_a_code(site: Site) -> None:
    """The code is an address. It opens on the other phone, which keeps what is in it and sends it."""
    page = one_that_waits(site)
    page.goto("/sync")
    page.get_by_role("button", name="Hiện mã QR").tap()
    code = page.locator("[data-codes] svg")
    expect(code).to_be_visible()
    assert (
        code.locator("path").evaluate("(path) => getComputedStyle(path).stroke") == "none"
    )  # each dot is one dot wide
    address = code.get_attribute("data-address")
    assert address is not None
    assert address.startswith(f"{site.address}/sync/take-in#")

    other = helper(site)
    deaf(site, other.context)
    other.goto(address)
    expect(other.get_by_text("Đã giữ 1 bản trên máy này, chờ gửi.")).to_be_visible()
    assert other.url.endswith("/sync/take-in")
    hearing(other.context)
    with other.expect_response(HANDED_IN):
        other.goto("/")
    until(other, KEPT, lambda entries: [entry["state"] for entry in entries] == ["accepted"])
    assert [visit.author_id for visit in site.saved()] == [site.person(VOLUNTEER).id]


def test_what_is_no_code_of_ours_is_told(site: Site) -> None:
    """A damaged address, a file of something else, a phone on which nobody ever signed in."""
    page = one_that_waits(site)
    page.goto("/sync/take-in#AAAA")
    told = page.locator("[data-told]")
    expect(told).to_have_text("Không đọc được mã hoặc tệp này.")
    page.get_by_label("Tệp của máy kia").set_input_files(
        {"name": "x.json", "mimeType": "application/json", "buffer": b"{}"}
    )
    expect(told).to_have_text("Không đọc được mã hoặc tệp này.")

    page.goto("/sync")
    page.get_by_role("button", name="Hiện mã QR").tap()
    address = page.locator("[data-codes] svg").get_attribute("data-address")
    stranger = site.page()
    stranger.goto(str(address))
    expect(stranger.locator("[data-told]")).to_have_text("Đăng nhập trên máy này trước, rồi quét lại.")


def one_that_waits(site: Site, people: str = "1") -> Page:
    """Her phone with a visit that was saved and not sent."""
    page = site.page(VOLUNTEER)
    page.goto("/")
    expect(flag(page)).to_have_text(ALL_SENT)
    deaf(site, page.context)
    page.goto(form_of(site.doors()[0]))
    page.get_by_label("Số người được hướng dẫn", exact=True).fill(people)
    page.get_by_label("Ghi chú cho lần sau").fill("Nhà có hai thế hệ")
    save(page).tap()
    expect(page.get_by_text(KEPT_HERE)).to_be_visible()
    return page


def helper(site: Site) -> Page:
    """The team leader's phone, on which he has signed in."""
    page = site.page(LEADER)
    page.goto("/")
    expect(flag(page)).to_have_text(ALL_SENT)
    return page


@contextmanager
def out_of_reach(site: Site) -> Iterator[None]:
    """Her team has no residential groups for a while."""
    with site.database.writing() as db:
        groups = [
            (row.team_id, row.group_id, row.valid_from, row.valid_to) for row in db.exec(select(TeamGroup))
        ]
        for row in db.exec(select(TeamGroup)):
            db.delete(row)
    yield
    with site.database.writing() as db:
        for team, group, since, until_day in groups:
            db.add(TeamGroup(team_id=team, group_id=group, valid_from=since, valid_to=until_day))


def receipts(db: Session) -> list[Receipt]:
    """Those that a phone brought about."""
    return [row for row in db.exec(select(Receipt)) if row.sent_hash]
