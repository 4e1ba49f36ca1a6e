"""Persons, postings, teams, and what they are signed in with. A person's telephone number is the name they sign in by."""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Field

from skills.areas.models import FOREVER
from skills.db import Row, moment_column


class Role(StrEnum):
    """What a posting makes of a person, always within one area and for a time."""

    VOLUNTEER = "volunteer"
    TEAM_LEADER = "team_leader"
    WARD_LEAD = "ward_lead"
    OFFICER = "officer"  # of a former district or any other cluster
    CITY_ADMIN = "city_admin"
    AUDITOR = "auditor"  # reads


def short_name(full_name: str) -> str:
    """How people of the teams appear to each other: given name and initial ("Lê Thị Hoài" is "Hoài L.")."""
    words = full_name.split()
    return words[-1] if len(words) < 2 else f"{words[-1]} {words[0][0]}."


class Person(Row, table=True):
    """Somebody who works with the program. One name field: Vietnamese names are addressed by their last word."""

    id: uuid.UUID = Field(primary_key=True)
    full_name: str = Field(max_length=120)
    phone: str = Field(max_length=16, unique=True)  # E.164
    password_hash: str | None = Field(default=None, max_length=200)
    language: str = Field(default="vi", max_length=2)
    created_at: datetime = Field(sa_column=moment_column(nullable=False))
    dismissed_at: datetime | None = Field(default=None, sa_column=moment_column(nullable=True))

    @property
    def short_name(self) -> str:
        """How people of the teams appear to each other."""
        return short_name(self.full_name)


class Posting(Row, table=True):
    """A role in an area for a time. Rights are the union of the postings in force today."""

    id: uuid.UUID = Field(primary_key=True)
    person_id: uuid.UUID = Field(foreign_key="person.id", index=True)
    role: str = Field(max_length=16)
    area_id: int = Field(foreign_key="area.id", index=True)
    valid_from: date
    valid_to: date = FOREVER


class Team(Row, table=True):
    """A community digital team of a ward, set up by a decision of its committee (Công văn 793/BTTTT-THH)."""

    id: uuid.UUID = Field(primary_key=True)
    area_id: int = Field(foreign_key="area.id", index=True)
    name: str = Field(max_length=120)
    decision_no: str = Field(default="", max_length=60)
    decision_date: date | None = None
    dissolved_on: date | None = None


class TeamRole(StrEnum):
    """A member's place in the team."""

    LEADER = "leader"
    DEPUTY = "deputy"
    MEMBER = "member"


class TeamMember(Row, table=True):
    """Who is in which team, from day to day."""

    __tablename__ = "team_member"
    team_id: uuid.UUID = Field(primary_key=True, foreign_key="team.id")
    person_id: uuid.UUID = Field(primary_key=True, foreign_key="person.id", index=True)
    valid_from: date = Field(primary_key=True)
    valid_to: date = FOREVER
    role: str = Field(max_length=8)


class TeamGroup(Row, table=True):
    """Which residential groups a team goes to: many to many and dated, because groups are merged while teams lag behind."""

    __tablename__ = "team_group"
    team_id: uuid.UUID = Field(primary_key=True, foreign_key="team.id")
    group_id: int = Field(primary_key=True, foreign_key="area.id", index=True)
    valid_from: date = Field(primary_key=True)
    valid_to: date = FOREVER


class LoginSession(Row, table=True):
    """A signed-in browser. Only the hash of its cookie is stored, so the table is no help to a thief. No reference table."""

    __tablename__ = "login_session"
    token_hash: str = Field(primary_key=True, max_length=64)
    person_id: uuid.UUID = Field(index=True)
    created_at: datetime = Field(sa_column=moment_column(nullable=False))
    expires_at: datetime = Field(sa_column=moment_column(nullable=False))
    revoked_at: datetime | None = Field(default=None, sa_column=moment_column(nullable=True))


class ApiToken(Row, table=True):
    """What another program shows to read `/api/v1`: it may see what its person may see. Stored hashed."""

    __tablename__ = "api_token"
    token_hash: str = Field(primary_key=True, max_length=64)
    person_id: uuid.UUID = Field(index=True)
    label: str = Field(default="", max_length=80)
    created_at: datetime = Field(sa_column=moment_column(nullable=False))
    expires_at: datetime = Field(sa_column=moment_column(nullable=False))
    revoked_at: datetime | None = Field(default=None, sa_column=moment_column(nullable=True))


class Device(Row, table=True):
    """A phone that a person saved visits on."""

    id: uuid.UUID = Field(primary_key=True)
    person_id: uuid.UUID = Field(index=True)
    label: str = Field(default="", max_length=80)
    enrolled_at: datetime = Field(sa_column=moment_column(nullable=False))
    last_seen_at: datetime | None = Field(default=None, sa_column=moment_column(nullable=True))
    revoked_at: datetime | None = Field(default=None, sa_column=moment_column(nullable=True))


class UploadTicket(Row, table=True):
    """The right to hand in what one person saved on one device, and nothing else; it outlives sign-out and password.

    Items name `id`: the key that signs them is made of it and the program's secret, so whose they are is known for ever.
    """

    __tablename__ = "upload_ticket"
    id: uuid.UUID = Field(primary_key=True)
    token_hash: str = Field(max_length=64, unique=True)
    person_id: uuid.UUID = Field(index=True)
    device_id: uuid.UUID = Field(index=True)
    issued_at: datetime = Field(sa_column=moment_column(nullable=False))
    expires_at: datetime = Field(sa_column=moment_column(nullable=False))
    revoked_at: datetime | None = Field(default=None, sa_column=moment_column(nullable=True))
