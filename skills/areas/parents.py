"""Which area lies in which, as dated rows: reading them, ending them from a day on, and writing new ones."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, select
from sqlmodel import Session

from skills.areas.models import FOREVER, Area, AreaParent, Level
from skills.db import insert_many, table_of

_EDGES = table_of(AreaParent)
_AREAS = table_of(Area)


class Edge(NamedTuple):
    """An area in its parent, from the first day to the last; not primary: a reporting district that it isn't counted in."""

    area_id: int
    parent_id: int
    valid_from: date
    valid_to: date = FOREVER
    is_primary: bool = True


def above(db: Session, area_ids: Collection[int], on: date) -> list[Edge]:
    """The edges from the areas to their parents that are in force on that day or later, those it is counted in first."""
    return sorted(_edges(db, [_EDGES.c.area_id.in_(area_ids)], on), key=lambda edge: not edge.is_primary)


def below(db: Session, parent_ids: Collection[int], level: Level, on: date) -> list[Edge]:
    """The edges from areas of a level to the parents that are in force on that day or later."""
    children = select(_AREAS.c.id).where(_AREAS.c.level == level)
    return _edges(db, [_EDGES.c.parent_id.in_(parent_ids), _EDGES.c.area_id.in_(children)], on)


def cut_above(db: Session, area_id: int, on: date, parent_ids: Collection[int] | None = None) -> list[Edge]:
    """Ends the area's edges to those parents (None: to all) the day before; returns what they would have been from that day."""
    where = [_EDGES.c.area_id == area_id]
    return _cut(db, where if parent_ids is None else [*where, _EDGES.c.parent_id.in_(parent_ids)], on)


def cut_below(db: Session, parent_id: int, on: date, area_ids: Collection[int] | None = None) -> list[Edge]:
    """Ends the edges of those areas (None: of all) to the parent the day before; returns what they would have been from then."""
    where = [_EDGES.c.parent_id == parent_id]
    return _cut(db, where if area_ids is None else [*where, _EDGES.c.area_id.in_(area_ids)], on)


def hang(db: Session, edges: Iterable[Edge]) -> None:
    """Writes the edges."""
    insert_many(db, AreaParent, [edge._asdict() for edge in edges])


def _edges(db: Session, where: list[ColumnElement[bool]], on: date) -> list[Edge]:
    """Columns, not objects: edges are rewritten under the session's feet."""
    columns = [_EDGES.c[name] for name in Edge._fields]
    db.flush()
    query = (
        select(*columns).where(*where, _EDGES.c.valid_to >= on).order_by(_EDGES.c.area_id, _EDGES.c.parent_id)
    )
    return [Edge(*row) for row in db.execute(query)]


def _cut(db: Session, where: list[ColumnElement[bool]], on: date) -> list[Edge]:
    ended = _edges(db, where, on)
    db.execute(_EDGES.delete().where(*where, _EDGES.c.valid_from >= on))
    db.execute(_EDGES.update().where(*where, _EDGES.c.valid_to >= on).values(valid_to=on - timedelta(days=1)))
    return [edge._replace(valid_from=max(edge.valid_from, on)) for edge in ended]
