"""What is saved waits on the phone until the server has it: without a network, with an answer that got lost, on a shared phone."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from tests.browser.conftest import LEADER, VOLUNTEER, Site, form_of

SAVED = "Đã lưu, đã tính"
KEPT = """() => new Promise((resolve) => {
  const opening = indexedDB.open("tungnha");
  opening.onsuccess = () => {
    const all = opening.result.transaction("outbox").objectStore("outbox").getAll();
    all.onsuccess = () => { opening.result.close(); resolve(all.result); };
  };
})"""


def test_a_visit_saved_without_a_network_is_sent_by_itself_later(site: Site) -> None:
    """The page says that it is on the phone, the flag counts it, and it goes out once the network is back."""
    site.watch.forgives.append("ERR_INTERNET_DISCONNECTED")
    page = at_a_door(site)
    page.context.set_offline(True)
    taught(page)
    save(page).tap()
    expect(page.get_by_role("status").filter(has_text="Đã lưu trên máy, chờ gửi")).to_be_visible()
    expect(flag(page)).to_have_text("1 chờ gửi")
    expect(page.locator("form.if-met")).to_be_hidden()  # what is on its way can no longer be typed over
    assert site.saved() == []

    page.context.set_offline(False)
    expect(page.get_by_role("heading", level=1)).to_have_text(SAVED)
    expect(flag(page)).to_be_hidden()
    assert len(site.saved()) == 1
    assert page.evaluate(KEPT) == []


def test_it_is_sent_from_any_page_that_is_opened_later(site: Site) -> None:
    """The phone was put away offline; the first page opened with a network sends what waits, with nothing to press."""
    site.watch.forgives.append("ERR_INTERNET_DISCONNECTED")
    page = at_a_door(site)
    page.context.set_offline(True)
    taught(page)
    save(page).tap()
    expect(flag(page)).to_have_text("1 chờ gửi")
    page.close()

    page.context.set_offline(False)
    later = page.context.new_page()
    with later.expect_response("**/visits"):
        later.goto("/")
    expect(flag(later)).to_be_hidden()
    [stored] = site.saved()
    assert stored.saved_at < stored.received_at


def test_an_answer_that_got_lost_loses_nothing_and_doubles_nothing(site: Site) -> None:
    """The server stores the visit, the answer never arrives, the phone sends again: one visit."""
    site.watch.forgives.append("ERR_CONNECTION_RESET")
    page = at_a_door(site)
    sent: list[bytes] = []

    def cut_off(route: Route) -> None:
        sent.append(route.request.post_data_buffer or b"")
        if len(sent) == 1:
            route.fetch()
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/visits", cut_off)
    taught(page)
    save(page).tap()
    expect(flag(page)).to_have_text("1 chờ gửi")
    assert len(site.saved()) == 1  # it is there, but the phone can't know

    flag(page).tap()
    expect(page.get_by_role("heading", level=1)).to_have_text(SAVED)
    assert len(site.saved()) == 1
    assert len(sent) == 2
    assert sent[0] == sent[1]  # unchanged, as it was saved
    assert page.evaluate(KEPT) == []


def test_a_double_tap_is_one_save(site: Site) -> None:
    """Two taps before the first is answered."""
    page = at_a_door(site)
    posted: list[str] = []
    with slowly(page, posted):
        taught(page)
        page.evaluate(
            """() => { const save = document.querySelector("form.if-met .go"); save.click(); save.click(); save.click(); }"""
        )
        expect(page.get_by_role("heading", level=1)).to_have_text(SAVED)
    assert len(posted) == 1
    assert len(site.saved()) == 1


def test_on_a_shared_phone_everybody_sends_only_their_own(site: Site) -> None:
    """Hoài's visit waits on the phone; the team leader signs in on it and sends nothing; Hoài comes back and it goes out as hers."""
    site.watch.forgives.append("ERR_INTERNET_DISCONNECTED")
    page = at_a_door(site)
    page.context.set_offline(True)
    taught(page)
    save(page).tap()
    expect(flag(page)).to_have_text("1 chờ gửi")
    page.close()
    page.context.set_offline(False)

    sign_in_as(site, page.context, LEADER)
    leader = page.context.new_page()
    for address in ("/", "/households"):
        leader.goto(address)
        expect(flag(leader)).to_be_hidden()  # not his to see, and not his to send
    assert [entry["person"] for entry in leader.evaluate(KEPT)] == [str(site.person(VOLUNTEER).id)]
    assert site.saved() == []
    leader.close()

    sign_in_as(site, page.context, VOLUNTEER)
    hers = page.context.new_page()
    with hers.expect_response("**/visits"):
        hers.goto("/")
    expect(flag(hers)).to_be_hidden()
    assert len(site.saved()) == 1
    assert site.saved()[0].author_id == site.person(VOLUNTEER).id


def test_a_page_left_open_by_somebody_else_sends_nothing_in_their_name(site: Site) -> None:
    """Her page is still open when the team leader signs in beside it: what it saves waits for her, and is not stored as the leader's."""
    page = at_a_door(site)
    site.watch.forgives.append("401: POST")
    sign_in_as(site, page.context, LEADER)
    taught(page)
    with page.expect_response("**/visits") as answer:
        save(page).tap()
    assert answer.value.status == 401
    expect(flag(page)).to_have_text("1 chờ gửi")
    assert site.saved() == []

    sign_in_as(site, page.context, VOLUNTEER)
    flag(page).tap()
    expect(page.get_by_role("heading", level=1)).to_have_text(SAVED)
    assert len(site.saved()) == 1
    assert site.saved()[0].author_id == site.person(VOLUNTEER).id


def test_what_has_to_be_corrected_comes_back_with_everything_typed(site: Site) -> None:
    """The server's own page answers, with the sentence at the field; corrected and saved, nothing is left on the phone."""
    page = at_a_door(site)
    taught(page)
    page.get_by_label("Số người được hướng dẫn", exact=True).fill("hai")
    page.get_by_label("Ghi chú cho lần sau").fill("Hẹn buổi tối,\nsau 19 giờ")
    save(page).tap()

    expect(page.get_by_role("alert")).to_contain_text("Chưa lưu. Cần sửa 1 chỗ")
    expect(page.get_by_role("alert")).to_be_focused()
    people = page.get_by_label("Số người được hướng dẫn", exact=True)
    expect(people).to_have_value("hai")
    expect(people).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Ghi chú cho lần sau")).to_have_value("Hẹn buổi tối,\nsau 19 giờ")
    expect(page.locator(".chips input[name=skill]:checked")).to_have_count(1)
    expect(flag(page)).to_be_hidden()  # it stands on the page; the copy on the phone has gone
    assert site.saved() == []

    people.fill("2")
    save(page).tap()
    expect(page.get_by_role("heading", level=1)).to_have_text(SAVED)
    assert len(site.saved()) == 1
    assert (site.saved()[0].people, site.saved()[0].note) == (2, "Hẹn buổi tối,\nsau 19 giờ")
    assert page.evaluate(KEPT) == []


def test_going_back_and_saving_other_content_asks_before_it_makes_a_second_visit(site: Site) -> None:
    """A browser without script that shows the form as it was: 409, with what was typed, and "Lưu thành lượt mới"."""
    page = at_a_door(site, java_script_enabled=False)
    form, as_it_was = page.url, page.content()
    taught(page)
    save(page).tap()
    expect(page.get_by_role("heading", level=1)).to_have_text(SAVED)
    assert len(site.saved()) == 1

    page.route(
        "**/visits/new?*",
        lambda route: route.fulfill(body=as_it_was, content_type="text/html; charset=utf-8"),
    )
    page.goto(form)
    page.get_by_label("Số người được hướng dẫn", exact=True).fill("3")
    save(page).tap()
    expect(page.get_by_role("alert")).to_contain_text("Lượt này đã lưu trước đó, với nội dung khác.")
    expect(page.get_by_label("Số người được hướng dẫn", exact=True)).to_have_value("3")
    assert len(site.saved()) == 1

    page.get_by_role("button", name="Lưu thành lượt mới").last.tap()
    expect(page.get_by_role("heading", level=1)).to_have_text(SAVED)
    assert [visit.people for visit in site.saved()] == [3, 1]


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


def flag(page: Page) -> Locator:
    """What waits on this phone, in the bar."""
    return page.locator(".sync")


@contextmanager
def slowly(page: Page, posted: list[str]) -> Iterator[None]:
    """A network on which an answer takes its time."""

    def wait(route: Route) -> None:
        posted.append(route.request.url)
        answer = route.fetch()
        page.wait_for_timeout(400)
        route.fulfill(response=answer)

    page.route(re.compile(r"/visits$"), wait)
    yield
    page.unroute(re.compile(r"/visits$"))
