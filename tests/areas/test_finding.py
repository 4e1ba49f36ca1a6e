"""Who lies where, what became of whom, and what a list to choose from offers."""

from datetime import date

import pytest
from sqlmodel import Session

from skills.areas import find
from skills.areas.groups import list_groups
from skills.areas.models import Level
from skills.areas.reorganise import rename
from skills.errors import NotFound
from tests.areas.places import BEFORE, LAST_DISTRICT_DAY, SPRING, TODAY, area


def test_a_district_that_was_abolished_is_called_khu_vuc(db: Session) -> None:
    district = area(db, "Quận Hải Châu")
    assert find.label(district, LAST_DISTRICT_DAY) == "Quận Hải Châu"
    assert find.label(district, date(2025, 7, 1)) == "Khu vực Hải Châu"
    assert find.label(district, TODAY, "Area") == "Area Hải Châu"
    assert find.label(area(db, "Phường Hải Châu"), TODAY) == "Phường Hải Châu"


def test_a_city_divides_into_its_districts_of_that_day(db: Session) -> None:
    assert [c.name for c in find.children(db, find.city(db, SPRING), SPRING)] == [
        "Quận Cẩm Lệ", "Quận Hải Châu", "Huyện Hòa Vang", "Huyện Hoàng Sa",
        "Quận Liên Chiểu", "Quận Ngũ Hành Sơn", "Quận Sơn Trà", "Quận Thanh Khê",
    ]  # fmt: skip
    assert len(find.children(db, find.city(db, TODAY), TODAY)) == 25
    assert find.former_districts(db, SPRING) == []
    assert len(find.children(db, area(db, "Quận Thanh Khê", BEFORE), BEFORE)) == 10


def test_an_empty_database_has_no_city(db: Session) -> None:
    with pytest.raises(NotFound):
        find.city(db, date(1800, 1, 1))


def test_a_ward_lead_reaches_the_wards_that_hers_was_made_of_and_nothing_else(db: Session) -> None:
    reach = frozenset({area(db, "Phường Hải Châu").id})
    (group,) = list_groups(db, min(reach), [("Tổ 1", None)], date(2026, 1, 1))
    for name, day in [
        ("Phường Hải Châu", TODAY),
        ("Phường Thuận Phước", SPRING),
        ("Phường Hải Châu II", BEFORE),
    ]:
        assert find.lies_within(db, area(db, name, day).id, reach, TODAY)
    assert find.lies_within(db, group.id, reach, TODAY)
    for name, day in [("Phường An Hải", TODAY), ("Quận Hải Châu", TODAY), ("Phường Bình Thuận", SPRING)]:
        assert not find.lies_within(db, area(db, name, day).id, reach, TODAY)
    assert not find.lies_within(db, 999, reach, TODAY)
    assert not find.lies_within(db, min(reach), frozenset(), TODAY)


def test_a_ward_that_was_cut_lies_in_no_single_ward_of_today(db: Session) -> None:
    former = area(db, "Phường Hòa Minh", BEFORE).id
    khanh, khe = area(db, "Phường Hòa Khánh").id, area(db, "Phường Thanh Khê").id
    assert not find.lies_within(db, former, frozenset({khanh}), TODAY)
    assert not find.lies_within(db, former, frozenset({khanh, khe}), TODAY), (
        "what remained of it lies in neither"
    )
    assert find.lies_within(db, former, frozenset({find.city(db, TODAY).id}), TODAY)


def test_an_area_of_the_future_lies_nowhere_yet(db: Session) -> None:
    ward = area(db, "Phường Hải Châu").id
    assert not find.lies_within(db, ward, frozenset({find.city(db, SPRING).id}), SPRING)


def test_the_picker_of_the_city_is_a_tree_of_city_districts_and_wards(db: Session) -> None:
    ward = area(db, "Phường Hải Châu")
    list_groups(db, ward.id, [("Tổ 1", None)], date(2026, 1, 1))
    lines = find.picker(db, frozenset({find.city(db, TODAY).id}), TODAY)
    assert (lines[0].area.name, lines[0].depth) == ("Thành phố Đà Nẵng", 0)
    assert len(lines) == 1 + 25 + 94
    at = [line.area.name for line in lines].index("Quận Hải Châu")
    assert [(line.area.name, line.depth) for line in lines[at : at + 3]] == [
        ("Quận Hải Châu", 1),
        ("Phường Hải Châu", 2),
        ("Phường Hòa Cường", 2),
    ]


def test_the_picker_of_a_ward_shows_its_groups_and_that_of_a_volunteer_hers(db: Session) -> None:
    ward = area(db, "Phường Hải Châu")
    _first, second = list_groups(db, ward.id, [("Tổ 1", None), ("Tổ 2", None)], date(2026, 1, 1))
    assert [(p.area.name, p.depth) for p in find.picker(db, frozenset({ward.id}), TODAY)] == [
        ("Phường Hải Châu", 0),
        ("Tổ 1", 1),
        ("Tổ 2", 1),
    ]
    assert [p.area.id for p in find.picker(db, frozenset({second.id}), TODAY)] == [second.id]
    assert find.picker(db, frozenset(), TODAY) == []


def test_successors_are_followed_forward_backward_and_through_several_changes(db: Session) -> None:
    def names(name: str, at: date, day: date) -> list[str]:
        return [found.name for found in find.successors(db, area(db, name, at).id, day)]

    assert names("Phường Hòa Minh", BEFORE, SPRING) == ["Phường Hòa Minh", "Phường Thanh Khê Tây"]
    assert names("Phường Hòa Minh", BEFORE, TODAY) == ["Phường Hòa Khánh", "Phường Thanh Khê"]
    assert names("Phường An Hải", TODAY, BEFORE) == [
        "Phường An Hải Bắc", "Phường An Hải Đông", "Phường An Hải Tây", "Phường Phước Mỹ",
    ]  # fmt: skip
    assert names("Phường An Hải", TODAY, TODAY) == ["Phường An Hải"]
    assert names("Tỉnh Quảng Nam", SPRING, TODAY) == ["Thành phố Đà Nẵng"]
    renamed = rename(db, area(db, "Phường An Hải").id, "Phường Biển", "Biển", date(2026, 8, 1))
    assert find.successors(db, area(db, "Phường Phước Mỹ", SPRING).id, TODAY) == [renamed]
    assert find.successors(db, 999, TODAY) == []


def test_areas_are_listed_in_dictionary_order(db: Session) -> None:
    names = [ward.short_name for ward in find.in_force(db, Level.WARD, TODAY)]
    assert names.index("An Khê") < names.index("Bà Nà") < names.index("Duy Xuyên") < names.index("Đại Lộc")


def test_new_areas_take_ids_that_no_shipped_file_will_ever_use(db: Session) -> None:
    renamed = rename(db, area(db, "Phường An Hải").id, "Phường Biển", "Biển", TODAY)
    assert renamed.id == 100_000
