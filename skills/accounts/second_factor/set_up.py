"""Setting up the second factor, and giving it up again."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, delete, func, select

from skills import clock
from skills.accounts.models import RecoveryCode, SecondFactor
from skills.accounts.second_factor.codes import (
    address,
    digits,
    new_recovery_codes,
    new_secret,
    qr,
    recovery_hash,
    seal,
    step_of,
    unseal,
)
from skills.audit import trail
from skills.db import upsert
from skills.people.models import Person


@dataclass(frozen=True)
class Offer:
    """A secret that nobody uses yet: to be read from a square, or typed in letters. `sealed` comes back with the first code."""

    secret: str
    sealed: str
    side: int  # of the square, in modules
    path: str  # its dark modules, for an svg


@dataclass(frozen=True)
class Held:
    """What somebody has set up: since when, and how many codes on paper are left."""

    since: datetime
    codes_left: int


def is_set_up(db: Session, person_id: uuid.UUID) -> bool:
    """Whether this person is asked for a code after the password."""
    return db.get(SecondFactor, person_id) is not None


def find_held(db: Session, person_id: uuid.UUID) -> Held | None:
    """What this person has set up; None when nothing."""
    factor = db.get(SecondFactor, person_id)
    return None if factor is None else Held(factor.set_up_at, codes_left(db, person_id))


def codes_left(db: Session, person_id: uuid.UUID) -> int:
    """How many codes on paper were not used yet."""
    unused = select(func.count()).where(
        col(RecoveryCode.person_id) == person_id, col(RecoveryCode.used_at).is_(None)
    )
    return db.exec(unused).one()


def offer(db: Session, person_id: uuid.UUID, key: str, sealed: str = "") -> Offer:
    """A new secret, or the one that was offered before when it comes back sealed. Nothing is stored."""
    person = db.get_one(Person, person_id)
    secret = unseal(key, person_id, sealed) or new_secret()
    return Offer(secret, seal(key, person_id, secret), *qr(address(secret, person.phone)))


def set_up(db: Session, person_id: uuid.UUID, sealed: str, typed: str, key: str) -> list[str] | None:
    """Keeps the secret when the code shows that the phone has it, and gives ten codes for paper, shown this once.

    None when the code is not that of the secret, or a second factor is set up already.
    """
    secret, now = unseal(key, person_id, sealed), clock.now()
    step = None if secret is None else step_of(secret, digits(typed), now, 0)
    if step is None:
        return None
    kept = db.execute(
        upsert(db, SecondFactor)
        .values(person_id=person_id, sealed=sealed, last_step=step, set_up_at=now)
        .on_conflict_do_nothing()
        .returning(SecondFactor.person_id)
    ).first()
    if kept is None:
        return None
    codes = _write_codes(db, person_id, key)
    trail.write(db, 0, person_id, "second_factor.set_up", person_id)
    return codes


def renew_codes(db: Session, person_id: uuid.UUID, key: str) -> list[str]:
    """Ten new codes for paper; the old ones are worth nothing from now on."""
    codes = _write_codes(db, person_id, key)
    trail.write(db, 0, person_id, "recovery_codes.renewed", person_id)
    return codes


def forget(db: Session, actor_id: uuid.UUID | None, person_id: uuid.UUID) -> None:
    """Takes the second factor away, for somebody who lost phone and paper; nothing happens when there is none. `actor_id`:
    None for a command on the server."""
    if not is_set_up(db, person_id):
        return
    for table in (SecondFactor, RecoveryCode):
        db.execute(delete(table).where(col(table.person_id) == person_id))
    trail.write(db, 0, actor_id, "second_factor.removed", person_id)


def _write_codes(db: Session, person_id: uuid.UUID, key: str) -> list[str]:
    codes = new_recovery_codes()
    db.execute(delete(RecoveryCode).where(col(RecoveryCode.person_id) == person_id))
    db.add_all(
        RecoveryCode(person_id=person_id, code_hash=recovery_hash(key, person_id, code)) for code in codes
    )
    db.flush()
    return codes
