"""Proving at an open session who sits there: by the code for who has set one up, else by the password."""

import uuid
from dataclasses import dataclass

from skills import clock
from skills.accounts.limits import TooMany, count_try, forgive, keys
from skills.accounts.second_factor.check import Right, check_code
from skills.accounts.second_factor.set_up import is_set_up
from skills.db import Database, Session
from skills.people import confirmed
from skills.people.models import Person
from skills.people.passwords import verify


@dataclass(frozen=True)
class Asked:
    """What somebody is asked for: a code, a password, or nothing, because they have neither."""

    code: bool
    password: bool


@dataclass(frozen=True)
class Confirmed:
    """`token` belongs into the cookie: the session goes on under a new one."""

    token: str


@dataclass(frozen=True)
class NotProved:
    """The password or the code was wrong."""


def find_asked(db: Session, person_id: uuid.UUID) -> Asked:
    """What this person proves themselves with."""
    code = is_set_up(db, person_id)
    return Asked(code, not code and db.get_one(Person, person_id).password_hash is not None)


def confirm_session(
    database: Database, person_id: uuid.UUID, token: str, typed: str, client: str, key: str
) -> Confirmed | NotProved | TooMany:
    """Counts the try, checks what was typed, and renews the session of that token."""
    with database.reading() as db:
        person, asked = db.get_one(Person, person_id), find_asked(db, person_id)
    if asked.code:
        checked = check_code(database, person_id, typed, client, key)
        proved: bool | TooMany = checked if isinstance(checked, TooMany) else isinstance(checked, Right)
    else:
        proved = _check_password(database, person, typed, client, key)
    if isinstance(proved, TooMany):
        return proved
    if not proved:
        return NotProved()
    with database.writing() as db:
        return Confirmed(confirmed.confirm(db, token))


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
