"""A random change to any stored row of the trail is found, whatever it is."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from skills.db import Database, Row
from tests.audit.book import broken, go_through, write_days
from tests.six_rules import unwatched

COLUMNS = {
    "audit_entry": ("ward_id", "seq", "at", "actor_id", "action", "subject", "fields", "hash"),
    "read_entry": ("ward_id", "day", "n", "at", "person_id", "page", "subject", "why"),
    "day_seal": ("ward_id", "day", "reads", "reads_hash", "seq", "entry_hash", "hash"),
    "audit_head": ("ward_id", "seq", "hash", "reads", "reads_hash", "seal"),
}
WHATEVER = st.fixed_dictionaries(
    {
        "table": st.sampled_from(sorted(COLUMNS)),
        "row": st.integers(0, 200),
        "other": st.integers(0, 200),
        "column": st.integers(0, 20),
        "how": st.sampled_from(["alter", "take out", "copy", "swap"]),
        "letter": st.sampled_from("0123456789abcdefxyz._"),
        "place": st.integers(0, 80),
    }
)


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with three days in it, and nothing else, so that it is quickly copied."""
    file = tmp_path / "trail.db"
    database = Database(f"sqlite:///{file}")
    Row.metadata.create_all(database.writer, tables=[Row.metadata.tables[name] for name in COLUMNS])
    write_days(database, monkeypatch)
    assert go_through(database).broken == []
    database.dispose()
    return file


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(told=WHATEVER)
def test_it_is_found(written: Path, told: dict[str, Any]) -> None:
    """One value altered by a letter, one row taken out or copied elsewhere, two rows swapped: never unnoticed."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "altered.db"
        shutil.copy(written, file)
        database = Database(f"sqlite:///{file}")
        try:
            if tampered(database, told):
                assert broken(database), told
        finally:
            database.dispose()


def tampered(database: Database, told: dict[str, Any]) -> bool:
    """Does it; whether anything is another than before."""
    with unwatched(), database.writer.begin() as connection:
        before = contents(connection)
        table, columns = told["table"], COLUMNS[told["table"]]
        ids = connection.execute(text(f"SELECT rowid FROM {table} ORDER BY rowid")).scalars().all()
        row, other = ids[told["row"] % len(ids)], ids[told["other"] % len(ids)]
        if told["how"] == "take out":
            connection.execute(text(f"DELETE FROM {table} WHERE rowid = {row}"))
        elif told["how"] == "alter":
            column = columns[told["column"] % len(columns)]
            old = connection.execute(text(f"SELECT {column} FROM {table} WHERE rowid = {row}")).scalar_one()
            new = altered(column, old, told)
            connection.execute(
                text(f"UPDATE OR REPLACE {table} SET {column} = :new WHERE rowid = {row}"), {"new": new}
            )
        else:
            told_columns = [name for name in columns if name not in ("ward_id", "seq", "day", "n")] or [
                "hash"
            ]
            if told["how"] == "swap":
                told_columns = told_columns[: 1 + told["column"] % len(told_columns)]
            both = [
                dict(
                    connection.execute(
                        text(f"SELECT {', '.join(told_columns)} FROM {table} WHERE rowid = {each}")
                    )
                    .mappings()
                    .one()
                )
                for each in (row, other)
            ]
            written = ", ".join(f"{name} = :{name}" for name in told_columns)
            connection.execute(text(f"UPDATE {table} SET {written} WHERE rowid = {row}"), both[1])
            if told["how"] == "swap":
                connection.execute(text(f"UPDATE {table} SET {written} WHERE rowid = {other}"), both[0])
        return contents(connection) != before


def altered(column: str, old: Any, told: dict[str, Any]) -> Any:
    """Another number, a day or a microsecond later, an id, or one letter exchanged or added."""
    if isinstance(old, int):
        return old + 1 + told["place"]
    if column in ("day", "at"):
        return (
            old[:-1] + str((int(old[-1]) + 1) % 10)
            if column == "at"
            else f"2026-12-{1 + told['place'] % 28:02}"
        )
    if column.endswith("_id"):
        return f"{told['place'] + 1:032x}"
    place = told["place"] % (len(old) + 1)
    return old[:place] + told["letter"] + old[place + 1 :]


def contents(connection: Any) -> list[Any]:
    """Everything in the trail."""
    return [
        connection.execute(text(f"SELECT {', '.join(columns)} FROM {table} ORDER BY 1, 2, 3")).all()
        for table, columns in COLUMNS.items()
    ]
