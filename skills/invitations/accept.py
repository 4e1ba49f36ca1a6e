"""Come in: look at an invitation without touching it, then use it, once, however many try at the same time."""

import uuid
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select, update

from skills import clock
from skills.accounts.begin_anew import begin_anew
from skills.areas.models import FOREVER
from skills.audit import trail
from skills.invitations.invite import still_open, tell, ward_of
from skills.invitations.models import Invitation, Kind
from skills.invitations.reach import RANKS, fits, may_invite, may_return, team_fits
from skills.invitations.tokens import token_hash
from skills.people import enrolments, sessions
from skills.people.add import add_person, find_person
from skills.people.models import Device, Enrolment, Person, Role, TeamMember, UploadTicket
from skills.people.passwords import hash_password
from skills.people.sessions import IN_OFFICES, hashed
from skills.people.viewer import Viewer, find_viewer


class State(StrEnum):
    """Why nobody comes in with an invitation."""

    UNKNOWN = "unknown"  # never made, or its card was printed anew
    EXPIRED = "expired"
    USED = "used"
    REVOKED = "revoked"
    VOID = "void"  # who made it may not any more, or what it was for has changed
    FOR_ANOTHER = "for_another"  # somebody else is signed in on this phone


@dataclass(frozen=True)
class Open:
    """An invitation that may be used."""

    invitation: Invitation

    @property
    def is_new(self) -> bool:
        """Whether whoever comes in has no account yet."""
        return self.invitation.kind == Kind.JOIN

    @property
    def in_office(self) -> bool:
        """Whether whoever comes in needs a password: no PIN opens what offices see."""
        return Role(self.invitation.role) in IN_OFFICES


@dataclass(frozen=True)
class Closed:
    """One that may not; none for an unknown token."""

    state: State
    invitation: Invitation | None = None


@dataclass(frozen=True)
class Chosen:
    """What somebody sets as they come in; `full_name` and `phone` (E.164) only for who is new."""

    pin: str | None
    password: str | None
    language: str
    full_name: str = ""
    phone: str | None = None


@dataclass(frozen=True)
class CameIn:
    """Both tokens belong into cookies. Offices get none: they sign in with the password that they have now set."""

    session: str | None
    device: str | None


class NumberTaken(Exception):
    """Somebody has an account with this telephone number; nothing was changed."""


def look(db: Session, token: str, viewer: Viewer | None) -> Open | Closed:
    """How the invitation behind a token stands, for whoever opened it. Changes nothing, however often it is asked."""
    found = db.exec(select(Invitation).where(col(Invitation.token_hash) == token_hash(token))).first()
    if found is None:
        return Closed(State.UNKNOWN)
    if found.used_at is not None:
        return Closed(State.USED, found)
    if found.revoked_at is not None:
        return Closed(State.REVOKED, found)
    if found.expires_at <= clock.now():
        return Closed(State.EXPIRED, found)
    if not _still_holds(db, found):
        return Closed(State.VOID, found)
    if viewer is not None and viewer.person_id != found.person_id:
        return Closed(State.FOR_ANOTHER, found)
    return Open(found)


def accept(
    db: Session,
    seen: Open,
    chosen: Chosen,
    browser: str,
    device: str | None,
    replaces: str | None,
    key: str,
) -> CameIn | Closed:
    """Uses an invitation that `look` found open: a new person, or a new PIN and password for one that is there.

    `browser`: how it calls itself; `device`, `replaces`: the tokens of its device cookie and of the session that it has; `key`: the
    program's secret. Closed when somebody was quicker. NumberTaken leaves the invitation as it was.
    """
    now, invitation = clock.now(), seen.invitation
    mine = col(Invitation.id) == invitation.id
    with db.begin_nested():
        used = db.execute(
            update(Invitation)
            .where(mine, col(Invitation.expires_at) > now, *still_open())
            .values(used_at=now, code_hash=None, code_until=None)
        )
        if used.rowcount != 1:  # type: ignore[attr-defined]
            return Closed(State.USED, invitation)
        person = (
            _join(db, invitation, chosen) if seen.is_new else _return(db, invitation, chosen, device, key)
        )
        db.execute(update(Invitation).where(mine).values(used_by=person.id))
    tell(db, person.id, [(invitation, "used", ("used_at", "used_by"))])
    if seen.in_office:
        return CameIn(None, None)
    known = enrolments.remember(db, device, person.id, chosen.pin, browser)
    if device and known != device:
        _rename_phone(db, device, known)
    return CameIn(
        sessions.create(db, person.id, browser=browser, device_token=known, replaces=replaces), known
    )


def _still_holds(db: Session, invitation: Invitation) -> bool:
    """Whether who made it might make it today: they may have been dismissed or moved since, and so may whom it is for."""
    issuer = find_viewer(db, invitation.issued_by, clock.today())
    if issuer is None:
        return False
    if invitation.person_id is not None:
        person = db.get(Person, invitation.person_id)
        return person is not None and may_return(db, issuer, person)
    role, area_id, team_id = Role(invitation.role), invitation.area_id, invitation.team_id
    return (
        fits(db, role, area_id, issuer)
        and (team_id is None or team_fits(db, issuer, team_id, role, area_id))
        and may_invite(db, issuer, role, area_id, team_id)
    )


def _join(db: Session, invitation: Invitation, chosen: Chosen) -> Person:
    phone = invitation.phone or chosen.phone or ""
    if find_person(db, phone) is not None:
        raise NumberTaken
    role, area_id = invitation.role, invitation.area_id
    try:
        with db.begin_nested():
            person = add_person(db, chosen.full_name, phone, role, area_id, chosen.password, chosen.language)
    except IntegrityError:  # somebody else came in with it this very moment
        raise NumberTaken from None
    if invitation.team_id is not None:
        rank = RANKS[Role(invitation.role)]
        db.add(
            TeamMember(
                team_id=invitation.team_id,
                person_id=person.id,
                valid_from=clock.today(),
                valid_to=FOREVER,
                role=rank,
            )
        )
        db.flush()
    trail.write(
        db,
        ward_of(db, invitation.area_id),
        person.id,
        "person.joined",
        person.id,
        ("full_name", "phone", "role", "area_id", *(("pin",) if chosen.pin else ())),
    )
    return person


def _return(db: Session, invitation: Invitation, chosen: Chosen, device: str | None, key: str) -> Person:
    """A new PIN and password, and no second factor: whoever brings somebody back has them in front of them. Every session and every other phone of theirs is over; what waits on the phone in hand still counts,
    what comes from any other is held for the ward to look at."""
    person = db.get_one(Person, invitation.person_id)
    person.password_hash = hash_password(chosen.password) if chosen.password else None
    person.language = chosen.language
    db.add(person)
    db.flush()
    here = _known_here(db, person.id, device)
    sessions.revoke_all(db, person.id)
    begin_anew(db, invitation.issued_by, person, key)
    _end_phones(db, person.id, here)
    trail.write(
        db,
        ward_of(db, invitation.area_id),
        person.id,
        "person.returned",
        person.id,
        ("password", "pin", "devices"),
    )
    return person


def _known_here(db: Session, person_id: uuid.UUID, device: str | None) -> str | None:
    """The hash of this browser's device token when the person was enrolled in it, else None: a phone that is new to them."""
    if not device:
        return None
    return db.exec(
        select(Enrolment.token_hash).where(
            col(Enrolment.token_hash) == hashed(device),
            col(Enrolment.person_id) == person_id,
            col(Enrolment.revoked_at).is_(None),
        )
    ).first()


def _end_phones(db: Session, person_id: uuid.UUID, here: str | None) -> None:
    """Ends the person's own tickets on all phones but this one; others who share such a phone keep theirs."""
    now = clock.now()
    kept = db.exec(select(Device.id).where(col(Device.device_hash) == here)).all() if here else []
    db.execute(
        update(UploadTicket)
        .where(
            col(UploadTicket.person_id) == person_id,
            col(UploadTicket.revoked_at).is_(None),
            col(UploadTicket.device_id).not_in(kept),
        )
        .values(revoked_at=now)
    )
    shared = select(col(UploadTicket.device_id)).where(col(UploadTicket.revoked_at).is_(None))
    db.execute(
        update(Device)
        .where(
            col(Device.person_id) == person_id,
            col(Device.revoked_at).is_(None),
            col(Device.id).not_in([*kept]),
            col(Device.id).not_in(shared),
        )
        .values(revoked_at=now)
    )


def _rename_phone(db: Session, before: str, now: str) -> None:
    """The browser has another device token from here on: what is known of the phone stays tied to it."""
    db.execute(
        update(Device).where(col(Device.device_hash) == hashed(before)).values(device_hash=hashed(now))
    )
