"""What the machine itself can do, measured in the same run: the figures that ours are shown beside."""

import json
import time
from collections.abc import Callable, Sequence
from functools import cache, cached_property
from typing import Any
from uuid import uuid4

from sqlalchemy import bindparam, text

from bench.bare import create_bare
from bench.call import Ask, Caller
from bench.rows import Limit, Times
from skills.db import Database
from skills.people.passwords import hash_password
from skills.totals.periods import Period

TABLE = "bench_limit"
_BODY = (
    json.dumps({"outcome": "met", "people": 2, "people_new": 1, "skills": {"4": 1, "9": 2}, "note": ""}) * 3
)

_VISITS = """
    SELECT v.ward_id, v.outcome, count(*), sum(v.people), sum(v.people_new), count(DISTINCT v.household_id) FROM visit v
    WHERE v.voided_at IS NULL AND v.visited_on BETWEEN :first AND :last AND :here GROUP BY v.ward_id, v.outcome"""
_SKILLS = """
    SELECT s.skill_id, s.level, count(*) FROM visit v JOIN visit_skill s ON s.ward_id = v.ward_id AND s.visit_id = v.id
    WHERE v.voided_at IS NULL AND v.visited_on BETWEEN :first AND :last AND :here GROUP BY s.skill_id, s.level"""


class Limits:
    """The limits of this machine with this database, each measured when it is first asked for."""

    def __init__(self, database: Database, repetitions: int) -> None:
        self.database = database
        self.repetitions = repetitions
        self._caller = Caller(create_bare())
        self._page = cache(self._measure_page)

    def close(self) -> None:
        """Takes the table of the bare inserts away again."""
        self._caller.close()
        self._in_a_transaction(lambda cursor: cursor.execute(f"DROP TABLE IF EXISTS {TABLE}"))

    @cached_property
    def empty_route(self) -> Times:
        """A FastAPI route that does nothing, in this process."""
        self._caller.time([Ask("/healthz")] * 20, seconds=5)
        return self._caller.time([Ask("/healthz")] * (self.repetitions * 5), seconds=10)

    def empty(self) -> Limit:
        """The empty route as the limit of a row."""
        return Limit("empty route", self.empty_route.p50)

    def page(self, size: int) -> Limit:
        """A Jinja page of about that many bytes with nothing but lines of text in it, packed and sent as ours."""
        return Limit("bare page of the size", self._page(float(f"{size:.2g}")))

    @cached_property
    def hash(self) -> Times:
        """One password made into its argon2 hash, as signing in has to."""
        return Times.of(
            [_ms(lambda: hash_password("tungnha-demo")) for _ in range(max(self.repetitions // 4, 3))]
        )

    @cached_property
    def insert(self) -> Times:
        """One row inserted in a transaction of its own, on the disk when it returns."""
        return self._inserts(1)

    @cached_property
    def insert_20(self) -> Times:
        """Twenty rows inserted in one transaction."""
        return self._inserts(20)

    @cached_property
    def insert_many(self) -> float:
        """Milliseconds for each of 20 000 rows that are inserted in one transaction."""
        return self._inserts(20_000, 1).p50 / 20_000

    def group_by(self, wards: Sequence[int], periods: Sequence[Period], most: int = 5) -> float:
        """Milliseconds for what a report shows, counted over the visits in SQL: by ward and outcome, and by skill.

        `wards` empty: all of them. Once a count has taken a second, once is enough.
        """
        taken: list[float] = []
        while len(taken) < most and sum(taken) < 1_000:
            taken.append(_ms(lambda: self._count(wards, periods)))
        return sorted(taken)[len(taken) // 2]

    def like(self, ward: int, word: str) -> float:
        """Milliseconds to find a word in the addresses of a ward's doors."""
        found = text("SELECT count(*) FROM household WHERE ward_id = :ward AND fold LIKE :word")
        taken = []
        with self.database.reading() as db:
            for _ in range(5):
                taken.append(_ms(lambda: db.execute(found, {"ward": ward, "word": f"%{word}%"}).all()))
        return sorted(taken)[2]

    def _count(self, wards: Sequence[int], periods: Sequence[Period]) -> None:
        here = " AND v.ward_id IN :wards" if wards else ""
        counts = [text(statement.replace(" AND :here", here)) for statement in (_VISITS, _SKILLS)]
        if wards:
            counts = [count.bindparams(bindparam("wards", expanding=True)) for count in counts]
        with self.database.reading() as db:
            for place, period in enumerate(periods):
                given: dict[str, Any] = {"first": str(period.start), "last": str(period.end)}
                if wards:
                    given["wards"] = list(wards)
                for count in counts[: 1 if place else 2]:  # skills are shown for the first period alone
                    db.execute(count, given).all()

    def _measure_page(self, size: float) -> float:
        asks = [Ask(f"/page?size={int(size)}")] * max(self.repetitions // 2, 9)
        self._caller.get(asks[0])
        return self._caller.time(asks, seconds=3).p50

    def _inserts(self, rows: int, times: int = 0) -> Times:
        made = (
            f"CREATE TABLE IF NOT EXISTS {TABLE} (ward_id INTEGER NOT NULL, id CHAR(32) NOT NULL, body TEXT NOT NULL,"
            " PRIMARY KEY (ward_id, id))"
        )
        self._in_a_transaction(lambda cursor: cursor.execute(made))
        mark = "?" if self.database.is_sqlite else "%s"
        insert = f"INSERT INTO {TABLE} VALUES ({mark}, {mark}, {mark})"  # noqa: S608 - our own words
        taken = []
        for _ in range(times or self.repetitions * 2):
            given = [(332, uuid4().hex, _BODY) for _ in range(rows)]
            taken.append(
                self._in_a_transaction(lambda cursor, given=given: cursor.executemany(insert, given))
            )
        return Times.of(taken)

    def _in_a_transaction(self, work: Callable[..., Any]) -> float:
        """Milliseconds that the work takes with its transaction, on the driver's own connection."""
        connection = self.database.writer.raw_connection()
        try:
            cursor = connection.cursor()
            begun = time.perf_counter()
            if self.database.is_sqlite:
                cursor.execute("BEGIN IMMEDIATE")
            work(cursor)
            connection.commit()
            return (time.perf_counter() - begun) * 1000
        finally:
            connection.close()


def _ms(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000
