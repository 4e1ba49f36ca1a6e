"""The second day: somebody opens a phone with a PIN, which counts only together with the token in that browser's cookie.

Five wrong PINs and it is off, on this phone, for this person: their leader brings them in again, or they sign in with their
password and set another. A try is counted before the PIN is looked at, in one statement that locks its row, so that fifty tries
at once are not more than five; whatever fails on the way, nobody gets in.
"""

import secrets
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, delete, select, update

from skills import clock
from skills.db import Database, table_of, upsert
from skills.people import sessions
from skills.people.models import Enrolment, Person, Role
from skills.people.passwords import hash_password, verify
from skills.people.pins import flaw
from skills.people.sessions import IN_OFFICES, hashed
from skills.people.viewer import find_viewer

T = TypeVar("T")
Tell = Callable[[Session, uuid.UUID], None]  # writes down what happened to a person

MOST_WRONG = 5


@dataclass(frozen=True)
class OnThisPhone:
    """Somebody who set a PIN on this phone; `pin_works` is False after five wrong ones."""

    person_id: uuid.UUID
    short_name: str
    pin_works: bool


@dataclass(frozen=True)
class Opened:
    """The PIN was right; `token` belongs into the session's cookie."""

    token: str


@dataclass(frozen=True)
class RightPin:
    """It was, and nothing more was asked."""


@dataclass(frozen=True)
class WrongPin:
    """It was not; so many tries are left, at least one."""

    left: int


@dataclass(frozen=True)
class PinOff:
    """After five wrong ones, right ones too are refused."""


@dataclass(frozen=True)
class NotHere:
    """This phone does not know that person, or does not any more; or they are somebody who opens nothing with a PIN."""


@dataclass(frozen=True)
class Begun:
    """Signed in: `token` belongs into the session's cookie, `device_token` into the phone's (None: into none). `new_here`: never
    before in this browser, so that nobody has been asked for a PIN yet."""

    token: str
    device_token: str | None
    new_here: bool


# Who may


def may_use_pin(role: Role | None) -> bool:
    """A PIN opens a phone of the field: never what an officer, an administrator or an auditor sees."""
    return role is not None and role not in IN_OFFICES


def people_on(db: Session, device_token: str | None) -> Sequence[OnThisPhone]:
    """Who set a PIN in this browser, the one who used it last first; nobody without the token. Whoever only signed in here with
    a password is not named to the next who takes the phone."""
    if not device_token:
        return []
    today = clock.today()
    found = db.execute(
        select(col(Enrolment.person_id), col(Enrolment.wrong_pins))
        .where(
            col(Enrolment.token_hash) == hashed(device_token),
            col(Enrolment.pin_hash).is_not(None),
            col(Enrolment.revoked_at).is_(None),
        )
        .order_by(col(Enrolment.last_used_at).desc(), col(Enrolment.person_id))
    )
    viewers = ((find_viewer(db, row.person_id, today), row.wrong_pins) for row in found)
    return [
        OnThisPhone(viewer.person_id, viewer.short_name, wrong < MOST_WRONG)
        for viewer, wrong in viewers
        if viewer is not None and may_use_pin(viewer.role)
    ]


def has_pin(db: Session, device_token: str | None, person_id: uuid.UUID) -> bool:
    """Whether this person can open this browser with a PIN."""
    return any(each.person_id == person_id and each.pin_works for each in people_on(db, device_token))


# Enrolling


def remember(db: Session, device_token: str | None, person_id: uuid.UUID, pin: str | None, label: str) -> str:
    """Enrols somebody on a browser and gives the token for its cookie, the same for all who share the phone.

    A token that nobody is enrolled with any more, or that is none of ours, is replaced by a new one: who kept a copy of a revoked
    one has nothing. `pin`: the new one, which also makes good for wrong ones; None keeps what there is. ValueError: `flaw` says why.
    """
    person = db.get_one(Person, person_id)
    if pin is not None and (reason := flaw(pin, person.phone)) is not None:
        raise ValueError(reason)
    token = device_token if device_token and _in_use(db, device_token) else secrets.token_urlsafe(32)
    now = clock.now()
    table = table_of(Enrolment)
    mine = _of(token, person_id)
    db.execute(delete(Enrolment).where(*mine, col(Enrolment.revoked_at).is_not(None)))  # begins anew
    anew: dict[str, object] = {"label": label[:80], "last_used_at": now}
    if pin is not None:
        anew |= {"pin_hash": hash_password(pin), "wrong_pins": 0}
    db.execute(
        upsert(db, Enrolment)
        .values(
            {"token_hash": hashed(token), "person_id": person_id, "wrong_pins": 0, "enrolled_at": now} | anew
        )
        .on_conflict_do_update(index_elements=[table.c.token_hash, table.c.person_id], set_=anew)
    )
    return token


def begin(
    db: Session, person_id: uuid.UUID, device_token: str | None, browser: str, replaces: str | None
) -> Begun:
    """Starts a session for somebody who has just proven who they are by other means than a PIN, and enrols the browser with it;
    one in an office stays unknown. `replaces`: the session that the browser had until now, which ends."""
    viewer = find_viewer(db, person_id, clock.today())
    if viewer is None or not may_use_pin(viewer.role):
        return Begun(sessions.create(db, person_id, browser=browser, replaces=replaces), None, new_here=False)
    known = device_token is not None and _in_use(db, device_token, person_id)
    device = remember(db, device_token, person_id, None, browser)
    session = sessions.create(db, person_id, browser=browser, device_token=device, replaces=replaces)
    return Begun(session, device, new_here=not known)


def revoke(db: Session, token_hash: str, person_id: uuid.UUID) -> None:
    """Somebody opens that browser with a PIN no more; enrolling again does not bring the PIN back."""
    db.execute(
        update(Enrolment)
        .where(
            col(Enrolment.token_hash) == token_hash,
            col(Enrolment.person_id) == person_id,
            col(Enrolment.revoked_at).is_(None),
        )
        .values(revoked_at=clock.now())
    )


def _in_use(db: Session, device_token: str, person_id: uuid.UUID | None = None) -> bool:
    """Whether anybody is enrolled with this token, or that person is."""
    anybody = select(Enrolment.person_id).where(
        col(Enrolment.token_hash) == hashed(device_token), col(Enrolment.revoked_at).is_(None)
    )
    asked = anybody if person_id is None else anybody.where(col(Enrolment.person_id) == person_id)
    return db.exec(asked.limit(1)).first() is not None


# Opening


def try_pin(
    database: Database,
    device_token: str | None,
    person_id: uuid.UUID,
    pin: str,
    tell_off: Tell,
    browser: str = "",
    replaces: str | None = None,
) -> Opened | WrongPin | PinOff | NotHere:
    """Counts the try, checks the PIN, starts a session in place of the one that the browser had (`replaces`: its token).

    `tell_off`: writes down that this try turned the PIN off.
    """

    def open_phone(db: Session) -> Opened:
        return Opened(
            sessions.create(db, person_id, browser=browser, device_token=device_token, replaces=replaces)
        )

    return _try(database, device_token, person_id, pin, tell_off, open_phone)


def check_pin(
    database: Database, device_token: str | None, person_id: uuid.UUID, pin: str, tell_off: Tell
) -> RightPin | WrongPin | PinOff | NotHere:
    """The same count and the same check, for somebody who is signed in and has to prove it."""
    return _try(database, device_token, person_id, pin, tell_off, lambda _db: RightPin())


def _try(
    database: Database,
    device_token: str | None,
    person_id: uuid.UUID,
    pin: str,
    tell_off: Tell,
    then: Callable[[Session], T],
) -> T | WrongPin | PinOff | NotHere:
    """Has transactions of its own, as signing in with a password has: the count has to stay when the PIN is wrong, and no write
    may wait for the 20 ms that a check takes. `then`: what a right one is good for, in the transaction that gives the tries back."""
    if not device_token:
        return NotHere()
    mine = _of(device_token, person_id)
    with database.writing() as db:
        counted = _count(db, mine, person_id)
    if not isinstance(counted, _Counted):
        return counted
    right, new_hash = verify(counted.pin_hash, pin)
    if not right:
        left = MOST_WRONG - counted.wrong
        if left:
            return WrongPin(left)
        with database.writing() as db:
            if _is_off(db, mine):
                tell_off(db, person_id)
        return PinOff()
    with database.writing() as db:
        stands = (*mine, col(Enrolment.revoked_at).is_(None), col(Enrolment.pin_hash) == counted.pin_hash)
        if not _settle(db, stands, new_hash or counted.pin_hash):
            return NotHere()  # revoked, or the PIN was changed, while it was being checked
        return then(db)


@dataclass(frozen=True)
class _Counted:
    wrong: int  # with this one, until it turns out to be right
    pin_hash: str


def _of(device_token: str, person_id: uuid.UUID) -> tuple[ColumnElement[bool], ...]:
    return (col(Enrolment.token_hash) == hashed(device_token), col(Enrolment.person_id) == person_id)


def _count(
    db: Session, mine: tuple[ColumnElement[bool], ...], person_id: uuid.UUID
) -> _Counted | PinOff | NotHere:
    viewer = find_viewer(db, person_id, clock.today())
    if viewer is None or not may_use_pin(viewer.role):
        return NotHere()
    table = table_of(Enrolment)
    here = (*mine, col(Enrolment.revoked_at).is_(None), col(Enrolment.pin_hash).is_not(None))
    counted = db.execute(
        update(Enrolment)
        .where(*here, col(Enrolment.wrong_pins) < MOST_WRONG)
        .values(wrong_pins=Enrolment.wrong_pins + 1)
        .returning(table.c.wrong_pins, table.c.pin_hash)
    ).first()
    if counted is not None:
        return _Counted(counted.wrong_pins, counted.pin_hash)
    off = db.exec(select(Enrolment.person_id).where(*here)).first()
    return NotHere() if off is None else PinOff()


def _is_off(db: Session, mine: tuple[ColumnElement[bool], ...]) -> bool:
    """Whether it still is: a right one may have arrived at the same moment and given the tries back."""
    off = select(Enrolment.person_id).where(*mine, col(Enrolment.wrong_pins) >= MOST_WRONG)
    return db.exec(off).first() is not None


def _settle(db: Session, stands: tuple[ColumnElement[bool], ...], pin_hash: str) -> bool:
    """A right PIN gives all tries back; False when there is nothing left that it could open."""
    table = table_of(Enrolment)
    settled = db.execute(
        update(Enrolment)
        .where(*stands)
        .values(wrong_pins=0, last_used_at=clock.now(), pin_hash=pin_hash)
        .returning(table.c.person_id)
    ).first()
    return settled is not None
