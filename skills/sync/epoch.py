"""Which life of the database this is. After a restore phones offer again what they sent before, for the copy may be older than that."""

import secrets

from sqlalchemy import bindparam, select
from sqlmodel import Session, text

from skills import clock
from skills.db import dialect, table_of, upsert, uuid7
from skills.sync.models import Epoch

_ONLY = 1
_EPOCH = table_of(Epoch)
_VALUE = select(_EPOCH.c.value).where(_EPOCH.c.id == bindparam("id"))


def epoch(db: Session) -> str:
    """The epoch as phones compare it. On PostgreSQL with the timeline of the write-ahead log, which changes at a failover. Writes
    the first one when there is none."""
    value = db.connection().execute(_VALUE, {"id": _ONLY}).scalar_one_or_none() or renew(db).value
    if dialect(db) == "sqlite":
        return str(value)
    timeline = db.execute(text("SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)")).scalar_one()
    return f"{value}-{timeline}"


def renew(db: Session) -> Epoch:
    """A new epoch: part of every restore."""
    now = clock.now()
    values = {"value": uuid7(now, secrets.token_bytes(10)), "since": now}
    db.execute(
        upsert(db, Epoch).values(id=_ONLY, **values).on_conflict_do_update(index_elements=["id"], set_=values)
    )
    return db.get_one(Epoch, _ONLY, populate_existing=True)
