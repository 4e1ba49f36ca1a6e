"""What somebody wrote to do harm, typed into the real pages and shown by a real browser: text, and nothing but text.

Elsewhere the same values are read by a parser (`tests/hostile/`); here a browser decides what is a script.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import BrowserContext, Dialog, Page, Request, expect

from tests.browser.conftest import DESK, LEADER, VOLUNTEER, WARD_LEAD, Site, form_of
from tests.hostile.corpus import CANARY, CORPUS

MARKUP = [each.text for each in CORPUS if each.name.startswith("markup") and "\x00" not in each.text]


class Ran:
    """Whether anything of what was typed came to life: a script that calls the canary, a dialog, an element of that name."""

    def __init__(self, context: BrowserContext) -> None:
        self.said: list[str] = []
        context.expose_function(CANARY, lambda: self.said.append("a script ran"))
        context.on("page", self._watch)

    def _watch(self, page: Page) -> None:
        page.on("dialog", self._dismiss)
        page.on("request", self._asked)

    def _dismiss(self, dialog: Dialog) -> None:
        self.said.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    def _asked(self, request: Request) -> None:
        if CANARY in request.url.partition("?")[0]:
            self.said.append(f"a request: {request.url}")

    def look_at(self, page: Page) -> None:
        """Touches what waits for a pointer or for focus, and looks for elements and attributes of the canary's making."""
        page.evaluate(
            """() => document.querySelectorAll("*").forEach((element) => {
              element.dispatchEvent(new MouseEvent("mouseover", { bubbles: true }));
              element.dispatchEvent(new FocusEvent("focus"));
            })"""
        )
        made = page.evaluate(
            """(canary) => [...document.querySelectorAll("*")].filter((element) =>
              element.localName.includes(canary) || element.getAttributeNames().some((name) => name.includes(canary)),
            ).map((element) => element.outerHTML.slice(0, 200))""",
            CANARY,
        )
        self.said += [f"markup: {each}" for each in made]


@contextmanager
def watched(site: Site, telephone: str, **how: Any) -> Iterator[tuple[Page, Ran]]:
    """A page of somebody's, on which nothing may come to life."""
    context = site.context(telephone, **how)
    ran = Ran(context)
    yield context.new_page(), ran
    assert ran.said == []


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_what_is_typed_into_a_visit_stays_text(site: Site, script: bool) -> None:
    """The note of a visit: saved by the outbox and by the plain form, refused once, corrected, and shown to the team leader."""
    doors = site.doors(VOLUNTEER)
    with watched(site, VOLUNTEER, java_script_enabled=script) as (page, ran):
        for place, text in enumerate(MARKUP[:: 2 if script else 6]):
            page.goto(form_of(doors[place % len(doors)]))
            page.locator("form.if-met [name=people]").fill("nhiều" if place % 9 == 0 else "1")
            page.locator("form.if-met [name=note]").fill(text)
            page.locator("form.if-met button.go").click()
            if place % 9 == 0:
                expect(page.locator("[role=alert] a").first).to_be_visible()
                assert page.locator("form.if-met [name=note]").input_value() == text.replace("\x01", "")
                if script:
                    ran.look_at(page)
                page.locator("form.if-met [name=people]").fill("1")
                page.locator("form.if-met button.go").click()
            page.wait_for_url("**/visits/*/*-*")
            shown = page.locator("dl.pairs dd").all_inner_texts()
            assert any(
                " ".join(text.replace("\x01", "").split()) == " ".join(each.split()) for each in shown
            ), (text, shown)
            if script:
                ran.look_at(page)
    addresses = [f"/visits/{visit.ward_id}/{visit.id}" for visit in site.saved()]
    assert len(addresses) == len(MARKUP[:: 2 if script else 6])
    with watched(site, LEADER) as (page, ran):
        for address in addresses[::6]:
            page.goto(address)
            ran.look_at(page)
            page.goto(f"{address}/correction")
            ran.look_at(page)


def test_what_a_door_is_called_stays_text_on_every_page_that_names_it(site: Site) -> None:
    """A street, a number and a room for each: on the list, the map of the first page, the form, the door, and on the ward's pages."""
    with watched(site, VOLUNTEER) as (page, ran):
        for place, text in enumerate(MARKUP):
            page.goto("/households/new")
            group = page.locator("[name=group] option").last
            page.locator("[name=group]").select_option(group.get_attribute("value"))
            page.locator("[name=street]").fill((text if place % 2 else "Hàng Dừa")[:80])
            page.locator("[name=number]").fill(f"9{place}" if place % 2 else text[:30])
            page.locator("[name=room]").fill(text[:30] if place % 3 == 0 else "")
            page.locator("button.go").click()
            page.wait_for_url("**/visits/new?*")
            ran.look_at(page)
            if place % 6 == 0:
                page.get_by_role("button", name="Vắng nhà").click()
                page.wait_for_url("**/visits/*/*-*")
                ran.look_at(page)
        for address in ("/", "/households", f"/households?q={CANARY}", "/visits", "/households/new"):
            page.goto(address)
            ran.look_at(page)
        page.goto("/households")
        page.locator("#q").fill(MARKUP[1])
        page.wait_for_timeout(600)  # htmx swaps the list
        ran.look_at(page)
    with watched(site, WARD_LEAD, size=DESK) as (page, ran):
        for address in ("/", f"/households?q={CANARY}", "/reports"):
            page.goto(address)
            ran.look_at(page)


def test_an_address_full_of_it_stays_an_address(site: Site) -> None:
    """What stands in the query is shown in the search box, goes back into links, and through the change of language."""
    with watched(site, VOLUNTEER) as (page, ran):
        for place, text in enumerate(MARKUP):
            told = "&".join(f"{name}={_escaped(text)}" for name in ("q", "period", "next", "from"))
            page.goto(f"{('/households', '/reports', '/sign-in')[place % 3]}?{told}")
            ran.look_at(page)
        page.goto(f"/households?q={_escaped(MARKUP[1])}")
        page.get_by_role("button", name="English").click()
        page.wait_for_url("**/households?*")
        assert page.locator("#q").input_value() == MARKUP[1]
        ran.look_at(page)


def test_the_detector_sees_what_comes_to_life(site: Site) -> None:
    """A page in which the canary is a script, an element and a request, and which breaks the policy: each is told."""
    context = site.context(VOLUNTEER)
    ran = Ran(context)
    page = context.new_page()
    page.goto("/")
    page.evaluate(f"{CANARY}()")
    page.evaluate(f"document.body.append(document.createElement('{CANARY}'))")
    page.evaluate("setTimeout(() => alert('x'))")
    page.evaluate(f"fetch('/{CANARY}').catch(() => 0)")
    ran.look_at(page)
    page.evaluate(
        """() => { const image = new Image(); image.src = "https://example.org/x.png"; document.body.append(image); }"""
    )
    page.evaluate(
        """() => document.body.insertAdjacentHTML("beforeend", "<p onclick='x()' style='color:red'>x</p>")"""
    )
    page.wait_for_timeout(300)
    told = " ".join(ran.said)
    assert all(word in told for word in ("a script ran", "a dialog", "markup", f"/{CANARY}"))
    breaches = [said for said in site.watch.verdict() if "CSP" in said]
    assert any("img-src" in said for said in breaches)
    assert any("style-src" in said for said in breaches)
    site.watch.complaints.clear()  # they were meant


def _escaped(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")
