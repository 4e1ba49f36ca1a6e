"""However many write at once, and whatever they change, the totals are what the visits come to."""

import os
from datetime import date

import pytest
from sqlalchemy import select

from skills.db import Database, table_of
from skills.people.models import Role
from skills.people.viewer import Posted, Viewer
from skills.totals import check, ledger
from skills.totals.models import UnitPeriod
from skills.visits import correct, receive, record, void
from skills.visits.tally import recount
from tests.cast import City
from tests.six_rules import unwatched
from tests.visits.crowd import Crowd, all_doors

CHANGES = int(os.environ.get("TUNGNHA_TEST_CHANGES", "400"))


def a_crowd(city: City) -> Crowd:
    """A ward lead of both wards, at every door of the cast's city."""
    lead = city.people["Thu"]
    viewer = Viewer(
        lead.id, lead.full_name, lead.short_name, "vi",
        tuple(Posted(Role.WARD_LEAD, ward.id) for ward in city.wards.values()), (), frozenset(), date(2027, 1, 1),
    )  # fmt: skip
    return Crowd(city.database, viewer, all_doors(city.database))


def differences(database: Database) -> list[check.Difference]:
    """What `totals check` finds."""
    with database.reading() as db:
        return check.check(db, recount)


def test_four_writers_at_once_on_sqlite(city: City) -> None:
    """Records, corrections, moves between days, doors and wards, voids and repeats: no amount is off."""
    crowd = a_crowd(city)
    crowd.work(seed=1, changes=CHANGES)
    assert crowd.failed == []
    assert crowd.done["record"] > CHANGES / 5
    assert crowd.done["correct"] > CHANGES / 10
    assert crowd.done["void"] > 0
    assert differences(city.database) == []


def test_the_check_sees_one_amount_that_is_off(city: City) -> None:
    """A check that can't fail proves nothing: one amount is bent, and it is the one that is found."""
    a_crowd(city).work(seed=2, changes=40)
    with city.database.writing() as db:
        row = db.execute(select(UnitPeriod).limit(1)).scalars().one()
        row.n += 1
        bent = (row.ward_id, row.unit_id, row.calendar, row.kind, row.period, row.measure)
    assert [difference.key for difference in differences(city.database)] == [bent]


def test_a_rebuild_gives_the_same_totals(city: City) -> None:
    """Thrown away and counted anew, they are the same, and the check agrees."""
    a_crowd(city).work(seed=3, changes=80)
    with city.database.reading() as db:
        before = sorted(tuple(row) for row in db.execute(select(*table_of(UnitPeriod).c)))
    with city.database.writing() as db:
        check.rebuild(db, recount)
    with city.database.reading() as db:
        after = sorted(tuple(row) for row in db.execute(select(*table_of(UnitPeriod).c)))
    assert before == after
    assert len(before) > 100
    assert differences(city.database) == []


@pytest.mark.postgres
def test_four_writers_at_once_on_postgres(postgres_city: City) -> None:
    """The same with writers that really run side by side, held apart by the wards' locks alone."""
    crowd = a_crowd(postgres_city)
    crowd.work(seed=4, changes=CHANGES)
    assert crowd.failed == []
    assert differences(postgres_city.database) == []


@pytest.mark.prove
@pytest.mark.postgres
def test_without_the_ward_lock_the_totals_drift(postgres_city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock is what holds them: taken out, PostgreSQL lets two writers count the same door, and the check finds it."""
    for place in (ledger, record, correct, void, receive):
        monkeypatch.setattr(place, "lock_wards", lambda _db, _ward_ids: None)
    crowd = a_crowd(postgres_city)
    crowd.doors = crowd.doors[:3]  # few doors, so that they meet
    with unwatched():
        crowd.work(seed=5, changes=max(CHANGES, 1_000))
    assert differences(postgres_city.database) != []
