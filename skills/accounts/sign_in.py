"""Signing in: one sentence for everything that can be wrong, and the same time for numbers that nobody has."""

from dataclasses import dataclass

from skills import clock
from skills.accounts.forms import SignInForm
from skills.accounts.limits import TooMany, count_try, forgive, keys
from skills.db import Database, Session
from skills.people.add import find_person
from skills.people.enrolments import begin
from skills.people.models import Person
from skills.people.passwords import verify
from skills.people.phones import parse_phone


@dataclass(frozen=True)
class SignedIn:
    """`token` belongs into the cookie, `device_token` into the phone's own (None: into none). `new_here`: the first time in this
    browser."""

    token: str
    device_token: str | None = None
    new_here: bool = False


@dataclass(frozen=True)
class From:
    """The browser somebody signs in with: its name, the token it is known by as a phone, and the session it had until now."""

    name: str = ""
    device_token: str | None = None
    session: str | None = None


@dataclass(frozen=True)
class WrongPassword:
    """Or an unknown number, or somebody who was dismissed: nobody is told which."""


def sign_in(
    database: Database, form: SignInForm, address: str, secret: str, browser: From | None = None
) -> SignedIn | WrongPassword | TooMany:
    """Counts the try, checks the password, starts a session.

    The one verb with transactions of its own: the count has to stay when the password is wrong, and no write may wait
    for the 20 ms that a password takes.
    """
    number = parse_phone(form.tel)
    who = keys(secret, number or form.tel, address)
    with database.writing() as db:
        too_many = count_try(db, who, clock.now())
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
        _keep_up_to_date(db, person, new_hash)
        browser = browser or From()
        begun = begin(db, person.id, browser.device_token, browser.name, replaces=browser.session)
        return SignedIn(begun.token, begun.device_token, begun.new_here)


def _keep_up_to_date(db: Session, person: Person, new_hash: str | None) -> None:
    """Stores the password's hash anew when ours has become stronger since."""
    stored = db.get(Person, person.id)
    if new_hash is not None and stored is not None and stored.password_hash == person.password_hash:
        stored.password_hash = new_hash
        db.add(stored)
        db.flush()
