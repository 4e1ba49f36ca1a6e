"""The short code that is read aloud and typed by hand: for ten minutes, beside a telephone number, at most five tries.

A try is counted before anything is looked up, in one statement that locks its row, and a number that nobody has is counted like one
that has an invitation: who guesses learns neither. A new code gives five new tries, so nobody is kept out by a stranger for long.
"""

import hashlib
import hmac
import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case
from sqlmodel import Session, col, delete, select, update

from skills import clock
from skills.accounts.models import SignInFailure
from skills.db import table_of, upsert
from skills.invitations.invite import still_open, tell
from skills.invitations.models import CODE_LIFE, Invitation
from skills.invitations.tokens import code_hash, new_code, new_token, token_hash
from skills.people.phones import parse_phone

TRIES = 5  # of a number, in ten minutes
TRIES_OF_ADDRESS = 100  # a class shares one


@dataclass(frozen=True)
class WrongCode:
    """No open invitation for that number has that code; nobody is told which of the two is wrong."""


@dataclass(frozen=True)
class TooManyTries:
    """No more until then, or until a new code was shown."""

    opens_at: datetime


def give_code(db: Session, invitation_id: uuid.UUID, secret: str) -> str | None:
    """A code to type within ten minutes, with five tries; None for an invitation without a telephone number."""
    invitation = db.get_one(Invitation, invitation_id)
    if invitation.phone is None:
        return None
    code = new_code()
    invitation.code_hash = code_hash(secret, invitation.phone, code)
    invitation.code_until = clock.now() + CODE_LIFE
    db.add(invitation)
    db.flush()
    _forget(db, _key(secret, "number", invitation.phone))
    return code


def exchange(db: Session, tel: str, code: str, address: str, secret: str) -> str | WrongCode | TooManyTries:
    """The token of the link for the right number and code: a new one, so that a card on paper is worth nothing any more.

    The code is used up by it. Whoever calls commits the count of a wrong try too.
    """
    now, number = clock.now(), parse_phone(tel) or tel
    mine, here = _key(secret, "number", number), _key(secret, "address", address)
    closed = [
        since + CODE_LIFE
        for since, tries, most in (
            (*_count(db, mine, now), TRIES),
            (*_count(db, here, now), TRIES_OF_ADDRESS),
        )
        if tries > most
    ]
    if closed:
        return TooManyTries(max(closed))
    found = db.exec(
        select(Invitation).where(
            col(Invitation.phone) == number,
            col(Invitation.code_hash) == code_hash(secret, number, code),
            col(Invitation.code_until) > now,
            *still_open(),
        )
    ).first()
    if found is None:
        return WrongCode()
    token = new_token()
    taken = db.execute(
        update(Invitation)
        .where(col(Invitation.id) == found.id, col(Invitation.code_hash) == found.code_hash)
        .values(token_hash=token_hash(token), code_hash=None, code_until=None)
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        return WrongCode()  # somebody was quicker
    _forget(db, mine)
    db.execute(update(SignInFailure).where(col(SignInFailure.key) == here).values(n=SignInFailure.n - 1))
    tell(db, None, [(found, "code_used", ("token",))])
    return token


def _count(db: Session, key: str, now: datetime) -> tuple[datetime, int]:
    """Since when, and how many with this one; after ten minutes it begins again."""
    table = table_of(SignInFailure)
    over = table.c.since <= now - CODE_LIFE
    counted = db.execute(
        upsert(db, SignInFailure)
        .values(key=key, since=now, n=1)
        .on_conflict_do_update(
            index_elements=["key"],
            set_={"n": case((over, 1), else_=table.c.n + 1), "since": case((over, now), else_=table.c.since)},
        )
        .returning(table.c.since, table.c.n)
    ).one()
    return counted.since, counted.n


def _forget(db: Session, key: str) -> None:
    db.execute(delete(SignInFailure).where(col(SignInFailure.key) == key))


def _key(secret: str, what: str, name: str) -> str:
    told = f"code:{what}:{name}".encode("utf-8", "surrogatepass")
    return hmac.new(secret.encode(), told, hashlib.sha256).hexdigest()
