"""Write into the trail of changes: each entry is chained to the one before it in its ward."""

import hashlib
import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from skills import clock
from skills.audit.models import AuditEntry

BEGINNING = "0" * 64


def write(
    db: Session,
    ward_id: int,
    actor_id: uuid.UUID | None,
    action: str,
    subject: object,
    fields: Iterable[str] = (),
) -> None:
    """Adds one entry to the chain of a ward (0: no single ward), in the transaction of the change itself."""
    last = db.execute(
        select(col(AuditEntry.seq), col(AuditEntry.hash))
        .where(col(AuditEntry.ward_id) == ward_id)
        .order_by(col(AuditEntry.seq).desc())
        .limit(1)
    ).first()
    seq, before = (last.seq + 1, last.hash) if last else (1, BEGINNING)
    now, names = clock.now(), ",".join(fields)
    entry = AuditEntry(
        ward_id=ward_id, seq=seq, at=now, actor_id=actor_id, action=action, subject=str(subject), fields=names,
        hash=chained(before, ward_id, seq, now, actor_id, action, str(subject), names),
    )  # fmt: skip
    db.add(entry)
    db.flush()


def chained(
    before: str,
    ward_id: int,
    seq: int,
    at: datetime,
    actor_id: uuid.UUID | None,
    action: str,
    subject: str,
    fields: str,
) -> str:
    """The hash of an entry: SHA-256 over the hash before it and every field, each on a line of its own."""
    told = (before, ward_id, seq, at.isoformat(), actor_id or "", action, subject, fields)
    return hashlib.sha256("\n".join(map(str, told)).encode()).hexdigest()
