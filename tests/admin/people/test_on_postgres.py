"""The same on PostgreSQL: two at once take a sheet once, a list is read, somebody is moved and dismissed."""

import threading

import pytest
from sqlmodel import col, select

from skills import clock
from skills.admin.people.change import change_posting, dismiss, reinstate
from skills.admin.people.find import Asked, find_people
from skills.admin.people.forms import Reposting
from skills.admin.people.models import PeopleImport
from skills.admin.people.sheet import Shown, Typed, check_rows, seal, unseal, ward_to_fill
from skills.admin.people.take_in import find_import, take_in, undo
from skills.invitations.bring_back import invite_back
from skills.invitations.models import Invitation
from skills.people.models import Posting, Role
from tests.cast import City

pytestmark = pytest.mark.postgres
SECRET = "only for this test"


def shown(city: City, names: int) -> Shown:
    """A preview of so many rows."""
    rows = [Typed(n + 2, f"Nguyễn Văn {n}", f"0935{n:06d}", "", "5") for n in range(names)]
    viewer = city.viewer("Thu")
    with city.database.reading() as db:
        area = ward_to_fill(db, viewer, city.wards["Hải Châu"].id)
        assert all(each.is_new for each in check_rows(db, viewer, area, rows))
        back = unseal(viewer, seal(viewer, area, rows, SECRET), SECRET)
    assert back
    return back


def test_two_take_the_same_sheet_once(postgres_city: City) -> None:
    preview = shown(postgres_city, 120)
    viewer = postgres_city.viewer("Thu")
    wrong: list[BaseException] = []

    def take() -> None:
        try:
            with postgres_city.database.writing() as db:
                take_in(db, viewer, preview)
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=take) for _each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    with postgres_city.database.reading() as db:
        assert len(db.exec(select(Invitation)).all()) == 120
        assert len(db.exec(select(PeopleImport)).all()) == 1
    with postgres_city.database.writing() as db:
        undo(db, viewer, preview.import_id)
    with postgres_city.database.reading() as db:
        assert find_import(db, viewer, preview.import_id).waiting == []


def test_people_are_listed_moved_and_dismissed(postgres_city: City) -> None:
    khanh, hoai = postgres_city.viewer("Khánh"), postgres_city.people["Hoài"].id
    with postgres_city.database.reading() as db:
        assert [row.full_name for row in find_people(db, khanh, Asked("hoai")).rows] == ["Lê Thị Hoài"]
        assert find_people(db, khanh, Asked("001")).found == 1
        posting = db.exec(select(Posting).where(col(Posting.person_id) == hoai)).one()
    form = Reposting(posting=posting.id, role=Role.VOLUNTEER, area=postgres_city.wards["An Hải"].id)
    with postgres_city.database.writing() as db:
        assert change_posting(db, khanh, hoai, form) is True
    with postgres_city.database.writing() as db:
        invite_back(db, postgres_city.viewer("Phúc"), hoai)
    with postgres_city.database.writing() as db:
        dismiss(db, postgres_city.viewer("Phúc"), hoai)
    with postgres_city.database.writing() as db:
        reinstate(db, postgres_city.viewer("Phúc"), hoai)
    with postgres_city.database.reading() as db:
        held = db.exec(
            select(Posting).where(col(Posting.person_id) == hoai, col(Posting.valid_to) >= clock.today())
        )
        assert [each.area_id for each in held] == [postgres_city.wards["An Hải"].id]
