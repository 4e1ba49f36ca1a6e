"""Letting somebody in who has shown who they are: at once, or by way of the code."""

import uuid
from dataclasses import dataclass

from sqlmodel import Session

from skills import clock
from skills.accounts.second_factor.set_up import is_set_up
from skills.accounts.told import tell_signed_in
from skills.people import half_signed_in
from skills.people.enrolments import begin
from skills.people.models import Person
from skills.people.sessions import in_office
from skills.people.viewer import find_viewer
from skills.settings import Settings


@dataclass(frozen=True)
class From:
    """The browser somebody signs in with: its name, the token it is known by as a phone, and the session it had until now."""

    name: str = ""
    device_token: str | None = None
    session: str | None = None


@dataclass(frozen=True)
class SignedIn:
    """`token` belongs into the cookie of a session, `device_token` into the phone's own (None: into none). `new_here`: the first
    time in this browser."""

    token: str
    device_token: str | None = None
    new_here: bool = False


@dataclass(frozen=True)
class HalfSignedIn:
    """`token` belongs into the cookie that opens nothing but the page of the code. `set_up`: there is a code to ask for;
    else one has to be set up first."""

    token: str
    set_up: bool


def enter(db: Session, person: Person, settings: Settings, browser: From) -> SignedIn | HalfSignedIn:
    """After the password, or after what stands for one (an invitation, a recovery): a session; or only half of one, for who has
    set up a second factor, and for offices where they have to."""
    has_one = is_set_up(db, person.id)
    if has_one or (settings.second_factor_required and must_have_one(db, person.id)):
        return HalfSignedIn(half_signed_in.issue(person, settings.secret, clock.now()), has_one)
    return finish(db, person.id, browser)


def finish(db: Session, person_id: uuid.UUID, browser: From) -> SignedIn:
    """The session, when nothing is left to ask."""
    begun = begin(db, person_id, browser.device_token, browser.name, replaces=browser.session)
    tell_signed_in(db, person_id)
    return SignedIn(begun.token, begun.device_token, begun.new_here)


def must_have_one(db: Session, person_id: uuid.UUID) -> bool:
    """Whether this person holds an office whose account needs more than a password, where that is required at all."""
    viewer = find_viewer(db, person_id, clock.today())
    return viewer is not None and in_office(viewer.role)
