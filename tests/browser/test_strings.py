"""Sixty hostile texts in every text that the program stores, on every page that shows it: a browser finds no more elements than for
harmless texts of the same length, runs nothing, opens nothing and reports no breach of the policy.

Texts are written past the forms, for lists and imports bring them too; `test_hostile.py` types others into the pages themselves.
"""

import json
from collections.abc import Sequence
from urllib.parse import quote

import pytest
from playwright.sync_api import BrowserContext, Dialog, Page, expect
from sqlalchemy import update
from sqlmodel import col, select

from skills.areas.models import Area, Level
from skills.db import table_of
from skills.households.address import address
from skills.households.models import Household
from skills.people.models import Device, Person, PhoneReport, Team
from skills.sync.models import HeldItem
from skills.text import fold, sort_key
from skills.visits.models import Visit
from tests.browser.conftest import DESK, LEADER, OFFICER, VOLUNTEER, WARD_LEAD, Site, form_of
from tests.browser.test_offline import taken_along
from tests.browser.xss import STRINGS
from tests.coverage.story import page_of, put, visit_fields

LENGTH = 118  # each text is filled up to this, so that harmless ones can be as long
COUNT = "() => document.querySelectorAll('*').length"
LOADED = "() => !document.querySelector('[hx-trigger=load] > a:only-child')"  # a door's page fetches what happened there
FEW = 10  # the commit tier's
PAIRS = [f"{one} {other}" for one, other in zip(STRINGS[:FEW:2], STRINGS[1:FEW:2], strict=True)]


class Alive:
    """What came to life in a browser that shows these texts."""

    def __init__(self, context: BrowserContext) -> None:
        self.said: list[str] = []
        context.expose_function("zqrun", lambda: self.said.append("a script ran"))
        context.on("page", self._watch)

    def _watch(self, page: Page) -> None:
        page.on("dialog", self._dismiss)

    def _dismiss(self, dialog: Dialog) -> None:
        self.said.append(f"a dialog: {dialog.message}")
        dialog.dismiss()


class Shown:
    """The pages on which stored texts stand, of a volunteer, her leader, the ward lead and an officer."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.pages: dict[str, Page] = {}
        self.alive: list[Alive] = []
        for telephone in (VOLUNTEER, LEADER, WARD_LEAD, OFFICER, ""):
            context = site.context(telephone, size=DESK, service_workers="block")
            self.alive.append(Alive(context))
            self.pages[telephone] = context.new_page()
        self.door = site.doors(VOLUNTEER)[0]
        with site.database.writing() as db:
            volunteer = site.person(VOLUNTEER).id
            visit = db.exec(
                select(Visit).where(Visit.author_id == volunteer).order_by(col(Visit.visited_on).desc())
            ).first()
            assert visit is not None
            self.visit = f"/visits/{visit.ward_id}/{visit.id}"
            self.ward = self.door.ward_id
        held = put(site.database, volunteer, self.ward, visit_fields((self.ward, volunteer)), "no_place")
        self.held = page_of(held)
        with site.database.writing() as db:
            phone = db.exec(select(Device).where(Device.person_id == volunteer)).first()
            db.merge(
                PhoneReport(device_id=phone.id if phone else volunteer, person_id=volunteer, seen_at=held.received_at, pending=4)
            )  # fmt: skip

    def plant(self, texts: Sequence[str]) -> None:
        """These texts, in turn, wherever a text is stored: a door's three, a note, names, teams, groups, devices, a tray."""
        with self.site.database.writing() as db:
            for place, row in enumerate(self.site.doors(VOLUNTEER)):
                text = texts[place % len(texts)]
                columns = address(text, "9", text[:40]) | {"number": text[:40], "fold": fold(text)[:200]}
                db.execute(
                    update(Household)
                    .where(col(Household.ward_id) == row.ward_id, col(Household.id) == row.id)
                    .values(**columns)
                )
            for place, phone in enumerate((VOLUNTEER, LEADER, WARD_LEAD, OFFICER)):
                person = db.get_one(Person, self.site.person(phone).id)
                person.full_name = texts[place % len(texts)]
                db.add(person)
            for table, column in ((Team, "name"), (Device, "label"), (Visit, "note")):
                db.execute(table_of(table).update().values({column: texts[0]}))
            group = {"name": texts[-1], "short_name": texts[-1]}
            db.execute(table_of(Area).update().where(col(Area.level) == Level.GROUP).values(group))
            fields = visit_fields((self.ward, self.door.id), note=texts[0], number=texts[-1], people=texts[0])
            db.execute(
                table_of(HeldItem).update().values(fields=json.dumps(list(fields.items())), code="invalid")
            )

    def counts(self, text: str) -> dict[str, int]:
        """How many elements each page has. `text` is also searched for, asked for and typed."""
        asked = quote(text, safe="")
        form = form_of(self.door)
        found: dict[str, int] = {}
        for telephone, addresses in {
            VOLUNTEER: ("/", "/households", f"/households?q={asked}", f"/households/{self.door.ward_id}/{self.door.id}", form, "/visits",
                        self.visit, f"{self.visit}/correction", f"{self.visit}/void", "/sync", "/reports", f"/reports?period={asked}",
                        "/group-counts/new", f"/visits/practice?done={asked}"),
            LEADER: ("/reports", self.visit),
            WARD_LEAD: ("/", "/reports", "/coverage/tray", self.held, f"{self.held}?q={asked}", f"/reports?from={asked}&to={asked}"),
            OFFICER: ("/reports",),
            "": (f"/sign-in?next=/{asked}",),
        }.items():  # fmt: skip
            page = self.pages[telephone]
            for address_ in addresses:
                page.goto(address_)
                page.wait_for_function(LOADED)
                page.evaluate(
                    "() => document.querySelectorAll('*').forEach((e) => e.dispatchEvent(new MouseEvent('mouseover')))"
                )
                found[f"{telephone} {address_.replace(asked, '…')}"] = page.evaluate(COUNT)
        found |= {name: self._typed(name, text) for name in ("/households/new", "/sign-in")}
        return found

    def _typed(self, where: str, text: str) -> int:
        """The page that shows a refused form again."""
        page = self.pages["" if where == "/sign-in" else VOLUNTEER]
        page.goto(where)
        names = ("tel", "pw") if where == "/sign-in" else ("street", "room")
        for name in names:
            page.locator(f"main [name={name}]").fill(text[:30])
        if where != "/sign-in":
            page.locator("main [name=number]").fill(".")  # no number, as the server sees it
        page.locator("main form button.go, main form button[type=submit]").last.click()
        expect(page.locator("[role=alert]").first).to_be_visible()
        page.wait_for_load_state("networkidle")  # a script may have something to say beside the fields
        return int(page.evaluate(COUNT))


@pytest.mark.parametrize(
    "texts",
    [PAIRS, pytest.param(STRINGS, marks=pytest.mark.prove)],
    ids=["ten, by twos", "sixty, one by one"],
)
def test_a_hostile_text_makes_no_more_of_a_page_than_a_harmless_one(site: Site, texts: list[str]) -> None:
    """Each text in all places at once, on every page."""
    shown = Shown(site)
    harmless = "h" * LENGTH
    shown.plant([harmless])
    plain = shown.counts(harmless)
    unfound = shown.counts(
        "k" * LENGTH
    )  # a search that finds no door: whether one does depends on the letters
    assert len(plain) >= 24
    for text in texts:
        whole = text.ljust(LENGTH, "x")
        shown.plant([whole])
        found = shown.counts(whole)
        assert {
            page: (n, plain[page]) for page, n in found.items() if n not in (plain[page], unfound[page])
        } == {}, text
        assert [said for alive in shown.alive for said in alive.said] == [], text
    assert [said for said in site.watch.verdict() if "CSP" in said] == []


@pytest.mark.parametrize(
    "texts", [STRINGS[:FEW], pytest.param(STRINGS, marks=pytest.mark.prove)], ids=["ten", "sixty"]
)
def test_nor_of_a_page_that_the_phone_makes_out_of_its_package(site: Site, texts: list[str]) -> None:
    """Without a network: doors that bear the texts, each another one, in a phone's own templates."""
    shown = Shown(site)
    for batch in batches(texts):
        counts: list[dict[str, int]] = []
        ranked = sorted(batch, key=sort_key)
        harmless = [f"h{ranked.index(text):02d}".ljust(LENGTH, "x") for text in batch]
        for planted in (harmless, batch):
            counts.append(on_a_phone(site, shown, planted))
        assert counts[0] == counts[1]


def batches(texts: Sequence[str]) -> list[list[str]]:
    """The texts as long as they are stored, in as few lots as have no two that sort alike: streets that do are walked as one, and
    harmless ones have to lie along the same way."""
    lots: list[list[str]] = []
    for text in (text.ljust(LENGTH, "x") for text in texts):
        key = sort_key(text)
        lot = next((lot for lot in lots if key not in map(sort_key, lot)), None)
        if lot is None:
            lots.append(lot := [])
        lot.append(text)
    return lots


def on_a_phone(site: Site, shown: Shown, planted: Sequence[str]) -> dict[str, int]:
    """How many elements each page has that a phone makes without a network, when these are the streets and numbers of its doors."""
    shown.plant(planted)
    context = taken_along(site, VOLUNTEER)
    alive = Alive(context)
    page = context.new_page()
    found: dict[str, int] = {}
    pages = {  # with what is there only when the phone has made the page
        "/": "ul.doors use",
        "/households": "ol.walk .plate",
        "/households/new": "form[action='/households']",
        form_of(shown.door): "form.if-met .chips input[name=skill]",
        f"/households/{shown.door.ward_id}/{shown.door.id}": "dl.pairs",
        "/sync": "h1",
    }
    for where, content in pages.items():
        page.goto(where)
        expect(page.locator(content).first).to_be_attached()
        found[where] = page.evaluate(COUNT)
    assert alive.said == []
    context.close()
    return found
