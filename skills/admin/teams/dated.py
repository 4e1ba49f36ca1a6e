"""Rows that hold from one day to another: begun, ended, never two of the same at once. What has begun is never removed."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, col, select

from skills.areas.models import FOREVER
from skills.people.models import TeamGroup, TeamMember

Kept = TeamMember | TeamGroup


class NotThen(Exception):
    """The day does not fit what is there already: `code` names the sentence of a form."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def begin(db: Session, table: type[Kept], key: Mapping[str, Any], since: date, **more: Any) -> None:
    """A new row from that day on. NotThen("there_already") when one of this key holds on that day or is planned after it."""
    if _from(db, table, key, since):
        raise NotThen("there_already")
    empty = db.get(table, (*key.values(), since))  # of somebody dismissed on the day they came
    row = empty or table(**key, valid_from=since)
    for name, value in {"valid_to": FOREVER, **more}.items():
        setattr(row, name, value)
    db.add(row)
    db.flush()


def end(db: Session, table: type[Kept], key: Mapping[str, Any], since: date, today: date) -> None:
    """From that day on it does not hold any more; what was planned for later is dropped.

    NotThen("not_there") when nothing holds then, NotThen("before_start") when it began on that day or after it, and has begun.
    """
    rows = _from(db, table, key, since)
    if not rows:
        raise NotThen("not_there")
    for row in rows:
        if row.valid_from < since:
            row.valid_to = since - timedelta(days=1)
            db.add(row)
        elif row.valid_from < today:
            raise NotThen("before_start")
        else:
            db.delete(row)
    db.flush()


def alter(db: Session, key: Mapping[str, Any], role: str, since: date) -> bool:
    """A member's place in the team from that day on, for as long as they were to stay; False when it is that already.

    NotThen("not_there") when they are no member on that day, NotThen("planned") when another place is planned for later.
    """
    rows: list[Any] = _from(db, TeamMember, key, since)
    if not rows or rows[0].valid_from > since:
        raise NotThen("not_there")
    if len(rows) > 1:
        raise NotThen("planned")
    row = rows[0]
    if row.role == role:
        return False
    if row.valid_from == since:
        row.role = role
        db.add(row)
    else:
        last, row.valid_to = row.valid_to, since - timedelta(days=1)
        db.add(row)
        db.flush()
        db.add(TeamMember(**key, valid_from=since, valid_to=last, role=role))
    db.flush()
    return True


def _from(db: Session, table: type[Kept], key: Mapping[str, Any], since: date) -> list[Any]:
    """The rows of this key that hold on that day or later, the earliest first."""
    where = [getattr(table, name) == value for name, value in key.items()]
    return list(
        db.exec(select(table).where(*where, col(table.valid_to) >= since).order_by(col(table.valid_from)))
    )
