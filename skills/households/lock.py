"""The locks of the stored ward: whoever writes there takes them first, all of them, in ascending order."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlmodel import Session, col

from skills.db import dialect, upsert
from skills.households.models import WardLock


def lock_wards(db: Session, ward_ids: Iterable[int]) -> None:
    """Takes the wards' locks in ascending order until the transaction ends, so that two writers never wait for each other."""
    if dialect(db) == "sqlite":
        return  # BEGIN IMMEDIATE has locked the whole file already
    wanted = sorted(set(ward_ids))
    rows = (
        select(col(WardLock.ward_id)).where(col(WardLock.ward_id).in_(wanted)).order_by(col(WardLock.ward_id))
    )
    held = db.execute(rows.with_for_update()).scalars().all()
    if len(held) < len(wanted):
        db.execute(
            upsert(db, WardLock).values([{"ward_id": ward} for ward in wanted]).on_conflict_do_nothing()
        )
        db.execute(rows.with_for_update()).all()
