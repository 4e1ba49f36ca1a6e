"""A finger on a phone: it taps what can be seen and reached, and counts its taps."""

from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

# Whether a tap on the middle of the element meets the element or its label, and nothing that lies over it.
ON_TOP = """(element) => {
  const box = element.getBoundingClientRect();
  const met = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return Boolean(met) && (element.contains(met) || met.contains(element) && met.matches("label, a, button"));
}"""
ON_SCREEN = """(element) => {
  const box = element.getBoundingClientRect();
  return box.width > 0 && box.top >= 0 && box.left >= 0 && box.bottom <= innerHeight && box.right <= innerWidth;
}"""


@dataclass
class Finger:
    """Taps on one page. Moving a page up and down is no tap."""

    page: Page
    taps: int = 0

    def tap(self, target: Locator) -> None:
        """One tap on what is there and not covered."""
        expect(target).to_be_visible()
        target.scroll_into_view_if_needed()
        target.tap()
        self.taps += 1


def is_on_top(target: Locator) -> bool:
    """Whether nothing lies over the element: neither the bar above nor the dock below."""
    return bool(target.evaluate(ON_TOP))


def on_first_screen(target: Locator) -> bool:
    """Whether the whole element is on the screen as it stands, and nothing lies over it."""
    return bool(target.evaluate(ON_SCREEN)) and is_on_top(target)
