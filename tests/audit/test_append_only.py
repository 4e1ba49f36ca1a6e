"""Nothing in the program alters the trail or takes anything out of it: looked for in every statement of every test, and in the source."""

import ast
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, text, update
from sqlmodel import col

from skills.audit import trail
from skills.audit.models import AuditEntry, DaySeal, ReadEntry
from skills.db import table_of, upsert
from tests.cast import City
from tests.six_rules import TRAIL, RuleBroken, look_at_trail

SOURCE = Path(trail.__file__).parents[1]
MODELS = {"AuditEntry", "ReadEntry", "DaySeal"}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET action = 'x'",
        'delete from "read_entry" where ward_id = 3',
        "  UPDATE ONLY day_seal SET hash = ''",
        "TRUNCATE audit_entry",
        "INSERT OR REPLACE INTO read_entry VALUES (1)",
        "INSERT INTO audit_entry (ward_id, seq) VALUES (1, 2) ON CONFLICT (ward_id, seq) DO UPDATE SET action = 'x'",
    ],
)
def test_a_statement_that_would_alter_it_is_seen(statement: str) -> None:
    """The detector works, however the statement is spelled."""
    with pytest.raises(RuleBroken, match="only added to"):
        look_at_trail(statement)


def test_a_statement_that_adds_or_reads_is_let_through() -> None:
    """And it does not cry over the rest."""
    for statement in (
        "INSERT INTO audit_entry (ward_id, seq) VALUES (1, 2)",
        "SELECT * FROM audit_entry WHERE action = 'update read_entry'",
        "UPDATE audit_head SET seq = 3",
        "UPDATE audit_entry_of_another_program SET seq = 3",
    ):
        look_at_trail(statement)


def test_it_is_at_work_in_every_test(city: City) -> None:
    """Through the ORM, through Core, and as plain text."""
    with city.database.writing() as db:
        trail.write(db, 0, None, "epoch.renewed", 1)
    for altering in (
        update(AuditEntry).values(action="x"),
        delete(ReadEntry),
        delete(DaySeal).where(col(DaySeal.ward_id) == 0),
        text("DELETE FROM audit_entry"),
    ):
        with pytest.raises(RuleBroken), city.database.writing() as db:
            db.execute(altering)
    with pytest.raises(RuleBroken), city.database.writing() as db:
        db.execute(upsert(db, AuditEntry).values(ward_id=0, seq=1).on_conflict_do_nothing())
    with pytest.raises(RuleBroken), city.database.writing() as db:
        entry = db.get_one(AuditEntry, (0, 1))
        entry.actor_id = uuid.uuid4()
        db.flush()
    with pytest.raises(RuleBroken), city.database.writing() as db:
        db.delete(db.get_one(AuditEntry, (0, 1)))
        db.flush()


def altering_calls(source: str) -> Iterator[str]:
    """Calls that could alter the trail: update or delete of one of its tables, or of a name that stands for one."""
    tree = ast.parse(source)
    names = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and any(model in ast.unparse(node.value) for model in MODELS)
        for each in node.targets
        for target in ast.walk(each)
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        on = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""
        told = [ast.unparse(argument) for argument in node.args]
        about = MODELS | {table for table in names if "HEAD" not in table}
        if called in ("update", "delete", "upsert", "merge") and about & {on, *told}:
            yield ast.unparse(node)


def test_the_source_has_no_call_that_would(city: City) -> None:
    """Found in a piece of code that does it, and nowhere in the program. Only the trail itself names the tables' classes for writing."""
    careless = "_E = table_of(AuditEntry)\ndb.execute(_E.update().values(a=1))\ndb.execute(delete(ReadEntry))"
    assert len(list(altering_calls(careless))) == 2
    found = {
        file.relative_to(SOURCE).as_posix(): calls
        for file in SOURCE.rglob("*.py")
        if (calls := list(altering_calls(file.read_text(encoding="utf-8"))))
    }
    assert found == {}


def test_these_are_the_tables(city: City) -> None:
    """The detector looks for the names that the tables have."""
    assert {table_of(model).name for model in (AuditEntry, ReadEntry, DaySeal)} == TRAIL
