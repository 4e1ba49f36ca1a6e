"""The walk: one visit, from the door to the district total. `docs/walk.md` tells it in prose."""

import csv
import io
import uuid
from typing import Any

import pytest

from skills.people import sessions
from tests.cast import City
from tests.client import Client
from tests.conftest import AsPerson

VNEID = "7"  # the skill's id in the catalogue: CQ01
PAID = ("households_reached", "visits_met", "people", "people_new")


@pytest.fixture
def program(city: City, app: Any) -> Client:
    """Another program that reads the totals as the city's administrator."""
    with city.database.writing() as db:
        token = sessions.issue_api_token(db, city.people["Khánh"].id, "walk")
    return Client(app, Authorization=f"Bearer {token}")


def figures(program: Client, area_id: int, calendar: str = "civil") -> dict[str, Any]:
    """The figures of an area in this month, as another program reads them."""
    today = program.get(
        f"/api/v1/totals?area={area_id}&period={this_month(calendar)}&calendar={calendar}&by=skill"
    )
    assert today.status_code == 200, today.text
    told: dict[str, Any] = today.json()
    figures: dict[str, Any] = told["figures"] | {"skills": told["skills"]}
    return figures


def this_month(calendar: str) -> str:
    """The name of the running month of a calendar."""
    from skills import clock
    from skills.totals.periods import Calendar, Kind, containing

    return containing(clock.today(), Kind.MONTH, Calendar(calendar)).name


def test_one_visit_reaches_the_district(city: City, as_person: AsPerson, program: Client) -> None:
    """Hoài logs a visit; the ward and the former district go up by exactly that, in both calendars, and come back when it is void."""
    hoai, places = as_person("Hoài"), (city.wards["Hải Châu"].id, city.district.id, city.whole.id)
    before = {
        (area, calendar): figures(program, area, calendar)
        for area in places
        for calendar in ("civil", "nd09")
    }
    door = city.doors["K45/12"]
    page = hoai.page(f"/visits/new?ward={door.ward_id}&household={door.id}")

    sent = page_form(page, "met") | {
        "people": "2",
        "people_new": "1",
        "skill": [VNEID],
        f"level-{VNEID}": "3",
    }
    answer = hoai.post("/visits", sent)
    assert answer.status_code == 303
    visit = answer.headers["location"]
    assert "Đã lưu" in hoai.page(visit).h1

    for (area, calendar), was in before.items():
        now = figures(program, area, calendar)
        assert [now[name] - was[name] for name in PAID] == [1, 1, 2, 1], (area, calendar)
        assert now["households_helped"] - was["households_helped"] == 1
    lead = as_person("Thu")
    rows = list(
        csv.DictReader(
            io.StringIO(lead.get(f"/reports/download.csv?area={places[0]}").text.removeprefix("\ufeff"))
        )
    )
    assert len(rows) >= 2
    assert "Tổ 12" in lead.page(f"/reports?area={places[0]}").text

    # the same three times more: nothing changes
    for _ in range(3):
        assert hoai.post("/visits", sent).headers["location"] == visit
    assert figures(program, places[0])["visits_met"] == before[places[0], "civil"]["visits_met"] + 1

    # a second visit in the same month: a visit more, no household more
    again = page_form(hoai.page(f"/visits/new?ward={door.ward_id}&household={door.id}"), "met")
    second = hoai.post("/visits", again | {"skill": [VNEID]}).headers["location"]
    now = figures(program, places[1])
    assert now["visits_met"] == before[places[1], "civil"]["visits_met"] + 2
    assert now["households_reached"] == before[places[1], "civil"]["households_reached"] + 1

    # void both: everything is back
    for address in (second, visit):
        void = hoai.page(f"{address}/void")
        assert hoai.submit(void, f"{address}/void", reason="practice").status_code == 303
        assert "Đã hủy" in hoai.page(address).h1
    assert {key: figures(program, *key) for key in before} == before


def page_form(page: Any, outcome: str) -> dict[str, Any]:
    """The fields of the form that records this outcome, as the page gave them."""
    for form in page.all("form", action="/visits"):
        fields: dict[str, Any] = {}
        for element in form.walk():
            if (
                element.attrs.get("name")
                and element.tag == "input"
                and element.attrs.get("type", "text") in ("hidden", "text", "")
            ):
                fields[element.attrs["name"]] = element.attrs.get("value", "")
        if fields.get("outcome") == outcome:
            uuid.UUID(fields["item"])
            return fields
    raise AssertionError(f"no form records {outcome!r}")
