"""The walk: one visit, from the door to the district total, on the page, in the CSV and in the API. `docs/walk.md` tells it in prose."""

import csv
import io
from typing import Any

import pytest
from fastapi import FastAPI

from skills import clock
from skills.people import sessions
from skills.totals.periods import Calendar, Kind, containing
from tests.cast import City
from tests.client import Client
from tests.conftest import AsPerson
from tests.visits.pages import form_of, log, open_door

VNEID = "7"  # the skill CQ01: activate VNeID level 2
CALENDARS = ("civil", "nd09")
Figures = dict[str, Any]


@pytest.fixture
def program(city: City, app: FastAPI) -> Client:
    """Another program, which reads the totals as the city's administrator."""
    with city.database.writing() as db:
        token = sessions.issue_api_token(db, city.people["Khánh"].id, "walk")
    return Client(app, Authorization=f"Bearer {token}")


def test_one_visit_from_the_door_to_the_district(city: City, as_person: AsPerson, program: Client) -> None:
    """Hoài logs a visit: ward, former district and city go up by exactly that, in both calendars; voided, everything is back."""
    hoai, lead, officer = as_person("Hoài"), as_person("Thu"), as_person("Tâm")
    ward, district = city.wards["Hải Châu"], city.district
    places = (ward.id, district.id, city.whole.id)

    def everywhere() -> dict[tuple[int, str], Figures]:
        return {
            (area, calendar): api_figures(program, area, calendar)
            for area in places
            for calendar in CALENDARS
        }

    before = everywhere()
    rows_before = (csv_figures(lead, ward.id), csv_figures(officer, district.id))

    # four taps: the door's row, the skill, its level, Save
    sent = form_of(open_door(hoai, city.doors["K45/12"]), "met")
    sent |= {"people": "2", "people_new": "1", "skill": [VNEID], f"level-{VNEID}": "3"}
    visit = hoai.post("/visits", sent).headers["location"]
    assert "Đã lưu" in hoai.page(visit).h1

    one = {
        "households_reached": 1,
        "households_helped": 1,
        "visits_met": 1,
        "people": 2,
        "people_new": 1,
        "CQ01 alone": 1,
    }
    for place, figures in everywhere().items():
        assert difference(before[place], figures) == one | {"households_core_services": 1}, place
    for reader, area, row in ((lead, ward.id, rows_before[0]), (officer, district.id, rows_before[1])):
        told = csv_figures(reader, area)
        assert [told["Hộ đã gặp"] - row["Hộ đã gặp"], told["Lượt gặp"] - row["Lượt gặp"]] == [1, 1]
        assert told["Số người được hướng dẫn"] - row["Số người được hướng dẫn"] == 2
        assert told["CQ01 tự làm được"] - row.get("CQ01 tự làm được", 0) == 1
        page = reader.page(f"/reports?area={area}")
        assert [element.text for element in page.all("span", class_="big-no")][:3] == [
            str(told["Hộ đã gặp"]), str(told["Lượt gặp"]), str(told["Số người được hướng dẫn"])
        ]  # fmt: skip

    # a second visit in that month: a visit more and no household more
    after_one = everywhere()
    second = log(hoai, city.doors["K45/12"])
    for place, figures in everywhere().items():
        assert difference(after_one[place], figures) == {"visits_met": 1, "people": 1}, place

    # the same posted three times more: nothing changes
    after_two = everywhere()
    for _ in range(3):
        assert hoai.post("/visits", sent).headers["location"] == visit
    assert everywhere() == after_two

    # void: everything is back
    for address in (second, visit):
        assert (
            hoai.submit(hoai.page(f"{address}/void"), f"{address}/void", reason="practice").status_code == 303
        )
        assert "Đã hủy" in hoai.page(address).h1
    assert everywhere() == before
    assert (csv_figures(lead, ward.id), csv_figures(officer, district.id)) == rows_before


def api_figures(program: Client, area_id: int, calendar: str) -> Figures:
    """The figures of an area in the running month of a calendar, skills by level too, as another program reads them."""
    month = containing(clock.today(), Kind.MONTH, Calendar(calendar)).name
    answer = program.get(f"/api/v1/totals?area={area_id}&period={month}&calendar={calendar}&by=skill")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    levels = ("introduced", "practised", "alone")
    taught = {f"{skill['code']} {level}": skill[level] for skill in told["skills"] for level in levels}
    figures: Figures = told["figures"] | taught
    return figures


def csv_figures(reader: Client, area_id: int) -> dict[str, int]:
    """The sum in the last line of the downloaded report of this month, by the words in its head; skills by level beside."""

    def rows(query: str) -> list[dict[str, str]]:
        content = reader.get(f"/reports/download.csv?area={area_id}{query}").content
        return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))

    last = rows("")[-1]
    figures = {
        name: int(value)
        for name, value in last.items()
        if value.isdecimal() and name.split()[0] in ("Hộ", "Lượt", "Số")
    }
    return figures | {f"{skill['Mã']} tự làm được": int(skill["Tự làm được"]) for skill in rows("&by=skill")}


def difference(before: Figures, after: Figures) -> Figures:
    """What changed, by name."""
    names = before.keys() | after.keys()
    changed = {name: after.get(name, 0) - before.get(name, 0) for name in names}
    return {name: n for name, n in changed.items() if n}
