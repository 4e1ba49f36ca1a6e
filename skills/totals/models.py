"""The tables of the totals (architecture 4). A unit is a block, or 0 for a stored ward as a whole."""

from datetime import date

from sqlalchemy import BigInteger, Column
from sqlmodel import Field

from skills.db import Row

WHOLE_WARD = 0  # unit 0: the stored ward as a whole, whatever block a door lies in


class UnitPeriod(Row, table=True):
    """One amount. `period` is the first day of the period; `measure` a code of `totals/measures.py`. A zero is no row."""

    __tablename__ = "unit_period"
    __table_args__ = ({"sqlite_with_rowid": False},)
    ward_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    unit_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    calendar: str = Field(primary_key=True, max_length=5)
    kind: str = Field(primary_key=True, max_length=7)
    period: date = Field(primary_key=True)
    measure: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    n: int = Field(sa_column=Column(BigInteger, nullable=False))
