"""An office lists the residential groups of a ward."""

from datetime import date

import pytest
from sqlmodel import Session, col, select

from skills.areas import find
from skills.areas.blocks import block_ids
from skills.areas.groups import list_groups
from skills.areas.load import load
from skills.areas.models import BEGINNING, Area, AreaBlock, Block
from skills.areas.reorganise import NewArea, Part, ReorganiseError, cut, merge
from tests.areas.places import BEFORE, SPRING, TODAY, area, areas_of, block, blocks

SINCE = date(2026, 1, 1)


def test_each_group_gets_a_piece_of_the_ward_for_all_of_history(db: Session) -> None:
    ward = area(db, "Phường An Hải")
    origin = min(block_ids(db, ward.id, TODAY))
    before = areas_of(db, origin, BEFORE)
    groups = list_groups(db, ward.id, [("Tổ 2", None), ("Tổ 10", None), ("Tổ 1", None)], SINCE)
    assert [group.name for group in groups] == ["Tổ 2", "Tổ 10", "Tổ 1"]
    assert [group.name for group in find.children(db, ward, TODAY)] == ["Tổ 1", "Tổ 2", "Tổ 10"]
    assert {group.kind for group in groups} == {"Tổ dân phố"}
    for group in groups:
        (piece,) = block_ids(db, group.id, TODAY)
        assert db.get_one(Block, piece).refined_from == origin
        assert areas_of(db, piece, BEFORE) == before
        assert areas_of(db, piece, SINCE) == {
            group.name,
            "Phường An Hải",
            "Quận Sơn Trà",
            "Thành phố Đà Nẵng",
        }
        assert block_ids(db, group.id, date(2025, 12, 31)) == set()
        assert [a.name for a in find.ancestors(db, group.id, TODAY)] == [
            "Phường An Hải",
            "Quận Sơn Trà",
            "Thành phố Đà Nẵng",
        ]


def test_doors_not_yet_listed_stay_in_the_ward_even_when_one_group_is_all_there_is(db: Session) -> None:
    ward = area(db, "Xã Tam Hải")
    (origin,) = block_ids(db, ward.id, TODAY)
    (group,) = list_groups(db, ward.id, [("Thôn 1", None)], SINCE)
    assert group.kind == "Thôn"
    assert origin not in block_ids(db, group.id, TODAY)
    assert find.remainder_blocks(db, ward, find.children(db, ward, TODAY), TODAY) == {origin}
    assert origin in blocks(db, "Xã Tam Hải", BEFORE)


def test_listing_the_same_names_again_makes_nothing(db: Session) -> None:
    ward = area(db, "Phường An Hải").id
    first = list_groups(db, ward, [("Tổ 1", None), ("Tổ 2", None)], SINCE)
    rows = len(db.exec(select(AreaBlock)).all())
    assert [g.id for g in list_groups(db, ward, [("Tổ  2 ", None), ("Tổ 1", None)], SINCE)] == [
        first[1].id,
        first[0].id,
    ]
    assert [g.id for g in list_groups(db, ward, [("Tổ 1", None)], date(2025, 8, 1))] == [first[0].id]
    assert len(db.exec(select(AreaBlock)).all()) == rows
    assert load(db) == 0


def test_a_group_is_taken_out_of_the_block_named(db: Session) -> None:
    origin = block(db, "Thuận Phước")
    (group,) = list_groups(db, area(db, "Phường Hải Châu").id, [("Tổ 7", origin)], SINCE)
    (piece,) = block_ids(db, group.id, TODAY)
    assert db.get_one(Block, piece).refined_from == origin
    assert "Phường Thuận Phước" in areas_of(db, piece, SPRING)


def test_groups_listed_for_a_ward_that_is_no_more_lie_in_its_successor_since(db: Session) -> None:
    (group,) = list_groups(db, area(db, "Phường Mỹ An", SPRING).id, [("Tổ 5", None)], SPRING)
    assert next(a.name for a in find.ancestors(db, group.id, SPRING)) == "Phường Mỹ An"
    assert next(a.name for a in find.ancestors(db, group.id, TODAY)) == "Phường Ngũ Hành Sơn"


def test_a_group_forgotten_before_the_ward_was_cut_can_still_be_listed_in_its_part(db: Session) -> None:
    ward = area(db, "Xã Tam Hải")
    first, second = list_groups(db, ward.id, [("Thôn 1", None), ("Thôn 2", None)], SINCE)
    parts = [
        Part(area=NewArea(name="Xã Đông"), groups=[first.id]),
        Part(area=NewArea(name="Xã Tây"), groups=[second.id]),
    ]
    _east, west = cut(db, ward.id, parts, date(2026, 5, 1))
    (third,) = list_groups(db, west.id, [("Thôn 3", None)], date(2026, 6, 1))
    (piece,) = block_ids(db, third.id, TODAY)
    assert areas_of(db, piece, date(2026, 4, 30)) >= {"Xã Tam Hải"}
    assert areas_of(db, piece, date(2026, 5, 15)) >= {"Xã Tây"}
    with pytest.raises(ReorganiseError, match="đã được chia"):
        list_groups(db, ward.id, [("Thôn 4", None)], date(2026, 3, 1))


def test_a_group_is_added_where_earlier_ones_came_together_at_different_times(db: Session) -> None:
    ward, neighbour = area(db, "Xã Tam Hải"), area(db, "Xã Tam Anh")
    one, two = list_groups(db, ward.id, [("Thôn 1", None), ("Thôn 2", None)], SINCE)
    parts = [Part(area=NewArea(name="Xã Đông"), groups=[one.id]), Part(area=neighbour.id, groups=[two.id])]
    east, _west = cut(db, ward.id, parts, date(2026, 5, 1))
    merge(db, [neighbour.id], east.id, date(2026, 6, 1))
    origin = block(db, "Tam Hải")
    (third,) = list_groups(db, east.id, [("Thôn 3", origin)], date(2026, 7, 1))
    (piece,) = block_ids(db, third.id, TODAY)
    assert areas_of(db, piece, date(2026, 5, 15)) >= {"Xã Đông"}, (
        "as the first of the groups that were listed"
    )


def test_a_name_given_up_by_a_merger_may_be_used_again(db: Session) -> None:
    ward = area(db, "Xã Tam Hải").id
    one, two = list_groups(db, ward, [("Thôn 1", None), ("Thôn 2", None)], SINCE)
    merge(db, [one.id, two.id], NewArea(name="Thôn Bắc"), date(2026, 5, 1))
    (again,) = list_groups(db, ward, [("Thôn 1", None)], date(2026, 6, 1))
    assert again.id != one.id


@pytest.mark.parametrize(
    ("name", "origin", "since", "said"),
    [
        ("Tổ 1", None, SPRING, "đang có vào ngày 01/03/2025"),
        ("  ", None, SINCE, "cần có tên"),
        ("Tổ 1", 2, SINCE, "Không tách được"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_reason(
    db: Session, name: str, origin: int | None, since: date, said: str
) -> None:
    with pytest.raises(ReorganiseError, match=said):
        list_groups(db, area(db, "Phường An Hải").id, [(name, origin)], since)
    assert db.exec(select(Area).where(Area.level == "residential_group")).first() is None


def test_a_piece_of_history_begins_at_the_beginning(db: Session) -> None:
    (group,) = list_groups(db, area(db, "Xã Tam Hải").id, [("Thôn 1", None)], SINCE)
    (piece,) = block_ids(db, group.id, TODAY)
    city = db.exec(select(col(AreaBlock.valid_from)).where(AreaBlock.block_id == piece)).all()
    assert min(city) == BEGINNING
