"""Residential groups (tổ dân phố, thôn): no national data, so offices list them, from a day on."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from sqlmodel import Session, col, select

from skills.areas.blocks import give, given_blocks, next_id, rebuild, refine, ward_rows
from skills.areas.models import FOREVER, Area, AreaParent, Block, Level
from skills.areas.parents import Edge, hang
from skills.areas.reorganise import ReorganiseError
from skills.language import gettext as _
from skills.text import fold, sort_key, tidy


def list_groups(
    db: Session, ward_id: int, names: Sequence[tuple[str, int | None]], since: date
) -> list[Area]:
    """Makes the residential groups of a ward that aren't listed yet, in force from `since`; returns all named, in that order.

    Each gets a block of its own, taken for all of history out of the ward's block named with it, or out of the lowest one when
    None is named. Doors stay in that block, the remainder, until they are carried over. Raises ReorganiseError when the ward
    was not in force on that day, a name is empty, or the block named is none that groups can be taken out of.
    """
    ward = db.get(Area, ward_id)
    if ward is None or ward.level != Level.WARD or not ward.in_force(since):
        raise ReorganiseError(
            _("Số %(id)s không phải là phường, xã đang có vào ngày %(day)s.")
            % {"id": ward_id, "day": f"{since:%d/%m/%Y}"}
        )
    wanted = {tidy(name): block for name, block in reversed(names)}
    if "" in wanted:
        raise ReorganiseError(_("Tổ dân phố, thôn nào cũng cần có tên."))
    listed = _listed(db, ward_id, since)
    missing: dict[int, list[str]] = defaultdict(list)
    origins = _origins(db, ward, since)
    for name in dict.fromkeys(tidy(name) for name, _block in names):
        if name not in listed:
            missing[_origin(ward, origins, wanted[name])].append(name)
    changed: list[int] = []
    for origin, of_it in missing.items():
        like = _like(db, ward, origin, origins[origin], since)
        pieces = refine(db, origin, [f"{name}, {ward.short_name}" for name in of_it], Level.GROUP, like)
        listed |= _found(db, ward, dict(zip(of_it, pieces, strict=True)), since)
        changed += [piece.id for piece in pieces]
    if changed:
        rebuild(db, changed)
    return [listed[tidy(name)] for name, _block in names]


def _listed(db: Session, ward_id: int, since: date) -> dict[str, Area]:
    """The groups of the ward that are there on that day or will be, by name."""
    query = select(Area).join(AreaParent, col(AreaParent.area_id) == col(Area.id))
    here = query.where(
        AreaParent.parent_id == ward_id, Area.level == Level.GROUP, col(Area.valid_to) >= since
    )
    return {group.name: group for group in db.exec(here.order_by(col(Area.id).desc()))}


def _origins(db: Session, ward: Area, since: date) -> dict[int, list[int]]:
    """The blocks that groups can be taken out of, each with the blocks never cut that it has in the ward, in ascending order.

    That is a ward's block that was never cut, or what remains of one whose groups were listed before.
    """
    made_for_groups = select(Block.id, Block.refined_from).where(Block.level == Level.GROUP)
    taken_out_of = {block: origin for block, origin in db.exec(made_for_groups) if origin is not None}
    origins: dict[int, list[int]] = defaultdict(list)
    for leaf in sorted(given_blocks(db, [ward.id], since)):
        block = leaf
        while block in taken_out_of:
            block = taken_out_of[block]
        origins[block].append(leaf)
    return dict(origins)


def _origin(ward: Area, origins: dict[int, list[int]], named: int | None) -> int:
    if named is None and origins:
        return min(origins)
    if named is None or named not in origins:
        raise ReorganiseError(
            _("Không tách được tổ dân phố, thôn của %(ward)s từ mảnh số %(block)s.")
            % {"ward": ward.name, "block": named}
        )
    return named


def _like(db: Session, ward: Area, origin: int, leaves: list[int], since: date) -> int | None:
    """The piece whose wards a further piece shares; None when the block was never cut. All pieces in the ward must agree."""
    if leaves == [origin]:
        return None
    from_then = {
        leaf: [(above, max(first, since), last) for above, first, last in rows if last >= since]
        for leaf, rows in ward_rows(db, leaves).items()
    }
    if any(rows != from_then[leaves[0]] for rows in from_then.values()):
        raise ReorganiseError(
            _("%(ward)s đã được chia sau ngày đó: hãy nhập tổ dân phố, thôn cho từng phần.")
            % {"ward": ward.name}
        )
    return leaves[0]


def _found(db: Session, ward: Area, pieces: dict[str, Block], since: date) -> dict[str, Area]:
    """One group for each piece, in the wards that the piece lies in from that day on."""
    first = next_id(db, Area)
    kind = "Thôn" if ward.kind == "Xã" else "Tổ dân phố"
    groups = {
        name: Area(
            id=first + place,
            level=Level.GROUP,
            kind=kind,
            name=name,
            short_name=name,
            fold=fold(name),
            sort_key=sort_key(name),
            valid_from=since,
        )
        for place, name in enumerate(pieces)
    }
    db.add_all(groups.values())
    db.flush()
    give(db, [(groups[name].id, piece.id, since, FOREVER) for name, piece in pieces.items()])
    rows = ward_rows(db, [piece.id for piece in pieces.values()])
    edges = [Edge(groups[name].id, *row) for name, piece in pieces.items() for row in rows[piece.id]]
    hang(
        db,
        [edge._replace(valid_from=max(edge.valid_from, since)) for edge in edges if edge.valid_to >= since],
    )
    return groups
