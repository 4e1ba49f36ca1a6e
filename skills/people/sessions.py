"""What somebody is signed in with. Only hashes of tokens are stored, so the tables are no help to a thief."""

import hashlib
import secrets
import uuid
from datetime import datetime, timedelta

from sqlmodel import Session, col, select, update

from skills import clock
from skills.people.models import ApiToken, Enrolment, LoginSession, Role
from skills.people.viewer import find_viewer

OFFICE_HOURS = timedelta(hours=12)  # officers sit at shared desks
IN_THE_FIELD = timedelta(days=30)  # a phone that has to save visits where there is no network to sign in with
AT_MOST = timedelta(days=90)  # however often it was used, somebody proves again who they are
UNSEEN = timedelta(minutes=10)  # a session that was seen later than that need not be written again
API_TOKEN_LIFE = timedelta(days=365)
IN_OFFICES = frozenset({Role.OFFICER, Role.CITY_ADMIN, Role.AUDITOR})


def lifetime(role: Role | None) -> timedelta:
    """How long a session of that role lasts without being used: 12 hours in offices, 30 days in the field."""
    return OFFICE_HOURS if role in IN_OFFICES else IN_THE_FIELD


def create(
    db: Session,
    person_id: uuid.UUID,
    *,
    browser: str = "",
    device_token: str | None = None,
    replaces: str | None = None,
) -> str:
    """Starts a session for somebody who has just proven who they are, and gives the token for the cookie, stored nowhere else.

    `browser`: by which they recognise it in a list ("Chrome · Android"). `replaces`: the token that the browser had until now,
    whosever it was; it ends, so that no token lives through a sign-in.
    """
    now = clock.now()
    viewer = find_viewer(db, person_id, clock.local(now).date())
    if replaces:
        revoke(db, replaces)
    token = secrets.token_urlsafe(32)
    db.add(
        LoginSession(
            token_hash=hashed(token),
            person_id=person_id,
            created_at=now,
            seen_at=now,
            confirmed_at=now,
            expires_at=now + lifetime(viewer.role if viewer else None),
            browser=browser[:40],
            device_hash=hashed(device_token) if device_token else None,
        )
    )
    db.flush()
    return token


def find_session(db: Session, token: str, now: datetime) -> LoginSession | None:
    """The session of this token, or None: unknown, over, or ended."""
    return db.exec(
        select(LoginSession).where(
            col(LoginSession.token_hash) == hashed(token),
            col(LoginSession.expires_at) > now,
            col(LoginSession.revoked_at).is_(None),
        )
    ).first()


def find(db: Session, token: str, now: datetime) -> uuid.UUID | None:
    """The person whose session this token is, or None: unknown, over, or ended."""
    session = find_session(db, token, now)
    return session.person_id if session else None


def is_due(session: LoginSession, now: datetime) -> bool:
    """Whether so much time has passed that its use is worth writing down."""
    return now - session.seen_at > UNSEEN


def touch(db: Session, token_hash: str) -> None:
    """A session was used: it lives on for its idle time from now, never longer than 90 days since it began. One that is over or
    has ended stays so."""
    now = clock.now()
    session = db.exec(
        select(LoginSession).where(
            col(LoginSession.token_hash) == token_hash,
            col(LoginSession.expires_at) > now,
            col(LoginSession.revoked_at).is_(None),
        )
    ).first()
    viewer = find_viewer(db, session.person_id, clock.local(now).date()) if session else None
    if session is None or viewer is None:
        return
    until = min(now + lifetime(viewer.role), session.created_at + AT_MOST)
    db.execute(
        update(LoginSession)
        .where(col(LoginSession.token_hash) == token_hash, col(LoginSession.revoked_at).is_(None))
        .values(seen_at=now, expires_at=until)
    )


def revoke(db: Session, token: str) -> None:
    """Ends one session; nothing happens when there is none."""
    db.execute(
        update(LoginSession)
        .where(col(LoginSession.token_hash) == hashed(token), col(LoginSession.revoked_at).is_(None))
        .values(revoked_at=clock.now())
    )


def end_all(db: Session, person_id: uuid.UUID) -> None:
    """Ends every session and every API token of a person, whose role has changed: their phones still know them and their PIN."""
    _end(db, person_id, LoginSession, ApiToken)


def revoke_all(db: Session, person_id: uuid.UUID) -> None:
    """Ends every session, every API token and every PIN of a person: who leaves, or whose password somebody else may know, is
    known to no phone any more. Upload tickets stay: what was saved arrives."""
    _end(db, person_id, LoginSession, ApiToken, Enrolment)


def _end(db: Session, person_id: uuid.UUID, *tables: type[LoginSession | ApiToken | Enrolment]) -> None:
    for table in tables:
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
