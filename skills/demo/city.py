"""Makes the demonstration city: the map, people, doors and the visits of three eras, in one transaction, and what they count for."""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from random import Random

from sqlmodel import col, select

from skills import clock
from skills.areas import load as areas
from skills.catalogue import load as catalogue
from skills.db import Database, Session, dialect
from skills.demo import bulk
from skills.demo.chance import shared
from skills.demo.knocking import Taught, catalogue_on
from skills.demo.life import Beat, Lived, live, live_all
from skills.demo.people import Crew, add_people
from skills.demo.places import Group, list_places
from skills.demo.rows import Counted, Rows, add_amounts
from skills.households.models import Household
from skills.people.models import Person
from skills.settings import settings
from skills.totals.models import WHOLE_WARD

_MAP_SINCE = date(2025, 7, 1)  # the day on which the wards of today came into being
_FIRST_DAY = date(2024, 1, 1)  # before the first of the three maps ended
_FEWEST, _SHORTEST = 300, 120
_WORTH_PROCESSES = 30_000  # visits; fewer are told before a process has started
_FACTS = (  # in the order in which one refers to another
    "household", "ward_block", "door_state", "household_core", "visit", "visit_skill", "visit_audience", "visit_version", "receipt",
    "unit_period",
)  # fmt: skip


def make_city(
    database: Database,
    seed: int = 1,
    households: int = 40_000,
    visits: int = 120_000,
    days: int | None = None,
    until: date | None = None,
    *,
    processes: int | None = None,
    tell: Callable[[int], None] = lambda _visits: None,
) -> None:
    """Fills a database without doors and people. The same seed and `until` (today when not given) make the same city, in
    which nothing has happened on `until` itself yet. It begins on 01/01/2024, or so many `days` back.

    `processes` besides this one tell the visits (None: as many as there are cores, for a city that is worth it), and `tell`
    hears from time to time how many are written.

    Raises ValueError in production, whose doors its known password would open; when there are doors or people already, for a
    demonstration never mixes with what people recorded; and for a city too small, too crowded or too early to be made.
    """
    until = until or clock.today()
    since = _FIRST_DAY if days is None else until - timedelta(days=days)
    _refuse_impossible(households, visits, since, until)
    of_seed = f"{seed} {since} {until} {households} {visits}"
    chance = Random(of_seed)
    if processes is None:
        processes = (os.cpu_count() or 1) if visits >= _WORTH_PROCESSES else 0
    with bulk.loading(database) as db:
        for table, what in ((Household, "households"), (Person, "people")):
            if db.execute(select(col(table.id)).limit(1)).first() is not None:
                raise ValueError(f"this database holds {what} already; the demonstration needs an empty one")
        areas.load(db)
        catalogue.load(db)
        places = list_places(db, chance, households, since, until)
        crews = add_people(db, chance, places, since, until)
        taught = catalogue_on(db, until)
        db.flush()
        lives = _lives(places.groups, crews, taught, visits, of_seed, until, dialect(db), processes)
        _write(db, lives, tell)


def _refuse_impossible(households: int, visits: int, since: date, until: date) -> None:
    """Says what can't be made before anything is written."""
    if settings().env == "production":
        raise ValueError(
            "there is no demonstration in production: everybody knows the password of its accounts"
        )
    if until < _MAP_SINCE:
        raise ValueError(f"the wards of the demonstration exist since {_MAP_SINCE}; choose a later day")
    if households < _FEWEST or visits < _FEWEST:
        raise ValueError(f"the demonstration needs at least {_FEWEST} households and {_FEWEST} visits")
    days = (until - since).days
    if since < _FIRST_DAY or days < _SHORTEST or visits > households * days // 4:
        raise ValueError(
            f"the demonstration needs at least {_SHORTEST} days, none before {_FIRST_DAY}, and days enough for so many visits"
        )


def _lives(
    groups: Sequence[Group], crews: dict[int, Crew], taught: Taught, visits: int, of_seed: str, until: date, dialect_name: str,
    processes: int,
) -> Iterator[Lived]:  # fmt: skip
    """What happened in each group; the group of the accounts first, since it says itself how many visits it needs."""

    def beat(group: Group, n: int) -> Beat:
        return Beat(group, crews[group.id], n, f"{of_seed} {group.id}")

    own = next(group for group in groups if group.is_own)
    first = live(beat(own, 0), taught, until, dialect_name)
    yield first
    others = [group for group in groups if group is not own]
    work = [group.weight * group.doors * max((until - group.since).days, 0) for group in others]
    beats = [beat(group, n) for group, n in zip(others, shared(visits - first.visits, work), strict=True)]
    yield from live_all(beats, taught, until, dialect_name, processes)


def _write(db: Session, lives: Iterator[Lived], tell: Callable[[int], None]) -> None:
    """The rows of every group as they come, and at the end what each stored ward counts for as a whole."""
    written = 0
    whole: dict[int, Counter[Counted]] = {}
    for lived in lives:
        for table in _FACTS:
            bulk.write(db, table, lived.rows.get(table, ()))
        for ward_id, counted in lived.whole.items():
            whole.setdefault(ward_id, Counter()).update(counted)
        written += lived.visits
        tell(written)
    for ward_id, counted in sorted(whole.items()):
        rows = Rows()
        add_amounts(rows, ward_id, WHOLE_WARD, counted)
        for table, own in rows.by_table.items():
            bulk.write(db, table, bulk.ready(table, own, dialect(db)))
