"""A PIN of one's own on this phone: never by whoever finds the phone open, never one that is easily guessed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from skills import clock
from skills.accounts.told import tell_pin_off, tell_pin_set
from skills.db import Database
from skills.devices.forms import PinForm
from skills.errors import NotAllowed
from skills.people.enrolments import (
    NotHere,
    PinOff,
    RightPin,
    WrongPin,
    check_pin,
    has_pin,
    may_use_pin,
    remember,
)
from skills.people.models import Person
from skills.people.pins import flaw
from skills.people.viewer import Viewer

FRESH = timedelta(minutes=30)  # since the last proof of who it is


@dataclass(frozen=True)
class Kept:
    """The PIN works; `token` belongs into the phone's cookie."""

    token: str


@dataclass(frozen=True)
class Weak:
    """It can't be that one: `sentence` says why, to be translated."""

    sentence: str


@dataclass(frozen=True)
class Differs:
    """Not the same both times."""


@dataclass(frozen=True)
class Unproven:
    """Half an hour has passed since the last proof, and there is no PIN yet to prove it with."""


def needs_proof(confirmed_at: datetime) -> bool:
    """Whether the last proof of a session is too long ago to set a PIN on."""
    return clock.now() - confirmed_at >= FRESH


def set_pin(
    database: Database, viewer: Viewer, form: PinForm, device_token: str | None, browser: str, proven: bool
) -> Kept | Weak | Differs | Unproven | WrongPin | PinOff | NotHere:
    """Sets it. Whoever is not `proven` gives the present one, which is counted as at the door: its verb has transactions of its own.

    NotAllowed: a role that opens nothing with a PIN.
    """
    if not may_use_pin(viewer.role):
        raise NotAllowed
    with database.reading() as db:
        phone = db.get_one(Person, viewer.person_id).phone
        if not proven and not has_pin(db, device_token, viewer.person_id):
            return Unproven()
    reason = flaw(form.pin, phone)
    if reason is not None:
        return Weak(reason)
    if form.pin != form.again:
        return Differs()
    if not proven:
        checked = check_pin(database, device_token, viewer.person_id, form.present, tell_pin_off)
        if not isinstance(checked, RightPin):
            return checked
    with database.writing() as db:
        anew = has_pin(db, device_token, viewer.person_id)
        token = remember(db, device_token, viewer.person_id, form.pin, browser)
        tell_pin_set(db, viewer.person_id, anew)
        return Kept(token)
