"""The tables of the map in time (architecture 3). All are reference tables: small, rarely written, copied to every node."""

from datetime import date
from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import Field

from skills.db import Row

BEGINNING = date(1900, 1, 1)  # "as far back as we know"; a date, so that ranges compare without special cases
FOREVER = date(9999, 12, 31)  # "still in force"


class Level(StrEnum):
    """What an area is. A former district keeps its id and level; since `cluster_from` it is a reporting district only."""

    CITY = "city"
    PROVINCE = "province"
    DISTRICT = "district"
    CLUSTER = "cluster"
    WARD = "ward"
    GROUP = "residential_group"


class Area(Row, table=True):
    """A place with a name during a time. Codes are recycled by the statistics office (77 of 94), so `id` is ours, for ever."""

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    code: str = Field(default="", max_length=16)
    level: str = Field(max_length=20, index=True)
    kind: str = Field(max_length=40)  # "Phường", "Xã", "Quận", "Tổ dân phố": the word, which is data
    name: str = Field(max_length=200)
    short_name: str = Field(max_length=200)
    fold: str = Field(max_length=200)
    sort_key: str = Field(max_length=900)
    valid_from: date = BEGINNING
    valid_to: date = FOREVER  # inclusive
    cluster_from: date | None = None  # the day from which a district is only a reporting district
    lat: float | None = None
    lon: float | None = None
    area_km2: float | None = None

    def in_force(self, day: date) -> bool:
        """Whether the area existed on that day."""
        return self.valid_from <= day <= self.valid_to


class AreaParent(Row, table=True):
    """Which area lies in which, from day to day. Not primary: a ward that straddles two former districts and counts in the other."""

    __tablename__ = "area_parent"
    area_id: int = Field(primary_key=True, foreign_key="area.id")
    parent_id: int = Field(primary_key=True, foreign_key="area.id", index=True)
    valid_from: date = Field(primary_key=True)
    valid_to: date = FOREVER
    is_primary: bool = True


class AreaSuccession(Row, table=True):
    """What became of an area: merge, split, rename, continue, regroup. `share` is the part of the people, when known."""

    __tablename__ = "area_succession"
    from_id: int = Field(primary_key=True, foreign_key="area.id")
    to_id: int = Field(primary_key=True, foreign_key="area.id")
    effective_on: date = Field(primary_key=True)
    kind: str = Field(max_length=16)
    share: float | None = None


class Block(Row, table=True):
    """The smallest piece of the map that was never cut. A block that pieces were taken out of is what remains: its remainder."""

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    refined_from: int | None = Field(default=None, foreign_key="block.id", index=True)
    label: str = Field(max_length=200)
    level: str = Field(
        default=Level.WARD, max_length=20
    )  # the smallest level of area that its remainder may lie in


class AreaBlock(Row, table=True):
    """Every area on every day as a set of blocks, flat: one join answers every roll-up.

    `is_given` rows say where a block lies (wards, residential groups); `blocks.rebuild` works all others out from them.
    """

    __tablename__ = "area_block"
    __table_args__ = (Index("ix_area_block_block", "block_id", "area_id"),)
    area_id: int = Field(primary_key=True, foreign_key="area.id")
    block_id: int = Field(primary_key=True, foreign_key="block.id")
    valid_from: date = Field(primary_key=True)
    valid_to: date = FOREVER
    is_given: bool = True
