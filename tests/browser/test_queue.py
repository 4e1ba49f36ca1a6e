"""What the queue of a phone does when things go wrong on the way: nothing is lost, nothing stands in the way of the rest."""

import json
import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, Route, expect

from skills.sync.epoch import renew
from tests.browser.conftest import VOLUNTEER, Site, form_of
from tests.browser.pocket import (
    ALL_SENT,
    HANDED_IN,
    KEPT,
    KEPT_HERE,
    at_a_door,
    deaf,
    flag,
    handed_in,
    hearing,
    save,
    states,
    taught,
    until,
)

# Keeps so many letters more; false when there is no room for them.
FILL = """(size) => new Promise((resolve) => {
  const opening = indexedDB.open("tungnha");
  opening.onsuccess = () => {
    const change = opening.result.transaction("meta", "readwrite");
    change.objectStore("meta").put("x".repeat(size), "filler " + Math.random());
    change.oncomplete = change.onabort = (event) => { opening.result.close(); resolve(event.type === "complete"); };
  };
})"""


def test_a_full_phone_says_so_and_sends_straight_away(site: Site) -> None:
    """Nothing is called saved that is not; the form keeps what was typed; with a network it is posted plainly."""
    page = small_phone(site)
    page.route("**/healthz", lambda route: route.abort())
    site.watch.forgives.append("/healthz")
    note = page.get_by_label("Ghi chú cho lần sau")
    note.fill("Nhà đang sửa")
    save(page).tap()
    expect(page.get_by_text("Máy đầy, chưa lưu được trên máy.")).to_be_visible()
    expect(note).to_have_value("Nhà đang sửa")
    assert site.saved() == []

    page.unroute("**/healthz")
    save(page).tap()
    page.wait_for_url("**/visits/*/*-*")
    assert [visit.note for visit in site.saved()] == ["Nhà đang sửa"]


def test_one_that_nobody_can_read_does_not_hold_up_the_others(site: Site) -> None:
    """Whenever the bad one is in a batch the answer is no answer: after three of them each goes alone, and the good ones arrive."""
    page, ids = three_that_wait(site)
    site.watch.forgives.append("500: POST")

    def choke(route: Route) -> None:
        items = [item["item"] for item in handed_in(route)]
        route.fulfill(status=500, body="<html>") if ids[0] in items else route.continue_()

    page.route(HANDED_IN, choke)
    hearing(page.context)
    page.goto("/sync")
    for _ in range(4):
        with page.expect_response(HANDED_IN):
            page.get_by_role("button", name="Thử gửi ngay").tap()
    expect(flag(page)).to_have_text("1 chờ gửi")
    assert len(site.saved()) == 2
    page.unroute(HANDED_IN)
    page.get_by_role("button", name="Thử gửi ngay").tap()
    expect(flag(page)).to_have_text(ALL_SENT)
    assert len(site.saved()) == 3


def test_too_much_at_once_goes_in_halves(site: Site) -> None:
    """413: half of it, until it passes."""
    page, _ids = three_that_wait(site)
    site.watch.forgives.append("413: POST")
    sizes: list[int] = []

    def small_door(route: Route) -> None:
        sizes.append(len(handed_in(route)))
        route.fulfill(status=413, body="") if sizes[-1] > 1 else route.continue_()

    page.route(HANDED_IN, small_door)
    hearing(page.context)
    page.goto("/")
    expect(flag(page)).to_have_text(ALL_SENT)
    assert sizes == [3, 2, 1, 1, 1]
    assert len(site.saved()) == 3


def test_an_unknown_ticket_asks_to_sign_in_and_keeps_everything(site: Site) -> None:
    """401: the flag says so. The next page of who is signed in gets a new ticket, and everything goes out."""
    page, _ids = three_that_wait(site)
    site.watch.forgives += ["401: POST", "/api/v1/devices"]
    page.route(HANDED_IN, lambda route: route.fulfill(status=401, json={}))
    page.route("**/api/v1/devices", lambda route: route.abort())
    hearing(page.context)
    page.goto("/")
    expect(flag(page)).to_have_text("Cần đăng nhập")
    assert states(page) == ["pending"] * 3

    page.unroute_all(behavior="wait")
    page.goto("/households")
    expect(flag(page)).to_have_text(ALL_SENT)
    assert len(site.saved()) == 3


def test_a_server_that_asks_for_patience_gets_it(site: Site) -> None:
    """503 with Retry-After: no page asks again by itself before then; a tap does."""
    page, _ids = three_that_wait(site)
    site.watch.forgives.append("503: POST")
    asked: list[str] = []

    def busy(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=503, headers={"Retry-After": "600"}, body="")

    page.route(HANDED_IN, busy)
    hearing(page.context)
    page.goto("/")
    expect(flag(page)).to_have_text("3 chờ gửi")
    page.goto("/households")
    expect(flag(page)).to_have_text("3 chờ gửi")
    page.goto("/sync")
    expect(flag(page)).to_have_text("3 chờ gửi")
    assert len(asked) == 1
    page.unroute(HANDED_IN)
    page.get_by_role("button", name="Thử gửi ngay").tap()
    expect(flag(page)).to_have_text(ALL_SENT)


def test_only_an_answer_that_names_every_item_counts(site: Site) -> None:
    """A hotel's page, a cut answer, one with an item less, one with another item: everything stays as it was."""
    page, ids = three_that_wait(site)
    told = {"epoch": "x", "server_time": "2026-11-25T14:05:00+07:00", "states": {}}
    some = [{"item": item, "status": "accepted", "version": 1, "location": "/"} for item in ids]
    bodies = [
        "<html>Chào mừng đến khách sạn</html>",
        json.dumps(told | {"results": some})[:-20],
        json.dumps(told | {"results": some[:2]}),
        json.dumps(told | {"results": [*some[:2], some[2] | {"item": ids[0]}]}),
        json.dumps(told | {"results": [*some[:2], some[2] | {"status": "fine"}]}),
    ]
    page.route(HANDED_IN, lambda route: route.fulfill(status=200, body=bodies[0]))
    hearing(page.context)
    for _ in range(len(bodies)):
        with page.expect_response(HANDED_IN):
            page.goto("/")
        expect(flag(page)).to_have_text("3 chờ gửi")
        assert states(page) == ["pending"] * 3
        bodies.append(bodies.pop(0))


def test_what_was_sent_is_offered_again_to_a_server_that_was_restored(site: Site) -> None:
    """Another epoch: everything of the last days goes once more, and the server knows what it has."""
    page = at_a_door(site)
    taught(page)
    save(page).tap()
    page.wait_for_url("**/visits/*/*-*")
    with site.database.writing() as db:
        renew(db)
    deaf(site, page.context)
    other = form_of(site.doors()[0])
    page.goto(other)
    save(page).tap()
    expect(page.get_by_text(KEPT_HERE)).to_be_visible()
    offered: set[str] = set()

    def note(route: Route) -> None:
        offered.update(item["item"] for item in handed_in(route))
        route.continue_()

    page.route(HANDED_IN, note)
    page.goto("/")
    expect(flag(page)).to_have_text(ALL_SENT)
    until(page, KEPT, lambda entries: {entry["state"] for entry in entries} == {"accepted"})
    assert offered == {entry["item"] for entry in page.evaluate(KEPT)}
    assert len(site.saved()) == 2


def test_two_windows_send_once(site: Site) -> None:
    """Both come back to a network at the same moment: each item goes in one batch of one of them."""
    page, ids = three_that_wait(site)
    beside = page.context.new_page()
    beside.goto("/households")
    expect(flag(beside)).to_have_text("3 chờ gửi")
    sent: list[str] = []

    def note(route: Route) -> None:
        sent.extend(item["item"] for item in handed_in(route))
        route.continue_()

    page.context.route(HANDED_IN, note)
    for window in (page, beside):
        window.evaluate("() => { dispatchEvent(new Event('online')); }")
    for window in (page, beside):
        expect(flag(window)).to_have_text(ALL_SENT)
    assert sorted(sent) == sorted(ids)
    assert len(site.saved()) == 3


def test_a_door_and_its_visit_can_both_wait(site: Site) -> None:
    """Without a network a new door is queued, and what is about it waits for it; the server takes them in that order."""
    page = at_a_door(site)
    deaf(site, page.context)
    page.goto("/households/new")
    expect(page.get_by_text("Mất mạng vẫn lưu được trên máy này.")).to_be_visible()
    page.get_by_label("Đường").fill("Hàng Dừa")
    page.get_by_label("Số nhà").fill("K999/1")
    page.get_by_role("button", name="Thêm hộ này").tap()
    expect(page.get_by_text(KEPT_HERE)).to_be_visible()
    [entry] = page.evaluate(KEPT)
    assert (entry["op"], entry["base"], entry["needs"]) == ("door", 0, None)
    assert entry["ward"] == site.doors()[0].ward_id

    hearing(page.context)
    page.goto("/")
    expect(flag(page)).to_have_text(ALL_SENT)
    assert any(door.number == "K999/1" for door in site.doors())


def test_ids_go_up_even_when_the_clock_goes_back(site: Site) -> None:
    """The phone's clock is set back a year between two visits: the second still sorts behind the first."""
    page, ids = three_that_wait(site)
    page.clock.set_fixed_time("2025-01-01T08:00:00+07:00")
    page.goto(form_of(site.doors()[7]))
    save(page).tap()
    expect(page.get_by_text(KEPT_HERE)).to_be_visible()
    entries = page.evaluate(KEPT)
    assert [entry["item"] for entry in entries][:3] == ids
    assert [entry["seq"] for entry in entries] == [1, 2, 3, 4]
    assert entries[3]["saved_at"].startswith("2025-01-01T08:00")


def test_what_waits_for_days_is_said_on_every_page(site: Site) -> None:
    """Yellow after three days, red after six."""
    page, _ids = three_that_wait(site)
    for days, kind in ((2, None), (4, "wait"), (7, "bad")):
        page.clock.set_fixed_time(in_days(days))
        page.goto("/households")
        expect(flag(page)).to_have_text("3 chờ gửi")
        told = page.get_by_text(re.compile("Có lượt chờ gửi đã"))
        if kind is None:
            expect(told).to_have_count(0)
        else:
            expect(page.locator(f".note[data-kind={kind}]")).to_contain_text(f"đã {days} ngày")


def in_days(days: int) -> datetime:
    """A moment so many days from now."""
    return datetime.now(UTC) + timedelta(days=days, minutes=1)


def three_that_wait(site: Site) -> tuple[Page, list[str]]:
    """Her phone with three visits at three doors, saved and not sent: their items in order."""
    page = site.page(VOLUNTEER)
    page.goto("/")
    expect(flag(page)).to_have_text(ALL_SENT)
    deaf(site, page.context)
    for door in site.doors()[:3]:
        page.goto(form_of(door))
        save(page).tap()
        expect(page.get_by_text(KEPT_HERE)).to_be_visible()
    return page, [entry["item"] for entry in page.evaluate(KEPT)]


def small_phone(site: Site) -> Page:
    """Her phone, on which this site may keep half a megabyte, and has."""
    page = site.page(VOLUNTEER)
    devtools = page.context.new_cdp_session(page)
    devtools.send("Storage.overrideQuotaForOrigin", {"origin": site.address, "quotaSize": 500_000})
    page.goto(form_of(site.doors()[0]))
    expect(page.locator("form.if-met [data-ready-text]")).to_have_text("Mất mạng vẫn lưu được trên máy này.")
    expect(flag(page)).to_have_text(ALL_SENT)
    for size in (50_000, 5_000, 500):
        while page.evaluate(FILL, size):
            pass
    return page
