"""Is the trail whole? Every hash is worked out anew, and the ends of the chains are compared with what was kept elsewhere."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from skills.audit.keyed import BEGINNING, keyed
from skills.audit.models import AuditEntry, AuditHead, DaySeal, ReadEntry
from skills.audit.reads import come_to
from skills.audit.trail import chained
from skills.db import table_of

_ENTRY, _READ, _SEAL = table_of(AuditEntry), table_of(ReadEntry), table_of(DaySeal)
_AT_ONCE = 5_000  # rows held in memory


@dataclass(frozen=True)
class Broken:
    """The first thing in a ward's trail that can't be true, in a sentence."""

    ward_id: int
    what: str


@dataclass(frozen=True)
class KeptHead:
    """Where a chain ended once, and which day was sealed last, as it was kept outside the database."""

    ward_id: int
    seq: int
    hash: str
    day: date | None = None
    seal: str = ""

    def __str__(self) -> str:
        return f"{self.ward_id} {self.seq} {self.hash}" + (f" {self.day} {self.seal}" if self.day else "")


@dataclass(frozen=True)
class Verified:
    """What was gone through, and what is broken: one line a ward, the lowest first."""

    entries: int
    reads: int
    wards: int
    broken: list[Broken]


class _Wrong(Exception):
    pass


def verify(db: Session, kept: Collection[KeptHead] = ()) -> Verified:
    """Goes through every chain, every seal and every day of reads. `kept`: ends of chains that were kept elsewhere, which the
    database must still know: they are what shows that an end was cut off together with everything that told of it.

    With another secret than the trail was written with, nothing fits.
    """
    entries = reads = 0
    broken = []
    wards = sorted(_wards(db) | {each.ward_id for each in kept})
    for ward_id in wards:
        try:
            entries += _changes(db, ward_id, [each for each in kept if each.ward_id == ward_id])
            reads += _reads(db, ward_id)
        except _Wrong as wrong:
            broken.append(Broken(ward_id, str(wrong)))
    return Verified(entries, reads, len(wards), broken)


def heads(db: Session) -> list[KeptHead]:
    """Where every chain ends now, to be kept outside the database: printed, or sent to another machine."""
    sealed = {row.ward_id: (row.day, row.hash) for row in db.execute(_SEAL.select().order_by(_SEAL.c.day))}
    kept = []
    for head in db.execute(select(AuditHead).order_by(col(AuditHead.ward_id))).scalars():
        day, seal = sealed.get(head.ward_id, (None, ""))
        kept.append(KeptHead(head.ward_id, head.seq, head.hash, day, seal))
    return kept


def read_heads(lines: Iterable[str]) -> list[KeptHead]:
    """The ends of chains out of the lines that `audit heads` printed. ValueError for a line that is none."""
    return [_read_head(line.split()) for line in lines if line.strip()]


def _read_head(words: list[str]) -> KeptHead:
    try:
        ward_id, seq, said, *seal = words
        day, sealed = (date.fromisoformat(seal[0]), seal[1]) if len(seal) == 2 else (None, "")
        if len(seal) in (0, 2) and all(len(each) == len(BEGINNING) for each in (said, *seal[1:])):
            return KeptHead(int(ward_id), int(seq), said, day, sealed)
    except ValueError:
        pass
    raise ValueError("a line that `audit heads` never printed: " + " ".join(words)[:80])


def _wards(db: Session) -> set[int]:
    return {
        ward
        for table in (AuditHead, AuditEntry, ReadEntry, DaySeal)
        for ward in db.execute(select(col(table.ward_id)).distinct()).scalars()
    }


def _changes(db: Session, ward_id: int, kept: Collection[KeptHead]) -> int:
    """How many entries the chain has, when it is whole, ends where its head and its seals say, and holds what was kept elsewhere."""
    seals = db.execute(_SEAL.select().where(_SEAL.c.ward_id == ward_id).order_by(_SEAL.c.day)).all()
    asked = {seal.seq for seal in seals} | {each.seq for each in kept}
    known = {0: BEGINNING}
    last = 0
    before = BEGINNING
    for row in _rows(db, _ENTRY.select().where(_ENTRY.c.ward_id == ward_id).order_by(_ENTRY.c.seq)):
        last += 1
        if row.seq != last:
            raise _Wrong(f"entry {last} is missing")
        told = (row.at, row.actor_id, row.action, row.subject, row.fields)
        if row.hash != chained(before, ward_id, last, *told):
            raise _Wrong(f"entry {last} does not follow from the one before it: altered, put in, or moved")
        before = row.hash
        if last in asked:
            known[last] = before
    head = db.get(AuditHead, ward_id, populate_existing=True)
    if head is None:
        raise _Wrong("the head of the chain is gone")
    if head.seq > last:
        raise _Wrong(f"entry {last + 1} is missing: the head says that there were {head.seq}")
    if (head.seq, head.hash) != (last, before):
        raise _Wrong(f"entry {head.seq} is not the last, as the head says")
    _seals(seals, known, head.seal)
    for each in kept:
        if known.get(each.seq) != each.hash:
            raise _Wrong(f"entry {each.seq} is not the one that was kept elsewhere")
        if each.day and each.seal not in {seal.hash for seal in seals if seal.day == each.day}:
            raise _Wrong(f"the seal of {_written(each.day)} is not the one that was kept elsewhere")
    return last


def _seals(seals: Iterable[Any], known: Mapping[int, str], last: str) -> None:
    before = BEGINNING
    for seal in seals:
        if seal.hash != keyed(before, *seal[:-1]):
            raise _Wrong(f"the seal of {_written(seal.day)} does not follow from the one before it")
        if known.get(seal.seq) != seal.entry_hash:
            raise _Wrong(f"entry {seal.seq} is not the one that was sealed on {_written(seal.day)}")
        before = seal.hash
    if before != last:
        raise _Wrong("the last seal is missing, or it is not the one that the head says")


def _reads(db: Session, ward_id: int) -> int:
    """How many reads there are, when every day has those that its seal says, and today those that the head says."""
    seals = db.execute(_SEAL.select().where(_SEAL.c.ward_id == ward_id)).all()
    said = {seal.day: (seal.reads, seal.reads_hash) for seal in seals}
    head = db.get_one(AuditHead, ward_id)
    if head.day in said:
        raise _Wrong(f"{_written(head.day)} is sealed and still open")
    said[head.day] = (head.reads, head.reads_hash)
    found: dict[date, tuple[int, str]] = dict.fromkeys(said, (0, BEGINNING))
    total = 0
    rows = _READ.select().where(_READ.c.ward_id == ward_id).order_by(_READ.c.day, _READ.c.n)
    for row in _rows(db, rows):
        n, before = found.get(row.day, (0, ""))
        if row.day not in said or row.n != n + 1:
            raise _Wrong(f"read {n + 1} of {_written(row.day)} is missing, or does not belong there")
        found[row.day] = row.n, come_to(before, *row)
        total += 1
    for day in sorted(said):
        if found[day][0] != said[day][0]:
            raise _Wrong(f"{found[day][0]} reads of {_written(day)}, and there were {said[day][0]}")
        if found[day] != said[day]:
            raise _Wrong(f"a read of {_written(day)} was altered")
    return total


def _rows(db: Session, query: Any) -> Iterator[Any]:
    with db.execute(query.execution_options(yield_per=_AT_ONCE)) as rows:
        yield from rows


def _written(day: date) -> str:
    return f"{day:%d/%m/%Y}"
