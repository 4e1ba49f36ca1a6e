"""The right to hand in what somebody saved on a phone: the device, its upload ticket, and the key that signs what is saved.

The ticket outlives sign-out, a new password and dismissal, so that nothing is stranded. The key is made of the ticket's id and the
program's secret: it is stored nowhere here, and sign-out deletes it from the phone, so nobody adds to the queue of who went away.
"""

import base64
import hmac
import secrets
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select, update

from skills import clock
from skills.db import upsert, uuid7
from skills.people.models import Device, UploadTicket
from skills.people.sessions import hashed

LIFE = timedelta(days=180)


@dataclass(frozen=True)
class Enrolled:
    """What a phone is given at enrolment; `token` and `secret` are stored nowhere else."""

    device_id: uuid.UUID
    ticket_id: uuid.UUID
    token: str
    secret: str  # base64


@dataclass(frozen=True)
class Bearer:
    """Who hands in: the person and the phone of a ticket; `over` when it was revoked or has run out."""

    ticket_id: uuid.UUID
    person_id: uuid.UUID
    device_id: uuid.UUID
    over: bool


def enrol(
    db: Session,
    person_id: uuid.UUID,
    device_id: uuid.UUID | None,
    label: str,
    secret: str,
    device_token: str | None = None,
) -> Enrolled:
    """Makes the phone known, a new one when it has no id yet, and gives a ticket for this person on it. `device_token`: out of
    the browser's cookie, so that one line in a list stands for the phone, its PIN and its sessions."""
    now = clock.now()
    device_id = device_id or uuid7(now, secrets.token_bytes(10))
    seen: dict[str, object] = {"last_seen_at": now}
    if device_token:
        seen["device_hash"] = hashed(device_token)
    db.execute(
        upsert(db, Device)
        .values(id=device_id, person_id=person_id, label=label[:80], enrolled_at=now, **seen)
        .on_conflict_do_update(index_elements=["id"], set_=seen)
    )
    ticket_id, expires_at = uuid7(now, secrets.token_bytes(10)), now + LIFE
    token = _token(secret, ticket_id, person_id, device_id, expires_at)
    ticket = UploadTicket(
        id=ticket_id,
        token_hash=hashed(token),
        person_id=person_id,
        device_id=device_id,
        issued_at=now,
        expires_at=expires_at,
    )
    db.add(ticket)
    db.flush()
    return Enrolled(device_id, ticket.id, token, base64.b64encode(signing_key(secret, ticket.id)).decode())


def find_ticket(db: Session, token: str, now: datetime, secret: str) -> Bearer | None:
    """Whose ticket this is, or None when nobody's. One that was revoked or has run out still says whose it was, and so does one
    that a restored database has never heard of: who was dismissed since could not sign in for another."""
    ticket = db.exec(select(UploadTicket).where(col(UploadTicket.token_hash) == hashed(token))).first()
    return _bearer(ticket, now) if ticket else _read_token(token, now, secret)


def tickets_by_id(db: Session, ids: set[uuid.UUID], now: datetime) -> dict[uuid.UUID, Bearer]:
    """The tickets of these ids, those that are over too."""
    if not ids:
        return {}
    found = db.exec(select(UploadTicket).where(col(UploadTicket.id).in_(sorted(ids))))
    return {ticket.id: _bearer(ticket, now) for ticket in found}


def revoke_device(db: Session, device_id: uuid.UUID) -> None:
    """A phone was lost: what comes from it from now on is held for the ward to look at."""
    now = clock.now()
    for table, whose in ((UploadTicket, UploadTicket.device_id), (Device, Device.id)):
        db.execute(
            update(table)
            .where(col(whose) == device_id, col(table.revoked_at).is_(None))
            .values(revoked_at=now)
        )


def revoke_tickets(db: Session, person_id: uuid.UUID, device_ids: Collection[uuid.UUID]) -> None:
    """One person's phones were lost: what comes from there in their name is held from now on; others who share one go on."""
    db.execute(
        update(UploadTicket)
        .where(
            col(UploadTicket.person_id) == person_id,
            col(UploadTicket.device_id).in_(sorted(device_ids)),
            col(UploadTicket.revoked_at).is_(None),
        )
        .values(revoked_at=clock.now())
    )


def signing_key(secret: str, ticket_id: uuid.UUID) -> bytes:
    """32 bytes: the key under which a phone signs what is saved with this ticket at hand."""
    return hmac.digest(secret.encode(), b"saved with ticket " + ticket_id.bytes, "sha256")


def _token(
    secret: str, ticket_id: uuid.UUID, person_id: uuid.UUID, device_id: uuid.UUID, expires_at: datetime
) -> str:
    """Says whose it is, sealed with the program's secret. The ticket's id holds 74 random bits."""
    told = (
        ticket_id.bytes + person_id.bytes + device_id.bytes + int(expires_at.timestamp()).to_bytes(8, "big")
    )
    return base64.urlsafe_b64encode(told + _mac(secret, told)).decode()


def _read_token(token: str, now: datetime, secret: str) -> Bearer | None:
    try:
        whole = base64.urlsafe_b64decode(token.encode())
    except ValueError:
        return None
    told, mac = whole[:-32], whole[-32:]
    if len(told) != 56 or not hmac.compare_digest(mac, _mac(secret, told)):
        return None
    ticket_id, person_id, device_id = (uuid.UUID(bytes=told[at : at + 16]) for at in (0, 16, 32))
    return Bearer(ticket_id, person_id, device_id, over=int.from_bytes(told[48:], "big") <= now.timestamp())


def _mac(secret: str, told: bytes) -> bytes:
    return hmac.digest(secret.encode(), b"hand in with ticket " + told, "sha256")


def _bearer(ticket: UploadTicket, now: datetime) -> Bearer:
    over = ticket.revoked_at is not None or ticket.expires_at <= now
    return Bearer(ticket.id, ticket.person_id, ticket.device_id, over)
