"""How often somebody may try: per telephone number, known or not, per address, and in the whole program.

A try is counted before the password is looked at, in one statement that locks its row, so that fifty tries at once are
not more than ten; a success gives it back. A training class shares one address, so that one has room for many. A try that
is refused counts nowhere: whoever is kept out can't keep others out by going on.
"""

import hashlib
import hmac
import logging
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, literal, null, or_
from sqlmodel import Session, col, delete, select, update

from skills.accounts.models import SignInFailure
from skills.db import UtcDateTime, table_of, upsert

log = logging.getLogger("skills.accounts")

WINDOW = timedelta(minutes=5)
DAY = timedelta(days=1)
PER_ACCOUNT = 10
PER_ACCOUNT_A_DAY = 30
PER_CODE = 5
PER_ADDRESS = 100
OF_EVERYBODY = 1_000
DELAY = 2.0  # seconds that each sign-in waits while the whole program is under attack
_WAITS = tuple(
    timedelta(minutes=minutes) for minutes in (1, 2, 4, 8, 16, 32, 60)
)  # one after another, the last for ever
_NO_END = 2_000_000_000


@dataclass(frozen=True)
class Bucket:
    """A name under which tries are counted. After `most` within `window` there is no more until it is over, or, with
    `waits`, one more after each of them. `shared`: others are counted here too, so a success gives back no more than itself."""

    key: str
    most: int
    window: timedelta = WINDOW
    waits: tuple[timedelta, ...] = ()
    shared: bool = False


Buckets = tuple[Bucket, ...]


@dataclass(frozen=True)
class TooMany:
    """No more tries until then."""

    opens_at: datetime


def keys(secret: str, number: str, address: str) -> Buckets:
    """Where a password is counted: for a telephone number (E.164, or as typed when it is none) and a browser's address."""
    return (
        Bucket(_keyed(secret, "account:" + number), PER_ACCOUNT),
        Bucket(_keyed(secret, "account, a day:" + number), PER_ACCOUNT_A_DAY, DAY, _WAITS),
        *_shared(secret, address),
    )


def code_keys(secret: str, person_id: uuid.UUID, address: str) -> Buckets:
    """Where a code is counted: a guess at it is right three times in a million."""
    return (
        Bucket(_keyed(secret, f"code:{person_id}"), PER_CODE),
        Bucket(_keyed(secret, f"code, a day:{person_id}"), PER_ACCOUNT_A_DAY, DAY, _WAITS),
        *_shared(secret, address),
    )


def count_try(db: Session, who: Buckets, now: datetime) -> TooMany | None:
    """Counts one try, or says that it is one too many. Any failure to count is raised: nobody gets in uncounted."""
    counting = db.begin_nested()
    for bucket in who:
        n = _count(db, bucket, now)
        if n is None:
            opens_at = _opens_at(
                db, bucket
            )  # while the row is still locked: a success elsewhere would take it away
            counting.rollback()
            return TooMany(opens_at)
        if bucket.most == _NO_END and n == OF_EVERYBODY:
            log.warning("%s failed sign-ins within five minutes: each waits %s s now", n, DELAY)
    counting.commit()
    _forget_old(db, now)
    return None


def forgive(db: Session, who: Buckets) -> None:
    """After a success: the account starts anew, and the address gets its try back."""
    for bucket in who:
        found = col(SignInFailure.key) == bucket.key
        if bucket.shared:
            db.execute(
                update(SignInFailure).where(found, col(SignInFailure.n) > 0).values(n=SignInFailure.n - 1)
            )
        else:
            db.execute(delete(SignInFailure).where(found))


def besieged(db: Session, secret: str, now: datetime) -> bool:
    """Whether so many fail in the whole program that everybody has to wait a little."""
    of_everybody = _shared(secret, "")[1].key
    n = db.exec(
        select(SignInFailure.n).where(
            col(SignInFailure.key) == of_everybody, col(SignInFailure.since) > now - WINDOW
        )
    ).first()
    return n is not None and n >= OF_EVERYBODY


def _shared(secret: str, address: str) -> Buckets:
    return (
        Bucket(_keyed(secret, "address:" + address), PER_ADDRESS, shared=True),
        Bucket(_keyed(secret, "everybody"), _NO_END, shared=True),
    )


def _count(db: Session, bucket: Bucket, now: datetime) -> int | None:
    """How many with this one, in a window that begins again when it is over; None, and nothing counted, when it is too many."""
    table = table_of(SignInFailure)
    over = table.c.since <= now - bucket.window
    room = table.c.closed_until.is_(None) | (table.c.closed_until <= now)
    return db.execute(
        upsert(db, SignInFailure)
        .values(key=bucket.key, since=now, n=1, closed_until=None)
        .on_conflict_do_update(
            index_elements=["key"],
            set_={
                "n": case((over, 1), else_=table.c.n + 1),
                "since": case((over, now), else_=table.c.since),
                "closed_until": _closed_until(bucket, table.c.n + 1, over, now),
            },
            where=or_(over, room if bucket.waits else table.c.n < bucket.most),
        )
        .returning(table.c.n)
    ).scalar()


def _closed_until(bucket: Bucket, n: Any, over: Any, now: datetime) -> ColumnElement[Any]:
    """Until when there is no next try, after the n-th."""
    if not bucket.waits:
        return null()
    steps = [
        (n == bucket.most + place, literal(now + wait, UtcDateTime()))
        for place, wait in enumerate(bucket.waits)
    ]
    return case((or_(over, n < bucket.most), null()), *steps, else_=steps[-1][1])


def _opens_at(db: Session, bucket: Bucket) -> datetime:
    closed = db.execute(
        select(col(SignInFailure.since), col(SignInFailure.closed_until)).where(
            col(SignInFailure.key) == bucket.key
        )
    ).one()
    opens_at: datetime = closed.closed_until if bucket.waits else closed.since + bucket.window
    return opens_at


def _forget_old(db: Session, now: datetime) -> None:
    """Rows that say nothing any more; one that somebody is counting in just now is left to the next."""
    old = (
        select(SignInFailure.key)
        .where(col(SignInFailure.since) < now - DAY)
        .limit(100)
        .with_for_update(skip_locked=True)
    )
    db.execute(delete(SignInFailure).where(col(SignInFailure.key).in_(old)))


def _keyed(secret: str, name: str) -> str:
    return hmac.new(secret.encode(), name.encode(), hashlib.sha256).hexdigest()
