"""What the trail says about signing in: who did, at which account somebody tried too often, and whose PIN that turned off."""

import uuid
from datetime import datetime

from sqlmodel import Session, col, select

from skills.accounts.limits import WINDOW
from skills.audit import trail
from skills.audit.models import AuditEntry
from skills.people.models import Person

NOBODY = uuid.UUID(int=0)  # stands for a number that nobody signs in by


def tell_signed_in(db: Session, person_id: uuid.UUID) -> None:
    """Somebody signed in with a password, and with the code where one is asked for."""
    trail.write(db, trail.chain_of(db, person_id), person_id, "session.started", person_id)


def tell_refused(db: Session, person: Person | None, now: datetime) -> None:
    """Somebody tried a number too often. Told once in five minutes for each account, and once for all numbers that nobody has, so
    that whoever tries on fills nothing; for those the same is done, so that it takes as long."""
    about = person.id if person else NOBODY
    chain = trail.chain_of(db, about)
    lately = select(col(AuditEntry.seq)).where(
        col(AuditEntry.ward_id) == chain,
        col(AuditEntry.subject) == str(about),
        col(AuditEntry.action) == "session.refused",
        col(AuditEntry.at) > now - WINDOW,
    )
    if db.execute(lately.limit(1)).first() is None:
        trail.write(db, chain, None, "session.refused", about)


def tell_pin_off(db: Session, person_id: uuid.UUID) -> None:
    """Five wrong PINs turned it off on one phone. By whom is not known: whoever held the phone."""
    trail.write(db, trail.chain_of(db, person_id), None, "pin.turned_off", person_id)


def tell_pin_set(db: Session, person_id: uuid.UUID, anew: bool) -> None:
    """Somebody who is signed in set a PIN on the phone in hand. `anew`: in place of one that worked there."""
    action = "pin.changed" if anew else "pin.set"
    trail.write(db, trail.chain_of(db, person_id), person_id, action, person_id)
