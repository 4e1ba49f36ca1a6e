"""The trail of changes, one chain a ward, and beside it who read what stands under a name, closed day by day.

`ward_id` names the chain: a ward's own number, or 0 for what concerns no single ward.
"""

import uuid
from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import Field

from skills.db import Row, moment_column


class AuditHead(Row, table=True):
    """Where a chain ends. Whoever adds to it locks this row first, so that two writers never follow the same entry.

    `reads` and `reads_hash` are how many reads of `day` there are so far, and what they come to; `seal` is the last seal's hash.
    """

    __tablename__ = "audit_head"
    ward_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    seq: int
    hash: str = Field(max_length=64)
    day: date  # in Vietnam, of the last entry or read; never goes back
    reads: int
    reads_hash: str = Field(max_length=64)
    seal: str = Field(max_length=64)


class AuditEntry(Row, table=True):
    """One change. `hash` covers the entry and the hash before it, so that nothing can be taken out, put in or altered unnoticed."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_at", "ward_id", "at"),
        Index("ix_audit_entry_actor", "ward_id", "actor_id", "at"),
        Index("ix_audit_entry_subject", "ward_id", "subject", "at"),
        Index("ix_audit_entry_action", "ward_id", "action", "at"),
    )
    ward_id: int = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    at: datetime = Field(sa_column=moment_column(nullable=False))
    actor_id: uuid.UUID | None = None  # None: a command on the server
    action: str = Field(max_length=40)  # "person.dismissed"
    subject: str = Field(max_length=60)  # what it was done to: a UUID or a number, as text
    fields: str = Field(default="", max_length=400)  # names of what changed, with commas between
    hash: str = Field(max_length=64)


class ReadEntry(Row, table=True):
    """One reading of what stands under somebody's name: who, when, on which page, of whom, and why."""

    __tablename__ = "read_entry"
    __table_args__ = (
        Index("ix_read_entry_at", "ward_id", "at"),
        Index("ix_read_entry_person", "ward_id", "person_id", "at"),
        Index("ix_read_entry_subject", "ward_id", "subject", "at"),
    )
    ward_id: int = Field(primary_key=True)
    day: date = Field(primary_key=True)
    n: int = Field(primary_key=True)  # 1, 2, 3, … within the day
    at: datetime = Field(sa_column=moment_column(nullable=False))
    person_id: uuid.UUID
    page: str = Field(max_length=40)  # "visit.note"
    subject: str = Field(max_length=60)
    why: str = Field(default="", max_length=40)  # a word out of a list, never typed


class DaySeal(Row, table=True):
    """A day that is over: how many reads there were and what they come to, and where the chain of changes ended then."""

    __tablename__ = "day_seal"
    ward_id: int = Field(primary_key=True)
    day: date = Field(primary_key=True)
    reads: int
    reads_hash: str = Field(max_length=64)
    seq: int
    entry_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64)  # over all of this and the seal before
