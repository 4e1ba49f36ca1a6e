"""What somebody is signed in with. Only hashes of tokens are stored, so the tables are no help to a thief."""

import hashlib
import secrets
import uuid
from datetime import datetime, timedelta

from sqlmodel import Session, col, select, update

from skills import clock
from skills.people.models import ApiToken, LoginSession, Role
from skills.people.viewer import find_viewer

OFFICE_HOURS = timedelta(hours=12)  # officers sit at shared desks
IN_THE_FIELD = timedelta(days=30)  # a phone that has to save visits where there is no network to sign in with
API_TOKEN_LIFE = timedelta(days=365)
_OFFICE = frozenset({Role.OFFICER, Role.CITY_ADMIN, Role.AUDITOR})


def lifetime(role: Role | None) -> timedelta:
    """How long a session of that role lasts: 12 hours in offices, 30 days in the field."""
    return OFFICE_HOURS if in_office(role) else IN_THE_FIELD


def in_office(role: Role | None) -> bool:
    """Whether that role sits in an office: shorter sessions, and a second factor."""
    return role in _OFFICE


def create(db: Session, person_id: uuid.UUID) -> str:
    """Starts a session and gives the token for the cookie, which is stored nowhere else."""
    now = clock.now()
    viewer = find_viewer(db, person_id, clock.local(now).date())
    token = secrets.token_urlsafe(32)
    db.add(
        LoginSession(
            token_hash=hashed(token),
            person_id=person_id,
            created_at=now,
            expires_at=now + lifetime(viewer.role if viewer else None),
        )
    )
    db.flush()
    return token


def find(db: Session, token: str, now: datetime) -> uuid.UUID | None:
    """The person whose session this token is, or None: unknown, over, or ended."""
    return db.exec(
        select(LoginSession.person_id).where(
            col(LoginSession.token_hash) == hashed(token),
            col(LoginSession.expires_at) > now,
            col(LoginSession.revoked_at).is_(None),
        )
    ).first()


def revoke(db: Session, token: str) -> None:
    """Ends one session; nothing happens when there is none."""
    db.execute(
        update(LoginSession)
        .where(col(LoginSession.token_hash) == hashed(token), col(LoginSession.revoked_at).is_(None))
        .values(revoked_at=clock.now())
    )


def revoke_all(db: Session, person_id: uuid.UUID) -> None:
    """Ends every session and every API token of a person."""
    for table in (LoginSession, ApiToken):
        db.execute(
            update(table)
            .where(col(table.person_id) == person_id, col(table.revoked_at).is_(None))
            .values(revoked_at=clock.now())
        )


def issue_api_token(db: Session, person_id: uuid.UUID, label: str) -> str:
    """A bearer token for another program, which may then see what the person may see; valid for a year."""
    now = clock.now()
    token = secrets.token_urlsafe(32)
    db.add(
        ApiToken(
            token_hash=hashed(token),
            person_id=person_id,
            label=label,
            created_at=now,
            expires_at=now + API_TOKEN_LIFE,
        )
    )
    db.flush()
    return token


def find_api_token(db: Session, token: str, now: datetime) -> uuid.UUID | None:
    """The person for whom a bearer token stands, or None: unknown, over, or ended."""
    return db.exec(
        select(ApiToken.person_id).where(
            col(ApiToken.token_hash) == hashed(token),
            col(ApiToken.expires_at) > now,
            col(ApiToken.revoked_at).is_(None),
        )
    ).first()


def hashed(token: str) -> str:
    """Tokens are 256 random bits: a plain fast hash is enough, there is nothing to guess."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
