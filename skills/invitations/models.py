"""What brings somebody in, or back in: one row each, for at most a day at a time."""

import uuid
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Field

from skills.db import Row, moment_column

LIFE = timedelta(hours=24)
CODE_LIFE = timedelta(minutes=10)


class Kind(StrEnum):
    """Somebody new, or somebody who has an account and can't get into it."""

    JOIN = "join"
    RETURN = "return"


class Invitation(Row, table=True):
    """One person may come in once, with a role in one area. Its token stands in a link or a QR code, its code is typed by hand;
    of both only a hash is stored. Printing a card anew gives another token, and the one before is worth nothing then.

    `role`, `area_id` and `team_id` of a return are those in which the person was found when it was made.
    """

    id: uuid.UUID = Field(primary_key=True)
    kind: str = Field(max_length=8)
    token_hash: str = Field(max_length=64, unique=True)
    code_hash: str | None = Field(default=None, max_length=64)
    code_until: datetime | None = Field(default=None, sa_column=moment_column(nullable=True))
    full_name: str = Field(max_length=120)
    phone: str | None = Field(
        default=None, max_length=16, index=True
    )  # E.164; None: whoever comes in says it
    role: str = Field(max_length=16)
    area_id: int = Field(index=True)
    team_id: uuid.UUID | None = None
    person_id: uuid.UUID | None = Field(default=None, index=True)  # whom a return is for
    issued_by: uuid.UUID = Field(index=True)  # who made it, or made its card anew, last
    issued_at: datetime = Field(sa_column=moment_column(nullable=False))
    expires_at: datetime = Field(sa_column=moment_column(nullable=False))
    used_at: datetime | None = Field(default=None, sa_column=moment_column(nullable=True))
    used_by: uuid.UUID | None = None
    revoked_at: datetime | None = Field(default=None, sa_column=moment_column(nullable=True))
