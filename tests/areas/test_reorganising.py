"""Merge, cut, rename and regroup, from a day on; and the plan file that says so."""

import json
import uuid
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest
from sqlmodel import Session, select

from skills.areas import find
from skills.areas.blocks import block_ids, rebuild
from skills.areas.groups import list_groups
from skills.areas.load import load
from skills.areas.models import FOREVER, Area, AreaParent, AreaSuccession
from skills.areas.plan import apply, read_plan
from skills.areas.reorganise import (
    Door,
    NewArea,
    Part,
    ReorganiseError,
    cut,
    cut_group,
    merge,
    regroup,
    rename,
)
from tests.areas.places import TODAY, area, areas_of, block, blocks

SINCE = date(2026, 1, 1)
ON = date(2026, 7, 1)
EVE = date(2026, 6, 30)


def three_groups(db: Session, ward: str = "Xã Tam Hải") -> list[Area]:
    """Three residential groups of a ward, and the ward's own block beside them."""
    return list_groups(db, area(db, ward).id, [("Thôn 1", None), ("Thôn 2", None), ("Thôn 3", None)], SINCE)


def nowhere(_block: int, _doors: Sequence[Door]) -> None:
    """Carries no door: these stories are about the map."""


def test_merged_wards_make_a_new_one_and_their_groups_outlive_them(db: Session) -> None:
    old = [area(db, "Phường An Hải"), area(db, "Phường Sơn Trà")]
    groups = three_groups(db, "Phường An Hải")
    together = block_ids(db, old[0].id, EVE) | block_ids(db, old[1].id, EVE)
    new = merge(
        db, [a.id for a in old], NewArea(name="Phường Sơn Hải", short_name="Sơn Hải", code="20999"), ON
    )
    assert (new.level, new.kind, new.code, new.valid_from, new.valid_to) == (
        "ward",
        "Phường",
        "20999",
        ON,
        FOREVER,
    )
    assert [a.valid_to for a in old] == [EVE, EVE]
    assert block_ids(db, new.id, ON) == together
    assert block_ids(db, new.id, EVE) == block_ids(db, old[0].id, ON) == set()
    assert find.children(db, new, ON) == groups
    assert find.children(db, old[0], EVE) == groups
    assert [a.name for a in find.ancestors(db, new.id, ON)] == ["Quận Sơn Trà", "Thành phố Đà Nẵng"]
    assert find.successors(db, old[0].id, ON) == [new]
    assert load(db) == 0, "loading doesn't undo it"


def test_a_ward_that_straddles_after_a_merger_counts_in_the_district_of_the_first(db: Session) -> None:
    cam_le, hai_chau = area(db, "Phường Cẩm Lệ"), area(db, "Phường Hải Châu")
    new = merge(db, [cam_le.id, hai_chau.id], NewArea(name="Phường Mới"), ON)
    assert [a.name for a in find.ancestors(db, new.id, ON)] == ["Quận Cẩm Lệ", "Thành phố Đà Nẵng"]
    edges = db.exec(select(AreaParent).where(AreaParent.area_id == new.id)).all()
    assert sum(edge.is_primary for edge in edges) == 2
    assert len(edges) == 3
    assert blocks(db, "Phường Mới") <= blocks(db, "Quận Cẩm Lệ")


def test_a_ward_can_take_in_another_and_go_on(db: Session) -> None:
    stays, ends = area(db, "Phường An Hải"), area(db, "Phường Sơn Trà")
    assert merge(db, [ends.id, stays.id], stays.id, ON) is stays
    assert (stays.valid_to, ends.valid_to) == (FOREVER, EVE)
    assert block(db, "Mân Thái") in block_ids(db, stays.id, ON) - block_ids(db, stays.id, EVE)


def test_a_merged_group_holds_both_pieces_and_what_was_unlisted_stays_so(db: Session) -> None:
    one, two, three = three_groups(db)
    (origin,) = find.remainder_blocks(db, area(db, "Xã Tam Hải"), [one, two, three], ON)
    both = block_ids(db, one.id, EVE) | block_ids(db, two.id, EVE)
    joined = merge(db, [one.id, two.id], NewArea(name="Thôn Bắc"), ON)
    assert block_ids(db, joined.id, ON) == both
    everything = merge(db, [three.id], joined.id, date(2026, 8, 1))
    assert everything is joined
    assert origin not in block_ids(db, joined.id, TODAY), (
        "all its pieces are in the group, its doors are in none"
    )
    assert origin in blocks(db, "Xã Tam Hải")


def test_a_ward_is_cut_by_its_groups_and_what_was_unlisted_lies_in_the_district(db: Session) -> None:
    ward = area(db, "Xã Tam Hải")
    one, two, three = three_groups(db)
    (origin,) = find.remainder_blocks(db, ward, [one, two, three], ON)
    parts = [
        Part(area=NewArea(name="Xã Đông"), groups=[one.id, two.id]),
        Part(area=area(db, "Xã Tam Anh").id, groups=[three.id]),
    ]
    east, west = cut(db, ward.id, parts, ON)
    assert find.children(db, east, ON) == [one, two]
    assert find.children(db, west, ON) == [three]
    assert areas_of(db, origin, EVE) == {"Xã Tam Hải", "Huyện Núi Thành", "Thành phố Đà Nẵng"}
    assert areas_of(db, origin, ON) == {"Huyện Núi Thành", "Thành phố Đà Nẵng"}
    assert {
        (s.to_id, s.kind) for s in db.exec(select(AreaSuccession).where(AreaSuccession.from_id == ward.id))
    } == {
        (east.id, "split"),
        (west.id, "split"),
    }


def test_a_block_listed_in_two_parts_is_cut_into_empty_pieces_until_doors_are_carried(db: Session) -> None:
    ward = area(db, "Phường Hải Châu")
    named = {
        label: block(db, label)
        for label in ("Thanh Bình", "Thuận Phước", "Thạch Thang", "Hải Châu I", "Hải Châu II")
    }
    rest = block_ids(db, ward.id, EVE) - {named["Thạch Thang"]}
    parts = [
        Part(area=NewArea(name="Phường Bắc", short_name="Bắc"), blocks=[named["Thạch Thang"]]),
        Part(area=NewArea(name="Phường Nam", short_name="Nam"), blocks=[named["Thạch Thang"], *rest]),
    ]
    north, south = cut(db, ward.id, parts, ON)
    (piece,) = block_ids(db, north.id, ON)
    assert piece == block(db, "Thạch Thang, phần về Bắc")
    assert block(db, "Thạch Thang, phần về Nam") in block_ids(db, south.id, ON)
    assert areas_of(db, named["Thạch Thang"], ON) == {"Quận Hải Châu", "Thành phố Đà Nẵng"}
    assert named["Thạch Thang"] in block_ids(db, ward.id, EVE)
    assert "Phường Thạch Thang" in areas_of(db, piece, date(2025, 1, 1))


def test_a_block_that_was_cut_before_stands_for_its_pieces(db: Session) -> None:
    ward = area(db, "Phường Thanh Khê")
    origin = block(db, "An Khê")
    assert origin in blocks(db, "Phường An Khê")
    first = min(block_ids(db, ward.id, EVE))
    groups = list_groups(db, ward.id, [("Tổ 1", first), ("Tổ 2", first)], SINCE)
    others = block_ids(db, ward.id, EVE) - {first, *(b for g in groups for b in block_ids(db, g.id, EVE))}
    parts = [
        Part(area=NewArea(name="Phường A"), blocks=[first]),
        Part(area=NewArea(name="Phường B"), blocks=sorted(others)),
    ]
    left, _right = cut(db, ward.id, parts, ON)
    assert find.children(db, left, ON) == groups
    assert first in block_ids(db, left.id, ON)


def test_a_group_is_cut_by_doors_and_the_rest_is_unallotted_in_the_ward(db: Session) -> None:
    ward = area(db, "Xã Tam Hải")
    group = three_groups(db)[0]
    (own,) = block_ids(db, group.id, EVE)
    doors: list[Door] = [(ward.id, uuid.uuid4()) for _ in range(3)]
    carried: dict[int, list[Door]] = {}
    left, right = cut_group(
        db, group.id, [(NewArea(name="Thôn 1A"), doors[:2]), (NewArea(name="Thôn 1B"), doors[2:])], ON,
        lambda piece, listed: carried.update({piece: list(listed)}),
    )  # fmt: skip
    (a,), (b,) = block_ids(db, left.id, ON), block_ids(db, right.id, ON)
    assert carried == {a: doors[:2], b: doors[2:]}
    assert block_ids(db, group.id, EVE) == {own, a, b}, "as if the pieces had always been there"
    assert block_ids(db, group.id, ON) == set()
    assert own in find.remainder_blocks(db, ward, find.children(db, ward, ON), ON)
    assert (left.kind, left.level) == ("Thôn", "residential_group")
    again = merge(db, [left.id, right.id], NewArea(name="Thôn 1"), date(2026, 8, 1))
    assert block_ids(db, again.id, TODAY) == {own, a, b}, "the whole of the old group, listed or not"


def test_a_merged_group_is_cut_only_when_it_is_known_where_each_door_lies(db: Session) -> None:
    one, two, _three = three_groups(db)
    (a,), (b,) = block_ids(db, one.id, EVE), block_ids(db, two.id, EVE)
    joined = merge(db, [one.id, two.id], NewArea(name="Thôn Bắc"), ON)
    doors: list[Door] = [(1, uuid.uuid4()), (1, uuid.uuid4()), (1, uuid.uuid4())]
    parts = [(NewArea(name="Thôn X"), doors[:2]), (NewArea(name="Thôn Y"), doors[2:])]
    later = date(2026, 8, 1)
    with pytest.raises(ReorganiseError, match="nhiều mảnh"):
        cut_group(db, joined.id, parts, later, nowhere)
    with pytest.raises(ReorganiseError, match="không thuộc"):
        cut_group(db, joined.id, parts, later, nowhere, lambda doors: dict.fromkeys(doors, 3))
    carried: list[int] = []
    where = dict(zip(doors, (a, b, b), strict=True))
    x, y = cut_group(
        db, joined.id, parts, later, lambda piece, _doors: carried.append(piece), lambda _doors: where
    )
    of_x, of_y = block_ids(db, x.id, TODAY), block_ids(db, y.id, TODAY)
    assert (len(of_x), len(of_y), len(of_x & of_y)) == (2, 2, 0), "a piece each of both blocks"
    assert len(set(carried)) == 3
    assert len(of_x & set(carried)) == 2
    assert {a, b} <= find.remainder_blocks(db, area(db, "Xã Tam Hải"), [x, y], TODAY)
    assert all(len({"Thôn 1", "Thôn 2"} & areas_of(db, piece, EVE)) == 1 for piece in carried), (
        "each keeps its history"
    )


def test_doors_left_over_from_one_cut_keep_their_history_through_the_next(db: Session) -> None:
    ward = area(db, "Xã Tam Hải")
    group = three_groups(db)[0]
    (own,) = block_ids(db, group.id, EVE)
    doors: list[Door] = [(ward.id, uuid.uuid4()) for _ in range(4)]
    halves = [(NewArea(name="Thôn 1A"), doors[:1]), (NewArea(name="Thôn 1B"), doors[1:2])]
    left, right = cut_group(db, group.id, halves, ON, nowhere)
    whole = merge(db, [left.id, right.id], NewArea(name="Thôn 1C"), date(2026, 8, 1))
    again = [(NewArea(name="Thôn 1D"), doors[2:3]), (NewArea(name="Thôn 1E"), doors[3:])]
    first, _second = cut_group(
        db, whole.id, again, date(2026, 8, 15), nowhere, lambda listed: dict.fromkeys(listed, own)
    )
    (piece,) = block_ids(db, first.id, TODAY)
    assert "Thôn 1" in areas_of(db, piece, EVE)
    assert areas_of(db, piece, ON) == {"Xã Tam Hải", "Huyện Núi Thành", "Thành phố Đà Nẵng"}, (
        "it was in neither half"
    )
    assert "Thôn 1C" in areas_of(db, piece, date(2026, 8, 1))
    assert own in block_ids(db, group.id, EVE) & block_ids(db, whole.id, date(2026, 8, 1))


def test_a_merged_group_can_be_parted_again_by_its_blocks(db: Session) -> None:
    one, two, _three = three_groups(db)
    (a,), (b,) = block_ids(db, one.id, EVE), block_ids(db, two.id, EVE)
    joined = merge(db, [one.id, two.id], NewArea(name="Thôn Bắc"), ON)
    parts = [Part(area=NewArea(name="Thôn X"), blocks=[a]), Part(area=NewArea(name="Thôn Y"), blocks=[b])]
    x, y = cut(db, joined.id, parts, date(2026, 8, 1))
    assert (block_ids(db, x.id, TODAY), block_ids(db, y.id, TODAY)) == ({a}, {b})
    assert [area.name for area in find.ancestors(db, x.id, TODAY)][:1] == ["Xã Tam Hải"]


@pytest.mark.parametrize("name", ["Xã Tam Hải", "Huyện Núi Thành", "Thành phố Đà Nẵng", "Thôn 1"])
def test_a_new_name_is_a_new_area_of_the_same_blocks_in_the_same_place(db: Session, name: str) -> None:
    three_groups(db)
    old = area(db, name)
    before = (
        block_ids(db, old.id, EVE),
        [a.name for a in find.ancestors(db, old.id, EVE)],
        find.children(db, old, EVE),
    )
    new = rename(db, old.id, "Tên mới", "Mới", ON)
    after = (
        block_ids(db, new.id, ON),
        [a.name for a in find.ancestors(db, new.id, ON)],
        find.children(db, new, ON),
    )
    assert after == before
    assert (new.level, new.kind, new.code, new.sort_key) != (old.level, old.kind, old.code, old.sort_key)
    assert (new.level, new.kind, new.code) == (old.level, old.kind, old.code)
    assert find.successors(db, old.id, ON) == [new]
    assert block_ids(db, old.id, EVE) == before[0]
    assert rebuild(db) == 0


def test_a_district_renamed_late_takes_along_what_came_to_it_since(db: Session) -> None:
    """The new name is recorded after a ward had been counted in the district, and dated before."""
    ward, district = area(db, "Phường An Hải"), area(db, "Quận Hải Châu")
    later = date(2026, 8, 1)
    regroup(db, [ward.id], district.id, later)
    new = rename(db, district.id, "Khu vực sông Hàn", "Sông Hàn", ON)
    assert not block_ids(db, ward.id, later) & block_ids(db, new.id, ON)
    assert block_ids(db, ward.id, later) <= block_ids(db, new.id, later)
    assert block_ids(db, district.id, later) == set()
    assert rebuild(db) == 0


def test_wards_are_regrouped_and_the_old_district_keeps_its_past(db: Session) -> None:
    wards = [area(db, "Phường Hải Châu"), area(db, "Phường An Hải")]
    cluster = regroup(db, [w.id for w in wards], NewArea(name="Cụm sông Hàn", short_name="Sông Hàn"), ON)
    assert (cluster.level, cluster.kind) == ("cluster", "Cụm")
    assert {w.name for w in find.children(db, cluster, ON)} == {"Phường Hải Châu", "Phường An Hải"}
    assert [w.name for w in find.children(db, area(db, "Quận Hải Châu"), ON)] == ["Phường Hòa Cường"]
    assert len(find.children(db, area(db, "Quận Hải Châu"), EVE)) == 2
    assert cluster in find.children(db, find.city(db, ON), ON)
    assert find.successors(db, cluster.id, EVE) == [area(db, "Quận Hải Châu"), area(db, "Quận Sơn Trà")]
    regroup(db, [area(db, "Phường Hòa Cường").id], cluster.id, ON)
    assert area(db, "Quận Hải Châu") not in find.children(db, find.city(db, ON), ON), (
        "it holds nothing any more"
    )


def test_a_ward_that_straddles_can_be_counted_in_its_other_district(db: Session) -> None:
    ward, other = area(db, "Phường An Khê"), area(db, "Quận Thanh Khê")
    regroup(db, [ward.id], other.id, ON)
    assert [a.name for a in find.ancestors(db, ward.id, ON)] == ["Quận Thanh Khê", "Thành phố Đà Nẵng"]
    assert [a.name for a in find.ancestors(db, ward.id, EVE)] == ["Quận Cẩm Lệ", "Thành phố Đà Nẵng"]
    assert blocks(db, "Phường An Khê") <= block_ids(db, other.id, ON)
    changes = len(db.exec(select(AreaSuccession)).all())
    regroup(db, [ward.id], other.id, date(2026, 8, 1))
    assert len(db.exec(select(AreaSuccession)).all()) == changes, "it is counted there already"


def test_groups_listed_with_a_later_day_move_with_their_ward(db: Session) -> None:
    ward = area(db, "Phường An Hải")
    (late,) = list_groups(db, ward.id, [("Tổ 1", None)], date(2026, 8, 1))
    new = merge(db, [ward.id, area(db, "Phường Sơn Trà").id], NewArea(name="Phường Mới"), ON)
    assert find.children(db, new, ON) == []
    assert find.children(db, new, TODAY) == [late]


def test_what_can_not_be_done_is_refused_with_a_reason(db: Session) -> None:
    ward, other = area(db, "Xã Tam Hải"), area(db, "Phường An Hải")
    one, two, three = three_groups(db)
    new = NewArea(name="Mới")
    part = Part(area=new, groups=[one.id])
    attempts: dict[str, Callable[[], object]] = {
        "ít nhất hai đơn vị": lambda: merge(db, [ward.id], new, ON),
        "không phải là đơn vị thay đổi": lambda: merge(db, [999, ward.id], new, ON),
        "cùng cấp": lambda: merge(db, [ward.id], one.id, ON),
        "chưa có trước ngày 01/07/2025": lambda: rename(db, ward.id, "Mới", "", date(2025, 7, 1)),
        "cần có tên": lambda: rename(db, ward.id, " ", "", ON),
        "là các đơn vị khác nhau": lambda: cut(db, ward.id, [part, Part(area=ward.id, groups=[two.id])], ON),
        "Còn mảnh chưa xếp": lambda: cut(db, ward.id, [part, Part(area=new, groups=[two.id])], ON),
        "Mỗi phần phải gồm": lambda: cut(db, ward.id, [part, Part(area=new)], ON),
        "chỉ ở một phần": lambda: cut(
            db, ward.id, [part, Part(area=new, groups=[one.id, two.id, three.id])], ON
        ),
        "không phải là đơn vị có từ": lambda: cut(
            db, ward.id, [part, Part(area=4711, groups=[two.id, three.id])], ON
        ),
        "mỗi hộ ở một phần": lambda: cut_group(db, one.id, [(new, []), (new, [])], ON, nowhere),
        "ít nhất một phường": lambda: regroup(db, [], new, ON),
        "không phải là khu vực": lambda: regroup(db, [ward.id], other.id, ON),
    }
    for said, attempt in attempts.items():
        with pytest.raises(ReorganiseError, match=said):
            attempt()
    (far,) = list_groups(db, other.id, [("Tổ 1", None)], SINCE)
    with pytest.raises(ReorganiseError, match="cùng một phường"):
        merge(db, [one.id, far.id], new, ON)
    merge(db, [ward.id], other.id, date(2026, 8, 1))
    with pytest.raises(ReorganiseError, match="theo thứ tự thời gian"):
        rename(db, ward.id, "Mới", "", ON)


def test_a_plan_is_carried_out_step_by_step(db: Session, tmp_path: Path) -> None:
    one, two, three = three_groups(db)
    ward, hai_chau = area(db, "Xã Tam Hải"), area(db, "Phường Hải Châu")
    doors = [[ward.id, str(uuid.uuid4())], [ward.id, str(uuid.uuid4())]]
    file = tmp_path / "plan.json"
    file.write_text(
        json.dumps(
            [
                {"merge": {"from": [one.id, two.id], "into": {"name": "Thôn Bắc"}, "on": "2026-07-01"}},
                {"rename": {"area": hai_chau.id, "name": "Phường Sông Hàn", "short_name": "Sông Hàn", "on": "2026-07-01"}},
                {"regroup": {"wards": [ward.id], "cluster": {"name": "Cụm đảo"}, "on": "2026-07-01"}},
                {
                    "cut_group": {
                        "group": three.id,
                        "on": "2026-07-01",
                        "parts": [
                            {"area": {"name": "Thôn 3A"}, "doors": doors[:1]},
                            {"area": {"name": "Thôn 3B"}, "doors": doors[1:]},
                        ],
                    }
                },
                {"cut": {"area": area(db, "Xã Bà Nà").id, "on": "2026-07-01", "parts": [
                    {"area": {"name": "Xã Hòa Nhơn", "short_name": "Hòa Nhơn"}, "blocks": [block(db, "Hòa Nhơn")]},
                    {"area": {"name": "Xã Hòa Ninh", "short_name": "Hòa Ninh"}, "blocks": [block(db, "Hòa Ninh")]},
                ]}},
            ]
        )
    )  # fmt: skip
    with pytest.raises(ReorganiseError, match="cần nơi chuyển"):
        apply(db, read_plan(file)[3:4])
    assert apply(db, read_plan(file), nowhere) == [
        "01/07/2026: Thôn 1, Thôn 2 sáp nhập thành Thôn Bắc.",
        "01/07/2026: Phường Hải Châu đổi tên thành Phường Sông Hàn.",
        "01/07/2026: Xã Tam Hải xếp vào Cụm đảo.",
        "01/07/2026: Thôn 3 chia thành Thôn 3A, Thôn 3B.",
        "01/07/2026: Xã Bà Nà chia thành Xã Hòa Nhơn, Xã Hòa Ninh.",
    ]
    assert rebuild(db) == 0


@pytest.mark.parametrize(
    "written",
    [
        "{}",
        "[{}]",
        '[{"rename": {"area": 3, "name": "", "on": "2026-07-01"}}]',
        '[{"rename": {"area": 3, "name": "A", "on": "2026-07-01", "by": "me"}}]',
        '[{"merge": {"from_ids": [3], "into": 4, "on": "soon"}}]',
        '[{"rename": {"area": 3, "name": "A", "on": "2026-07-01"}, "merge": {"from": [3], "into": 4, "on": "2026-07-01"}}]',
        "not json",
    ],
)
def test_a_plan_that_says_anything_else_is_refused(tmp_path: Path, written: str) -> None:
    file = tmp_path / "plan.json"
    file.write_text(written)
    with pytest.raises(ReorganiseError):
        read_plan(file)
