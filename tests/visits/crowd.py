"""Four people who record, correct, move, void and repeat at once, at random: what the proofs of the totals are run on."""

import random
import threading
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlmodel import col, select

from skills.db import Database
from skills.errors import Busy, Conflict
from skills.households.models import Household
from skills.people.viewer import Viewer
from skills.visits.correct import correct_visit
from skills.visits.forms import VisitForm, VoidForm
from skills.visits.record import record_visit
from skills.visits.void import void_visit

FIRST_DAY = date(2025, 11, 20)
DAYS = 400  # over a civil and an nd09 new year


@dataclass
class Crowd:
    """Writers at work on one database; `done` counts what they did, `failed` what nobody foresaw."""

    database: Database
    viewer: Viewer  # somebody who may log at every door used
    doors: list[tuple[int, uuid.UUID]]
    done: Counter[str] = field(default_factory=Counter)
    failed: list[BaseException] = field(default_factory=list)

    def work(self, seed: int, changes: int, writers: int = 4) -> None:
        """Makes so many changes in all, by so many threads."""
        threads = [
            threading.Thread(target=self._one, args=(random.Random(f"{seed}/{n}"), changes // writers))
            for n in range(writers)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _one(self, chance: random.Random, changes: int) -> None:
        mine: list[tuple[int, uuid.UUID, VisitForm]] = []
        for _ in range(changes):
            try:
                self._change(chance, mine)
            except (
                Conflict,
                Busy,
            ) as refused:  # two writers at one visit, or a full queue: said, and nothing stored
                self.done[type(refused).__name__] += 1
            except BaseException as error:
                self.failed.append(error)
                return

    def _change(self, chance: random.Random, mine: list[tuple[int, uuid.UUID, VisitForm]]) -> None:
        kind = chance.choice(["record"] * 4 + ["correct"] * 3 + ["void", "repeat"]) if mine else "record"
        with self.database.writing() as db:
            if kind == "record":
                form = self._form(chance, uuid.UUID(int=chance.getrandbits(128)), 0)
                taken = record_visit(db, self.viewer, form)
                mine.append((taken.ward_id, taken.visit_id, form))
            elif kind == "repeat":
                ward_id, _, form = chance.choice(mine)
                taken = (
                    record_visit(db, self.viewer, form)
                    if form.base == 0
                    else correct_visit(db, self.viewer, ward_id, form.id, form)
                )
                assert taken.status == "already"
            elif kind == "correct":
                place = chance.randrange(len(mine))
                ward_id, visit_id, form = mine[place]
                newer = self._form(chance, form.id, form.base + 1)
                correct_visit(db, self.viewer, ward_id, visit_id, newer)
                mine[place] = (
                    ward_id,
                    visit_id,
                    newer,
                )  # the address it had: later changes follow the forward
            else:
                ward_id, visit_id, form = mine.pop(chance.randrange(len(mine)))
                void_visit(
                    db, self.viewer, ward_id, visit_id,
                    VoidForm(item=uuid.UUID(int=chance.getrandbits(128)), base=form.base + 1, reason="twice"),
                )  # fmt: skip
        self.done[kind] += 1

    def _form(self, chance: random.Random, visit: uuid.UUID, base: int) -> VisitForm:
        ward_id, household_id = chance.choice(self.doors)
        people = chance.randrange(4)
        day = FIRST_DAY + timedelta(days=chance.randrange(DAYS))
        outcome = chance.choice(["met", "met", "met", "absent", "declined", "come_back"])
        return VisitForm.model_validate(
            {
                "ward": ward_id,
                "household": household_id,
                "item": uuid.UUID(int=chance.getrandbits(128)),
                "id": visit,
                "base": base,
                "outcome": outcome,
                "people": people,
                "people_new": chance.randrange(people + 1),
                "skills": {
                    skill: chance.randrange(1, 4)
                    for skill in chance.sample(range(1, 31), chance.randrange(5))
                },
                "audiences": {
                    group: chance.randrange(people + 1)
                    for group in chance.sample(range(1, 10), chance.randrange(3))
                },
                "come_back_on": day + timedelta(days=3) if outcome == "come_back" else None,
                "five_by_one": chance.choice([None, None, True, False]),
                "visited_on": day,
            }
        )


def all_doors(database: Database) -> list[tuple[int, uuid.UUID]]:
    """Every door of the database, by stored ward and id."""
    with database.reading() as db:
        rows = db.exec(
            select(Household.ward_id, Household.id).order_by(col(Household.ward_id), col(Household.id))
        )
        return [(ward_id, household_id) for ward_id, household_id in rows]
