"""What is remembered about failed sign-ins, for five minutes at a time."""

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
