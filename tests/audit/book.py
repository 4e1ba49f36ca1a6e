"""What the tests of the trail share: a trail with a few days in it, and a hand that alters the database behind the program's back."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from skills import clock
from skills.audit import reads, trail
from skills.audit.verify import KeptHead, Verified, verify
from skills.db import Database, Session
from tests.six_rules import unwatched

HAI_CHAU, AN_HAI = 332, 335  # any two numbers: a chain needs no area
SOMEBODY, OTHER = uuid.UUID(int=7), uuid.UUID(int=8)
MORNING = datetime.fromisoformat("2026-11-25T08:00:00+07:00")


@contextmanager
def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> Iterator[None]:
    """The clock stands at that moment."""
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: moment)
        yield


def write_days(database: Database, monkeypatch: pytest.MonkeyPatch, days: int = 3) -> None:
    """On each of some days four changes and three reads in one ward, and two changes in another; the last day is still open."""
    for day in range(days):
        with at(monkeypatch, MORNING + timedelta(days=day)), database.writing() as db:
            for n in range(4):
                trail.write(
                    db,
                    HAI_CHAU,
                    SOMEBODY if n % 2 else None,
                    "person.changed",
                    uuid.UUID(int=n),
                    ["role", "area_id"],
                )
            for n in range(3):
                read(db, HAI_CHAU, uuid.UUID(int=n))
            trail.write(db, AN_HAI, OTHER, "team.changed", day, ["name"])
            trail.write(db, AN_HAI, OTHER, "team.dissolved", day)


def read(db: Session, ward_id: int, subject: uuid.UUID) -> None:
    """One read, written down."""
    reads.keep(db, (reads.Noted(ward_id, SOMEBODY, "visit.note", str(subject), ""),))


def go_through(database: Database, kept: tuple[KeptHead, ...] = ()) -> Verified:
    """What `audit verify` finds."""
    with database.reading() as db:
        return verify(db, kept)


def broken(database: Database, kept: tuple[KeptHead, ...] = ()) -> dict[int, str]:
    """The first thing that is broken, by ward."""
    return {each.ward_id: each.what for each in go_through(database, kept).broken}


def tamper(database: Database, *statements: str, **given: Any) -> None:
    """Runs statements as somebody would who has the database and not the program."""
    with unwatched(), database.writer.begin() as connection:
        for statement in statements:
            assert connection.execute(text(statement), given).rowcount, statement


Tamper = Callable[..., None]
