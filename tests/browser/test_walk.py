"""One visit by four taps on a phone, and what the ward and the former district read of it: page, file and interface."""

import csv
import io
import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from playwright.sync_api import APIRequestContext, Locator, Page, Request, expect

from skills import clock
from skills.areas.find import area_on
from skills.areas.models import Area
from skills.catalogue.find import skills_on
from skills.catalogue.models import Skill
from skills.people.viewer import find_viewer
from skills.totals.periods import Calendar, Kind, Period, containing
from skills.visits.models import Outcome
from tests.browser.conftest import DESK, OFFICER, PASSWORD, VOLUNTEER, WARD_LEAD, Site
from tests.browser.finger import Finger, on_first_screen

HEADLINES = {"households": "Hộ đã gặp", "visits": "Lượt gặp", "people": "Số người được hướng dẫn"}
NAMES = {"households": "households_reached", "visits": "visits_met", "people": "people"}
LEVELS = {"introduced": "Giới thiệu", "practised": "Thực hành", "alone": "Tự làm được"}
LEVEL = "practised"

Figures = dict[str, int]


@dataclass
class Reader:
    """Somebody at a desk who reads an area's figures of this month in a calendar, in three places."""

    area: Area
    calendar: Calendar
    page: Page
    program: APIRequestContext

    @property
    def month(self) -> Period:
        """The running month of the calendar."""
        return containing(clock.today(), Kind.MONTH, self.calendar)

    def figures(self, skill: Skill) -> dict[str, Figures]:
        """Households, visits, people and the skill at its level: on the page, in the file, through the interface."""
        return {
            "page": self.on_page(skill),
            "file": self.in_file(),
            "interface": self.through_interface(skill),
        }

    def on_page(self, skill: Skill) -> Figures:
        """As the page of the reader's own area says it, without asking for a period."""
        self.page.goto(f"/reports?calendar={self.calendar.value}")
        expect(self.page.locator("main .head p strong").first).to_contain_text(self.area.short_name)
        told = {
            name: number(self.page.locator(f".kpi div:has(dt:text-is('{title}')) .big-no"))
            for name, title in HEADLINES.items()
        }
        table = self.page.locator(f"figure table:has(th:text-is('{LEVELS[LEVEL]}'))")
        row = table.locator(f"tbody tr:has(th:text-is('{skill.name_vi}'))")
        if not row.count():  # a skill that nobody was taught has no line
            return told | {"skill": 0}
        place = table.locator("thead th").all_text_contents().index(LEVELS[LEVEL])
        return told | {"skill": number(row.locator("th, td").nth(place))}

    def in_file(self) -> Figures:
        """As the last line of the file says it: the area itself."""
        answer = self.page.context.request.get(f"/reports/download.csv?calendar={self.calendar.value}")
        assert answer.body().startswith(b"\xef\xbb\xbf")
        last = list(csv.DictReader(io.StringIO(answer.body().decode("utf-8-sig"))))[-1]
        assert last["Số hiệu"] == str(self.area.id)
        return {name: int(last[title]) for name, title in HEADLINES.items()}

    def through_interface(self, skill: Skill) -> Figures:
        """As another program reads it with a token."""
        query = {
            "area": self.area.id,
            "period": self.month.name,
            "calendar": self.calendar.value,
            "by": "skill",
        }
        answer = self.program.get(
            "/api/v1/totals", params={name: str(value) for name, value in query.items()}
        )
        assert answer.ok, answer.text()
        told = answer.json()
        levels = {each["code"]: each[LEVEL] for each in told["skills"]}
        return {name: told["figures"][real] for name, real in NAMES.items()} | {
            "skill": levels.get(skill.code, 0)
        }


@pytest.fixture
def readers(site: Site) -> list[Reader]:
    """The lead of phường Hải Châu and the officer of the former district Hải Châu, each in both calendars."""
    made = []
    for telephone, name in ((WARD_LEAD, "Phường Hải Châu"), (OFFICER, "Quận Hải Châu")):
        with site.database.reading() as db:
            viewer = find_viewer(db, site.person(telephone).id, clock.today())
            assert viewer is not None
            area = area_on(db, viewer.postings[0].area_id)
        assert area is not None
        assert area.name == name
        page = site.page(telephone, size=DESK)
        token = {"Authorization": f"Bearer {site.token_of(telephone)}"}
        program = site.context(size=DESK, extra_http_headers=token).request
        made += [Reader(area, calendar, page, program) for calendar in Calendar]
    return made


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_four_taps_reach_the_district(site: Site, readers: list[Reader], script: bool) -> None:
    """Row, skill, level, Save: ward and former district go up by exactly that; repeats change nothing; void takes it back."""
    page = site.page(java_script_enabled=script)
    sign_in(page)
    row = a_door_of_an_earlier_month(site, page)
    skill = first_skill(site, row)
    before = [reader.figures(skill) for reader in readers]
    posted: list[Request] = []
    page.on("request", lambda request: posted.append(request) if is_a_save(request) else None)

    taps = log_visit(page, row)
    assert taps == 4
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã lưu, đã tính")
    first = page.url
    assert risen(readers, skill, before) == by(households=1, visits=1, people=1, skill=1)

    for _again in range(3):  # an answer that was lost is asked for again
        send_again(posted[0])
    assert risen(readers, skill, before) == by(households=1, visits=1, people=1, skill=1)

    page.goto("/")  # a second visit on the same day: a visit more, no household more
    page.goto(row)
    Finger(page).tap(page.locator(".chips input[name=skill] + label").first)
    Finger(page).tap(page.locator("form.if-met button.go"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã lưu, đã tính")
    assert risen(readers, skill, before) == by(
        households=1, visits=2, people=2, skill=1
    )  # the second only introduced it

    Finger(page).tap(page.get_by_role("button", name="Hoàn tác"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã hủy, không tính")
    assert risen(readers, skill, before) == by(households=1, visits=1, people=1, skill=1)

    page.goto(f"{first}/void")
    Finger(page).tap(page.locator("input[name=reason] + span").first)
    Finger(page).tap(page.get_by_role("button", name="Hủy lượt này"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã hủy, không tính")
    assert risen(readers, skill, before) == by(households=0, visits=0, people=0, skill=0)


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_nobody_home_is_two_taps(site: Site, script: bool) -> None:
    """The row on the first page, then Vắng nhà: saved at once."""
    page = site.page(VOLUNTEER, java_script_enabled=script)
    page.goto("/")
    row = a_door_of_an_earlier_month(site, page)
    finger = Finger(page)
    finger.tap(page.locator(f'main a[href="{row}"]').first)
    finger.tap(page.get_by_role("button", name="Vắng nhà"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã lưu, đã tính")
    assert finger.taps == 2
    assert [visit.outcome for visit in site.saved()] == [Outcome.ABSENT]


def sign_in(page: Page) -> None:
    """With telephone number and password, as a stranger who opens the first page."""
    page.goto("/")
    page.get_by_label("Số điện thoại").fill(VOLUNTEER)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").tap()
    page.get_by_role("link", name="Để sau").tap()  # a PIN is offered, the first time in a browser
    expect(page.get_by_role("heading", level=1, name="Hôm nay")).to_be_visible()
    assert urlsplit(page.url).path == "/"


def a_door_of_an_earlier_month(site: Site, page: Page) -> str:
    """The first row that stands on the first screen whole, of a door met before, though not this month in either calendar."""
    months = [containing(clock.today(), Kind.MONTH, calendar) for calendar in Calendar]
    began = min(month.start for month in months)
    met = {door.id: door.last_met_on for door in site.doors()}
    rows = page.locator('main a[href^="/visits/new?"]')
    for row in rows.all():
        href = row.get_attribute("href") or ""
        last = met[UUID(parse_qs(urlsplit(href).query)["household"][0])]
        if last is not None and last < began and on_first_screen(row):
            return href
    screen = page.evaluate("innerHeight")
    tops = [row.bounding_box() for row in rows.all()]
    raise AssertionError(
        f"no door that was met before {began} stands on the first {screen} pixels; the rows: {tops}"
    )


def first_skill(site: Site, form: str) -> Skill:
    """The skill whose chip stands first in the form: of the last visit."""
    household = UUID(parse_qs(urlsplit(form).query)["household"][0])
    door = next(door for door in site.doors() if door.id == household)
    with site.database.reading() as db:
        known = {skill.id: skill for skill in skills_on(db, clock.today())}
    return known[door.last_skills[0]]


def log_visit(page: Page, row: str) -> int:
    """From the first page to "Đã lưu": how many taps it took. Nothing is typed."""
    finger = Finger(page)
    finger.tap(page.locator(f'main a[href="{row}"]').first)
    chip = page.locator(".chips input[name=skill] + label").first
    finger.tap(chip)
    finger.tap(page.locator(".chips input[name=skill]:checked + label + .seg label", has_text=LEVELS[LEVEL]))
    finger.tap(page.get_by_role("button", name="Lưu lượt thăm"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Đã lưu")
    return finger.taps


def is_a_save(request: Request) -> bool:
    """Whether it brings a visit: by the phone's queue, or as a form."""
    return request.method == "POST" and not request.url.endswith("/api/v1/devices")


def send_again(request: Request) -> None:
    """The very request that the browser sent, once more."""
    named = {"content-type", "content-encoding", "accept", "origin", "authorization"}
    headers = {name: value for name, value in request.headers.items() if name in named}
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(request.url))
    body = request.post_data_buffer
    assert body
    answer = request.frame.page.context.request.post(
        request.url, data=body, headers=headers | {"origin": origin}, max_redirects=0
    )
    assert answer.status in (200, 303), answer.text()


def risen(readers: list[Reader], skill: Skill, before: list[dict[str, Figures]]) -> Figures:
    """By how much everything that anybody reads has risen since; fails where two of them differ."""
    found = {
        (reader.area.name, reader.calendar.value, place): {
            name: now - was[place][name] for name, now in told.items()
        }
        for reader, was in zip(readers, before, strict=True)
        for place, told in reader.figures(skill).items()
    }
    whole = max(found.values(), key=len)
    assert all(told == {name: whole[name] for name in told} for told in found.values()), found
    return whole


def by(**risen: int) -> Figures:
    """What a figure has risen by."""
    return risen


def number(cell: Locator) -> int:
    """A number as people write it: 1.234."""
    return int(re.sub(r"\D", "", cell.text_content() or ""))
