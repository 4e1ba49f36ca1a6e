"""Proving at an open session who sits there: by the code for who has set one up, else by the password, else by the PIN."""

import uuid
from dataclasses import dataclass

from skills import clock
from skills.accounts.limits import TooMany, count_try, forgive, keys
from skills.accounts.second_factor.check import Right, check_code
from skills.accounts.second_factor.set_up import is_set_up
from skills.accounts.told import tell_pin_off
from skills.db import Database, Session
from skills.people import confirmed
from skills.people.enrolments import RightPin, check_pin, has_pin
from skills.people.models import Person
from skills.people.passwords import verify


@dataclass(frozen=True)
class Asked:
    """What somebody is asked for: a code, a password, the PIN of this phone, or nothing, because they have none of them."""

    code: bool
    password: bool
    pin: bool


@dataclass(frozen=True)
class Confirmed:
    """`token` belongs into the cookie: the session goes on under a new one."""

    token: str


@dataclass(frozen=True)
class NotProved:
    """The password, the code or the PIN was wrong."""


@dataclass(frozen=True)
class Desk:
    """The browser at which somebody proves it: the tokens of its session and of the phone, and its address."""

    session: str
    device: str | None
    address: str


def find_asked(db: Session, person_id: uuid.UUID, device: str | None) -> Asked:
    """What this person proves themselves with, in the browser with that token."""
    code = is_set_up(db, person_id)
    password = not code and db.get_one(Person, person_id).password_hash is not None
    return Asked(code, password, not code and not password and has_pin(db, device, person_id))


def confirm_session(
    database: Database, person_id: uuid.UUID, desk: Desk, typed: str, key: str
) -> Confirmed | NotProved | TooMany:
    """Counts the try, checks what was typed, and renews the session of that token."""
    with database.reading() as db:
        person, asked = db.get_one(Person, person_id), find_asked(db, person_id, desk.device)
    if asked.code:
        checked = check_code(database, person_id, typed, desk.address, key)
        proved: bool | TooMany = checked if isinstance(checked, TooMany) else isinstance(checked, Right)
    elif asked.pin:
        proved = isinstance(check_pin(database, desk.device, person_id, typed, tell_pin_off), RightPin)
    else:
        proved = _check_password(database, person, typed, desk.address, key)
    if isinstance(proved, TooMany):
        return proved
    if not proved:
        return NotProved()
    with database.writing() as db:
        return Confirmed(confirmed.confirm(db, desk.session))


def _check_password(database: Database, person: Person, typed: str, client: str, key: str) -> bool | TooMany:
    who = keys(key, person.phone, client)  # the same tries as at the sign-in
    with database.writing() as db:
        too_many = count_try(db, who, clock.now())
    if too_many is not None:
        return too_many
    right, _ = verify(person.password_hash, typed)
    if right:
        with database.writing() as db:
            forgive(db, who)
    return right
