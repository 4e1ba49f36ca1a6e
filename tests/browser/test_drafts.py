"""What is typed into a form stays on the phone until it is saved: a reload loses nothing, nor does a crash (test_killed.py)."""

import json

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, form_of
from tests.browser.pocket import ALL_SENT, DRAFTS, NAMES_KEPT, at_a_door, flag, save, taught, until

PUT_BACK = "Bản ghi dở lúc"
NOTE = "Hẹn buổi tối, sau 19 giờ"


def test_what_was_typed_is_there_after_a_reload(site: Site) -> None:
    """Note, people, a skill with its level: all put back, with the time at which they were typed; saved, the draft is gone."""
    page = at_a_door(site)
    type_something(page)
    page.reload()
    expect(page.get_by_text(PUT_BACK)).to_be_visible()
    expect(page.get_by_label("Ghi chú cho lần sau")).to_have_value(NOTE)
    expect(page.get_by_label("Số người được hướng dẫn", exact=True)).to_have_value("3")
    expect(page.locator(".chips input[name=skill]:checked")).to_have_count(1)
    expect(page.locator(".chips :checked + label + .seg input:checked")).to_have_value("2")

    save(page).tap()
    page.wait_for_url("**/visits/*/*-*")
    assert page.evaluate(NAMES_KEPT, "drafts") == []
    assert [(visit.people, visit.note) for visit in site.saved()] == [(3, NOTE)]


def test_it_can_be_thrown_away(site: Site) -> None:
    """One button, and the form is as it came."""
    page = at_a_door(site)
    type_something(page)
    page.reload()
    page.get_by_role("button", name="Ghi lại từ đầu").tap()
    expect(page.get_by_text(PUT_BACK)).to_have_count(0)
    expect(page.get_by_label("Ghi chú cho lần sau")).to_have_value("")
    expect(page.get_by_label("Số người được hướng dẫn", exact=True)).to_have_value("1")
    page.reload()
    expect(flag(page)).to_have_text(ALL_SENT)
    expect(page.get_by_text(PUT_BACK)).to_have_count(0)


def test_a_draft_belongs_to_its_door(site: Site) -> None:
    """The form of another door is empty; the one that was begun comes back with its own."""
    page = at_a_door(site)
    type_something(page)
    begun = page.url
    page.goto(form_of(site.doors()[0]))
    expect(flag(page)).to_have_text(ALL_SENT)
    expect(page.get_by_label("Ghi chú cho lần sau")).to_have_value("")
    page.goto(begun)
    expect(page.get_by_label("Ghi chú cho lần sau")).to_have_value(NOTE)


def test_a_next_visit_is_opened_where_it_was_begun(site: Site) -> None:
    """What was chosen under Hẹn lại comes back with that part of the form open."""
    page = at_a_door(site)
    page.locator("label[for=back]").tap()
    page.locator("form.if-back").get_by_text("1 tuần").tap()
    written_down(page, "come_back_in")
    page.reload()
    expect(page.get_by_text(PUT_BACK)).to_be_visible()
    expect(page.locator("form.if-back [name=come_back_in][value='7']")).to_be_checked()
    expect(page.locator("form.if-back")).to_be_visible()


def type_something(page: Page) -> None:
    """A note, three people, a skill that was practised; written down before it goes on."""
    taught(page)
    page.locator(".chips :checked + label + .seg label").nth(1).tap()
    page.get_by_label("Số người được hướng dẫn", exact=True).fill("3")
    page.get_by_label("Ghi chú cho lần sau").fill(NOTE)
    written_down(page, NOTE)


def written_down(page: Page, text: str) -> None:
    """Waits until a draft holds it: half a second after the last letter."""
    until(page, DRAFTS, lambda drafts: text in json.dumps(drafts, ensure_ascii=False))
