"""The same map, loaded and reorganised on PostgreSQL."""

from datetime import date

import pytest
from sqlmodel import Session

from skills.areas import find
from skills.areas.blocks import block_ids, rebuild
from skills.areas.groups import list_groups
from skills.areas.load import load
from skills.areas.reorganise import NewArea, Part, cut, merge, regroup, rename
from skills.db import Database, Row
from tests.areas.conftest import TABLES
from tests.areas.places import BEFORE, SPRING, TODAY, area

pytestmark = pytest.mark.postgres
ON = date(2026, 7, 1)


def test_the_map_is_loaded_listed_and_reorganised_as_on_sqlite(postgres_url: str) -> None:
    database = Database(postgres_url)
    Row.metadata.create_all(database.writer, tables=TABLES)
    with database.writing() as db:
        assert load(db) > 0
        assert load(db) == 0
        assert [len(find.wards_of_city(db, day)) for day in (BEFORE, SPRING, TODAY)] == [56, 47, 94]
        _reorganise(db)
        assert rebuild(db) == 0
    database.dispose()


def _reorganise(db: Session) -> None:
    ward = area(db, "Xã Tam Hải")
    one, two, three = list_groups(db, ward.id, [(f"Thôn {n}", None) for n in (1, 2, 3)], date(2026, 1, 1))
    joined = merge(db, [one.id, two.id], NewArea(name="Thôn Bắc"), ON)
    parts = [
        Part(area=NewArea(name="Xã A"), groups=[joined.id]),
        Part(area=NewArea(name="Xã B"), groups=[three.id]),
    ]
    first, _second = cut(db, ward.id, parts, date(2026, 7, 2))
    cluster = regroup(db, [first.id], NewArea(name="Cụm đảo"), date(2026, 7, 3))
    renamed = rename(db, first.id, "Xã C", "C", date(2026, 7, 4))
    assert [place.name for place in find.ancestors(db, joined.id, TODAY)] == [
        "Xã C",
        "Cụm đảo",
        "Thành phố Đà Nẵng",
    ]
    assert (
        block_ids(db, renamed.id, TODAY)
        == block_ids(db, cluster.id, TODAY)
        == block_ids(db, joined.id, TODAY)
    )
    assert find.lies_within(db, one.id, frozenset({cluster.id}), TODAY)
    assert [line.area.name for line in find.picker(db, frozenset({cluster.id}), TODAY)] == [
        "Cụm đảo",
        "Xã C",
        "Thôn Bắc",
    ]
    assert renamed in find.successors(db, ward.id, TODAY)
