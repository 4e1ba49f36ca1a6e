"""The six rules that let the same code run on one file, on a city's server and on a country's cluster (architecture 4)."""

import uuid
from typing import Any

import pytest
from sqlalchemy import Identity, Sequence, and_, literal, select
from sqlalchemy.dialects import postgresql
from sqlmodel import col

from skills.db import table_of
from skills.households.models import Household, WardLock
from skills.tables import ALL, FACTS, REFERENCE
from skills.visits.models import Receipt, Visit, VisitSkill
from tests.cast import City
from tests.six_rules import RuleBroken, look_at, look_at_locks

GROWING = {
    "household", "household_identity", "door_state", "forward", "visit", "visit_skill", "visit_audience", "visit_version",
    "receipt", "household_core", "unit_period", "ward_block", "ward_lock", "held_item", "group_count",
    "audit_entry", "audit_head", "read_entry", "day_seal", "follow_up_keeper",
}  # fmt: skip


def test_every_table_is_a_fact_a_reference_or_stays_where_people_sign_in() -> None:
    """Nobody adds a table without saying which it is."""
    at_the_desk = {
        "login_session", "api_token", "device", "upload_ticket", "sign_in_failure", "rejected_item", "phone_report",
        "sealing_key", "epoch", "enrolment", "second_factor", "recovery_code",
        "invitation", "people_import", "people_import_invitation",
    }  # fmt: skip
    assert FACTS == GROWING
    assert {table.name for table in ALL} == FACTS | REFERENCE | at_the_desk


def test_the_key_of_every_fact_begins_with_the_ward() -> None:
    """Rule 1, and rule 4 for the idempotency key."""
    for table in ALL:
        if table.name in FACTS:
            assert next(iter(table.primary_key)).name == "ward_id", table.name
    assert [column.name for column in table_of(Receipt).primary_key] == ["ward_id", "item"]


def test_facts_refer_to_facts_of_their_ward_or_to_reference_tables() -> None:
    """Rule 3. A device is no foreign key."""
    for table in ALL:
        for key in table.foreign_key_constraints:
            there = key.referred_table.name
            if table.name in FACTS and there in FACTS:
                pairs = [(element.parent.name, element.column.name) for element in key.elements]
                assert ("ward_id", "ward_id") in pairs, (table.name, there)
            elif table.name in FACTS:
                assert there in REFERENCE, (table.name, there)
            else:
                assert there not in FACTS, (table.name, there)


def test_no_identity_from_the_database_and_no_uniqueness_without_the_ward() -> None:
    """Rule 5: no sequences, and a unique index of a fact carries the ward."""
    for table in ALL:
        for column in table.columns:
            assert not isinstance(column.default, Sequence | Identity), (table.name, column.name)
            assert column.autoincrement in (False, "auto"), (table.name, column.name)
            if column.primary_key and str(column.type) == "INTEGER":
                assert column.autoincrement is False or column.foreign_keys or len(table.primary_key) > 1, (
                    table.name,
                    column.name,
                )
        if table.name in FACTS:
            unique = [index for index in table.indexes if index.unique]
            assert all("ward_id" in index.columns for index in unique), table.name


def test_a_join_without_the_ward_is_seen() -> None:
    """The detector works: the join that would cross nodes is refused, the one that carries the ward is not."""
    by_visit = col(VisitSkill.visit_id) == col(Visit.id)
    careless = select(col(Visit.id)).join(VisitSkill, by_visit)
    careful = select(col(Visit.id)).join(
        VisitSkill, and_(by_visit, col(VisitSkill.ward_id) == col(Visit.ward_id))
    )
    given = select(col(Visit.id), col(Household.id)).where(
        col(Visit.ward_id) == 7, col(Household.ward_id) == 7
    )
    with pytest.raises(RuleBroken, match="without their ward"):
        look_at(careless, f"careless {uuid.uuid4()}")
    look_at(careful, f"careful {uuid.uuid4()}")
    look_at(given, f"given {uuid.uuid4()}")


def test_a_recursive_query_over_facts_is_seen() -> None:
    """The detector works for the other half of rule 4 as well."""
    steps = select(col(Visit.id).label("id"), literal(1).label("n")).cte("steps", recursive=True)
    steps = steps.union_all(select(steps.c.id, steps.c.n + 1).where(steps.c.n < 3))
    with pytest.raises(RuleBroken, match="recursive"):
        look_at(select(steps.c.id), f"recursive {uuid.uuid4()}")


def test_a_write_without_its_lock_is_seen() -> None:
    """The detector works for rule 5: not locked, locked out of order, locked."""

    class Connection:
        info: dict[str, Any] = {}

    insert = postgresql.insert(table_of(Visit))
    lock = postgresql.insert(table_of(WardLock))
    with pytest.raises(RuleBroken, match="written under wards"):
        look_at_locks(Connection, insert, [{"ward_id": 3}], "INSERT INTO visit")
    text = "INSERT INTO ward_lock … ON CONFLICT (ward_id) DO UPDATE …"
    with pytest.raises(RuleBroken, match="out of order"):
        look_at_locks(Connection, lock, [{"ward_id_m0": 5, "ward_id_m1": 3}], text)
    with pytest.raises(RuleBroken, match="no lock"):
        look_at_locks(Connection, lock, [{"ward_id_m0": 3}], "INSERT INTO ward_lock … DO NOTHING")
    look_at_locks(Connection, lock, [{"ward_id_m0": 3, "ward_id_m1": 5}], text)
    look_at_locks(Connection, insert, [{"ward_id": 3}], "INSERT INTO visit")
    with pytest.raises(RuleBroken, match="out of order"):
        look_at_locks(Connection, lock, [{"ward_id_m0": 2}], text)


def test_the_recorder_is_at_work(city: City) -> None:
    """It is not enough that the detector works: a careless join sent to a database of the tests is refused there."""
    with city.database.reading() as db, pytest.raises(RuleBroken):
        db.execute(select(col(Visit.id)).join(VisitSkill, col(VisitSkill.visit_id) == col(Visit.id)))
