"""What is saved waits on the phone until the server has it: without a network, with an answer that got lost, on a shared phone."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import LEADER, VOLUNTEER, Site
from tests.browser.pocket import (
    ALL_SENT,
    HANDED_IN,
    KEPT,
    KEPT_HERE,
    SAVED,
    at_a_door,
    flag,
    handed_in,
    save,
    sign_in_as,
    states,
    taught,
)


def test_a_visit_saved_without_a_network_is_sent_by_itself_later(site: Site) -> None:
    """The page says that it is on the phone, the flag counts it, and it goes out once the network is back."""
    site.watch.forgives.append("ERR_INTERNET_DISCONNECTED")
    page = at_a_door(site)
    page.context.set_offline(True)
    taught(page)
    save(page).tap()
    expect(page.get_by_role("status").filter(has_text=KEPT_HERE)).to_be_visible()
    expect(flag(page)).to_have_text("1 chờ gửi")
    expect(page.locator("form.if-met")).to_be_hidden()  # what is on its way can no longer be typed over
    assert site.saved() == []

    page.context.set_offline(False)
    expect(page.get_by_role("heading", level=1)).to_have_text(SAVED)
    expect(flag(page)).to_have_text(ALL_SENT)
    assert len(site.saved()) == 1
    assert states(page) == ["accepted"]  # kept for 14 days, should the server lose it


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
    with later.expect_response(HANDED_IN):
        later.goto("/")
    expect(flag(later)).to_have_text(ALL_SENT)
    [stored] = site.saved()
    assert stored.saved_at < stored.received_at


def test_an_answer_that_got_lost_loses_nothing_and_doubles_nothing(site: Site) -> None:
    """The server stores the visit, the answer never arrives, the phone sends again: one visit."""
    site.watch.forgives.append("ERR_CONNECTION_RESET")
    page = at_a_door(site)
    sent: list[dict[str, Any]] = []

    def cut_off(route: Route) -> None:
        if not sent:
            route.fetch()
        sent.extend(handed_in(route))
        route.abort("connectionreset")

    page.route(HANDED_IN, cut_off)
    taught(page)
    with page.expect_event("requestfailed"):
        save(page).tap()
    expect(flag(page)).to_have_text("1 chờ gửi")
    assert len(site.saved()) == 1  # it is there, but the phone can't know

    flag(page).tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Chờ gửi")
    expect(page.get_by_role("heading", name="Đang chờ gửi")).to_be_visible()
    with page.expect_event("requestfailed"):
        page.get_by_role("button", name="Thử gửi ngay").tap()
    assert len(sent) >= 2
    assert all(item == sent[0] for item in sent)  # unchanged, as it was saved
    page.unroute(HANDED_IN)
    page.get_by_role("button", name="Thử gửi ngay").tap()
    expect(page.get_by_role("heading", name="Phường đã nhận")).to_be_visible()
    assert len(site.saved()) == 1
    assert states(page) == ["accepted"]


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


def test_on_a_shared_phone_what_she_saved_goes_out_under_her_name(site: Site) -> None:
    """Hoài's visit waits on the phone; the team leader signs in on it. He does not see it, and it arrives as hers."""
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
    with leader.expect_response(HANDED_IN):
        leader.goto("/")
    expect(flag(leader)).to_have_text(ALL_SENT)
    [entry] = leader.evaluate(KEPT)
    assert set(entry) == {"item", "person", "state", "seq", "late", "sealed"}
    assert [visit.author_id for visit in site.saved()] == [site.person(VOLUNTEER).id]


def test_a_page_left_open_by_somebody_else_saves_in_the_name_of_who_opened_it(site: Site) -> None:
    """Her page is still open when the session becomes the team leader's: what it saves is signed by her key, and is hers."""
    page = at_a_door(site)
    sign_in_as(site, page.context, LEADER)
    taught(page)
    with page.expect_response(HANDED_IN):
        save(page).tap()
    page.wait_for_url("**/visits/*/*-*")
    assert [visit.author_id for visit in site.saved()] == [site.person(VOLUNTEER).id]


def test_a_page_of_who_has_left_the_phone_stores_nothing(site: Site) -> None:
    """Once the team leader has opened a page beside it, her old page goes; nothing typed there is stored in his name."""
    page = at_a_door(site)
    sign_in_as(site, page.context, LEADER)
    leader = page.context.new_page()
    leader.goto("/")
    page.wait_for_url(re.compile(r"/sign-in|/$"))
    assert site.saved() == []


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
    expect(flag(page)).to_have_text("1 cần sửa")  # it stays on the phone until another takes its place
    assert site.saved() == []

    people.fill("2")
    save(page).tap()
    expect(page.get_by_role("heading", level=1)).to_have_text(SAVED)
    assert len(site.saved()) == 1
    assert (site.saved()[0].people, site.saved()[0].note) == (2, "Hẹn buổi tối,\nsau 19 giờ")
    expect(flag(page)).to_have_text(ALL_SENT)
    assert states(page) == ["accepted"]


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


@contextmanager
def slowly(page: Page, posted: list[str]) -> Iterator[None]:
    """A network on which an answer takes its time."""

    def wait(route: Route) -> None:
        posted.append(route.request.url)
        answer = route.fetch()
        page.wait_for_timeout(400)
        route.fulfill(response=answer)

    page.route(HANDED_IN, wait)
    yield
    page.unroute(HANDED_IN)
