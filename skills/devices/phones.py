"""One person's phones: where they are signed in, where their PIN works, where visits of theirs may wait. And their end."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session, col, select, update

from skills import clock
from skills.audit import trail
from skills.devices.reach import ward_of
from skills.errors import NotFound
from skills.people import enrolments
from skills.people.models import Device, Enrolment, LoginSession, PhoneReport, UploadTicket
from skills.people.sessions import hashed
from skills.people.tickets import revoke_tickets
from skills.people.viewer import Viewer

NEW_FOR = timedelta(days=7)  # long enough for somebody who comes once a week


@dataclass
class Phone:
    """A browser that a person uses. `key` names it in a form and is no secret: it opens nothing.

    `since`: when the person first came in there; `new`: lately, and later than with the phone in hand, so that it may be somebody else.
    `waiting`: how many visits of theirs it said it had, when it last said so (`told_at`); None when it never did.
    """

    key: str
    label: str = ""
    seen_at: datetime | None = None
    signed_in: bool = False
    pin: str = ""  # "works", "off", or "" for none
    here: bool = False
    since: datetime | None = None
    new: bool = False
    waiting: int | None = None
    told_at: datetime | None = None
    device_hash: str | None = None
    session_hashes: list[str] = field(default_factory=list)
    device_ids: list[uuid.UUID] = field(default_factory=list)

    def seen(self, moment: datetime | None, label: str) -> None:
        """Something was heard of it: the latest moment is kept, and the first name that it gave."""
        self.seen_at = max(filter(None, (self.seen_at, moment)), default=None)
        self.label = self.label or label


def phones_of(
    db: Session, person_id: uuid.UUID, device_token: str | None = None, session: str | None = None
) -> Sequence[Phone]:
    """Every browser that knows this person, the one seen last first. `device_token`, `session`: of the browser that asks."""
    found: dict[str, Phone] = defaultdict(lambda: Phone(key=""))
    for row in _sessions(db, person_id):
        phone = found[row.device_hash or row.token_hash]
        phone.device_hash, phone.signed_in = row.device_hash, True
        phone.session_hashes.append(row.token_hash)
        phone.since = min(filter(None, (phone.since, row.created_at)))
        phone.seen(row.seen_at, row.browser)
    for enrolment in _enrolments(db, person_id):
        phone = found[enrolment.token_hash]
        phone.device_hash, phone.since = enrolment.token_hash, enrolment.enrolled_at
        if enrolment.pin_hash is not None:
            phone.pin = "works" if enrolment.wrong_pins < enrolments.MOST_WRONG else "off"
        phone.seen(enrolment.last_used_at, enrolment.label)
    reports = {each.device_id: each for each in _reports(db, person_id)}
    for device in _devices(db, person_id):
        phone = found[device.device_hash or str(device.id)]
        phone.device_ids.append(device.id)
        phone.since = phone.since or device.enrolled_at
        phone.seen(device.last_seen_at, device.label)
        report = reports.get(device.id)
        if report is not None:
            phone.waiting = (phone.waiting or 0) + report.pending
            phone.told_at = max(filter(None, (phone.told_at, report.seen_at)))
            phone.seen(report.seen_at, "")
    here = {hashed(token) for token in (device_token, session) if token}
    for name, phone in found.items():
        phone.key = hashed(name)[:24]
        phone.here = name in here
    _mark_new(list(found.values()))
    return sorted(found.values(), key=lambda phone: (phone.here, phone.seen_at or clock.now()), reverse=True)


def new_elsewhere(db: Session, person_id: uuid.UUID, device_token: str | None) -> list[Phone]:
    """The phones on which somebody came in under this name within a week, later than on the phone in hand: the latest first. One
    statement, for the first page. Offices have no phones: where they are signed in is told by `phones_of` alone."""
    in_hand = hashed(device_token) if device_token else ""
    known = [
        Phone(
            hashed(each.token_hash)[:24], each.label, since=each.enrolled_at, here=each.token_hash == in_hand
        )
        for each in _enrolments(db, person_id)
    ]
    _mark_new(known)
    return sorted(
        (each for each in known if each.new), key=lambda each: each.since or clock.now(), reverse=True
    )


def _mark_new(phones: Sequence[Phone]) -> None:
    """Those known later than the phone in hand; where that is none of them, later than the first. So whoever came in with somebody
    else's password is told of nothing, and the owner is on each phone that was there before."""
    told = [each.since for each in phones if each.here and each.since]
    begun = min(told or [each.since for each in phones if each.since], default=None)
    for each in phones:
        if begun and each.since and not each.here:
            each.new = begun < each.since and clock.now() - each.since < NEW_FOR


def sign_out_there(db: Session, viewer: Viewer, person_id: uuid.UUID, key: str) -> None:
    """Ends the person's sessions in that browser; the PIN goes on. NotFound when there is no such browser."""
    phone = _phone(db, person_id, key)
    _end_sessions(db, phone)
    trail.write(db, ward_of(db, viewer, person_id), viewer.person_id, "session.ended", person_id)


def revoke_phone(db: Session, viewer: Viewer, person_id: uuid.UUID, key: str) -> None:
    """A phone was lost: sessions and PIN of this person end there, and what it still hands in under their name is held for the
    ward to look at. Others who share it go on. NotFound when there is no such browser."""
    phone = _phone(db, person_id, key)
    _end_sessions(db, phone)
    if phone.device_hash is not None:
        enrolments.revoke(db, phone.device_hash, person_id)
    revoke_tickets(db, person_id, phone.device_ids)
    trail.write(db, ward_of(db, viewer, person_id), viewer.person_id, "device.revoked", person_id)


def _phone(db: Session, person_id: uuid.UUID, key: str) -> Phone:
    found = next((phone for phone in phones_of(db, person_id) if phone.key == key), None)
    if found is None:
        raise NotFound
    return found


def _end_sessions(db: Session, phone: Phone) -> None:
    db.execute(
        update(LoginSession)
        .where(
            col(LoginSession.token_hash).in_(phone.session_hashes),
            col(LoginSession.revoked_at).is_(None),
        )
        .values(revoked_at=clock.now())
    )


def _sessions(db: Session, person_id: uuid.UUID) -> Sequence[LoginSession]:
    return db.exec(
        select(LoginSession)
        .where(
            col(LoginSession.person_id) == person_id,
            col(LoginSession.expires_at) > clock.now(),
            col(LoginSession.revoked_at).is_(None),
        )
        .order_by(col(LoginSession.seen_at).desc(), col(LoginSession.token_hash))
    ).all()


def _enrolments(db: Session, person_id: uuid.UUID) -> Sequence[Enrolment]:
    return db.exec(
        select(Enrolment).where(col(Enrolment.person_id) == person_id, col(Enrolment.revoked_at).is_(None))
    ).all()


def _devices(db: Session, person_id: uuid.UUID) -> Sequence[Device]:
    """Those on which the person has a ticket that counts; one may have had several, each replaces the one before."""
    with_ticket = select(UploadTicket.device_id).where(
        col(UploadTicket.person_id) == person_id,
        col(UploadTicket.expires_at) > clock.now(),
        col(UploadTicket.revoked_at).is_(None),
    )
    return db.exec(
        select(Device)
        .where(col(Device.id).in_(with_ticket), col(Device.revoked_at).is_(None))
        .order_by(col(Device.last_seen_at).desc(), col(Device.id))
    ).all()


def _reports(db: Session, person_id: uuid.UUID) -> Sequence[PhoneReport]:
    return db.exec(select(PhoneReport).where(col(PhoneReport.person_id) == person_id)).all()
