"""Who brought in many at once, and which invitations were made of it. The sheet itself is kept nowhere."""

import uuid
from datetime import datetime

from sqlmodel import Field

from skills.db import Row, moment_column


class PeopleImport(Row, table=True):
    """A sheet of names that became invitations. No reference table."""

    __tablename__ = "people_import"
    id: uuid.UUID = Field(
        primary_key=True
    )  # minted when the sheet was shown, so that taking it twice takes it once
    made_by: uuid.UUID = Field(index=True)
    made_at: datetime = Field(sa_column=moment_column(nullable=False))
    area_id: int
    left_out: int  # rows that were not taken: known already, unreadable, twice, above whoever sent it
    undone_at: datetime | None = Field(default=None, sa_column=moment_column(nullable=True))


class PeopleImportInvitation(Row, table=True):
    """An invitation that was made of a row of the sheet."""

    __tablename__ = "people_import_invitation"
    import_id: uuid.UUID = Field(primary_key=True)
    invitation_id: uuid.UUID = Field(primary_key=True)
