"""Sitting at an open session is not enough for everything: for half an hour after a password, a code or a PIN its holder is known."""

import secrets
from datetime import datetime, timedelta

from sqlmodel import Session, col, update

from skills import clock
from skills.people.models import LoginSession
from skills.people.sessions import hashed

FRESH = timedelta(minutes=30)


def confirm(db: Session, token: str) -> str:
    """Says that whoever holds this session has just proved who they are, and gives the token that it has from now on: a copy
    of the old one in other hands is not raised with it (ASVS 7.2.4)."""
    renewed = secrets.token_urlsafe(32)
    db.execute(
        update(LoginSession)
        .where(col(LoginSession.token_hash) == hashed(token), col(LoginSession.revoked_at).is_(None))
        .values(token_hash=hashed(renewed), confirmed_at=clock.now())
    )
    return renewed


def is_fresh(session: LoginSession, now: datetime) -> bool:
    """Whether the holder of the session proved who they are within the last 30 minutes."""
    return now - FRESH < session.confirmed_at
