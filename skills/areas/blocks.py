"""Areas as sets of blocks (architecture 3): what an area holds on a day, how a block is refined, and the rows that follow.

Given rows say in which ward and residential group a block lies, from day to day; load and the verbs of `reorganise.py` write
them. `rebuild` works out all others: the areas above a ward, over dated parents, and where each remainder lies.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

from sqlalchemy import and_, bindparam, func
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from skills.areas.models import FOREVER, Area, AreaBlock, AreaParent, Block, Level
from skills.db import insert_many, table_of

Span = tuple[date, date]  # first and last day, both included
Spans = dict[int, list[Span]]  # by area

SHIPPED = 99_999  # ids up to here are kept for the files that come with the program, so that a later file never meets an office's own
_AT_ONCE = 5_000  # parameters a statement; SQLite allows 32 766


def blocks_on(area_ids: Collection[int], day: date) -> SelectOfScalar[int]:
    """A query for the blocks that lie in any of the areas on that day, each once: to be joined or used with IN."""
    query = select(AreaBlock.block_id).where(AreaBlock.valid_from <= day, AreaBlock.valid_to >= day)
    if len(area_ids) == 1:
        return query.where(AreaBlock.area_id == next(iter(area_ids)))
    return query.where(col(AreaBlock.area_id).in_(sorted(area_ids))).distinct()


def block_ids(db: Session, area_id: int, day: date) -> set[int]:
    """The blocks of one area on that day; empty when it was not in force."""
    return set(db.exec(blocks_on([area_id], day)).all())


def refine(
    db: Session, block_id: int, labels: Sequence[str], level: Level, like: int | None = None
) -> list[Block]:
    """Takes one new piece for each label out of a block, for all of history; the block becomes their remainder.

    A piece lies where the block lay. Where the block was a remainder of several wards already, the piece lies where `like`
    does, one of the block's own pieces. `level` is that of the areas that the pieces are made for. Rebuild afterwards.
    """
    db.flush()
    rows = [row for row in _rows(db, [like or block_id]) if row.is_given]
    if like is not None:
        # a remainder's groups are worked out: those that hold the whole of it, not those of one piece
        rows = [row for row in rows if row.level != Level.GROUP]
        rows += [row for row in _rows(db, [block_id]) if row.level == Level.GROUP]
    first = next_id(db, Block)
    pieces = [
        Block(id=first + place, refined_from=block_id, label=label[:200], level=level)
        for place, label in enumerate(labels)
    ]
    db.add_all(pieces)
    db.flush()
    give(db, [(row.area_id, piece.id, row.valid_from, row.valid_to) for piece in pieces for row in rows])
    lies = table_of(AreaBlock).c
    db.execute(table_of(AreaBlock).delete().where(lies.block_id == block_id))
    return pieces


def give(db: Session, rows: Iterable[tuple[int, int, date, date]]) -> None:
    """Writes given rows: area, block, first day, last day."""
    names = ("area_id", "block_id", "valid_from", "valid_to")
    insert_many(db, AreaBlock, [dict(zip(names, row, strict=True)) | {"is_given": True} for row in rows])


def move(db: Session, blocks: Collection[int], out_of: Collection[int], into: int | None, on: date) -> None:
    """From that day the blocks are given to `into` (None: to nothing) and no longer to the areas `out_of`. Rebuild afterwards."""
    lies = table_of(AreaBlock).c
    for some in _batches(blocks):
        of_them = and_(
            lies.block_id.in_(some),
            lies.area_id.in_(sorted(out_of)),
            lies.is_given.is_(True),
            lies.valid_to >= on,
        )
        db.execute(table_of(AreaBlock).delete().where(of_them, lies.valid_from >= on))
        db.execute(table_of(AreaBlock).update().where(of_them).values(valid_to=on - timedelta(days=1)))
    if into is not None:
        give(db, [(into, block, on, FOREVER) for block in sorted(blocks)])


def given_blocks(db: Session, area_ids: Collection[int], day: date) -> set[int]:
    """The blocks never cut that were given to the areas (wards or residential groups) on that day."""
    return set(db.exec(blocks_on(area_ids, day).where(col(AreaBlock.is_given).is_(True))).all())


def ward_rows(db: Session, blocks: Collection[int]) -> dict[int, list[tuple[int, date, date]]]:
    """For each block never cut the wards that it was given to, in order of time: ward, first day, last day."""
    rows = [row for row in _rows(db, blocks) if row.is_given and row.level == Level.WARD]
    found: dict[int, list[tuple[int, date, date]]] = {block: [] for block in blocks}
    for row in sorted(rows, key=lambda row: row.valid_from):
        found[row.block_id].append((row.area_id, row.valid_from, row.valid_to))
    return found


def pieces_of(db: Session) -> dict[int, list[int]]:
    """Each block that was refined, with the pieces taken out of it, in ascending order."""
    pieces: dict[int, list[int]] = defaultdict(list)
    for block, origin in db.exec(select(Block.id, Block.refined_from).order_by(col(Block.id))):
        if origin is not None:
            pieces[origin].append(block)
    return dict(pieces)


def leaves(pieces: Mapping[int, Sequence[int]], block_id: int) -> Iterator[int]:
    """The blocks never cut that a block was cut into, through all generations; the block itself when it never was."""
    if block_id not in pieces:
        yield block_id
    for piece in pieces.get(block_id, ()):
        yield from leaves(pieces, piece)


def next_id(db: Session, model: type[Area] | type[Block]) -> int:
    """The id for the next area or block that an office makes. Writers wait for each other, so it is free until they commit."""
    highest = db.exec(select(func.max(model.id))).one()
    return max(highest or 0, SHIPPED) + 1


def rebuild(db: Session, changed: Collection[int] | None = None) -> int:
    """Works out every row that is not given, of the blocks changed and of those they were cut from, or (None) of all.

    Writes only differences, and returns how many rows that were.
    """
    db.flush()
    origins: dict[int, int | None] = dict(db.exec(select(Block.id, Block.refined_from)).all())
    pieces = pieces_of(db)
    wanted = set(origins) if changed is None else _with_origins(changed, origins)
    below = {block: list(leaves(pieces, block)) for block in wanted}
    needed = {leaf for found in below.values() for leaf in found}
    stored = _rows(db, None if changed is None else wanted | needed)
    given: dict[int, Spans] = {leaf: defaultdict(list) for leaf in needed}
    above: dict[int, Spans] = {leaf: defaultdict(list) for leaf in needed}
    groups = set()
    climb = _climber(db)
    for row in stored:
        if not row.is_given:
            continue
        given[row.block_id][row.area_id].append((row.valid_from, row.valid_to))
        if row.level == Level.GROUP:
            groups.add(row.area_id)
            continue
        for area, span in climb(row.area_id, (row.valid_from, row.valid_to)):
            above[row.block_id][area].append(span)

    held_by_groups = set(db.exec(select(Block.id).where(Block.level == Level.GROUP)).all())
    derived: dict[tuple[int, int, date], date] = {}
    for block in wanted:
        if block in pieces:
            spans = _common([_together(given[leaf], above[leaf]) for leaf in below[block]])
            if block not in held_by_groups:
                spans = {area: found for area, found in spans.items() if area not in groups}
        else:
            spans = _together(above[block])
        derived.update({(area, block, first): last for area, found in spans.items() for first, last in found})
    before = {
        (r.area_id, r.block_id, r.valid_from): r.valid_to
        for r in stored
        if not r.is_given and r.block_id in wanted
    }
    return _write_differences(db, before, derived)


def coalesce(spans: Iterable[Span]) -> list[Span]:
    """The same days in as few spans as possible, in order."""
    joined: list[Span] = []
    for first, last in sorted(spans):
        if joined and (joined[-1][1] == FOREVER or first <= joined[-1][1] + timedelta(days=1)):
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined


class _Lies(NamedTuple):
    """A row of area_block with the level of its area."""

    area_id: int
    block_id: int
    valid_from: date
    valid_to: date
    is_given: bool
    level: str


def _rows(db: Session, blocks: Collection[int] | None) -> list[_Lies]:
    """What is stored about the blocks, or (None) about all. Columns, not objects: rows are rewritten under the session's feet."""
    lies, areas = table_of(AreaBlock), table_of(Area)
    columns = [*(lies.c[name] for name in _Lies._fields[:-1]), areas.c.level]
    query = sql_select(*columns).join_from(lies, areas)
    if blocks is None:
        return [_Lies(*row) for row in db.execute(query)]
    return [
        _Lies(*row) for some in _batches(blocks) for row in db.execute(query.where(lies.c.block_id.in_(some)))
    ]


def _with_origins(blocks: Iterable[int], origins: Mapping[int, int | None]) -> set[int]:
    """The blocks and all that they were taken out of: where a remainder lies depends on its pieces."""
    found: set[int] = set()
    for start in blocks:
        block: int | None = start
        while block is not None and block not in found:
            found.add(block)
            block = origins[block]
    return found


def _climber(db: Session) -> Callable[[int, Span], tuple[tuple[int, Span], ...]]:
    """A function that gives the areas above a ward during a span, each with the days; it remembers its answers."""
    edges: dict[int, list[tuple[int, Span]]] = defaultdict(list)
    parents, areas = table_of(AreaParent), table_of(Area)
    query = (
        sql_select(parents.c.area_id, parents.c.parent_id, parents.c.valid_from, parents.c.valid_to)
        .join_from(parents, areas, areas.c.id == parents.c.area_id)
        .where(parents.c.is_primary.is_(True), areas.c.level != Level.GROUP)
    )
    for area, parent, first, last in db.execute(query):
        edges[area].append((parent, (first, last)))

    @cache
    def climb(area: int, span: Span) -> tuple[tuple[int, Span], ...]:
        found: list[tuple[int, Span]] = []
        for parent, days in edges[area]:
            both = (max(span[0], days[0]), min(span[1], days[1]))
            if both[0] <= both[1]:
                found += [(parent, both), *climb(parent, both)]
        return tuple(found)

    return climb


def _together(*sources: Spans) -> Spans:
    """All days of several sources, coalesced area by area."""
    areas = {area for source in sources for area in source}
    return {area: coalesce(span for source in sources for span in source.get(area, ())) for area in areas}


def _common(sources: Sequence[Spans]) -> Spans:
    """The days on which an area appears in every source: the areas that hold all pieces of a remainder."""
    common = dict(sources[0])
    for source in sources[1:]:
        common = {area: _overlap(spans, source[area]) for area, spans in common.items() if area in source}
    return {area: spans for area, spans in common.items() if spans}


def _overlap(these: Sequence[Span], those: Sequence[Span]) -> list[Span]:
    pairs = ((max(a[0], b[0]), min(a[1], b[1])) for a in these for b in those)
    return [pair for pair in pairs if pair[0] <= pair[1]]


def _write_differences(
    db: Session, before: Mapping[tuple[int, int, date], date], after: Mapping[tuple[int, int, date], date]
) -> int:
    """Deletes, inserts and changes derived rows until `before` is `after` (area, block, first day: last day)."""
    lies = table_of(AreaBlock).c
    this_row = and_(
        lies.area_id == bindparam("a"), lies.block_id == bindparam("b"), lies.valid_from == bindparam("f")
    )
    gone = [{"a": a, "b": b, "f": f} for a, b, f in before.keys() - after.keys()]
    if gone:
        db.execute(table_of(AreaBlock).delete().where(this_row), gone)
    moved = [
        {"a": a, "b": b, "f": f, "t": after[a, b, f]}
        for a, b, f in before.keys() & after.keys()
        if before[a, b, f] != after[a, b, f]
    ]
    if moved:
        db.execute(table_of(AreaBlock).update().where(this_row).values(valid_to=bindparam("t")), moved)
    new = [
        {"area_id": a, "block_id": b, "valid_from": f, "valid_to": after[a, b, f], "is_given": False}
        for a, b, f in after.keys() - before.keys()
    ]
    insert_many(db, AreaBlock, new)
    return len(gone) + len(moved) + len(new)


def _batches(ids: Collection[int]) -> Iterator[list[int]]:
    ordered = sorted(ids)
    for start in range(0, len(ordered), _AT_ONCE):
        yield ordered[start : start + _AT_ONCE]
