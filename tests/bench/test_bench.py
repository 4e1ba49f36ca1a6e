"""The bench measures what it promises, every figure beside a limit. How long anything takes is no business of a test."""

import json
import pstats
import re
import sqlite3
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select
from typer.testing import CliRunner

from bench import city as cities
from bench import pages, reports, tell, visits
from bench.call import Ask, Caller, Refused
from bench.command import app
from bench.day import on_the_day
from bench.ground import Effort
from bench.growth import growth
from bench.rows import Bar, Limit, Result, Row, Times
from bench.run import Plan, measure
from bench.statements import Watch, asked
from skills import cli, clock
from skills.app import create_app
from skills.areas.models import Area
from skills.db import Database
from skills.settings import Settings

DAY = date(2026, 11, 24)
TINY = Effort(
    repetitions=1, seconds=1, clients=2, students=4, volunteers=8, wards=4, starts=1, rest=0.1, senders=2, batches=2, phones=3,
    carriers=2, minute=0.3, lesson=0.2,
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the tiny city and its tables are."""
    return tmp_path_factory.mktemp("bench")


@pytest.fixture(scope="module")
def result(folder: Path) -> Result:
    """The whole bench, on the smallest city that can be made."""
    heard: list[str] = []
    measured = measure(Plan(households=300, visits=600, until=DAY, folder=folder, effort=TINY), heard.append)
    assert heard[0] == "the city"
    return measured


def test_every_row_that_is_promised_is_there(result: Result) -> None:
    names = {section: {row.name for row in result.of(section)} for section in tell.TITLES}
    assert {f"{level}, {kind}, {calendar}, map {lens}" for level in ("district", "city") for kind in reports.KINDS
            for calendar in ("civil", "nd09") for lens in reports.LENSES} == names["reports"]  # fmt: skip
    assert {name.partition(":")[0] for name in names["pages"]} == {
        "volunteer", "team leader", "ward lead", "officer", "city", "program"
    }  # fmt: skip
    assert len(names["pages"]) >= 28
    assert names["weights"] < names["pages"]
    assert pages.FORM in names["weights"]
    assert names["process"] == {"start, until /healthz answers", "memory at rest", "memory after the run"}
    assert names["visits"] == {
        "one visit through the verb", visits.IN_LARGEST, "batches of 20 through the verb, for each visit",
        "POST /visits over HTTP, one client: until the receipt", "POST /visits over HTTP, one client: for each visit",
        "POST /visits over HTTP, 2 clients at once: until the receipt", "POST /visits over HTTP, 2 clients at once: for each visit",
    }  # fmt: skip
    assert names["handing in"] == {
        "2 phones at once, batches of 20: for each visit", "2 phones at once, batches of 20: until the answer",
        "2 phones at once, batches of 20: p99 until the answer", "3 phones with 20 visits each within 0.3 s: each waits",
    }  # fmt: skip
    assert {"4 sign in at once: until the last is in", "4 sign in at once: each waits"} < names["storm"]
    assert {
        "4 behind one address within 0.2 s: until the last is in",
        "any page meanwhile: the slowest",
    } < names["lesson"]
    assert names["city"] == {"making the city", "room on the disk, for each visit", "totals check"}
    assert names["growth"] == set()


def test_every_figure_stands_beside_a_limit(result: Result) -> None:
    for row in result.rows:
        assert row.figure, row.name
        assert row.figure > 0, row.name
        assert row.limits, row.name
        assert all(limit.amount > 0 for limit in row.limits), row.name
        assert all(ratio and ratio > 0 for ratio in row.ratios), row.name


def test_what_was_written_was_taken_in_and_counted(result: Result) -> None:
    (check,) = (row for row in result.of("city") if row.name == "totals check")
    assert check.note == "0 differences"
    for row in result.of("visits"):
        if "refused" in row.more:  # a machine with too much to do may tell some to try again
            assert row.more["accepted"]
            assert int(row.more["accepted"]) + int(row.more["refused"]) == row.n
    handed_in = [row.more for row in result.of("handing in") if "lost" in row.more]
    assert [(more["accepted"], more["lost"], more["errors"]) for more in handed_in] == [
        (80, 0, 0),
        (60, 0, 0),
    ]
    (came,) = (row for row in result.of("lesson") if row.name.endswith("until the last is in"))
    assert [came.more[what] for what in ("let_in", "mistyped", "refused")] == [4, 2, 0]
    (everybody,) = (row for row in result.of("storm") if row.name.endswith("until the last is in"))
    assert int(everybody.more["let_in"]) + int(everybody.more["told_to_try_again"]) == 4


def test_table_and_json_say_the_same(result: Result, folder: Path) -> None:
    table, data = tell.write(result, folder / "bench")
    told = json.loads(data.read_text())
    assert [row["name"] for row in told["rows"]] == [row.name for row in result.rows]
    text = table.read_text()
    for row in told["rows"]:
        lines = [line for line in text.splitlines() if line.startswith(f"| {row['name']} |")]
        assert lines, row["name"]  # a page has two: its time and its weight
        assert any(row["verdict"] in line for line in lines)
    sections = {section for section in tell.TITLES if result.of(section)}
    assert {title for section, title in tell.TITLES.items() if section in sections} <= set(
        re.findall(r"^## (.+)$", text, re.MULTILINE)
    )
    shown = len(re.findall(r"\*\*× [\d.,]+\*\*", text))
    assert shown == sum(len(row["limits"]) for row in told["rows"])


def test_it_shows_where_the_time_goes(result: Result, folder: Path) -> None:
    report, visit = result.profiles
    assert report.calls
    assert visit.calls
    for profiled, through in ((report, "skills/reports/area.py"), (visit, "skills/visits/record.py")):
        [file] = folder.rglob(
            profiled.file
        )  # in the file stands every call; on a busy machine a commit outweighs ours
        assert any(place.endswith(through) for place, _line, _name in pstats.Stats(str(file)).stats)  # type: ignore[attr-defined]
    assert any(said.text.startswith("INSERT INTO unit_period") for said in visit.statements)
    assert visit.statements[-1].text == "COMMIT"
    assert {file.name for file in folder.rglob("*.prof")} == {report.file, visit.file}


def test_the_city_is_left_as_it_was_made(result: Result, folder: Path) -> None:
    file = folder / "bench-300-600.db"
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT count(*) FROM visit").fetchone() == (600,)
        assert connection.execute("SELECT count(*) FROM login_session").fetchone() == (0,)
        assert (
            connection.execute("SELECT name FROM sqlite_master WHERE name = 'bench_limit'").fetchone() is None
        )
    connection.close()
    assert [path.name for path in (folder / "bench").glob("working-*")] == []
    assert result.visits == 600
    again = cities.ready("small", 300, 600, str(file), DAY, folder)
    assert (again.made_now, again.visits) == (False, 600)
    with pytest.raises(cities.NoCity, match="UNTIL"):
        cities.ready("small", 300, 600, str(file), DAY + timedelta(days=30), folder)


def test_what_cannot_be_measured_is_said(folder: Path) -> None:
    answer = CliRunner().invoke(app, ["--database", str(folder / "nothing.db")])
    assert answer.exit_code == 1
    assert answer.stderr.strip() == f"… the city\nthere is no file {folder / 'nothing.db'}"
    assert CliRunner().invoke(app, ["--without", "everything"]).exit_code == 2


def test_it_is_a_command_of_the_program_too() -> None:
    answer = CliRunner().invoke(cli.app, ["bench", "--help"])
    assert answer.exit_code == 0
    assert "--repetitions" in answer.output


def test_a_day_of_its_own() -> None:
    before = clock.today()
    with on_the_day(date(2026, 2, 3)):
        assert clock.today() == date(2026, 2, 3)
        assert clock.now().astimezone(clock.VIETNAM).hour == 6
    assert clock.today() >= before


def test_percentiles_are_amounts_that_were_measured() -> None:
    assert Times.of([3.0]) == Times(3.0, 3.0, 3.0, 3.0, 1)
    assert Times.of([float(n) for n in range(100, 0, -1)]) == Times(50, 95, 99, 100, 100)


def test_a_bar_is_judged_by_p95_and_says_when_the_city_was_too_small() -> None:
    bar = Bar("≤ 10 ms", 10, 1_000)
    row = Row("pages", "a page", "ms", 8.0, (Limit("empty route", 2.0),), p95=11.0, bar=bar)
    assert row.ratios == (4.0,)
    assert row.verdict(1_000) == "falls short"
    assert row.verdict(999) == "falls short, in a smaller city"
    assert Row("pages", "a page", "ms", 8.0, (), p95=10.0, bar=bar).verdict(1_000) == "held"
    assert Row("pages", "a page", "ms", None, (Limit("empty route", 2.0),), bar=bar).verdict(1_000) == ""


def test_growth_is_told_when_a_smaller_run_is_there(tmp_path: Path) -> None:
    rows = [Row("reports", "city, month", "ms", 30.0, (Limit("x", 1.0),))]
    assert list(growth(rows, 1_000_000, tmp_path)) == []
    small = Result(
        "city", 40_000, 120_000, "SQLite", {}, [Row("reports", "city, month", "ms", 20.0, (Limit("x", 1.0),))]
    )
    tell.write(small, tmp_path)
    (row,) = growth(rows, 10_000_000, tmp_path)
    assert (row.figure, row.verdict(10_000_000)) == (1.5, "falls short")
    assert list(growth(rows, 120_000, tmp_path)) == []


def test_statements_are_counted_with_their_rows(folder: Path, result: Result) -> None:
    database = Database(f"sqlite:///{folder / 'bench-300-600.db'}")
    watch = Watch(database)
    with watch.listening() as said, database.reading() as db:
        areas, cities_ = (
            db.execute(select(Area)),
            db.execute(select(col(Area.id)).where(Area.level == "city")),
        )
        n = len(areas.all())
        assert len(cities_.all()) < n
    database.dispose()
    first, _second = asked(said)
    assert first.rows == n


def test_an_error_is_never_taken_for_a_fast_page(folder: Path, result: Result) -> None:
    made = create_app(Settings(env="test", database_url=f"sqlite:///{folder / 'bench-300-600.db'}"))
    caller = Caller(made)
    with pytest.raises(Refused, match="/households answered 303"):
        caller.get(Ask("/households"))
    caller.close()
    made.state.database.dispose()
