"""The end of a ward's chain: locked before anything is added, and closed for the day when a later one begins."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from skills import clock
from skills.audit.keyed import BEGINNING, keyed
from skills.audit.models import AuditHead, DaySeal
from skills.db import table_of, upsert

_HEAD, _SEAL = table_of(AuditHead), table_of(DaySeal)


@dataclass
class Head:
    """The end of a chain while its row is locked."""

    ward_id: int
    seq: int
    hash: str
    day: date
    reads: int
    reads_hash: str
    seal: str


def open_chain(db: Session, ward_id: int) -> Head:
    """Locks the end of a ward's chain until the transaction ends, on today's page. The days before it are sealed by now.

    Whoever writes to several chains opens them in ascending order, and after the wards' own locks: then no two writers ever wait
    for each other. It is a lock of its own, so that nobody who signs in waits for the visits of the ward.
    """
    head = _locked(db, ward_id)
    if head is None:
        fresh = {
            "seq": 0,
            "hash": BEGINNING,
            "day": clock.today(),
            "reads": 0,
            "reads_hash": BEGINNING,
            "seal": BEGINNING,
        }
        db.execute(upsert(db, AuditHead).values(ward_id=ward_id, **fresh).on_conflict_do_nothing())
        head = _locked(db, ward_id)
        assert head is not None  # noqa: S101 - nobody deletes a head
    close_days(db, head)
    return head


def close_days(db: Session, head: Head) -> bool:
    """Seals the day of a locked chain when it is over, and turns the page. Whether there was something to seal."""
    today = clock.today()
    if head.day >= today:  # a clock that goes back opens no day again
        return False
    last = db.execute(
        _SEAL.select().where(_SEAL.c.ward_id == head.ward_id).order_by(_SEAL.c.day.desc())
    ).first()
    told = bool(head.reads) or head.seq > (last.seq if last else 0)
    if told:  # a seal follows from what the head knows, so that one that was put there meanwhile is noticed
        values = {
            "ward_id": head.ward_id, "day": head.day, "reads": head.reads, "reads_hash": head.reads_hash,
            "seq": head.seq, "entry_hash": head.hash,
        }  # fmt: skip
        head.seal = keyed(head.seal, *values.values())
        db.execute(_SEAL.insert().values(**values, hash=head.seal))
    head.day, head.reads, head.reads_hash = today, 0, BEGINNING
    keep_head(db, head)
    return told


def keep_head(db: Session, head: Head) -> None:
    """Writes down where a locked chain ends now."""
    values = {name: getattr(head, name) for name in ("seq", "hash", "day", "reads", "reads_hash", "seal")}
    db.execute(_HEAD.update().where(_HEAD.c.ward_id == head.ward_id).values(**values))


def seal_what_is_over(db: Session) -> int:
    """Seals every day that is over, in every chain; for a command that runs each night. Returns how many days that were."""
    wards = db.execute(select(col(AuditHead.ward_id)).order_by(col(AuditHead.ward_id))).scalars().all()
    sealed = 0
    for ward_id in wards:
        head = _locked(db, ward_id)
        sealed += head is not None and close_days(db, head)
    return sealed


def _locked(db: Session, ward_id: int) -> Head | None:
    row = db.execute(_HEAD.select().where(_HEAD.c.ward_id == ward_id).with_for_update()).mappings().first()
    return Head(**row) if row else None
