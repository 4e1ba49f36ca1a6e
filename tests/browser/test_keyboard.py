"""The whole walk without a pointer, and finding a door without its accents."""

import pytest
from playwright.sync_api import Locator, Page, expect

from skills.text import fold
from tests.browser.conftest import DESK, PASSWORD, VOLUNTEER, Site, form_of

SAVED = "Đã lưu, đã tính"
STEPS = 120  # of the Tab key, until something is out of reach

# Whether the element in focus, or the label that stands for it, shows that it is, and lies under neither bar nor dock.
FOCUS_SHOWS = """() => {
  const element = document.activeElement;
  const drawn = [element, element.nextElementSibling, ...(element.labels || []), ...document.querySelectorAll(`[for="${element.id}"] span`)];
  return drawn.some((part) => {
    if (!part) return false;
    const style = getComputedStyle(part), box = part.getBoundingClientRect();
    const met = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    const seen = box.width > 1 && met && (part.contains(met) || met.contains(part));
    return seen && (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2);
  });
}"""


@pytest.mark.parametrize("size", [(360, 640), DESK], ids=["phone", "desk"])
def test_a_visit_by_the_keyboard_alone(site: Site, size: tuple[int, int]) -> None:
    """Sign in, door, skill, level, Save: Tab, arrows, space and Enter; what is in focus can always be seen."""
    page = site.page(size=size)
    page.goto("/")
    reach(page, page.get_by_label("Số điện thoại"))
    page.keyboard.type(VOLUNTEER)
    reach(page, page.get_by_label("Mật khẩu"))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Đặt mã PIN trên máy này?")
    reach(page, page.get_by_role("link", name="Để sau"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Hôm nay")

    page.goto(form_of(max(site.doors(), key=lambda row: len(row.last_skills))))
    skill = page.locator(".chips input[name=skill]").first
    reach(page, skill)
    page.keyboard.press("Space")
    expect(skill).to_be_checked()
    level = page.locator(".chips input[name=skill]:checked + label + .seg input")
    reach(page, level.first)
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    expect(level.nth(1)).to_be_checked()
    reach(page, page.get_by_role("button", name="Lưu lượt thăm"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(SAVED)
    assert len(site.saved()) == 1
    reach(page, page.get_by_role("button", name="Hoàn tác"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã hủy, không tính")
    assert site.saved()[0].voided_at is not None


def test_the_door_is_reached_from_the_first_page(site: Site) -> None:
    """A row of the first page, by Tab and Enter; the first stop of all leads past the bar."""
    page = site.page(VOLUNTEER)
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Bỏ qua đến nội dung")).to_be_focused()
    assert page.evaluate(FOCUS_SHOWS)
    row = page.locator('main a[href^="/visits/new?"]').first
    reach(page, row)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Lưu lượt thăm")).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["while typing", "without script"])
def test_a_door_is_found_without_its_accents(site: Site, script: bool) -> None:
    """The street as it is typed in a hurry, without marks and with d for đ; the others go."""
    page = site.page(VOLUNTEER, java_script_enabled=script)
    page.goto("/households")
    rows = page.locator("#doors .rows a")
    street = site.doors()[0].street
    wanted = [row for row in site.doors() if row.street == street]
    reach(page, page.get_by_label("Tìm nhà"))
    page.keyboard.type(fold(street))
    if not script:
        page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text=f"Tìm thấy {len(wanted)} hộ")).to_be_visible()
    assert rows.count() == min(len(wanted), rows.count())
    expect(page.locator("#doors h2").first).to_contain_text(street)
    expect(page.get_by_label("Tìm nhà")).to_have_value(fold(street))


def reach(page: Page, target: Locator) -> None:
    """Tab until it is in focus; everything on the way shows its focus."""
    for _step in range(STEPS):
        if target.evaluate("(element) => element === document.activeElement"):
            break
        page.keyboard.press("Tab")
        shown = page.evaluate(FOCUS_SHOWS)
        where = page.evaluate("() => document.activeElement.outerHTML.slice(0, 160)")
        assert shown, f"the focus cannot be seen on {where}"
    expect(target).to_be_focused()
