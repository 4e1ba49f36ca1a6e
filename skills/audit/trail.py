"""Write into the trail of changes: each entry is chained to the one before it in its ward. Ids and names of fields, never values."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from skills import clock
from skills.areas.models import Area, Level
from skills.audit.chain import keep_head, open_chain
from skills.audit.keyed import keyed, name, thing, word
from skills.audit.models import AuditEntry
from skills.db import table_of
from skills.people.models import Posting

_ENTRY = table_of(AuditEntry)
_LONGEST = 400  # characters of the column `fields`


def write(
    db: Session,
    ward_id: int,
    actor_id: uuid.UUID | None,
    action: str,
    subject: object,
    fields: Iterable[str] = (),
) -> None:
    """Adds one entry to the chain of a ward (0: no single ward), in the transaction of the change itself.

    Call it last in a verb, after the wards' locks; of several wards the lowest first. `actor_id` is None for a command on the
    server. ValueError for an action, a subject or a field that is no word of the code and no id: nothing that a person typed gets in.
    """
    action, about, names = word(action), thing(subject), ",".join(map(name, fields))
    if len(names) > _LONGEST:
        raise ValueError("too many fields for one entry")
    head = open_chain(db, ward_id)
    now = clock.now()
    head.seq += 1
    head.hash = chained(head.hash, ward_id, head.seq, now, actor_id, action, about, names)
    values = {"at": now, "actor_id": actor_id, "action": action, "subject": about, "fields": names}
    db.execute(_ENTRY.insert().values(ward_id=ward_id, seq=head.seq, hash=head.hash, **values))
    keep_head(db, head)


def chained(
    before: str,
    ward_id: int,
    seq: int,
    at: datetime,
    actor_id: uuid.UUID | None,
    action: str,
    subject: str,
    fields: str,
) -> str:
    """The hash of an entry: over the hash before it and every field."""
    return keyed(before, ward_id, seq, at, actor_id, action, subject, fields)


def chain_of(db: Session, person_id: uuid.UUID) -> int:
    """The chain that tells of a person: the ward of the posting in force, or of the last one; 0 for whoever works above the wards,
    in more than one, or nowhere."""
    rows = db.execute(
        select(col(Area.id), col(Area.level), col(Posting.valid_to))
        .join(Posting, col(Posting.area_id) == col(Area.id))
        .where(col(Posting.person_id) == person_id)
        .order_by(col(Posting.valid_to).desc(), col(Area.id))
    ).all()
    today = clock.today()
    places = {(row.id, row.level) for row in rows if row.valid_to >= today} or {
        (row.id, row.level) for row in rows[:1]
    }
    area_id, level = next(iter(places), (0, ""))
    return area_id if len(places) == 1 and level == Level.WARD else 0
