"""Reaching doors: who may see which, in which order, and how they are found by number, lane and street."""

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event, update
from sqlmodel import Session, col

from skills import clock
from skills.areas.blocks import block_ids
from skills.areas.models import AreaBlock
from skills.db import Database, insert_many
from skills.errors import NotAllowed, NotFound
from skills.households.address import address, heading, same_street
from skills.households.browse import AT_ONCE, browse
from skills.households.count import count_door
from skills.households.find import (
    DoorRow,
    count_marks,
    door_for,
    doors_of,
    due_doors,
    groups_of,
    next_door,
    progress,
    query_words,
    streets_of,
)
from skills.households.lock import lock_wards
from skills.households.models import DoorState, Forward, Household, Mark, WardBlock
from skills.people.permissions import Permission
from tests.cast import City

TODAY = date(2026, 8, 20)


def leave(db: Session, door: Household | DoorRow, mark: Mark, last_on: date = TODAY, **more: Any) -> None:
    """What the visits feature would write about a door."""
    values: dict[str, Any] = {"last_outcome": "met", "last_at": clock.now(), "last_met_on": last_on} | more
    lock_wards(db, [door.ward_id])
    db.add(DoorState(ward_id=door.ward_id, household_id=door.id, mark=mark, last_on=last_on, **values))
    db.flush()


def numbers(rows: list[DoorRow]) -> list[str]:
    return [row.number for row in rows]


def statements(database: Database) -> list[str]:
    """Every statement that the readers run from now on."""
    said: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith("SELECT"):
            said.append(statement)

    event.listen(database.reader, "before_cursor_execute", hear)
    return said


def many_doors(city: City, n: int) -> None:
    """So many doors more in Tổ 13, every third of them in a lane."""
    with city.database.writing() as db:
        block_id = min(block_ids(db, city.groups["Tổ 13"].id, TODAY))
        insert_many(
            db,
            Household,
            [
                {
                    "ward_id": city.wards["Hải Châu"].id, "id": uuid.UUID(int=place + 1), "block_id": block_id,
                    "is_business": False, "version": 1, "created_at": clock.now(),
                    "created_by": city.people["Hoài"].id,
                    **address("Trần Phú", f"K{place % 40 + 1}/{place}" if place % 3 == 0 else str(place + 1)),
                }
                for place in range(n)
            ],
        )  # fmt: skip


def test_doors_come_in_walking_order(city: City) -> None:
    with city.database.reading() as db:
        rows = doors_of(db, city.viewer("Hoài", TODAY))
    assert numbers(rows) == ["2", "4", "6", "7", "7A", "7/2", "12", "K45/2", "K45/12", "K61/1"]
    assert [row.heading for row in rows][-4:] == [
        "Hàng Dừa",
        "Kiệt 45 Hàng Dừa",
        "Kiệt 45 Hàng Dừa",
        "Kiệt 61 Hàng Dừa",
    ]


def test_each_sees_the_doors_of_their_own_area(city: City) -> None:
    reach = {
        "Hoài": 10,
        "Lộc": 10,
        "Mai": 1,
        "Thu": 11,
        "Ngân": 1,
        "Phúc": 1,
        "Tâm": 0,
        "Khánh": 0,
        "Yến": 0,
        "Lạ": 0,
    }
    with city.database.reading() as db:
        assert {name: len(doors_of(db, city.viewer(name, TODAY))) for name in reach} == reach


def test_a_group_narrows_and_never_widens(city: City) -> None:
    with city.database.reading() as db:
        hoai = city.viewer("Hoài", TODAY)
        assert numbers(doors_of(db, hoai, city.groups["Tổ 13"].id)) == ["K61/1"]
        assert doors_of(db, hoai, city.groups["Tổ 3"].id) == []
        assert [group.name for group in groups_of(db, hoai)] == ["Tổ 12", "Tổ 13"]
        assert [group.name for group in groups_of(db, city.viewer("Thu", TODAY))] == [
            "Tổ 12",
            "Tổ 13",
            "Tổ 40",
        ]


def test_a_ward_lead_sees_the_doors_that_lie_in_no_group_yet(city: City) -> None:
    ward = city.wards["Hải Châu"]
    with city.database.writing() as db:
        groups = {block for group in city.groups.values() for block in block_ids(db, group.id, TODAY)}
        remainder = min(block_ids(db, ward.id, TODAY) - groups)
        db.execute(
            update(Household).where(col(Household.id) == city.doors["K61/1"].id).values(block_id=remainder)
        )
    with city.database.reading() as db:
        assert "K61/1" not in numbers(doors_of(db, city.viewer("Hoài", TODAY)))
        lead = city.viewer("Thu", TODAY)
        assert "K61/1" in numbers(doors_of(db, lead))
        done = progress(db, lead)
        assert done[0].doors == 11
        assert sum(group.doors for area, group in done.items() if area) == 10


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("k45/12", ["K45/12"]),
        ("K45/12 hàng dừa", ["K45/12"]),
        ("45/12", ["K45/12"]),
        ("hang dua 7", ["7", "7A", "7/2"]),
        ("7a hàng dừa", ["7A"]),
        ("Kiệt 45", ["K45/2", "K45/12"]),
        ("kiet 45/2", ["K45/2"]),
        ("số 12 đường Hàng Dừa", ["12", "K45/12"]),
        ("hang dua, 61", ["K61/1"]),
        ("HANG DUA kiet 61", ["K61/1"]),
        ("ly thuong kiet", []),  # not in her groups
        ("%", []),
        ("_5/12", []),
    ],
)
def test_search_folds_accents_and_takes_words_in_any_order(city: City, query: str, found: list[str]) -> None:
    with city.database.reading() as db:
        assert numbers(doors_of(db, city.viewer("Hoài", TODAY), query=query)) == found


def test_a_hẻm_and_a_room_are_found_too() -> None:
    door = address("Hàng Dừa", "kiệt 45/hẻm 2/5", "Phòng 3")
    assert door["number"] == "K45/H2/5"
    for query in ("h2/5", "hẻm 2", "k45/h2", "45/h2/5", "kiet 45", "phong 3", "hang dua 5"):
        assert all(f" {word}" in f" {door['fold']}" for word in query_words(query)), query


def test_the_columns_of_an_address_fit_whatever_was_typed() -> None:
    door = address("Ngõ " + "1 " * 38, "K" + "9" * 29, "Ỡ" * 30)
    lengths = {"street": 120, "number": 40, "room": 40, "fold": 220, "street_key": 600, "door_key": 400}
    assert all(len(door[name]) <= most for name, most in lengths.items())
    assert heading("Hàng Dừa", "") == "Hàng Dừa"
    assert same_street("đường hang dua", "Hàng Dừa")
    assert not same_street("Hàng Dừa", "Hàng Bông")


def test_a_door_outside_the_area_is_not_found(city: City) -> None:
    door = city.doors["K45/12"]
    with city.database.reading() as db:
        assert door_for(db, city.viewer("Hoài", TODAY), door.ward_id, door.id).number == "K45/12"
        assert door_for(db, city.viewer("Thu", TODAY), door.ward_id, door.id).number == "K45/12"
        for outside in ("Ngân", "Phúc", "Mai", "Lạ"):
            with pytest.raises(NotFound):
                door_for(db, city.viewer(outside, TODAY), door.ward_id, door.id)
        with pytest.raises(NotFound):
            door_for(db, city.viewer("Hoài", TODAY), door.ward_id, uuid.uuid4())


def test_a_door_in_the_area_of_somebody_who_only_reads_reports_is_refused(city: City) -> None:
    door, far = city.doors["K45/12"], city.doors["8"]
    with city.database.reading() as db:
        for reader in ("Tâm", "Khánh", "Yến"):
            with pytest.raises(NotAllowed):
                door_for(db, city.viewer(reader, TODAY), door.ward_id, door.id)
        with pytest.raises(NotFound):  # An Hải lies in another former district
            door_for(db, city.viewer("Tâm", TODAY), far.ward_id, far.id)
        with pytest.raises(NotAllowed):
            door_for(db, city.viewer("Hoài", TODAY), door.ward_id, door.id, Permission.READ_REPORTS)


def test_the_address_of_a_moved_door_answers_with_the_door_it_became(city: City) -> None:
    door, old, older = city.doors["K45/12"], uuid.uuid4(), uuid.uuid4()
    far = city.wards["An Hải"].id
    with city.database.writing() as db:
        db.add(Forward(ward_id=far, id=old, to_ward_id=door.ward_id, to_id=door.id))
        db.add(Forward(ward_id=door.ward_id, id=older, to_ward_id=far, to_id=old))
    with city.database.reading() as db:
        assert door_for(db, city.viewer("Hoài", TODAY), far, old).id == door.id
        assert door_for(db, city.viewer("Hoài", TODAY), door.ward_id, older).id == door.id
        with pytest.raises(NotFound):
            door_for(db, city.viewer("Ngân", TODAY), far, old)


def test_a_group_that_leaves_the_team_takes_its_doors_along_from_that_day(city: City) -> None:
    with city.database.reading() as db:
        assert doors_of(db, city.viewer("Hoài", date(2025, 6, 30))) == []
    with city.database.writing() as db:
        ends = TODAY - timedelta(days=1)
        db.execute(
            update(AreaBlock).where(col(AreaBlock.area_id) == city.groups["Tổ 13"].id).values(valid_to=ends)
        )
    with city.database.reading() as db:
        assert "K61/1" not in numbers(doors_of(db, city.viewer("Hoài", TODAY)))
        assert "K61/1" in numbers(doors_of(db, city.viewer("Hoài", ends)))


def test_marks_and_follow_ups_are_read_with_the_door(city: City) -> None:
    with city.database.writing() as db:
        leave(db, city.doors["7"], Mark.BACK, follow_up_on=TODAY - timedelta(days=2), last_skills="7,18")
        leave(db, city.doors["12"], Mark.BACK, follow_up_on=TODAY)
        leave(db, city.doors["K45/2"], Mark.SELF, follow_up_on=TODAY + timedelta(days=1), cores="DT")
        leave(db, city.doors["31"], Mark.BACK, follow_up_on=TODAY)  # another team's
    with city.database.reading() as db:
        hoai = city.viewer("Hoài", TODAY)
        due, in_all = due_doors(db, hoai, 12)
        assert [(row.number, row.late) for row in due] == [("7", 2), ("12", 0)]
        assert in_all == 2
        assert due[0].last_skills == (7, 18)
        assert due_doors(db, hoai, 1)[1] == 2
        assert numbers(doors_of(db, hoai, mark="self")) == ["K45/2"]
        assert count_marks(db, hoai) == {"todo": 7, "back": 2, "self": 1}
        assert due_doors(db, city.viewer("Ngân", TODAY), 12) == ([], 0)


def test_the_next_door_is_the_next_along_the_way_past_those_that_refused(city: City) -> None:
    with city.database.writing() as db:
        leave(db, city.doors["7A"], Mark.REFUSE)
    with city.database.reading() as db:
        hoai = city.viewer("Hoài", TODAY)
        after = next_door(db, hoai, city.doors["7"])
        assert after is not None
        assert after.number == "7/2"
        assert next_door(db, hoai, city.doors["K45/12"]) is None  # K61/1 lies in another group


def test_a_list_of_two_thousand_doors_takes_one_statement_and_stays_within_its_page(city: City) -> None:
    many_doors(city, 2_000)
    hoai = city.viewer("Hoài", TODAY)
    said = statements(city.database)
    with city.database.reading() as db:
        assert len(doors_of(db, hoai)) == 2_010
        assert len(said) == 1
        assert "K3/42" in numbers(doors_of(db, hoai, query="tran phu k3/42"))
        assert len(said) == 2
        page = browse(db, hoai, None)
        assert page.total == page.found == 2_010
        assert sum(len(lane.rows) for lane in page.lanes) == AT_ONCE
        rest = browse(db, hoai, None, start=2_000)
    assert sum(len(lane.rows) for lane in rest.lanes) == 10
    assert rest.next_start is None
    assert len(said) <= 2 + 2 * 6


def test_postgresql_gives_the_same_doors_in_the_same_order(city: City, postgres_city: City) -> None:
    answers = []
    for one in (city, postgres_city):
        with one.database.writing() as db:
            leave(db, one.doors["7"], Mark.BACK, follow_up_on=TODAY - timedelta(days=2))
            leave(db, one.doors["7A"], Mark.REFUSE)
        with one.database.reading() as db:
            hoai, lead = one.viewer("Hoài", TODAY), one.viewer("Thu", TODAY)
            page = browse(db, hoai, None)
            after = next_door(db, hoai, one.doors["7"])
            due, in_all = due_doors(db, hoai, 12)
            answers.append(
                [
                    [(lane.heading, lane.done, numbers(list(lane.rows))) for lane in page.lanes],
                    page.marks,
                    numbers(doors_of(db, hoai, query="hàng dừa k45")),
                    after and after.number,
                    (numbers(due), in_all),
                    [
                        (done.doors, done.done, done.due)
                        for _group, done in sorted(progress(db, lead).items())
                    ],
                    streets_of(db, lead),
                    door_for(db, hoai, one.doors["7"].ward_id, one.doors["7"].id).number,
                ]
            )
    assert answers[0] == answers[1]


def test_doors_are_counted_by_the_block_they_lie_in(city: City) -> None:
    with city.database.writing() as db:
        ward_id, block_id = city.doors["K61/1"].ward_id, city.doors["K61/1"].block_id
        count_door(db, ward_id, block_id, 1)
        assert db.get_one(WardBlock, (ward_id, block_id)).households == 2
        db.expire_all()
        count_door(db, ward_id, block_id, -2)
        db.expire_all()
        assert db.get(WardBlock, (ward_id, block_id)) is None
