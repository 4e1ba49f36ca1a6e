"""The city that is measured: made once for each size, or one that is there already.

Measuring writes: sessions, a few people of its own, visits. So a small database is copied first. One too large to copy is
measured as it is and keeps what was written.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from skills.db import Database
from skills.households.models import Household
from skills.visits.models import Visit

ROOT = Path(__file__).resolve().parents[1]
SIZES = {"small": (2_000, 6_000), "city": (40_000, 120_000), "country": (3_300_000, 10_000_000)}
UNTIL = date(2026, 11, 24)
COPIED_UP_TO = 3 * 1024**3  # bytes
_LATEST_VISIT = timedelta(days=14)  # before the city's day: more than that, and it is another day's city


class NoCity(ValueError):
    """There is nothing to measure, or not on the day that was said."""


@dataclass(frozen=True)
class City:
    """A made city: where it is, its day, what it holds, and how many seconds the making took (None: nobody noted it)."""

    name: str
    url: str
    day: date
    households: int
    visits: int
    made_s: float | None
    made_now: bool = False
    is_copy: bool = False

    @property
    def file(self) -> Path | None:
        """The SQLite file, or None on PostgreSQL."""
        return Path(self.url.removeprefix("sqlite:///")) if self.url.startswith("sqlite") else None


def ready(size: str, households: int, visits: int, database: str, day: date, folder: Path) -> City:
    """The city to measure: the database named, made first when it is empty; else the one of that size, made when it is not there.

    Raises NoCity for a file that is not there, and for a city that was made until another day.
    """
    name = size if (households, visits) == SIZES.get(size) else f"{households}-{visits}"
    if database and "://" not in database and not Path(database).is_file():
        raise NoCity(f"there is no file {database}")
    file = Path(database) if database else folder / f"bench-{name}.db"
    url = database if "://" in database else f"sqlite:///{file}"
    if database:
        name = f"{name}-postgresql" if url.startswith("postgresql") else file.stem
    note = folder / f"bench-{name}.made.json"
    made_now = False
    if not _holds_doors(url):
        folder.mkdir(parents=True, exist_ok=True)
        _make(url, households, visits, day, note)
        made_now = True
    return _counted(name, url, day, _seconds(note), made_now)


@contextmanager
def to_write_in(city: City, folder: Path) -> Iterator[City]:
    """A copy of the city that is thrown away afterwards; the city itself on PostgreSQL, and when it is too large to copy."""
    if city.file is None or city.file.stat().st_size > COPIED_UP_TO:
        yield city
        return
    with sqlite3.connect(city.file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / f"working-{city.name}.db"
    shutil.copyfile(city.file, copy)
    try:
        yield replace(city, url=f"sqlite:///{copy}", is_copy=True)
    finally:
        for ending in ("", "-wal", "-shm"):
            Path(f"{copy}{ending}").unlink(missing_ok=True)


def size_on_disk(database: Database) -> int:
    """Bytes of the database, indexes included."""
    with database.reading() as db:
        if database.is_sqlite:
            pages = db.connection().exec_driver_sql("PRAGMA page_count").scalar_one()
            return int(pages) * int(db.connection().exec_driver_sql("PRAGMA page_size").scalar_one())
        told = db.connection().exec_driver_sql("SELECT pg_database_size(current_database())")
        return int(told.scalar_one())


def _holds_doors(url: str) -> bool:
    """Whether a city is there; a database without tables is an empty one."""
    if url.startswith("sqlite") and not Path(url.removeprefix("sqlite:///")).exists():
        return False
    database = Database(url)
    try:
        with database.reading() as db:
            return db.execute(select(col(Household.id)).limit(1)).first() is not None
    except DBAPIError:
        return False
    finally:
        database.dispose()


def _make(url: str, households: int, visits: int, day: date, note: Path) -> None:
    """As `make demo` does, in processes of their own, so that what they held in memory is given back."""
    draft = url
    file = Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite") else None
    if file is not None:
        draft = f"sqlite:///{file}.making"
    environment = os.environ | {"TUNGNHA_DATABASE_URL": draft, "TUNGNHA_ENV": "demo"}
    begun = time.monotonic()
    for words in (
        ["migrate"],
        ["demo", "--seed", "1", "--households", str(households), "--visits", str(visits), "--until", day.isoformat()],
    ):  # fmt: skip
        subprocess.run(
            [sys.executable, "-m", "skills", *words],
            cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
    seconds = time.monotonic() - begun
    if file is not None:
        Path(f"{file}.making").rename(file)
    note.write_text(json.dumps({"seconds": seconds}))


def _seconds(note: Path) -> float | None:
    return float(json.loads(note.read_text())["seconds"]) if note.exists() else None


def _counted(name: str, url: str, day: date, seconds: float | None, made_now: bool) -> City:
    database = Database(url)
    with database.reading() as db:
        households = db.execute(select(func.count()).select_from(Household)).scalar_one()
        visits, latest = db.execute(
            select(func.count(), func.max(col(Visit.visited_on))).select_from(Visit)
        ).one()
    database.dispose()
    if latest is None or not day - _LATEST_VISIT <= latest <= day:
        raise NoCity(f"the latest visit is of {latest}: say until which day this city was made (UNTIL)")
    return City(name, url, day, households, visits, seconds, made_now)
