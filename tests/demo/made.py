"""A demonstration city that was made for a test, and what may be asked of it."""

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select

from skills.db import Database, Row, Session
from skills.demo import make_city
from skills.people.add import find_person
from skills.people.viewer import Viewer, find_viewer
from skills.tables import ALL
from skills.visits.models import (
    Visit,
)

UNTIL = date(2026, 11, 24)


HOAI = "0905000001"


@dataclass(frozen=True)
class Made:
    """A city that was made, for looking at."""

    database: Database
    until: date

    def rows(self, *what: Any) -> list[Any]:
        """Every row of some columns or of a table."""
        with self.database.reading() as db:
            return list(db.execute(select(*what)).all())

    def standing(self) -> list[Any]:
        """The visits that count: day, outcome, door, group of people."""
        return [visit for (visit,) in self.rows(Visit) if visit.voided_at is None]


def empty(folder: Path) -> Database:
    """A database with tables and nothing in them."""
    database = Database(f"sqlite:///{folder}/city.db")
    Row.metadata.create_all(database.writer)
    return database


def small(folder: Path, until: date = UNTIL, seed: int = 1) -> Made:
    """The smallest city worth looking at."""
    database = empty(folder)
    make_city(database, seed=seed, households=300, visits=600, until=until)
    return Made(database, until)


def viewer(db: Session, phone: str, today: date) -> Viewer:
    """The viewer behind an account."""
    person = find_person(db, phone)
    assert person is not None
    found = find_viewer(db, person.id, today)
    assert found is not None
    return found


def everything(database: Database) -> dict[str, str]:
    """A hash of the sorted rows of every table, passwords aside: their salts are drawn when they are stored."""
    found = {}
    with database.reading() as db:
        for table in ALL:
            columns = [column for column in table.columns if column.name != "password_hash"]
            rows = sorted(str(tuple(row)) for row in db.execute(select(*columns)))
            found[table.name] = hashlib.sha256("\n".join(rows).encode()).hexdigest() if rows else ""
    return found
