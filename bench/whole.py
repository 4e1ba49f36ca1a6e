"""What is measured of the city as a whole: how long the making of it takes, how large it is, and the proof of its totals."""

import time
from collections.abc import Iterator
from datetime import date

from sqlalchemy import func, select

from bench.city import City, size_on_disk
from bench.ground import Ground
from bench.rows import Limit, Row
from skills.totals import check
from skills.totals.periods import day_range
from skills.visits.models import VisitVersion
from skills.visits.tally import recount

_ALL_DAYS = day_range(date(2000, 1, 1), date(2199, 12, 31))


def measure_making(ground: Ground) -> Iterator[Row]:
    """The time that the city took, and the room it takes on the disk for each visit."""
    city = ground.city
    rows = city.households + city.visits
    yield Row(
        "city", "making the city", "s", city.made_s,
        (Limit("as many bare rows as doors and visits, in one transaction", ground.limits.insert_many * rows / 1000),),
        note=_when_made(city), more={"visits_per_second": round(city.visits / city.made_s)} if city.made_s else {},
    )  # fmt: skip
    room = size_on_disk(ground.database)
    yield Row(
        "city", "room on the disk, for each visit", "bytes", room / city.visits,
        (Limit("what a visit says, as text", _said(ground)),), more={"MiB": round(room / 1024**2)},
        note="doors, people and totals counted in",
    )  # fmt: skip


def measure_check(ground: Ground) -> Iterator[Row]:
    """`totals check` of everything, the visits that this run wrote counted in."""
    begun = time.monotonic()
    with ground.database.reading() as db:
        found = check.check(db, recount)
    seconds = time.monotonic() - begun
    yield Row(
        "city", "totals check", "s", seconds,
        (Limit("one GROUP BY over all visits", ground.limits.group_by([], [_ALL_DAYS], most=1) / 1000),),
        note=f"{len(found)} differences", more={"visits_per_second": round(ground.city.visits / seconds)},
    )  # fmt: skip


def _said(ground: Ground) -> float:
    """Bytes of the canonical body of a visit, on average over some thousand."""
    some = select(func.length(VisitVersion.body).label("size")).limit(5_000).subquery()
    with ground.database.reading() as db:
        return float(db.execute(select(func.avg(some.c.size))).scalar_one())


def _when_made(city: City) -> str:
    if city.made_s is None:
        return "made elsewhere, nobody noted how long it took"
    return "made in this run" if city.made_now else "made in an earlier run, and noted then"
