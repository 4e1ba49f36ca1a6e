"""Lines of the trail, the newest first, a page at a time by key, however many there are."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import product
from typing import Any

from sqlalchemy import Table, and_, bindparam, or_, select
from sqlmodel import Session, col

from skills import clock
from skills.admin.audit.forms import Key, TrailQuery
from skills.admin.audit.scope import Scope, names_seen, scope_of
from skills.admin.audit.words import detail, place, sentence, thing, who
from skills.areas.models import Area
from skills.audit.models import AuditEntry, ReadEntry
from skills.db import table_of
from skills.people.permissions import Permission
from skills.people.viewer import Viewer

AT_ONCE = 50  # lines on the page
IN_A_FILE = 2_000  # lines read at a time for a file
_EVER = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    """A stored line, of either table."""

    ward_id: int
    n: int
    at: datetime
    actor_id: uuid.UUID | None
    action: str
    subject: str
    more: str  # names of fields; of a read, why

    @property
    def key(self) -> Key:
        """Its place in the list."""
        return Key(self.at, self.ward_id, self.n)


@dataclass(frozen=True)
class Line:
    """A line as it is read: a sentence, where it belongs, and what it may be narrowed to or opened."""

    row: Row
    sentence: str
    actor: str
    subject: str
    place: str
    detail: str
    href: str  # the page of what it is about; "" when there is none for the viewer


@dataclass(frozen=True)
class Page:
    """Some lines, and where the older ones are."""

    lines: list[Line]
    older: Key | None
    actor: str  # the name of who the list is narrowed to
    subject: str


def find_page(db: Session, viewer: Viewer, asked: TrailQuery) -> Page:
    """The lines within the viewer's reach that the query asks for, from its place in the list on."""
    scope = scope_of(db, viewer)
    rows = newest(db, scope, asked, AT_ONCE + 1)
    older = rows[AT_ONCE - 1].key if len(rows) > AT_ONCE else None
    asked_ids = {asked.actor, _uuid(asked.subject or "")} - {None}
    names = _names(db, viewer, scope, rows, asked_ids)
    return Page(
        lines=told(db, viewer, rows[:AT_ONCE], names),
        older=older,
        actor=who(asked.actor, names) if asked.actor else "",
        subject=thing(asked.subject, names) if asked.subject else "",
    )


def newest(db: Session, scope: Scope, asked: TrailQuery, most: int) -> list[Row]:
    """So many stored lines, the newest first. Each chain, and in it each person when not everybody's lines are seen, is asked by an
    index of its own, so that however long a chain is, no more of it is read than may be shown."""
    table, n, *_ = _columns(asked)
    found: list[Row] = []
    since = _EVER  # of a page that is full already, only what is as new as its last line can still change it
    for conditions, people in _of_whom(scope, asked):
        rows = (
            select(*_told(asked))
            .where(*conditions, *_wanted(scope, asked), table.c.at >= bindparam("since"))
            .order_by(table.c.at.desc(), n.desc())
            .limit(most)
        )
        for ward_id, person in product(scope.wards, people):
            asked_of = {"ward": ward_id, "since": since, **person}
            found += [Row(*row) for row in db.connection().execute(rows, asked_of)]
            if len(found) >= most:
                found = sorted(found, key=lambda row: row.key, reverse=True)[:most]
                since = found[-1].at
    return sorted(found, key=lambda row: row.key, reverse=True)


def chain_by_chain(db: Session, scope: Scope, asked: TrailQuery, after: Key | None, most: int) -> list[Row]:
    """The next stored lines for a file: ward after ward, the newest of each first. `after`: the last line that was written."""
    for ward_id in scope.wards:
        if after is not None and ward_id < after.ward_id:
            continue
        here = after if after is not None and ward_id == after.ward_id else None
        narrowed = asked.model_copy(update={"before": here})
        rows = newest(db, Scope((ward_id,), scope.people), narrowed, most)
        if rows:
            return rows
    return []


def told(db: Session, viewer: Viewer, rows: Sequence[Row], names: dict[uuid.UUID, str]) -> list[Line]:
    """The lines in words."""
    wards = {row.ward_id for row in rows}
    areas = {area.id: area.name for area in db.execute(select(Area).where(col(Area.id).in_(wards))).scalars()}
    may_open = viewer.may(Permission.SEE_DOORS) and viewer.may(Permission.READ_AUDIT)
    return [
        Line(
            row=row,
            sentence=sentence(row.action, who(row.actor_id, names), thing(row.subject, names)),
            actor=who(row.actor_id, names),
            subject=thing(row.subject, names),
            place=place(areas.get(row.ward_id)),
            detail=detail(row.more),
            href=_href(row) if may_open else "",
        )
        for row in rows
    ]


def lines_for_a_file(db: Session, viewer: Viewer, rows: Sequence[Row]) -> list[Line]:
    """The same for lines of a file."""
    return told(db, viewer, rows, _names(db, viewer, scope_of(db, viewer), rows, set()))


def _columns(asked: TrailQuery) -> tuple[Table, Any, Any, Any, Any]:
    """The table, and what its columns are for: the number in the chain, who, what, and more."""
    if asked.what == "reads":
        table = table_of(ReadEntry)
        return table, table.c.n, table.c.person_id, table.c.page, table.c.why
    table = table_of(AuditEntry)
    return table, table.c.seq, table.c.actor_id, table.c.action, table.c.fields


def _told(asked: TrailQuery) -> tuple[Any, ...]:
    """The columns of a Row, out of either table."""
    table, n, actor, action, more = _columns(asked)
    named = n.label("n"), table.c.at, actor.label("actor_id"), action.label("action")
    return table.c.ward_id, *named, table.c.subject, more.label("more")


def _of_whom(scope: Scope, asked: TrailQuery) -> Iterator[tuple[list[Any], list[dict[str, Any]]]]:
    """Conditions, and the people to ask them of: everybody's lines at once; else what each did, and what others did to each."""
    table, _n, actor, *_ = _columns(asked)
    if scope.people is None:
        yield [], [{}]
        return
    yield [actor == bindparam("person")], [{"person": person} for person in scope.people]
    by_others = or_(actor.is_(None), actor.not_in(scope.people))
    yield (
        [table.c.subject == bindparam("person"), by_others],
        [{"person": str(person)} for person in scope.people],
    )


def _wanted(scope: Scope, asked: TrailQuery) -> Iterator[Any]:
    """Conditions for the lines of one chain that the query asks for."""
    table, n, actor, action, _more = _columns(asked)
    at, ward = table.c.at, table.c.ward_id
    yield ward == bindparam("ward")
    if asked.actor:
        yield actor == asked.actor
    if asked.subject:
        yield table.c.subject == asked.subject
    if asked.action:
        # one person or thing has few lines, an action may have most of them: its index is not to be taken then
        few = scope.people is not None or asked.actor or asked.subject
        yield (action.concat("") if few else action) == asked.action
    if asked.day:
        midnight = datetime.combine(asked.day, time(), clock.VIETNAM)
        yield and_(at >= midnight, at < midnight + timedelta(days=1))
    if asked.before:
        key = asked.before
        yield and_(at <= key.at, or_(at < key.at, ward < key.ward_id, and_(ward == key.ward_id, n < key.n)))


def _names(
    db: Session, viewer: Viewer, scope: Scope, rows: Sequence[Row], more: set[Any]
) -> dict[uuid.UUID, str]:
    ids = {row.actor_id for row in rows} | {_uuid(row.subject) for row in rows} | more
    return names_seen(db, viewer, scope, [each for each in ids if each is not None])


def _href(row: Row) -> str:
    """Where it can be looked at: a visit that was changed, the door whose note was read."""
    noun = row.action.partition(".")[0]
    if noun == "visit" and _uuid(row.subject):
        kind = "households" if row.action == "visit.note" else "visits"
        return f"/{kind}/{row.ward_id}/{row.subject}"
    return ""


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if len(text) == 36 else None
    except ValueError:
        return None
