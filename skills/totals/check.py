"""Proof that the totals are what the facts come to, and the way to make them so again. What counts is passed in as a function."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, func, select, union
from sqlmodel import Session, col

from skills.db import insert_many
from skills.households.lock import lock_wards
from skills.households.models import Household, WardBlock
from skills.totals.ledger import COLUMNS, Amounts, Key
from skills.totals.models import UnitPeriod

Recount = Callable[[Session, int], Amounts]
"""What all the facts stored under one ward count for, in every kept period."""


@dataclass(frozen=True)
class Difference:
    """One amount that is not what the facts come to."""

    key: Key
    kept: int
    counted: int


def check(db: Session, recount: Recount) -> list[Difference]:
    """Every difference between the kept totals and a recount, stored ward by stored ward; empty when all agree.

    The doors of `ward_block` are recounted as well and come out as differences of measure 0.
    """
    found: list[Difference] = []
    for ward_id in stored_wards(db):
        counted = {key: n for key, n in recount(db, ward_id).items() if n}
        kept = _kept(db, ward_id)
        differing = [key for key in counted.keys() | kept.keys() if counted.get(key, 0) != kept.get(key, 0)]
        found += [Difference(key, kept.get(key, 0), counted.get(key, 0)) for key in sorted(differing)]
        found += _misplaced(db, ward_id)
    return found


def rebuild(db: Session, recount: Recount) -> int:
    """Writes all totals anew from the facts, under the wards' locks. Returns how many amounts there are."""
    written = 0
    for ward_id in stored_wards(db):
        lock_wards(db, [ward_id])
        db.execute(delete(UnitPeriod).where(col(UnitPeriod.ward_id) == ward_id))
        amounts = sorted((key, n) for key, n in recount(db, ward_id).items() if n)
        insert_many(db, UnitPeriod, [dict(zip(COLUMNS, key, strict=True), n=n) for key, n in amounts])
        db.execute(delete(WardBlock).where(col(WardBlock.ward_id) == ward_id))
        doors = _doors(db, ward_id)
        insert_many(
            db,
            WardBlock,
            [{"ward_id": ward_id, "block_id": block, "households": n} for block, n in doors.items()],
        )
        written += len(amounts)
    return written


def stored_wards(db: Session) -> list[int]:
    """The wards under which anything is stored, in ascending order."""
    both = union(
        select(col(Household.ward_id)).distinct(), select(col(UnitPeriod.ward_id)).distinct()
    ).subquery()
    return list(db.execute(select(both.c.ward_id).order_by(both.c.ward_id)).scalars())


def _kept(db: Session, ward_id: int) -> Amounts:
    rows = select(
        col(UnitPeriod.ward_id), col(UnitPeriod.unit_id), col(UnitPeriod.calendar), col(UnitPeriod.kind),
        col(UnitPeriod.period), col(UnitPeriod.measure), col(UnitPeriod.n),
    ).where(col(UnitPeriod.ward_id) == ward_id)  # fmt: skip
    return {
        (ward, unit, calendar, kind, day, measure): n
        for ward, unit, calendar, kind, day, measure, n in db.execute(rows)
    }


def _doors(db: Session, ward_id: int) -> dict[int, int]:
    rows = select(col(Household.block_id), func.count()).where(col(Household.ward_id) == ward_id)
    return dict(db.execute(rows.group_by(col(Household.block_id))).all())


def _misplaced(db: Session, ward_id: int) -> list[Difference]:
    """Where ward_block doesn't hold what the doors say."""
    counted = _doors(db, ward_id)
    rows = select(col(WardBlock.block_id), col(WardBlock.households)).where(col(WardBlock.ward_id) == ward_id)
    kept = dict(db.execute(rows).all())
    return [
        Difference((ward_id, block, "", "", date.min, 0), kept.get(block, 0), counted.get(block, 0))
        for block in sorted(counted.keys() | kept.keys())
        if counted.get(block, 0) != kept.get(block, 0)
    ]
