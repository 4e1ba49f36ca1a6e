"""The tables of handing in: what waits for a ward's answer, what was refused, the keys to which phones seal."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, Text
from sqlmodel import Field

from skills.db import Row, moment_column


class HeldState(StrEnum):
    """Where an item in the tray is in its life."""

    HELD = "held"  # we don't know whose or where it is
    CONFLICT = "conflict"  # another version came in between; both are kept
    ACCEPTED = "accepted"  # a ward lead let it count
    RETURNED = "returned"  # given back to the author, with a reason
    SETTLED = "settled"  # of a conflict: the version that stood was kept


class HeldItem(Row, table=True):
    """A change that was stored and does not count yet, under the ward as the phone sent it."""

    __tablename__ = "held_item"
    __table_args__ = (
        Index("ix_held_item_tray", "tray_id", "state", "received_at"),
        Index("ix_held_item_author", "author_id", "state"),
    )
    ward_id: int = Field(primary_key=True)
    item: uuid.UUID = Field(primary_key=True)
    tray_id: int  # area id of the ward in whose tray it lies; 0 for a city without wards
    op: str = Field(max_length=12)
    fact_id: uuid.UUID  # the visit, door or group count that it is about
    base: int
    code: str = Field(max_length=20)  # why it was held (docs/sync.md)
    state: str = Field(max_length=10)  # a HeldState
    fields: str = Field(sa_type=Text)  # what the phone sent, as JSON pairs; emptied once it is answered
    author_id: uuid.UUID = Field(foreign_key="person.id")
    device_id: uuid.UUID | None = None
    saved_at: datetime = Field(sa_column=moment_column(nullable=False))
    received_at: datetime = Field(sa_column=moment_column(nullable=False))
    answer: str = Field(default="", max_length=20)  # the reason it was given back with
    answered_by: uuid.UUID | None = Field(default=None, foreign_key="person.id")
    answered_at: datetime | None = Field(default=None, sa_column=moment_column(nullable=True))


class RejectedItem(Row, table=True):
    """That an item could not be taken, and why; its content stays on the phone alone."""

    __tablename__ = "rejected_item"
    person_id: uuid.UUID = Field(primary_key=True)
    item: uuid.UUID = Field(primary_key=True)
    code: str = Field(max_length=20)
    device_id: uuid.UUID | None = None
    at: datetime = Field(sa_column=moment_column(nullable=False))


class SealingKey(Row, table=True):
    """A key pair to which phones seal what must not lie on them in clear. The private half is wrapped with the program's secret."""

    __tablename__ = "sealing_key"
    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    public: str = Field(max_length=100)
    wrapped: str = Field(max_length=400)
    made_at: datetime = Field(sa_column=moment_column(nullable=False))


class Epoch(Row, table=True):
    """One row: which life of the database this is. A restored one gets another, and phones offer again what they sent before."""

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    value: uuid.UUID
    since: datetime = Field(sa_column=moment_column(nullable=False))
