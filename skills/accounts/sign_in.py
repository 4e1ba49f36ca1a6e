"""Signing in: one sentence for everything that can be wrong, and the same time for numbers that nobody has."""

from dataclasses import dataclass

from skills import clock
from skills.accounts.enter import From, HalfSignedIn, SignedIn, enter
from skills.accounts.forms import SignInForm
from skills.accounts.limits import TooMany, count_try, forgive, keys
from skills.accounts.told import tell_refused
from skills.db import Database, Session
from skills.people.add import find_person
from skills.people.models import Person
from skills.people.passwords import verify
from skills.people.phones import parse_phone
from skills.settings import Settings


@dataclass(frozen=True)
class WrongPassword:
    """Or an unknown number, or somebody who was dismissed: nobody is told which."""


def sign_in(
    database: Database, form: SignInForm, address: str, settings: Settings, browser: From | None = None
) -> SignedIn | HalfSignedIn | WrongPassword | TooMany:
    """Counts the try, checks the password, starts a session, or asks for the code first.

    The one verb with transactions of its own: the count has to stay when the password is wrong, and no write may wait
    for the 20 ms that a password takes.
    """
    number = parse_phone(form.tel)
    who = keys(settings.secret, number or form.tel, address)
    with database.writing() as db:
        too_many = count_try(db, who, clock.now())
        if too_many is not None:
            tell_refused(db, find_person(db, form.tel), clock.now())
    if too_many is not None:
        return too_many
    with database.reading() as db:
        person = find_person(db, form.tel) if number else None
        known_hash = person.password_hash if person and person.dismissed_at is None else None
    right, new_hash = verify(known_hash, form.pw)
    if not right or person is None:
        return WrongPassword()
    with database.writing() as db:
        forgive(db, who)
        stored = db.get_one(Person, person.id)
        _keep_up_to_date(db, stored, person.password_hash, new_hash)
        return enter(db, stored, settings, browser or From())


def _keep_up_to_date(db: Session, person: Person, checked: str | None, new_hash: str | None) -> None:
    """Stores the password's hash anew when ours has become stronger since, unless it was changed meanwhile."""
    if new_hash is not None and person.password_hash == checked:
        person.password_hash = new_hash
        db.add(person)
        db.flush()
