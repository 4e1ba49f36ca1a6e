"""The totals as another program reads them."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from skills.reports.area import NAMES
from tests.cast import City
from tests.client import Client
from tests.conftest import AsPerson
from tests.reports.conftest import Log


def ask(person: Client, **query: str) -> Any:
    answer = person.get("/api/v1/totals", params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()


@pytest.fixture
def august(log: Log) -> None:
    log("Hoài", "12", date(2026, 8, 3), people=2, people_new=1, skills={1: 3}, audiences={1: 1})
    log("Mai", "31", date(2026, 8, 14), people=4)
    log("Hoài", "12", date(2026, 7, 14), people=1)


@pytest.mark.usefixtures("august")
def test_a_ward_by_area(as_person: AsPerson, city: City) -> None:
    told = ask(as_person("Thu"), period="2026-08")
    ward = city.wards["Hải Châu"]
    assert told["area"] == {
        "id": ward.id, "code": "20242", "name": "Phường Hải Châu", "level": "ward", "in_force": True
    }  # fmt: skip
    assert told["period"] == {
        "name": "2026-08", "kind": "month", "calendar": "civil", "start": "2026-08-01", "end": "2026-08-31"
    }  # fmt: skip
    assert (told["lens"], told["lens_day"], told["running"], told["calendar"]) == (
        "then",
        "2026-08-31",
        False,
        "civil",
    )
    assert told["figures"].keys() == NAMES.keys() == told["children"][0]["figures"].keys()
    assert told["figures"]["people"] == 6
    assert told["before"]["period"]["name"] == "2026-07"
    assert told["before"]["figures"]["people"] == 1
    assert told["unallocated"] is None
    assert [child["area"]["name"] for child in told["children"]] == ["Tổ 12", "Tổ 13", "Tổ 40"]
    for name, n in told["figures"].items():
        assert n == sum(child["figures"][name] for child in told["children"])
    assert datetime.fromisoformat(told["as_of"]).tzinfo == UTC


@pytest.mark.usefixtures("august")
def test_by_skill_audience_ladder_and_day(as_person: AsPerson, city: City) -> None:
    lead = as_person("Thu")
    skills = ask(lead, period="2026-08", by="skill")["skills"]
    assert [(s["code"], s["introduced"], s["practised"], s["alone"], s["total"]) for s in skills] == [
        ("NT01", 0, 0, 1, 1)
    ]
    groups = ask(lead, period="2026-08", by="audience")["audiences"]
    assert [group["people"] for group in groups] == [1]
    ladder = ask(lead, period="2026-08", by="ladder")["ladder"]
    assert [step["name"] for step in ladder][-2:] == ["households_five_groups", "households_five_by_one"]
    for area in (city.wards["Hải Châu"].id, city.groups["Tổ 12"].id):
        days = ask(lead, area=str(area), period="2026-08", by="day")["days"]
        assert [day["day"] for day in days] == [f"2026-08-{n:02d}" for n in range(1, 32)]
        assert days[2]["figures"]["people"] == 2
        assert days[1]["figures"]["people"] == 0
    assert len(ask(lead, **{"from": "2026-08-03", "to": "2026-08-04", "by": "day"})["days"]) == 2


def test_former_districts_have_their_wards(as_person: AsPerson, city: City) -> None:
    told = ask(as_person("Yến"), period="2026-08")
    assert len(told["children"]) == 25
    assert sum(len(child["children"]) for child in told["children"]) == 94
    straddling = [
        w["area"]["name"] for child in told["children"] for w in child["children"] if w["straddles"]
    ]
    assert len(straddling) == 5


def test_where_there_is_no_area_there_is_no_figure(as_person: AsPerson, city: City) -> None:
    told = ask(as_person("Khánh"), area=str(city.wards["Hải Châu"].id), period="2025-05")
    assert told["area"]["in_force"] is False
    assert told["figures"] is None
    assert told["before"]["figures"] is None
    assert told["children"] is None
    assert {"Phường Thạch Thang", "Phường Phước Ninh"} <= {area["name"] for area in told["now"]}
    for by, name in (("skill", "skills"), ("audience", "audiences"), ("ladder", "ladder"), ("day", "days")):
        assert (
            ask(as_person("Khánh"), area=str(city.wards["Hải Châu"].id), period="2025-05", by=by)[name]
            is None
        )


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"period": "2026-13"}, "period"), ({"area": "x"}, "area"), ({"by": "team"}, "by"), ({"lens": "x"}, "lens"),
        ({"period": " 2026"}, "period"), ({"lens": "\r"}, "lens"), ({"calendar": "x"}, "calendar"), ({"from": "2026-08-01"}, "to"), ({"period": "2026", "by": "day"}, "by"), ({"sort": "name"}, ""),
    ],
)  # fmt: skip
def test_what_can_not_be_read_is_a_problem_with_its_field(
    as_person: AsPerson, query: dict[str, str], field: str
) -> None:
    answer = as_person("Thu").get("/api/v1/totals", params=query)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert {"type", "title", "status", "detail", "fields"} <= told.keys()
    assert told["status"] == 422
    assert list(told["fields"]) == [field]


def test_who_may_ask(as_person: AsPerson, stranger: Client, city: City) -> None:
    ward, other = city.wards["Hải Châu"].id, city.wards["An Hải"].id
    assert stranger.get("/api/v1/totals").status_code == 401
    assert stranger.get("/api/v1/totals").headers["content-type"] == "application/problem+json"
    assert stranger.get("/api/v1/totals", headers={"Authorization": "Bearer x"}).status_code == 401
    assert as_person("Hoài").get("/api/v1/totals").status_code == 403
    assert as_person("Thu").get(f"/api/v1/totals?area={other}").status_code == 404
    assert as_person("Thu").get(f"/api/v1/totals?area={ward}").status_code == 200
    assert as_person("Tâm").get(f"/api/v1/totals?area={other}").status_code == 404


def test_the_document_tells_the_api_and_no_page(stranger: Client) -> None:
    document = stranger.get("/api/v1/openapi.json").json()
    assert all(path.startswith("/api/v1/") for path in document["paths"])
    told = document["paths"]["/api/v1/totals"]["get"]["parameters"]
    assert {parameter["name"] for parameter in told} == {
        "area",
        "period",
        "from",
        "to",
        "lens",
        "calendar",
        "by",
    }
