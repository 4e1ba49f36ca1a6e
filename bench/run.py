"""One run: the city, the people, then everything in order. What only reads comes first, what writes goes last."""

import os
import platform
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from bench import city as cities
from bench import server
from bench.day import on_the_day
from bench.ground import Effort, Ground
from bench.growth import growth
from bench.handing_in import measure_handing_in
from bench.lesson import measure_lesson
from bench.limits import Limits
from bench.pages import measure_pages, weigh_pages
from bench.people import meet
from bench.profiles import profile_report, profile_visit
from bench.reports import measure_reports
from bench.rows import Result, Row
from bench.start import empty_over_http, measure_start, memory_after
from bench.storm import measure_storm
from bench.visits import measure_http, measure_verbs
from bench.whole import measure_check, measure_making
from skills.db import Database

PARTS = (
    "pages",
    "weights",
    "reports",
    "process",
    "visits",
    "http",
    "handing",
    "lesson",
    "storm",
    "check",
    "profiles",
)


@dataclass(frozen=True)
class Plan:
    """What to measure. `households` and `visits` are those of the size unless given; `without`: parts to leave out."""

    size: str = "small"
    households: int = 0
    visits: int = 0
    database: str = ""
    until: date = cities.UNTIL
    folder: Path = Path("var")
    without: frozenset[str] = frozenset()
    effort: Effort = field(default_factory=Effort)


Say = Callable[[str], None]


def measure(plan: Plan, say: Say) -> Result:
    """Everything that the plan doesn't leave out. `say` hears what is being done."""
    households, visits = cities.SIZES[plan.size]
    say("the city")
    city = cities.ready(
        plan.size,
        plan.households or households,
        plan.visits or visits,
        plan.database,
        plan.until,
        plan.folder,
    )
    with cities.to_write_in(city, plan.folder / "bench") as used, on_the_day(city.day):
        database = Database(used.url)
        limits = Limits(database, plan.effort.repetitions)
        cast = meet(database, city.day, plan.effort.volunteers, plan.effort.wards, plan.effort.students)
        ground = Ground(used, plan.effort, cast, limits)
        result = Result(
            city.name,
            city.households,
            city.visits,
            _said(database),
            _machine(plan),
            remarks=_remarks(used, plan),
        )
        try:
            for row in _rows(ground, plan, result, say):
                result.rows.append(row)
            result.machine["load when it ended"] = _load()
        finally:
            limits.close()
            ground.close()
            database.dispose()
    return result


def _rows(ground: Ground, plan: Plan, result: Result, say: Say) -> Iterator[Row]:
    profiles = plan.folder / "bench" / ground.city.name

    def wanted(part: str) -> bool:
        if part in plan.without:
            return False
        say(part)
        return True

    if wanted("pages"):
        yield from measure_pages(ground)
    if wanted("weights"):
        yield from weigh_pages(ground)
    if wanted("reports"):
        yield from measure_reports(ground)
        yield from growth(list(result.rows), result.visits, plan.folder / "bench")
    if wanted("profiles"):
        result.profiles.append(profile_report(ground, profiles))
    if wanted("process"):
        yield from measure_start(ground)
    yield from measure_making(ground)
    if wanted("visits"):
        yield from measure_verbs(ground)
    if "profiles" not in plan.without:
        result.profiles.append(profile_visit(ground, profiles))
    if not {"http", "handing", "lesson", "storm"} <= plan.without:
        empty_ms, bare_mib = empty_over_http(plan.effort.repetitions * 3)
        with server.program_on(ground.city.day, ground.city.url) as program:
            if wanted("http"):
                yield from measure_http(ground, program, empty_ms)
            if wanted("handing"):
                yield from measure_handing_in(ground, program, empty_ms)
            if wanted("lesson"):
                yield from measure_lesson(ground, program, empty_ms)
            if wanted("storm"):
                yield from measure_storm(ground, program, empty_ms)
            yield memory_after(program, bare_mib)
    if wanted("check"):
        yield from measure_check(ground)


def _said(database: Database) -> str:
    if database.is_sqlite:
        return f"SQLite {sqlite3.sqlite_version}, WAL, synchronous=FULL"
    with database.reading() as db:
        return f"PostgreSQL {db.connection().exec_driver_sql('SHOW server_version').scalar_one()}"


def _machine(plan: Plan) -> dict[str, str]:
    return {
        "processors": f"{os.cpu_count()} ({platform.machine()}, {_processor()})",
        "system": f"{platform.system()} {platform.release()}",
        "Python": sys.version.split()[0],
        "day of the run": time.strftime("%Y-%m-%d %H:%M"),
        "load when it began": _load(),
        "day of the city": plan.until.isoformat(),
        "effort": f"{plan.effort.repetitions} repetitions, at most {plan.effort.seconds:g} s a row, "
        f"{plan.effort.clients} clients, a class of {plan.effort.students}",
    }


def _load() -> str:
    """What the machine had to do, over one, five and fifteen minutes; much more than the bench itself spoils the milliseconds."""
    return ", ".join(f"{load:.2f}" for load in os.getloadavg())


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def _remarks(used: cities.City, plan: Plan) -> list[str]:
    where = (
        "measured on a copy of the city that is thrown away"
        if used.is_copy
        else "measured on the city itself, too large or too far away to copy: sessions, the bench's own people and its visits stay in it"
    )
    remarks = [f"{where}; what only reads came first, what writes came last"]
    if plan.without:
        remarks.append(f"left out: {', '.join(sorted(plan.without))}")
    return remarks
