"""The city that `make demo` makes: what a later page has to find in it is there, in the tables and on the reports."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import median

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from skills.app import create_app
from skills.areas.find import city as city_on
from skills.areas.find import wards_of_city
from skills.areas.models import Area
from skills.db import Database, Row
from skills.demo import make_city
from skills.people import sessions
from skills.people.add import find_person
from skills.settings import Settings
from skills.totals import check
from skills.visits.tally import recount
from tests.client import Client
from tests.demo.made import UNTIL, empty, everything

HIGH = date(2026, 8, 28)  # the city's digital day

STOPPED = """
    SELECT author_id FROM visit WHERE voided_at IS NULL
    GROUP BY author_id HAVING count(*) >= 5 AND max(visited_on) < date(:until, '-180 days')
"""
GROUPS_NEVER_OPENED = """
    SELECT area.id FROM area
    JOIN area_block ON area_block.area_id = area.id
    JOIN household ON household.block_id = area_block.block_id
    LEFT JOIN visit ON visit.ward_id = household.ward_id AND visit.household_id = household.id
         AND visit.outcome = 'met' AND visit.voided_at IS NULL
    WHERE area.level = 'residential_group'
    GROUP BY area.id HAVING count(visit.id) = 0
"""
MET_BY_WEEK = """
    SELECT date(visited_on, 'weekday 0', '-6 days') AS monday, count(*) FROM visit
    WHERE outcome = 'met' AND voided_at IS NULL AND visited_on >= :since
    GROUP BY monday ORDER BY monday
"""


@dataclass(frozen=True)
class AtSize:
    """The city, and a browser in which the city's administrator is signed in."""

    database: Database
    browser: Client

    def sql(self, query: str, **values: str) -> list[tuple[int, ...]]:
        """The rows of a query in plain SQL."""
        with self.database.reading() as db:
            return [tuple(row) for row in db.execute(text(query), values)]

    def table(self, query: str) -> dict[str, list[int]]:
        """The lines of a report by name: households met and helped, meetings. The last one is called "Cộng"."""
        table = self.browser.page(f"/reports?{query}").one("table", class_="data")
        found = {}
        for row in (element for element in table.walk() if element.tag == "tr"):
            name, *told = [cell.text for cell in row.walk() if cell.tag in ("th", "td")]
            if told[0].replace(".", "").isdecimal():
                found[name] = [int(cell.replace(".", "")) for cell in told[:3]]
        return found


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AtSize]:
    """Made once: 40 000 doors, 120 000 visits."""
    url = f"sqlite:///{tmp_path_factory.mktemp('size')}/city.db"
    database = Database(url)
    Row.metadata.create_all(database.writer)
    make_city(database, until=UNTIL)
    app = create_app(Settings(env="demo", database_url=url, base_url="http://testserver"))
    browser = Client(app)
    with database.writing() as db:
        administrator = find_person(db, "0905000005")
        assert administrator is not None
        browser.cookies.set("sid", sessions.create(db, administrator.id))
    yield AtSize(database, browser)
    app.state.database.dispose()
    database.dispose()


def test_it_is_as_large_as_the_city(city: AtSize) -> None:
    for table, n in (("household", 40_000), ("visit", 120_000), ("team", 3_766)):
        assert city.sql(f"SELECT count(*) FROM {table}") == [(n,)]
    assert city.sql("SELECT count(DISTINCT person_id) FROM team_member") == [(24_303,)]
    small = "SELECT count(*) FROM (SELECT team_id FROM team_member GROUP BY team_id HAVING count(*) < 7)"
    assert city.sql(small)[0][0] > 1_000


def test_volunteers_who_stopped(city: AtSize) -> None:
    assert len(city.sql(STOPPED, until=str(UNTIL))) >= 20


def test_residential_groups_never_opened_can_be_read_on_the_reports(city: AtSize) -> None:
    """In the report of a ward of today, year by year, such a group has no household met; no other group has none in all years."""
    closed = {group for (group,) in city.sql(GROUPS_NEVER_OPENED)}
    assert len(closed) >= 20
    with city.database.reading() as db:
        names = {area.id: area.name for area in db.exec(select(Area).where(col(Area.id).in_(closed)))}
        wards = wards_of_city(db, UNTIL)
    in_ward: dict[int, set[str]] = {ward.id: set() for ward in wards}
    lies = "SELECT area_id, parent_id FROM area_parent WHERE valid_to = '9999-12-31'"
    for group, ward in city.sql(lies):
        if group in closed and ward in in_ward:
            in_ward[ward].add(names[group])
    looked_at = 0
    for ward, expected in sorted(in_ward.items(), key=lambda pair: -len(pair[1]))[:5]:
        years = [city.table(f"area={ward}&period={year}&lens=today") for year in (2024, 2025, 2026)]
        met = Counter[str]()
        for year in years:
            met.update({name: figures[0] for name, figures in year.items()})
        assert {name for name, n in met.items() if not n} == expected
        looked_at += len(expected)
    assert looked_at >= 20


def test_the_week_of_28_august_can_be_read_on_the_reports(city: AtSize) -> None:
    weeks = {date.fromisoformat(str(monday)): n for monday, n in city.sql(MET_BY_WEEK, since="2025-11-24")}
    whole = {monday: n for monday, n in weeks.items() if monday + timedelta(days=6) < UNTIL}
    high = HIGH - timedelta(days=HIGH.weekday())
    assert len(whole) == 52
    assert whole[high] >= 2 * median(whole.values())
    with city.database.reading() as db:
        whole_city = city_on(db, UNTIL).id
    for monday in (high, *sorted(whole)[::6]):
        year, week, _day = monday.isocalendar()
        assert city.table(f"area={whole_city}&period={year}-W{week:02}")["Cộng"][2] == whole[monday]


@pytest.mark.prove
def test_its_totals_are_what_its_visits_come_to(city: AtSize) -> None:
    with city.database.reading() as db:
        assert check.check(db, recount) == []


@pytest.mark.prove
def test_made_again_it_is_the_same_in_every_row(city: AtSize, tmp_path: Path) -> None:
    """Sessions aside: the first one was signed in to."""
    again = empty(tmp_path)
    make_city(again, until=UNTIL)
    first, second = everything(city.database), everything(again)
    again.dispose()
    assert first.pop("login_session") != second.pop("login_session") == ""
    assert first == second
