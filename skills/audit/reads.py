"""Who read what stands under somebody's name. A finder notes it with one line; it is written before the page leaves, or the page
does not leave.

A session that reads can't write, so the note travels with the session, and whoever ends the session (`skills.web.transaction`)
writes it down in a transaction of its own. What can't be written down is not shown: the request answers 503.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from skills import clock
from skills.audit.chain import keep_head, open_chain
from skills.audit.keyed import keyed, thing, word
from skills.audit.models import ReadEntry
from skills.db import Database, table_of

_ENTRY = table_of(ReadEntry)
_NOTED = "reads"


@dataclass(frozen=True)
class Noted:
    """A read that is not written down yet."""

    ward_id: int
    person_id: uuid.UUID
    page: str
    subject: str
    why: str


def read(db: Session, ward_id: int, person_id: uuid.UUID, page: str, subject: object, why: str = "") -> None:
    """Notes that a person is shown what stands under a name: the note of a visit, the telephone number of a volunteer.

    `ward_id`: the ward concerned, or 0. `page` and `why` are words of the code ("visit.note", "request"), `subject` is an id. The same
    thing on the same page is noted once a request. Not for what is one's own, nor for the doors of one's own teams.
    """
    noted = Noted(ward_id, person_id, word(page), thing(subject), word(why) if why else "")
    told: dict[Noted, None] = db.info.setdefault(_NOTED, {})
    told[noted] = None


def noted(db: Session) -> tuple[Noted, ...]:
    """What was noted in a session, the lowest ward first."""
    return tuple(sorted(db.info.get(_NOTED, {}), key=lambda each: each.ward_id))


def keep(db: Session, told: tuple[Noted, ...]) -> None:
    """Writes the reads down, each under its ward and day."""
    for each in told:
        head = open_chain(db, each.ward_id)
        now = clock.now()
        head.reads += 1
        values: dict[str, Any] = {
            "ward_id": each.ward_id, "day": head.day, "n": head.reads, "at": now, "person_id": each.person_id,
            "page": each.page, "subject": each.subject, "why": each.why,
        }  # fmt: skip
        head.reads_hash = come_to(head.reads_hash, *values.values())
        db.execute(_ENTRY.insert().values(**values))
        keep_head(db, head)


@contextmanager
def writing(database: Database) -> Iterator[Session]:
    """`Database.writing`, at whose end what was read in it under somebody's name is written down too, or nothing is."""
    with database.writing() as db:
        yield db
        keep(db, noted(db))


def come_to(before: str, *read: object) -> str:
    """What the reads of a day come to, with one more: every column of it, in the order of the table."""
    return keyed(before, *read)
