"""How often somebody may try to sign in: per telephone number, known or not, and per address.

A try is counted before the password is looked at, in one statement that locks its row, so that fifty tries at once are
not more than ten; a success gives it back. A training class shares one address, so that one has room for many.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case
from sqlmodel import Session, col, delete, update

from skills.accounts.models import SignInFailure
from skills.db import table_of, upsert

WINDOW = timedelta(minutes=5)
PER_ACCOUNT = 10
PER_ADDRESS = 100
_KEEP = timedelta(hours=1)  # rows older than this say nothing any more


@dataclass(frozen=True)
class Keys:
    """Under which two names a try is counted."""

    account: str
    address: str


@dataclass(frozen=True)
class TooMany:
    """No more tries until then."""

    opens_at: datetime


def keys(secret: str, number: str, address: str) -> Keys:
    """The names for a telephone number (E.164, or as typed when it is none) and for the address of a browser."""
    return Keys(_keyed(secret, "account:" + number), _keyed(secret, "address:" + address))


def count_try(db: Session, who: Keys, now: datetime) -> TooMany | None:
    """Counts one try, and says so when it is one too many. Any failure to count is raised: nobody gets in uncounted."""
    db.execute(delete(SignInFailure).where(col(SignInFailure.since) < now - _KEEP))
    closed = [
        TooMany(since + WINDOW)
        for since, n, most in ((*_count(db, who.account, now), PER_ACCOUNT), (*_count(db, who.address, now), PER_ADDRESS))
        if n > most
    ]  # fmt: skip
    return max(closed, key=lambda too_many: too_many.opens_at, default=None)


def forgive(db: Session, who: Keys) -> None:
    """After a success: the account starts anew, and the address gets its try back."""
    db.execute(delete(SignInFailure).where(col(SignInFailure.key) == who.account))
    db.execute(
        update(SignInFailure)
        .where(col(SignInFailure.key) == who.address, col(SignInFailure.n) > 0)
        .values(n=SignInFailure.n - 1)
    )


def _count(db: Session, key: str, now: datetime) -> tuple[datetime, int]:
    """Since when, and how many with this one; a window that is over begins again."""
    table = table_of(SignInFailure)
    over = table.c.since <= now - WINDOW
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


def _keyed(secret: str, name: str) -> str:
    return hmac.new(secret.encode(), name.encode(), hashlib.sha256).hexdigest()
