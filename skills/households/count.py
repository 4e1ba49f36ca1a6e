"""How many doors of a stored ward lie in each block, kept in the transaction that writes or moves a door."""

from sqlalchemy import delete
from sqlmodel import Session, col

from skills.db import upsert
from skills.households.models import WardBlock


def count_door(db: Session, ward_id: int, block_id: int, n: int) -> None:
    """Adds `n` doors (negative: takes away) to a block of a stored ward; a block without doors keeps no row.

    The row stays locked until the transaction ends, so that two writers can't both believe the old number.
    """
    table = upsert(db, WardBlock).values(ward_id=ward_id, block_id=block_id, households=n)
    db.execute(
        table.on_conflict_do_update(
            index_elements=["ward_id", "block_id"],
            set_={"households": col(WardBlock.households) + table.excluded.households},
        )
    )
    if n < 0:
        db.execute(
            delete(WardBlock).where(
                col(WardBlock.ward_id) == ward_id,
                col(WardBlock.block_id) == block_id,
                col(WardBlock.households) == 0,
            )
        )
