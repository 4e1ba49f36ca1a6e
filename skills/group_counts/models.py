"""The table of monthly counts of the sensitive groups (NKT, DTTS by law; HN by our choice)."""

import uuid
from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from skills.db import Row, moment_column


class GroupCount(Row, table=True):
    """What a team told of one residential group and month; of several versions the latest holds."""

    __tablename__ = "group_count"
    __table_args__ = (Index("ix_group_count_group", "group_id", "month"),)
    ward_id: int = Field(primary_key=True)
    group_id: int = Field(primary_key=True, foreign_key="area.id")
    month: str = Field(primary_key=True, max_length=7)  # 2026-08
    version: int = Field(primary_key=True)
    id: uuid.UUID
    item: uuid.UUID
    disabled: int | None = None  # people with a disability who were helped (NKT); None: not told
    minority: int | None = None  # people of ethnic minorities who were helped (DTTS)
    poor: int | None = None  # poor and near-poor households that were helped (HN)
    author_id: uuid.UUID = Field(foreign_key="person.id")
    saved_at: datetime = Field(sa_column=moment_column(nullable=False))
    received_at: datetime = Field(sa_column=moment_column(nullable=False))
