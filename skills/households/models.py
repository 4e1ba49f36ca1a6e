"""The tables of a door. Every key begins with `ward_id`: the ward in which the door was first written, which never changes."""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKeyConstraint, Index
from sqlmodel import Field

from skills.db import Row, moment_column


class Mark(StrEnum):
    """The state of a door, one mark per home (DESIGN: door states). Absent is no state: such a door stays what it was."""

    TODO = "todo"
    MET = "met"
    BACK = "back"
    SELF = "self"
    REFUSE = "refuse"


class Household(Row, table=True):
    """A door. Where it counts is `block_id`; `fold`, `street_key` and `door_key` are for finding it and for walking order."""

    __table_args__ = (
        Index("ix_household_block", "block_id", "ward_id", "street_key", "door_key"),
        Index("ix_household_fold", "ward_id", "fold"),
    )
    ward_id: int = Field(primary_key=True, foreign_key="area.id")
    id: uuid.UUID = Field(primary_key=True)
    block_id: int = Field(foreign_key="block.id")
    street: str = Field(max_length=120)
    number: str = Field(max_length=40)  # as painted on the plate: 12, 12A, 7/2, K45/12
    room: str = Field(default="", max_length=40)  # block and room of a flat or a row of rented rooms
    is_business: bool = False
    fold: str = Field(max_length=220)
    street_key: str = Field(max_length=600)
    door_key: str = Field(max_length=400)
    version: int = 1
    created_at: datetime = Field(sa_column=moment_column(nullable=False))
    created_by: uuid.UUID = Field(foreign_key="person.id")


class WardLock(Row, table=True):
    """The row that a write locks first; on SQLite the single writer does the same for the whole file."""

    __tablename__ = "ward_lock"
    ward_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})


class WardBlock(Row, table=True):
    """In which blocks the doors of a stored ward lie, and how many in each: asked before unit 0 may stand for the ward."""

    __tablename__ = "ward_block"
    __table_args__ = (Index("ix_ward_block_block", "block_id", "ward_id", "households"),)
    ward_id: int = Field(primary_key=True, foreign_key="area.id")
    block_id: int = Field(primary_key=True, foreign_key="block.id")
    households: int


class HouseholdIdentity(Row, table=True):
    """Name and telephone of a household that agreed to it. No page and no figure depends on this table."""

    __tablename__ = "household_identity"
    __table_args__ = (
        ForeignKeyConstraint(["ward_id", "household_id"], ["household.ward_id", "household.id"]),
    )
    ward_id: int = Field(primary_key=True)
    household_id: uuid.UUID = Field(primary_key=True)
    name: str = Field(default="", max_length=120)
    phone: str = Field(default="", max_length=16)
    consent_version: str = Field(max_length=20)
    consented_at: datetime = Field(sa_column=moment_column(nullable=False))
    recorded_by: uuid.UUID = Field(foreign_key="person.id")


class DoorState(Row, table=True):
    """What the standing visits of a door come to; written by the visits feature in the same transaction, rebuildable from them."""

    __tablename__ = "door_state"
    __table_args__ = (
        ForeignKeyConstraint(["ward_id", "household_id"], ["household.ward_id", "household.id"]),
        Index("ix_door_state_follow_up", "ward_id", "follow_up_on"),
    )
    ward_id: int = Field(primary_key=True)
    household_id: uuid.UUID = Field(primary_key=True)
    mark: str = Field(max_length=6)
    last_outcome: str = Field(max_length=10)
    last_on: date  # day of the latest visit of any outcome
    last_at: datetime = Field(sa_column=moment_column(nullable=False))  # when that visit was saved
    last_met_on: date | None = None
    away_times: int = 0  # how often nobody was home since somebody was last met
    follow_up_on: date | None = None  # the day agreed at the latest visit, unless somebody was met since
    last_skills: str = Field(
        default="", max_length=400
    )  # skill ids taught at the last meeting, comma between
    alone_skills: int = 0  # how many skills somebody here manages alone
    cores: str = Field(
        default="", max_length=5
    )  # the core groups in which somebody manages alone: letters of DMTAN


class Forward(Row, table=True):
    """A door or a visit that had to be written anew under another ward: late items and old addresses follow this."""

    __table_args__ = (Index("ix_forward_to", "to_ward_id", "to_id"),)
    ward_id: int = Field(primary_key=True)
    id: uuid.UUID = Field(primary_key=True)
    to_ward_id: int
    to_id: uuid.UUID
