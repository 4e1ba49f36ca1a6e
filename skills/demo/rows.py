"""What the visits of the demonstration leave in the tables: the rows that the verbs would have written, and what they count for."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from random import Random
from typing import Any
from uuid import UUID

from skills.db import Row, table_of
from skills.demo.chance import new_id
from skills.demo.knocking import Taught, Told
from skills.households.models import DoorState
from skills.totals.ledger import COLUMNS
from skills.totals.models import UnitPeriod
from skills.totals.periods import Calendar, Kind
from skills.visits import state, tally
from skills.visits.forms import VisitForm, VoidForm
from skills.visits.models import (
    HouseholdCore,
    Outcome,
    Receipt,
    Visit,
    VisitAudience,
    VisitSkill,
    VisitVersion,
)
from skills.visits.receive import hashed

Values = list[Any]  # of one row, in the order of the table's columns
Counted = tuple[Calendar, Kind, date, int]  # calendar, kind and first day of a period, and a measure
_AMOUNTS = table_of(UnitPeriod)
# `.value` is slow, and there are millions
_SAID: dict[str, str] = {each: each.value for each in (*Calendar, *Kind)}
assert [column.name for column in _AMOUNTS.columns] == [*COLUMNS, "n"]  # noqa: S101 - add_amounts relies on it


class Rows:
    """Rows by the name of their table; every value of a row is given by the name of its column."""

    def __init__(self) -> None:
        self.by_table: dict[str, list[Values]] = defaultdict(list)

    def add(self, table: type[Row], **values: Any) -> None:
        """One row. Raises KeyError for a column that is left out."""
        name, columns = _named(table)
        self.by_table[name].append([values[column] for column in columns])


@cache
def _named(table: type[Row]) -> tuple[str, list[str]]:
    """The name of a table and of its columns, in their order."""
    return table_of(table).name, [column.name for column in table_of(table).columns]


def add_visit(rows: Rows, chance: Random, told: Told, until: date) -> None:
    """A visit with its lists, its versions and its receipts."""
    form, version = told.stands, 1
    body = form.body()
    _add_step(rows, chance, told, told.form, "record", 1)
    if told.corrected is not None:
        version += 1
        _add_step(rows, chance, told, told.corrected, "correct", version)
    if told.voided:
        version += 1
        _add_void(rows, chance, told, version)
    rows.add(
        Visit, ward_id=form.ward, id=form.id, household_id=form.household, version=version, outcome=body["outcome"],
        people=body["people"], people_new=body["people_new"], visited_on=form.visited_on,
        come_back_on=form.agreed_on if body["come_back_on"] else None, five_by_one=body["five_by_one"],
        odd=form.odd(form.visited_on or until), note=form.note or None, author_id=told.author, team_id=told.crew.id,
        device_id=None, saved_at=form.saved_at, received_at=told.received_at,
        voided_at=told.received_at if told.voided else None,
    )  # fmt: skip
    for key, level in body["skills"].items():
        rows.add(VisitSkill, ward_id=form.ward, visit_id=form.id, skill_id=int(key), level=level)
    for key, people in body["audiences"].items():
        rows.add(VisitAudience, ward_id=form.ward, visit_id=form.id, audience_id=int(key), people=people)


def _add_step(rows: Rows, chance: Random, told: Told, form: VisitForm, op: str, version: int) -> None:
    """One version of a visit, without the note, and the receipt of the item that made it."""
    canonical = form.canonical()
    body = form.model_copy(update={"note": ""}).canonical() if form.note else canonical
    _add_version(rows, chance, told, form.item, op, version, body, canonical, "")


def _add_void(rows: Rows, chance: Random, told: Told, version: int) -> None:
    """The step that took a visit out of every figure."""
    item = new_id(chance, told.received_at)
    void = VoidForm(item=item, base=version - 1, reason="twice")
    _add_version(rows, chance, told, item, "void", version, "{}", void.canonical(told.form.id), void.reason)


_OPS = {
    "record": "visit",
    "correct": "correction",
    "void": "void",
}  # what a version calls a step, and what a phone calls it


def _add_version(
    rows: Rows, chance: Random, told: Told, item: UUID, op: str, version: int, body: str, canonical: str, reason: str
) -> None:  # fmt: skip
    form = told.form
    salt = chance.randbytes(16).hex()
    rows.add(
        VisitVersion, ward_id=form.ward, visit_id=form.id, version=version, item=item, op=op, base=version - 1, body=body,
        reason=reason, author_id=told.author, saved_at=form.saved_at, received_at=told.received_at,
    )  # fmt: skip
    rows.add(
        Receipt, ward_id=form.ward, item=item, salt=salt, body_hash=hashed(salt, canonical), sent_hash="",
        op=_OPS[op], status="accepted", author_id=told.author, device_id=None, to_ward_id=form.ward, visit_id=form.id, version=version, received_at=told.received_at,
    )  # fmt: skip


@dataclass(slots=True)
class _Standing:
    """A visit as the rules of a door's state read it."""

    id: UUID
    outcome: str
    visited_on: date | None
    saved_at: datetime | None
    come_back_on: date | None
    five_by_one: bool | None


def add_states(
    rows: Rows, block_id: int, visits: Sequence[Told], taught: Taught
) -> dict[int, dict[Counted, int]]:
    """What the standing visits of each door of a block come to, and what they count for there, by the rules of single visits.

    Returns what they count for in their stored wards as a whole: ward to calendar, kind, first day and measure, to amount.
    """
    by_door: dict[tuple[int, UUID], list[VisitForm]] = defaultdict(list)
    for told in visits:
        if not told.voided:
            by_door[told.form.ward, told.form.household].append(told.stands)
    whole: dict[int, dict[Counted, int]] = defaultdict(lambda: defaultdict(int))
    for (ward_id, household_id), forms in by_door.items():
        forms.sort(key=lambda form: (form.visited_on, form.saved_at))
        standing = [_standing(form) for form in forms]
        lessons = sorted(
            ((form.id, skill, int(level), taught.cores[skill], form.visited_on) for form in forms if form.outcome is Outcome.MET for skill, level in form.skills.items()),
            key=lambda lesson: lesson[1],
        )  # fmt: skip
        ladder = state.ladder(standing, lessons)
        rows.add(
            DoorState, ward_id=ward_id, household_id=household_id, **(state.state(standing, lessons) or {})
        )
        for core, day in ladder.items():
            rows.add(HouseholdCore, ward_id=ward_id, household_id=household_id, core=core, first_alone_on=day)
        counted = whole[ward_id]
        for key, n in tally.household_amounts(map(_counted, forms), ladder):
            counted[key] += n
    for ward_id, counted in whole.items():
        kept = {key: n for key, n in counted.items() if key[1] not in (Kind.DAY, Kind.WEEK)}
        add_amounts(rows, ward_id, block_id, kept)
    return {ward_id: dict(counted) for ward_id, counted in whole.items()}


def add_amounts(rows: Rows, ward_id: int, unit_id: int, counted: Mapping[Counted, int]) -> None:
    """Amounts of one unit of the totals, in the order of their key. They are most of all rows, so they are written as lists."""
    rows.by_table[_AMOUNTS.name] += [
        [ward_id, unit_id, _SAID[calendar], _SAID[kind], period, int(measure), n]
        for (calendar, kind, period, measure), n in sorted(counted.items())
        if n
    ]


def _standing(form: VisitForm) -> _Standing:
    return _Standing(
        form.id, str(form.outcome), form.visited_on, form.saved_at, form.agreed_on, form.five_by_one
    )


def _counted(form: VisitForm) -> tally.Told:
    """A visit as far as it counts."""
    body = form.body()
    return tally.Told(
        form.visited_on or date.min, body["outcome"], body["people"], body["people_new"], bool(form.odd(form.visited_on or date.min)),
        [(int(key), level) for key, level in body["skills"].items()],
        [(int(key), people) for key, people in body["audiences"].items()],
    )  # fmt: skip
