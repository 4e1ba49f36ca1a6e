"""Finding the places that the stories are about, by their names."""

from datetime import date

from sqlmodel import Session, select

from skills.areas.blocks import block_ids
from skills.areas.models import Area, Block

BEFORE = date(2024, 12, 31)  # the last day of the 56 wards
SPRING = date(2025, 3, 1)  # 47 wards
LAST_DISTRICT_DAY = date(2025, 6, 30)
TODAY = date(2026, 8, 28)  # 94 wards, no districts


def area(db: Session, name: str, day: date = TODAY) -> Area:
    """The one area of that name in force on that day."""
    found = [area for area in db.exec(select(Area).where(Area.name == name)) if area.in_force(day)]
    assert len(found) == 1, (name, day, found)
    return found[0]


def block(db: Session, label: str) -> int:
    """The one block with that label."""
    return db.exec(select(Block.id).where(Block.label == label)).one()


def blocks(db: Session, name: str, day: date = TODAY) -> set[int]:
    """The blocks of the area of that name on that day."""
    return block_ids(db, area(db, name, day).id, day)


def areas_of(db: Session, block_id: int, day: date) -> set[str]:
    """The names of all areas that a block lies in on that day."""
    return {area.name for area in db.exec(select(Area)) if block_id in block_ids(db, area.id, day)}
