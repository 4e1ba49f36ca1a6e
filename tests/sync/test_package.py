"""What a phone takes along: one's own doors and nobody else's, nothing that names a household, and light enough to fetch on the way."""

import gzip
import json
from datetime import timedelta
from typing import Any

import brotli
import pytest
from sqlmodel import Session

from skills import clock
from skills.db import insert_many
from skills.households.find import doors_of
from skills.households.models import DoorState, HouseholdIdentity, Mark
from skills.people.models import Team, TeamGroup
from skills.people.viewer import find_viewer
from skills.sync import package as taken
from skills.sync.package import DOORS, VISITS, package
from skills.visits.models import HouseholdCore
from skills.web.assets import DIST, built
from skills.web.worker import KEPT
from tests.cast import SINCE, City
from tests.client import Client
from tests.conftest import AsPerson
from tests.households.test_find import leave, many_doors, statements
from tests.visits.pages import log


def along(client: Client) -> dict[str, Any]:
    """The package, as the phone reads it."""
    answer = client.get("/api/v1/package")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def doors(told: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows with their column names; what was left off is not there."""
    return [dict(zip(told["columns"], line, strict=False)) for line in told["doors"]]


def numbers(told: dict[str, Any]) -> list[str]:
    return [door["number"] for door in doors(told)]


def test_a_volunteer_takes_the_doors_of_the_teams_groups_in_walking_order(
    as_person: AsPerson, city: City
) -> None:
    told = along(as_person("Hoài"))
    assert numbers(told) == ["2", "4", "6", "7", "7A", "7/2", "12", "K45/2", "K45/12", "K61/1"]
    hai_chau = city.wards["Hải Châu"]
    names = [(group[0], group[2], group[3], group[4]) for group in told["groups"]]
    assert names == [(city.groups[name].id, name, hai_chau.id, "Hải Châu") for name in ("Tổ 12", "Tổ 13")]
    assert {told["groups"][door["group"]][2] for door in doors(told)} == {"Tổ 12", "Tổ 13"}
    assert told["places"] == [
        ["Hàng Dừa", "", "Hàng Dừa"],
        ["Hàng Dừa", "K45", "Kiệt 45 Hàng Dừa"],
        ["Hàng Dừa", "K61", "Kiệt 61 Hàng Dừa"],
    ]
    assert told["person"] == {
        "id": str(city.people["Hoài"].id),
        "name": "Lê Thị Hoài",
        "role": "volunteer",
        "leads": False,
    }
    assert (told["whole"], told["wide"], told["newcomer"]) == (True, False, True)
    assert numbers(along(as_person("Mai"))) == ["31"]


def test_a_ward_lead_takes_the_doors_of_the_ward(as_person: AsPerson) -> None:
    told = along(as_person("Thu"))
    assert len(told["doors"]) == 11
    assert told["wide"]
    assert numbers(along(as_person("Phúc"))) == ["8"]


@pytest.mark.parametrize("name", ["Tâm", "Khánh", "Yến", "Lạ"])
def test_whoever_sees_no_doors_takes_nothing(as_person: AsPerson, name: str) -> None:
    assert as_person(name).get("/api/v1/package").status_code == 403


def test_nobody_takes_anything_without_signing_in(stranger: Client) -> None:
    assert stranger.get("/api/v1/package").status_code == 401


def test_a_door_that_left_the_teams_groups_is_left_behind(as_person: AsPerson, city: City) -> None:
    yesterday = clock.today() - timedelta(1)
    with city.database.writing() as db:
        team: Team = city.teams["Tổ công nghệ số cộng đồng số 5"]
        going = db.get(TeamGroup, (team.id, city.groups["Tổ 13"].id, SINCE))
        assert going is not None
        going.valid_to = yesterday
    assert "K61/1" not in numbers(along(as_person("Hoài")))


def test_a_row_says_what_a_list_says_and_ends_where_it_has_nothing_more_to_say(
    as_person: AsPerson, city: City
) -> None:
    today = clock.today()
    with city.database.writing() as db:
        leave(
            db,
            city.doors["4"],
            Mark.BACK,
            today - timedelta(9),
            follow_up_on=today,
            last_skills="7,3",
            alone_skills=1,
            cores="DT",
        )
        complete(db, city)
    rows = {door["number"]: door for door in doors(along(as_person("Hoài")))}
    said = rows["4"]
    assert (said["mark"], said["last_on"], said["follow_up_on"]) == (
        "back",
        str(today - timedelta(9)),
        str(today),
    )
    assert (said["last_skills"], said["alone_skills"], said["cores"]) == ([7, 3], 1, "DT")
    assert rows["6"]["cores"] == "DMTAN5"  # one person manages all five, so nobody is asked again
    assert rows["7"]["cores"] == "DMTAN"
    assert list(rows["2"]) == list(DOORS[: DOORS.index("mark") + 1])
    assert rows["K45/12"]["fold"] == "k45/12 hang dua 45/12 kiet 45 12"


def complete(db: Session, city: City) -> None:
    """Two doors at which all five are managed, at one of them by one person."""
    for number in ("6", "7"):
        leave(db, city.doors[number], Mark.SELF, clock.today(), alone_skills=5, cores="DMTAN")
    door = city.doors["6"]
    db.add(HouseholdCore(ward_id=door.ward_id, household_id=door.id, core="5", first_alone_on=clock.today()))


def test_it_names_no_household_and_has_no_number_to_call_and_no_note(as_person: AsPerson, city: City) -> None:
    door = city.doors["2"]
    with city.database.writing() as db:
        db.add(
            HouseholdIdentity(
                ward_id=door.ward_id, household_id=door.id, name="Ông Bảy Kín", phone="+84905123456", consent_version="1",
                consented_at=clock.now(), recorded_by=city.people["Hoài"].id,
            )
        )  # fmt: skip
    log(as_person("Hoài"), door, note="Hẹn buổi tối")
    text = as_person("Hoài").get("/api/v1/package").text
    assert not any(word in text for word in ("Bảy", "Kín", "0905", "84905", "buổi tối"))
    assert all(person.full_name not in text for name, person in city.people.items() if name != "Hoài")


def test_own_visits_of_two_weeks_are_in_it_and_nobody_elses(as_person: AsPerson, city: City) -> None:
    log(as_person("Hoài"), city.doors["2"], "absent")
    log(as_person("Hoài"), city.doors["4"], "met", visited_on=str(clock.today() - timedelta(15)))
    log(as_person("Bảo"), city.doors["6"], "absent")
    told = along(as_person("Hoài"))
    assert not told["newcomer"]
    assert told["visit_columns"] == list(VISITS)
    [visit] = [dict(zip(VISITS, line, strict=True)) for line in told["visits"]]
    assert (visit["household"], visit["outcome"], visit["visited_on"]) == (
        str(city.doors["2"].id),
        "absent",
        str(clock.today()),
    )
    assert [door["mark"] for door in doors(told) if door["number"] == "4"] == ["met"]


def test_the_catalogue_is_in_it_in_both_languages_without_the_groups_that_nobody_is_asked_about(
    as_person: AsPerson,
) -> None:
    told = along(as_person("Hoài"))
    assert len(told["skills"]) >= 30
    assert all(vi and en and taught in (0, 1) for _id, vi, en, _core, taught in told["skills"])
    assert told["cores"][0] == ["D", "Dịch vụ công", "Public services"]
    assert not any(group[1] in ("Khuyết tật", "Dân tộc thiểu số", "Hộ nghèo") for group in told["audiences"])


def test_it_is_sent_only_when_it_is_another_than_before(as_person: AsPerson, city: City) -> None:
    client = as_person("Hoài")
    first = client.get("/api/v1/package")
    assert first.headers["cache-control"] == "no-store"
    tag = first.headers["etag"]
    again = client.get("/api/v1/package", headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert again.headers["cache-control"] == "no-store"
    log(client, city.doors["2"], "absent")
    changed = client.get("/api/v1/package", headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag


def test_with_too_many_doors_only_those_that_are_due_go_along(
    as_person: AsPerson, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taken, "MOST_DOORS", 10)
    today = clock.today()
    with city.database.writing() as db:
        leave(db, city.doors["12"], Mark.BACK, today, follow_up_on=today)
        leave(db, city.doors["31"], Mark.BACK, today, follow_up_on=today - timedelta(3))
        leave(db, city.doors["2"], Mark.BACK, today, follow_up_on=today + timedelta(1))
    told = along(as_person("Thu"))
    assert (told["whole"], numbers(told)) == (False, ["12", "31"])
    assert told["all"] == [11, 3, 2]
    assert told["marks"] == {"back": 3, "todo": 8}
    assert [(group[2], *group[5:]) for group in told["groups"]] == [
        ("Tổ 12", 9, 2, 1),
        ("Tổ 13", 1, 0, 0),
        ("Tổ 40", 1, 1, 1),
    ]
    assert len(along(as_person("Hoài"))["doors"]) == 10


def test_it_takes_as_many_statements_for_thousands_as_for_ten(city: City) -> None:
    counts = []
    for more in (0, 1_500):
        many_doors(city, more) if more else None
        said = statements(city.database)
        with city.database.reading() as db:
            viewer = find_viewer(db, city.people["Hoài"].id, clock.today())
            assert viewer is not None
            said.clear()
            assert len(package(db, viewer)["doors"]) == 10 + more
        counts.append(len(said))
    assert counts[0] == counts[1] <= 14


def test_three_hundred_doors_weigh_little_and_the_whole_of_it_too(
    as_person: AsPerson, city: City, record_property: Any
) -> None:
    """At most 80 KB packed; with the worker, the manifest and all that the worker keeps, at most 150 KB."""
    many_doors(city, 290)
    seen_everywhere(city)
    client = as_person("Hoài")
    answer = client.get("/api/v1/package")
    assert len(answer.json()["doors"]) == 300
    assert answer.headers["content-encoding"] == "gzip"
    packed = len(gzip.compress(answer.content, 5))
    worker, manifest = (client.get(each).content for each in ("/sw.js", "/manifest.webmanifest"))
    shells = [client.get(f"/shell/{language}").content for language in ("vi", "en")]
    files = sum((DIST / f"{built()[name]}.br").stat().st_size for name in KEPT)
    icon = (DIST / built()["icon-192.png"]).stat().st_size
    total = packed + files + icon + sum(len(gzip.compress(each, 5)) for each in (worker, manifest, *shells))
    record_property("package", packed)
    record_property("everything", total)
    assert packed <= 80 * 1024
    assert total <= 150 * 1024
    assert len(brotli.compress(answer.content)) <= packed


def seen_everywhere(city: City) -> None:
    """Somebody was met at each of Hoài's doors, so each row is as long as rows are."""
    with city.database.reading() as db:
        viewer = city.viewer("Hoài")
        rows = doors_of(db, viewer)
    today = clock.today()
    with city.database.writing() as db:
        insert_many(
            db,
            DoorState,
            [
                {
                    "ward_id": row.ward_id, "household_id": row.id, "mark": Mark.BACK, "last_outcome": "met",
                    "last_on": today - timedelta(n % 90), "last_at": clock.now() - timedelta(days=n % 90, seconds=n * 7919 % 36_000),
                    "last_met_on": today - timedelta(n % 90), "away_times": n % 3, "follow_up_on": today + timedelta(n % 30),
                    "last_skills": f"{n % 7 + 1},{n % 11 + 8}", "alone_skills": n % 4, "cores": "DMT"[: n % 4],
                }
                for n, row in enumerate(rows)
            ],
        )  # fmt: skip


def test_it_is_what_json_says(city: City) -> None:
    """Nothing in it needs more than JSON."""
    with city.database.reading() as db:
        told = package(db, city.viewer("Hoài"))
    assert json.loads(json.dumps(told))["columns"] == list(DOORS)
