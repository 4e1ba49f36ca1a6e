"""Letting somebody in who has shown who they are: at once, or by way of the code."""

from dataclasses import dataclass

from sqlmodel import Session

from skills import clock
from skills.accounts.second_factor.set_up import is_set_up
from skills.people import half_signed_in, sessions
from skills.people.confirmed import confirm
from skills.people.models import Person
from skills.people.sessions import in_office
from skills.people.viewer import find_viewer
from skills.settings import Settings


@dataclass(frozen=True)
class SignedIn:
    """`token` belongs into the cookie of a session."""

    token: str


@dataclass(frozen=True)
class HalfSignedIn:
    """`token` belongs into the cookie that opens nothing but the page of the code. `set_up`: there is a code to ask for;
    else one has to be set up first."""

    token: str
    set_up: bool


def enter(db: Session, person: Person, settings: Settings) -> SignedIn | HalfSignedIn:
    """After the password, or after what stands for one (an invitation, a recovery): a session, confirmed from the start; or only
    half of it for who has set up a second factor, and for offices where they have to."""
    now = clock.now()
    has_one = is_set_up(db, person.id)
    if has_one or (settings.second_factor_required and must_have_one(db, person)):
        return HalfSignedIn(half_signed_in.issue(person, settings.secret, now), has_one)
    return SignedIn(confirm(db, sessions.create(db, person.id)))


def must_have_one(db: Session, person: Person) -> bool:
    """Whether this person holds an office whose account needs more than a password, where that is required at all."""
    viewer = find_viewer(db, person.id, clock.today())
    return viewer is not None and in_office(viewer.role)
