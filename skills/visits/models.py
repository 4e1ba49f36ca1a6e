"""The tables of a visit (architecture 4, "What a visit says"). Facts refer to facts of the same ward only."""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKeyConstraint, Index, Text
from sqlmodel import Field

from skills.db import Row, moment_column


class Outcome(StrEnum):
    """What happened at the door."""

    MET = "met"
    ABSENT = "absent"
    DECLINED = "declined"
    COME_BACK = "come_back"


class Visit(Row, table=True):
    """A visit as it stands now; `visit_version` keeps how it came to that. A voided visit stays, and counts nowhere."""

    __table_args__ = (
        ForeignKeyConstraint(["ward_id", "household_id"], ["household.ward_id", "household.id"]),
        Index("ix_visit_household", "ward_id", "household_id", "visited_on"),
        Index("ix_visit_cover", "ward_id", "visited_on", "household_id", "outcome", "people", "people_new"),
        Index("ix_visit_author", "author_id", "visited_on"),
        Index("ix_visit_team", "team_id", "visited_on"),
    )
    ward_id: int = Field(primary_key=True)
    id: uuid.UUID = Field(primary_key=True)
    household_id: uuid.UUID
    version: int = 1
    outcome: str = Field(max_length=10)
    people: int = 0
    people_new: int = 0
    visited_on: date
    come_back_on: date | None = None
    five_by_one: bool | None = None  # does one person here manage all five core groups? None: not asked
    odd: str = Field(default="", max_length=40)  # what was unlikely about it; flagged, and counted
    note: str | None = Field(default=None, sa_type=Text)  # erasable; in no hash, version or log
    author_id: uuid.UUID = Field(foreign_key="person.id")
    team_id: uuid.UUID | None = Field(default=None, foreign_key="team.id")  # the author's team at Save
    device_id: uuid.UUID | None = None
    saved_at: datetime = Field(sa_column=moment_column(nullable=False))  # the phone's clock
    received_at: datetime = Field(sa_column=moment_column(nullable=False))
    voided_at: datetime | None = Field(default=None, sa_column=moment_column(nullable=True))


class VisitSkill(Row, table=True):
    """A skill taught at a visit, with the highest level reached (SkillLevel 1–3)."""

    __tablename__ = "visit_skill"
    __table_args__ = (ForeignKeyConstraint(["ward_id", "visit_id"], ["visit.ward_id", "visit.id"]),)
    ward_id: int = Field(primary_key=True)
    visit_id: uuid.UUID = Field(primary_key=True)
    skill_id: int = Field(primary_key=True, foreign_key="skill.id")
    level: int


class VisitAudience(Row, table=True):
    """How many of the people belonged to a group. Groups overlap; sensitive groups are never stored here."""

    __tablename__ = "visit_audience"
    __table_args__ = (ForeignKeyConstraint(["ward_id", "visit_id"], ["visit.ward_id", "visit.id"]),)
    ward_id: int = Field(primary_key=True)
    visit_id: uuid.UUID = Field(primary_key=True)
    audience_id: int = Field(primary_key=True, foreign_key="audience.id")
    people: int


class VisitVersion(Row, table=True):
    """One step in a visit's life: what was recorded, corrected or voided, by whom and when. `body` has no free text."""

    __tablename__ = "visit_version"
    ward_id: int = Field(primary_key=True)
    visit_id: uuid.UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    item: uuid.UUID
    op: str = Field(max_length=10)  # record, correct, void
    base: int  # the version it was made on
    body: str = Field(sa_type=Text)  # canonical JSON without the note
    reason: str = Field(default="", max_length=20)  # of a void: a code, never free text
    author_id: uuid.UUID = Field(foreign_key="person.id")
    saved_at: datetime = Field(sa_column=moment_column(nullable=False))
    received_at: datetime = Field(sa_column=moment_column(nullable=False))


class Receipt(Row, table=True):
    """That an item was taken in, for ever, under the ward as the phone sent it. Both hashes of what it said are salted."""

    ward_id: int = Field(primary_key=True)
    item: uuid.UUID = Field(primary_key=True)
    salt: str = Field(max_length=32)
    body_hash: str = Field(max_length=64)
    sent_hash: str = Field(
        default="", max_length=64
    )  # of what the phone itself hashed (docs/sync.md); "" of a plain form
    op: str = Field(default="visit", max_length=12)  # visit, correction, void, door, group_count
    status: str = Field(default="accepted", max_length=10)  # accepted, held, conflict, returned
    author_id: uuid.UUID
    device_id: uuid.UUID | None = None
    to_ward_id: int  # where the visit (or door, or group count) is stored
    visit_id: uuid.UUID  # its id
    version: int
    received_at: datetime = Field(sa_column=moment_column(nullable=False))
    __table_args__ = (Index("ix_receipt_author", "author_id", "received_at"),)


class HouseholdCore(Row, table=True):
    """When somebody of the household first managed a core group alone (D M T A N), or, as "5", one person all five."""

    __tablename__ = "household_core"
    __table_args__ = (
        ForeignKeyConstraint(["ward_id", "household_id"], ["household.ward_id", "household.id"]),
        Index("ix_household_core_day", "ward_id", "first_alone_on"),
    )
    ward_id: int = Field(primary_key=True)
    household_id: uuid.UUID = Field(primary_key=True)
    core: str = Field(primary_key=True, max_length=1)
    first_alone_on: date


class FollowUpKeeper(Row, table=True):
    """Who keeps the day agreed at a visit, when it is not its author any more: a person, or with none the whole team.

    It holds as long as that day stands at the door; whatever is agreed next is its own author's. History stays with the author.
    """

    __tablename__ = "follow_up_keeper"
    ward_id: int = Field(primary_key=True)
    visit_id: uuid.UUID = Field(primary_key=True)
    team_id: uuid.UUID = Field(foreign_key="team.id")
    person_id: uuid.UUID | None = Field(default=None, foreign_key="person.id", index=True)
    handed_by: uuid.UUID = Field(foreign_key="person.id")
    handed_at: datetime = Field(sa_column=moment_column(nullable=False))
