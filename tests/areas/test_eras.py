"""The map as it ships: 56, then 47, then 94 wards, in pieces that no era cuts."""

import csv
import itertools
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from skills.areas import find, load
from skills.areas.blocks import block_ids, rebuild
from skills.areas.models import Area, AreaBlock, AreaParent, Block, Level
from skills.text import nfc
from tests.areas.places import BEFORE, LAST_DISTRICT_DAY, SPRING, TODAY, area, areas_of, block, blocks

NEW_ERA = date(2025, 7, 1)


@pytest.mark.parametrize(
    ("day", "wards"), [(BEFORE, 56), (SPRING, 47), (LAST_DISTRICT_DAY, 47), (NEW_ERA, 94), (TODAY, 94)]
)
def test_the_city_had_that_many_wards(db: Session, day: date, wards: int) -> None:
    assert len(find.wards_of_city(db, day)) == wards


def test_the_94_are_23_wards_70_communes_and_hoang_sa(db: Session) -> None:
    kinds = Counter(ward.kind for ward in find.in_force(db, Level.WARD, TODAY))
    assert kinds == {"Phường": 23, "Xã": 70, "Đặc khu": 1}


def test_77_of_the_94_codes_named_another_ward_before(db: Session) -> None:
    wards = db.exec(select(Area).where(Area.level == Level.WARD)).all()
    former = {(ward.code, ward.name) for ward in wards if ward.valid_to < NEW_ERA}
    codes = {code for code, _name in former}
    now = [ward for ward in wards if ward.in_force(NEW_ERA)]
    others = [ward for ward in now if ward.code in codes and (ward.code, ward.name) not in former]
    assert len(others) == 77


def test_ids_are_those_of_the_file_and_words_are_written_one_way(db: Session) -> None:
    areas = {area.id: area for area in db.exec(select(Area))}
    assert sorted(areas) == list(range(1, 422))
    for one in areas.values():
        assert one.name == nfc(one.name)
        assert one.name.endswith(one.short_name)
        assert one.fold.isascii()
        assert one.sort_key
    assert area(db, "Phường Hải Châu").fold == "phuong hai chau"


@pytest.mark.parametrize(
    "day", [date(2000, 1, 1), BEFORE, date(2025, 1, 1), LAST_DISTRICT_DAY, NEW_ERA, TODAY]
)
def test_every_piece_lies_in_one_ward_and_one_district_and_the_city_adds_up(db: Session, day: date) -> None:
    origins = set(db.exec(select(Block.refined_from)).all())
    leaves = {block for block in db.exec(select(Block.id)) if block not in origins}
    wards = Counter(b for ward in find.in_force(db, Level.WARD, day) for b in block_ids(db, ward.id, day))
    districts = Counter(b for d in find.in_force(db, Level.DISTRICT, day) for b in block_ids(db, d.id, day))
    without_a_ward = {block(db, "Hoàng Sa")} if day < NEW_ERA else set()
    assert leaves - wards.keys() == without_a_ward
    assert leaves <= districts.keys()
    assert set(wards.values()) == set(districts.values()) == {1}
    tops = [*find.in_force(db, Level.CITY, day), *find.in_force(db, Level.PROVINCE, day)]
    assert Counter(b for top in tops for b in block_ids(db, top.id, day)) == Counter(
        db.exec(select(Block.id)).all()
    )


@pytest.mark.parametrize("day", [BEFORE, SPRING, TODAY])
def test_children_and_what_is_unallotted_make_the_parent(db: Session, day: date) -> None:
    waiting = [find.city(db, day)]
    while waiting:
        parent = waiting.pop()
        below = find.children(db, parent, day)
        parts = [block_ids(db, child.id, day) for child in below]
        rest = find.remainder_blocks(db, parent, below, day)
        assert sum(map(len, parts)) + len(rest) == len(block_ids(db, parent.id, day))
        assert set().union(rest, *parts) == block_ids(db, parent.id, day)
        waiting += below


def test_what_remained_of_hoa_minh_lies_in_the_city_alone_since_the_ward_was_cut(db: Session) -> None:
    remainder = block(db, "Hòa Minh")
    assert areas_of(db, remainder, BEFORE) == {"Phường Hòa Minh", "Quận Liên Chiểu", "Thành phố Đà Nẵng"}
    assert areas_of(db, remainder, date(2025, 1, 1)) == {"Thành phố Đà Nẵng"}
    assert areas_of(db, remainder, TODAY) == {"Thành phố Đà Nẵng"}
    assert find.remainder_blocks(db, *_city_and_children(db, SPRING), SPRING) == {remainder}


def test_what_remained_of_hoa_lien_lies_in_the_former_district_of_both_its_parts(db: Session) -> None:
    remainder = block(db, "Hòa Liên")
    assert areas_of(db, remainder, LAST_DISTRICT_DAY) == {
        "Xã Hòa Liên",
        "Huyện Hòa Vang",
        "Thành phố Đà Nẵng",
    }
    assert areas_of(db, remainder, NEW_ERA) == {"Quận Liên Chiểu", "Thành phố Đà Nẵng"}
    former = area(db, "Quận Liên Chiểu")
    assert former.code == "490"
    assert find.remainder_blocks(db, former, find.children(db, former, TODAY), TODAY) == {remainder}


def test_the_two_pieces_of_hoa_minh_went_their_ways(db: Session) -> None:
    moved, stayed = block(db, "Hòa Minh, phần về Thanh Khê Tây"), block(db, "Hòa Minh, phần ở lại")
    assert moved in blocks(db, "Phường Thanh Khê Tây", SPRING)
    assert stayed in blocks(db, "Phường Hòa Minh", SPRING)
    assert moved in blocks(db, "Phường Thanh Khê")
    assert stayed in blocks(db, "Phường Hòa Khánh")


def test_the_former_district_hai_chau_keeps_its_id_and_its_pieces(db: Session) -> None:
    before, after = area(db, "Quận Hải Châu", LAST_DISTRICT_DAY), area(db, "Quận Hải Châu", NEW_ERA)
    assert before.id == after.id
    assert block_ids(db, before.id, LAST_DISTRICT_DAY) == block_ids(db, after.id, NEW_ERA)
    assert {w.short_name for w in find.children(db, after, TODAY)} == {"Hải Châu", "Hòa Cường"}
    rows = db.exec(select(AreaBlock).where(AreaBlock.area_id == after.id)).all()
    assert len(rows) == len({row.block_id for row in rows}), "spans that touch are one row"


def test_five_wards_straddle_two_former_districts_and_count_in_one(db: Session) -> None:
    districts = {district.id for district in find.former_districts(db, TODAY)}
    assert len(districts) == 25
    edges = [e for e in db.exec(select(AreaParent)) if e.parent_id in districts and e.valid_from == NEW_ERA]
    straddling = {ward for ward, times in Counter(edge.area_id for edge in edges).items() if times == 2}
    names = {found.short_name for ward in straddling if (found := find.area_on(db, ward))}
    assert names == {"Hải Vân", "Liên Chiểu", "Hòa Khánh", "An Khê", "Hòa Xuân"}
    assert set(Counter(edge.area_id for edge in edges if edge.is_primary).values()) == {1}


def test_loading_again_changes_nothing(db: Session) -> None:
    assert load.load(db) == 0
    assert rebuild(db) == 0


def test_loading_puts_words_right_and_leaves_days_alone(db: Session) -> None:
    ward = area(db, "Phường Hải Châu")
    ward.short_name, ward.valid_to = "Hai Chau", date(2026, 12, 31)
    assert load.load(db) == 1
    assert (ward.short_name, ward.valid_to) == ("Hải Châu", date(2026, 12, 31))


def test_every_ward_of_today_has_its_own_tile(db: Session) -> None:
    tiles = find.tiles()
    assert tiles.keys() == {ward.id for ward in find.in_force(db, Level.WARD, TODAY)}
    assert len(set(tiles.values())) == 94


def test_no_span_touches_another_of_the_same_area_and_block(db: Session) -> None:
    rows = sorted(
        (r.area_id, r.block_id, r.is_given, r.valid_from, r.valid_to) for r in db.exec(select(AreaBlock))
    )
    for one, other in itertools.pairwise(rows):
        if one[:3] == other[:3]:
            assert one[4] + timedelta(days=1) < other[3]


def test_the_files_name_no_area_that_is_not_there() -> None:
    data = Path(load.__file__).parent / "data"
    ids = {line["id"] for line in _lines(data / "areas.csv")}
    for name, columns in {
        "successions.csv": ("from_id", "to_id"),
        "clusters.csv": ("ward_id", "cluster_id"),
        "blocks.csv": ("area_id",),
        "tiles.csv": ("area_id",),
    }.items():
        for line in _lines(data / name):
            assert {line[column] for column in columns} <= ids, (name, line)


def _city_and_children(db: Session, day: date) -> tuple[Area, list[Area]]:
    city = find.city(db, day)
    return city, find.children(db, city, day)


def _lines(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))
