"""Is this the code? Each counts once, and tries are counted before anything is looked at."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, update

from skills import clock
from skills.accounts.limits import TooMany, code_keys, count_try, forgive
from skills.accounts.models import RecoveryCode, SecondFactor
from skills.accounts.second_factor.codes import digits, is_recovery, recovery_hash, step_of, unseal
from skills.accounts.second_factor.set_up import codes_left
from skills.audit import trail
from skills.db import Database


@dataclass(frozen=True)
class Right:
    """The code was right. `left`: how many codes on paper are left, when it was one of those."""

    left: int | None


@dataclass(frozen=True)
class WrongCode:
    """Wrong, used already, or too old."""


def check_code(
    database: Database, person_id: uuid.UUID, typed: str, client: str, key: str
) -> Right | WrongCode | TooMany:
    """Counts the try, then takes the code if it is right. Two transactions: the count stays when the code is wrong."""
    now, who = clock.now(), code_keys(key, person_id, client)
    with database.writing() as db:
        too_many = count_try(db, who, now)
    if too_many is not None:
        return too_many
    with database.writing() as db:
        code = digits(typed)
        paper = is_recovery(code)
        use = _use_recovery if paper else _use_step
        if not use(db, person_id, code, now, key):
            return WrongCode()
        forgive(db, who)
        if not paper:
            return Right(None)
        trail.write(db, 0, person_id, "recovery_code.used", person_id)
        return Right(codes_left(db, person_id))


def _use_step(db: Session, person_id: uuid.UUID, code: str, now: datetime, key: str) -> bool:
    """Whether the code is that of a step nobody used before; the condition in the statement makes one of two tries at once win."""
    factor = db.get(SecondFactor, person_id)
    secret = unseal(key, person_id, factor.sealed) if factor else None
    if factor is None or secret is None:
        return False
    step = step_of(secret, code, now, factor.last_step)
    if step is None:
        return False
    moved = db.execute(
        update(SecondFactor)
        .where(col(SecondFactor.person_id) == person_id, col(SecondFactor.last_step) < step)
        .values(last_step=step)
        .returning(col(SecondFactor.person_id))
    )
    return moved.first() is not None


def _use_recovery(db: Session, person_id: uuid.UUID, code: str, now: datetime, key: str) -> bool:
    used = db.execute(
        update(RecoveryCode)
        .where(
            col(RecoveryCode.person_id) == person_id,
            col(RecoveryCode.code_hash) == recovery_hash(key, person_id, code),
            col(RecoveryCode.used_at).is_(None),
        )
        .values(used_at=now)
        .returning(col(RecoveryCode.person_id))
    ).first()
    return used is not None
