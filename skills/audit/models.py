"""The trail of changes, one chain a ward."""

import uuid
from datetime import datetime

from sqlmodel import Field

from skills.db import Row, moment_column


class AuditEntry(Row, table=True):
    """One change. `ward_id` names the chain: a ward's own number, or 0 for what concerns no single ward.

    `hash` covers the entry and the hash before it, so that nothing can be taken out, put in or altered unnoticed.
    """

    __tablename__ = "audit_entry"
    ward_id: int = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    at: datetime = Field(sa_column=moment_column(nullable=False))
    actor_id: uuid.UUID | None = Field(default=None, index=True)  # None: a command on the server
    action: str = Field(max_length=40)  # "person.dismissed"
    subject: str = Field(max_length=60)  # what it was done to: a UUID or a number, as text
    fields: str = Field(default="", max_length=400)  # names of what changed, with commas between
    hash: str = Field(max_length=64)
