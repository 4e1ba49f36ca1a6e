"""What is remembered about failed sign-ins, for a day at most, and what proves besides the password who somebody is."""

import uuid
from datetime import datetime

from sqlmodel import Field

from skills.db import Row, moment_column


class SignInFailure(Row, table=True):
    """How many tries a telephone number or an address has used up since a moment. The key is a keyed hash: what people
    type into the wrong field is sometimes their password."""

    __tablename__ = "sign_in_failure"
    key: str = Field(primary_key=True, max_length=64)
    since: datetime = Field(sa_column=moment_column(nullable=False, index=True))
    n: int
    closed_until: datetime | None = Field(default=None, sa_column=moment_column(nullable=True))


class SecondFactor(Row, table=True):
    """The secret that somebody's phone makes codes with (RFC 6238), sealed with a key made of the program's secret."""

    __tablename__ = "second_factor"
    person_id: uuid.UUID = Field(primary_key=True)
    sealed: str = Field(max_length=200)
    last_step: int  # of 30 seconds since 1970: a code counts once
    set_up_at: datetime = Field(sa_column=moment_column(nullable=False))


class RecoveryCode(Row, table=True):
    """What gets somebody in once when the phone with the codes is lost. Only a keyed hash is stored."""

    __tablename__ = "recovery_code"
    person_id: uuid.UUID = Field(primary_key=True)
    code_hash: str = Field(primary_key=True, max_length=64)
    used_at: datetime | None = Field(default=None, sa_column=moment_column(nullable=True))
