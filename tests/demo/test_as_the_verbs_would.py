"""What the demonstration leaves in the tables is what the verbs would have left there, row by row."""

import json
from collections import Counter
from pathlib import Path

from sqlalchemy import delete, select
from sqlmodel import col

from skills import clock
from skills.db import table_of
from skills.households.models import DoorState, Household
from skills.people.viewer import find_viewer
from skills.totals.models import UnitPeriod
from skills.visits import state
from skills.visits.correct import correct_visit
from skills.visits.forms import VisitForm, VoidForm
from skills.visits.models import (
    HouseholdCore,
    Receipt,
    Visit,
    VisitAudience,
    VisitSkill,
    VisitVersion,
)
from skills.visits.receive import hashed
from skills.visits.record import record_visit
from skills.visits.void import void_visit
from tests.demo.made import UNTIL, Made


def test_door_by_door_it_is_what_the_verbs_would_have_written(little: Made) -> None:
    """The marks and ladders of all doors, worked out again one by one."""
    before = states(little)
    with little.database.writing() as db:
        doors = db.execute(select(col(Household.ward_id), col(Household.id)))
        state.refresh(db, [(ward, door) for ward, door in doors])
    after = states(little)
    assert len(before) > 150
    assert after == before


def states(made: Made) -> set[str]:
    """What is stored about each door beside its visits."""
    tables = (table_of(DoorState), table_of(HouseholdCore))
    return {str(row) for table in tables for row in made.rows(*table.columns)}


def test_every_step_has_its_receipt(little: Made) -> None:
    visits = {(visit.ward_id, visit.id): visit for (visit,) in little.rows(Visit)}
    steps = [step for (step,) in little.rows(VisitVersion)]
    receipts = {(one.ward_id, one.item): one for (one,) in little.rows(Receipt)}
    assert {(step.ward_id, step.item) for step in steps} == receipts.keys()
    assert {step.op for step in steps} == {"record", "correct", "void"}
    latest = Counter((step.ward_id, step.visit_id) for step in steps)
    assert latest == {key: visit.version for key, visit in visits.items()}
    for step in steps:
        receipt, visit = receipts[step.ward_id, step.item], visits[step.ward_id, step.visit_id]
        if step.op == "void" or visit.note:
            continue
        assert receipt.body_hash == hashed(receipt.salt, step.body)
        assert (receipt.visit_id, receipt.version, receipt.author_id) == (
            visit.id,
            step.version,
            visit.author_id,
        )


def test_what_was_recorded_may_be_sent_again(little: Made) -> None:
    """A phone that never heard the answer sends a visit and a void of the demonstration once more."""
    with little.database.writing() as db:
        for op in ("record", "void"):
            step = db.execute(
                select(VisitVersion)
                .join(
                    Visit,
                    (col(Visit.ward_id) == col(VisitVersion.ward_id))
                    & (col(Visit.id) == col(VisitVersion.visit_id)),
                )
                .where(col(VisitVersion.op) == op, col(Visit.note).is_(None))
                .limit(1)
            ).scalar_one()
            author = find_viewer(db, step.author_id, UNTIL)
            assert author is not None
            if op == "void":
                form = VoidForm.model_validate({"item": step.item, "base": step.base, "reason": step.reason})
                taken = void_visit(db, author, step.ward_id, step.visit_id, form)
            else:
                body = json.loads(step.body)
                taken = record_visit(db, author, VisitForm(ward=step.ward_id, item=step.item, **body))
            assert (taken.status, taken.visit_id) == ("already", step.visit_id)


def test_the_verbs_come_to_the_same_totals(little: Made, tmp_path: Path) -> None:
    """Every step of every visit once more, one by one through the verbs, each on its own day, into a city without visits."""
    steps = sorted(
        (step for (step,) in little.rows(VisitVersion)), key=lambda step: (step.saved_at, step.version)
    )
    assert {step.op for step in steps} == {"record", "correct", "void"}
    kept = derived(little)
    with little.database.writing() as db:
        for table in (
            Receipt,
            VisitVersion,
            VisitAudience,
            VisitSkill,
            Visit,
            HouseholdCore,
            DoorState,
            UnitPeriod,
        ):
            db.execute(delete(table))
    assert derived(little) == {table: [] for table in kept}
    for step in steps:
        with little.database.writing() as db:
            author = find_viewer(db, step.author_id, clock.local(step.saved_at).date())
            assert author is not None
            if step.op == "void":
                void = VoidForm(item=step.item, base=step.base, reason=step.reason, saved_at=step.saved_at)
                assert void_visit(db, author, step.ward_id, step.visit_id, void).status == "accepted"
                continue
            form = VisitForm(
                ward=step.ward_id, item=step.item, saved_at=step.saved_at, **json.loads(step.body)
            )
            if step.op == "record":
                assert record_visit(db, author, form).status == "accepted"
            else:
                assert correct_visit(db, author, step.ward_id, step.visit_id, form).status == "accepted"
    assert derived(little) == kept


def derived(made: Made) -> dict[str, list[str]]:
    """Totals, marks and ladders: all that is worked out from the visits."""
    tables = (table_of(UnitPeriod), table_of(DoorState), table_of(HouseholdCore))
    return {table.name: sorted(str(tuple(row)) for row in made.rows(*table.columns)) for table in tables}


def test_every_reference_leads_somewhere(little: Made) -> None:
    """SQLite looked at none of them while it was filled. First a person is taken away, and that is seen."""
    with little.database.reader.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    with little.database.writer.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("DELETE FROM person WHERE id = (SELECT author_id FROM visit LIMIT 1)")
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() != []
