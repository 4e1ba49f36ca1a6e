"""The locks of the stored ward: whoever writes there takes them first, all of them, in ascending order."""

from collections.abc import Iterable

from sqlalchemy import false
from sqlmodel import Session

from skills.db import dialect, upsert
from skills.households.models import WardLock


def lock_wards(db: Session, ward_ids: Iterable[int]) -> None:
    """Takes the wards' locks in ascending order until the transaction ends, so that two writers never wait for each other.

    One statement makes the row of a ward where nobody has written yet and locks that of any other, each in its turn: with two, the
    rows that are there would be locked before the missing ones are made, which is out of order. Nothing is updated, and PostgreSQL
    locks a row on which it decides that (INSERT, ON CONFLICT DO UPDATE, in its manual).
    """
    wanted = sorted(set(ward_ids))
    if not wanted or dialect(db) == "sqlite":
        return  # there BEGIN IMMEDIATE has locked the whole file already
    rows = upsert(db, WardLock).values([{"ward_id": ward} for ward in wanted])
    db.execute(
        rows.on_conflict_do_update(
            index_elements=["ward_id"], set_={"ward_id": rows.excluded.ward_id}, where=false()
        )
    )
