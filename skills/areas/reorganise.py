"""Changes of the map from a day on: merge, cut, rename, regroup. Nothing that was is rewritten; old areas end the day before.

`areas/plan.py` reads a whole reorganisation out of a file and carries it out with these verbs.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session, col, select

from skills.areas.blocks import block_ids, given_blocks, leaves, move, next_id, pieces_of, rebuild, refine
from skills.areas.models import FOREVER, Area, AreaBlock, AreaSuccession, Block, Level
from skills.areas.parents import Edge, above, below, cut_above, cut_below, hang
from skills.language import gettext as _
from skills.text import fold, sort_key, tidy

Door = tuple[int, uuid.UUID]  # the ward that the door is stored under, and its id
Carry = Callable[[int, Sequence[Door]], None]  # moves doors into a block, with all that they count for
Whereabouts = Callable[[Sequence[Door]], Mapping[Door, int]]  # the block that each door lies in


class ReorganiseError(ValueError):
    """The map can't be changed so; the sentence says why. Nothing was changed if the transaction is rolled back."""


class Strict(BaseModel):
    """What an office writes: fields that are not known are an error, not ignored."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class NewArea(Strict):
    """An area that a verb makes. What is left out it takes from the area that it comes from; a short name from the name."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    short_name: Annotated[str, Field(max_length=200)] = ""
    kind: Annotated[str, Field(max_length=40)] = ""
    code: Annotated[str, Field(max_length=16)] = ""


class Part(Strict):
    """A part of an area that is cut: where it goes, and the residential groups and blocks that are listed for it."""

    area: int | NewArea
    groups: list[int] = []
    blocks: list[int] = []


def merge(db: Session, from_ids: Sequence[int], into: int | NewArea, on: date) -> Area:
    """Puts wards, or residential groups of one ward, together from that day; returns the area that holds them all.

    `into` may be an area that goes on, among `from_ids` or not. A new ward is counted in the reporting district of the first.
    Raises ReorganiseError.
    """
    ending = [area_id for area_id in dict.fromkeys(from_ids) if area_id != into]
    areas = [_ready(db, area_id, on, Level.WARD, Level.GROUP) for area_id in ending]
    if len(areas) < (2 if isinstance(into, NewArea) else 1):
        raise ReorganiseError(_("Sáp nhập cần ít nhất hai đơn vị."))
    target = _target(db, into, areas, on)
    held = given_blocks(db, ending, on)
    move(db, held, ending, target.id, on)
    for area in areas:
        _move_groups(db, area, dict.fromkeys(_groups_of(db, area, on), target.id), on)
        _end(db, area, on)
        _succeed(db, area.id, target.id, "merge", on)
    rebuild(db, held)
    return target


def cut(db: Session, area_id: int, parts: Sequence[Part], on: date) -> list[Area]:
    """Cuts a ward by its residential groups and blocks, or a residential group by its blocks; returns the parts, in order.

    Each residential group, and each block without one, must be listed in a part; a block that was cut before stands for all
    its pieces. A ward's block listed in several parts is cut as well: each part gets an empty piece of it, to which doors
    can be carried, and the rest remains unallotted. Raises ReorganiseError.
    """
    area = _ready(db, area_id, on, Level.WARD, Level.GROUP)
    existing = [part.area for part in parts if isinstance(part.area, int)]
    if len(parts) < 2 or len(set(existing)) < len(existing) or area_id in existing:
        raise ReorganiseError(
            _("Chia %(name)s cần ít nhất hai phần, là các đơn vị khác nhau.") % {"name": area.name}
        )
    listed = _listed(db, area, parts, on)
    targets = [_target(db, part.area, [area], on) for part in parts]
    held = _in_pieces(db, listed, targets)
    goes_to = {
        group: next(target.id for target in targets if held[target.id] & own)
        for group, own in _groups_of(db, area, on).items()
    }
    for target in targets:
        move(db, held[target.id], [area_id], target.id, on)
        _succeed(db, area_id, target.id, "split", on)
    _move_groups(db, area, goes_to, on)
    _end(db, area, on)
    rebuild(db, set().union(*held.values()))
    return targets


def cut_group(
    db: Session,
    group_id: int,
    parts: Sequence[tuple[NewArea, Sequence[Door]]],
    on: date,
    carry: Carry,
    lies_in: Whereabouts | None = None,
) -> list[Area]:
    """Cuts a residential group by listed doors, which `carry` moves into the new pieces; returns the parts, in order.

    Doors that no part lists stay in the group's block: from that day they lie in the ward, unallotted. A group that was merged
    has several blocks: then `lies_in` must say where each door lies, so that its history stays its own. Raises ReorganiseError.
    """
    group = _ready(db, group_id, on, Level.GROUP)
    doors = [door for _area, listed in parts for door in listed]
    if len(parts) < 2 or not all(listed for _area, listed in parts) or len(set(doors)) < len(doors):
        raise ReorganiseError(
            _("Chia %(name)s cần ít nhất hai phần; mỗi phần có hộ, mỗi hộ ở một phần.") % {"name": group.name}
        )
    own = block_ids(db, group_id, on)
    if lies_in is None and len(own) > 1:
        raise ReorganiseError(
            _("%(name)s gồm nhiều mảnh: cần biết từng hộ ở mảnh nào.") % {"name": group.name}
        )
    where = dict.fromkeys(doors, min(own, default=0)) if lies_in is None else lies_in(doors)
    if any(where.get(door) not in own for door in doors):
        raise ReorganiseError(_("Có hộ được liệt kê không thuộc %(name)s.") % {"name": group.name})
    targets = [_target(db, new, [group], on) for new, _doors in parts]
    carried = _pieces_for_doors(db, targets, [listed for _area, listed in parts], where)
    touched = given_blocks(db, [group_id], on)
    for target in targets:
        move(db, carried[target.id].keys(), [group_id], target.id, on)
        _succeed(db, group_id, target.id, "split", on)
    move(db, given_blocks(db, [group_id], on), [group_id], None, on)
    _end(db, group, on)
    rebuild(db, touched)
    for pieces in carried.values():
        for piece, of_it in pieces.items():
            if of_it:
                carry(piece, of_it)
    return targets


def rename(db: Session, area_id: int, name: str, short_name: str, on: date) -> Area:
    """Gives an area of any level another name from that day: a new area in the old one's place, of the same blocks.

    Postings stay with the old area until an administrator carries them over. Raises ReorganiseError.
    """
    area = _ready(db, area_id, on, *Level)
    renamed = _make(db, NewArea(name=name, short_name=short_name, code=area.code), area, on)
    lies = select(AreaBlock.block_id).where(AreaBlock.area_id == area_id, AreaBlock.valid_to >= on)
    everything = set(db.exec(lies))  # what came to a district since that day as well
    move(db, given_blocks(db, [area_id], on), [area_id], renamed.id, on)
    hang(db, [edge._replace(parent_id=renamed.id) for edge in cut_below(db, area_id, on)])
    hang(db, [edge._replace(area_id=renamed.id) for edge in cut_above(db, area_id, on)])
    _end(db, area, on)
    _succeed(db, area_id, renamed.id, "rename", on)
    rebuild(db, everything)
    return renamed


def regroup(db: Session, ward_ids: Sequence[int], cluster: int | NewArea, on: date) -> Area:
    """Counts the wards in another reporting district from that day, a former district or a cluster; returns it.

    A new cluster lies in the wards' city. Raises ReorganiseError.
    """
    wards = [_ready(db, ward_id, on, Level.WARD) for ward_id in dict.fromkeys(ward_ids)]
    if not wards:
        raise ReorganiseError(_("Xếp cụm cần ít nhất một phường, xã."))
    target = _cluster(db, cluster, wards, on)
    moved = [ward.id for ward in wards if target.id not in _counted_in(db, ward.id, on)]
    for ward_id in moved:
        for former in _counted_in(db, ward_id, on):
            cut_above(db, ward_id, on, [former])
            _succeed(db, former, target.id, "regroup", on)
        cut_above(db, ward_id, on, [target.id])  # it may straddle into the district that it is now counted in
        hang(db, [Edge(ward_id, target.id, on)])
    if moved:
        rebuild(db, given_blocks(db, moved, on))
    return target


# What the verbs are made of

_REPORTING = (Level.CLUSTER, Level.DISTRICT)


def _ready(db: Session, area_id: int, on: date, *levels: Level) -> Area:
    """The area, when it is of such a level, was there before that day, and nothing later is recorded of it."""
    area = db.get(Area, area_id)
    if area is None or area.level not in levels:
        raise ReorganiseError(
            _("Số %(id)s không phải là đơn vị thay đổi được theo cách này.") % {"id": area_id}
        )
    told = {"name": area.name, "day": f"{on:%d/%m/%Y}"}
    if on <= area.valid_from:
        raise ReorganiseError(_("%(name)s chưa có trước ngày %(day)s.") % told)
    later_blocks = select(AreaBlock.block_id).where(AreaBlock.area_id == area_id, AreaBlock.valid_from > on)
    later = any(edge.valid_from > on for edge in above(db, [area_id], on))
    later = later or db.exec(later_blocks.where(col(AreaBlock.is_given).is_(True))).first() is not None
    if later or area.valid_to != FOREVER:
        raise ReorganiseError(
            _("%(name)s đã có thay đổi ghi sau ngày %(day)s: cần theo thứ tự thời gian.") % told
        )
    return area


def _target(db: Session, wanted: int | NewArea, sources: Sequence[Area], on: date) -> Area:
    """The area that blocks go to: one that goes on, of the sources' level (and ward), or a new one where the sources lie."""
    if isinstance(wanted, NewArea):
        target = _make(db, wanted, sources[0], on)
        hang(db, _inherited(db, sources, target, on))
    else:
        target = _goes_on(db, wanted, on)
    if any(area.level != target.level for area in sources):
        raise ReorganiseError(_("Chỉ sáp nhập, chia giữa các đơn vị cùng cấp."))
    wards = {edge.parent_id for edge in above(db, [area.id for area in (*sources, target)], on)}
    if target.level == Level.GROUP and len(wards) > 1:
        raise ReorganiseError(_("Các tổ dân phố, thôn phải cùng một phường, xã."))
    return target


def _goes_on(db: Session, area_id: int, on: date) -> Area:
    area = db.get(Area, area_id)
    if area is None or area.valid_from > on or area.valid_to != FOREVER:
        raise ReorganiseError(_("Số %(id)s không phải là đơn vị có từ ngày đó trở đi.") % {"id": area_id})
    return area


def _make(db: Session, new: NewArea, like: Area, on: date) -> Area:
    """A new area from that day on; what isn't said is as in the area that it comes from."""
    name = tidy(new.name)
    if not name:
        raise ReorganiseError(_("Đơn vị mới cần có tên."))
    short_name = tidy(new.short_name) or name
    area = Area(
        id=next_id(db, Area),
        code=new.code,
        level=like.level,
        kind=new.kind or like.kind,
        name=name,
        short_name=short_name,
        fold=fold(name),
        sort_key=sort_key(short_name),
        valid_from=on,
        cluster_from=like.cluster_from,
    )
    db.add(area)
    db.flush()
    return area


def _inherited(db: Session, sources: Sequence[Area], target: Area, on: date) -> list[Edge]:
    """A new area lies in the parents of its sources; of their reporting districts it is counted in the first one's."""
    edges: dict[int, Edge] = {}
    counted = False
    for source in sources:
        for edge in above(db, [source.id], on):
            if edge.parent_id in edges:
                continue
            is_primary = edge.is_primary and not (counted and _is_reporting(db, edge.parent_id))
            counted = counted or (is_primary and _is_reporting(db, edge.parent_id))
            edges[edge.parent_id] = Edge(target.id, edge.parent_id, on, edge.valid_to, is_primary)
    return list(edges.values())


def _is_reporting(db: Session, area_id: int) -> bool:
    return db.get_one(Area, area_id).level in _REPORTING


def _counted_in(db: Session, ward_id: int, on: date) -> list[int]:
    """The reporting districts that the ward is counted in: one, or none."""
    return [e.parent_id for e in above(db, [ward_id], on) if e.is_primary and _is_reporting(db, e.parent_id)]


def _cluster(db: Session, wanted: int | NewArea, wards: Sequence[Area], on: date) -> Area:
    """The reporting district named, or a new cluster in the city of the wards."""
    if isinstance(wanted, int):
        target = _goes_on(db, wanted, on)
        if target.level not in _REPORTING:
            raise ReorganiseError(_("%(name)s không phải là khu vực hay cụm.") % {"name": target.name})
        return target
    parents = {
        e.parent_id for e in above(db, [ward.id for ward in wards], on) if not _is_reporting(db, e.parent_id)
    }
    if len(parents) != 1:
        raise ReorganiseError(_("Các phường, xã của một cụm phải cùng một thành phố."))
    word = wanted.kind or "Cụm"
    like = Area(id=0, level=Level.CLUSTER, kind=word, name=word, short_name=word, fold="", sort_key="")
    target = _make(db, wanted, like, on)
    hang(db, [Edge(target.id, parents.pop(), on)])
    return target


def _groups_of(db: Session, area: Area, on: date) -> dict[int, set[int]]:
    """The residential groups that a ward has from that day on, each with its blocks."""
    groups = {edge.area_id for edge in below(db, [area.id], Level.GROUP, on)}
    rows = select(AreaBlock.area_id, AreaBlock.block_id).where(
        col(AreaBlock.area_id).in_(groups), col(AreaBlock.is_given).is_(True), AreaBlock.valid_to >= on
    )
    found: dict[int, set[int]] = {group: set() for group in groups}
    for group, block in db.exec(rows):
        found[group].add(block)
    return found


def _move_groups(db: Session, ward: Area, goes_to: Mapping[int, int], on: date) -> None:
    """Residential groups outlive their ward: from that day they lie in the wards named for them."""
    hang(
        db,
        [
            edge._replace(parent_id=goes_to[edge.area_id])
            for edge in cut_below(db, ward.id, on, goes_to.keys())
        ],
    )


def _end(db: Session, area: Area, on: date) -> None:
    cut_above(db, area.id, on)
    area.valid_to = on - timedelta(days=1)
    db.flush()


def _succeed(db: Session, from_id: int, to_id: int, kind: str, on: date) -> None:
    db.merge(AreaSuccession(from_id=from_id, to_id=to_id, effective_on=on, kind=kind))


def _listed(db: Session, area: Area, parts: Sequence[Part], on: date) -> dict[int, list[int]]:
    """For each block given to the area, the places of the parts that it is listed in: one, or several for a block to be cut."""
    held = given_blocks(db, [area.id], on)
    groups = _groups_of(db, area, on)
    pieces = pieces_of(db)
    listed: dict[int, list[int]] = {}
    for place, part in enumerate(parts):
        named = [groups.get(group, set()) for group in part.groups]
        named += [held.intersection(leaves(pieces, block)) for block in part.blocks]
        if not named or not all(named):
            raise ReorganiseError(
                _("Mỗi phần phải gồm tổ dân phố, thôn hoặc mảnh của %(name)s.") % {"name": area.name}
            )
        for block in set().union(*named):
            listed.setdefault(block, []).append(place)
    if held - listed.keys():
        missing = ", ".join(map(str, sorted(held - listed.keys())))
        raise ReorganiseError(_("Còn mảnh chưa xếp vào phần nào: %(blocks)s.") % {"blocks": missing})
    whole = list(groups.values()) if area.level == Level.WARD else [{block} for block in held]
    if any(len({place for block in own for place in listed[block]}) > 1 for own in whole):
        raise ReorganiseError(_("Mỗi tổ dân phố, thôn chỉ ở một phần; muốn chia tổ thì chia theo hộ."))
    return listed


def _in_pieces(
    db: Session, listed: Mapping[int, Sequence[int]], targets: Sequence[Area]
) -> dict[int, set[int]]:
    """The blocks that each target gets; a block that several get is refined, one piece for each."""
    held: dict[int, set[int]] = {target.id: set() for target in targets}
    for block_id, places in sorted(listed.items()):
        going = [targets[place] for place in places]
        pieces = [block_id]
        if len(going) > 1:
            block = db.get_one(Block, block_id)
            pieces = [piece.id for piece in refine(db, block_id, _labels(block, going), Level(block.level))]
        for target, piece in zip(going, pieces, strict=True):
            held[target.id].add(piece)
    return held


def _pieces_for_doors(
    db: Session, targets: Sequence[Area], lists: Sequence[Sequence[Door]], where: Mapping[Door, int]
) -> dict[int, dict[int, list[Door]]]:
    """For each target its new pieces, one out of each block that doors lie in, with the doors to be carried there.

    A target gets its piece of a block even when none of its doors lie there: what remains of the block is then nobody's.
    """
    cut_before = pieces_of(db)
    found: dict[int, dict[int, list[Door]]] = {target.id: {} for target in targets}
    for block_id in sorted(set(where.values())):
        like = min(leaves(cut_before, block_id)) if block_id in cut_before else None
        labels = _labels(db.get_one(Block, block_id), targets)
        pieces = refine(db, block_id, labels, Level.GROUP, like)
        for target, piece, doors in zip(targets, pieces, lists, strict=True):
            found[target.id][piece.id] = [door for door in doors if where[door] == block_id]
    return found


def _labels(block: Block, going: Sequence[Area]) -> list[str]:
    return [f"{block.label}, phần về {target.short_name}" for target in going]
