"""Who may do what and where, and how people come and go."""

from datetime import date, timedelta

import pytest
from sqlmodel import col, select

from skills import clock
from skills.people.add import add_person, dismiss, find_person, reset_password
from skills.people.models import Person, Posting, Role, Team, TeamGroup, TeamMember
from skills.people.passwords import hash_password, verify
from skills.people.permissions import PERMISSIONS, Permission
from skills.people.teams import groups_of_team, team_of
from skills.people.viewer import find_viewer
from tests.cast import SINCE, City

DOORS = {Permission.SEE_DOORS, Permission.ADD_DOORS, Permission.LOG_VISITS}


def test_the_table_of_roles() -> None:
    """Said once more in other words, so that a slip in the one is seen by the other."""
    for role in Role:
        held = PERMISSIONS[role]
        at_doors = role in (Role.VOLUNTEER, Role.TEAM_LEADER, Role.WARD_LEAD)
        assert (held >= DOORS) is at_doors
        assert bool(held & DOORS) is at_doors, f"{role} has some door permissions and not others"
        assert (Permission.READ_REPORTS in held) is (role not in (Role.VOLUNTEER, Role.TEAM_LEADER))
    assert PERMISSIONS[Role.TEAM_LEADER] > PERMISSIONS[Role.VOLUNTEER]
    assert PERMISSIONS[Role.AUDITOR] == {Permission.READ_REPORTS}
    assert [r for r in Role if Permission.CHANGE_ANY_VISITS in PERMISSIONS[r]] == [Role.WARD_LEAD]


def test_a_volunteer_reaches_the_groups_of_the_team(city: City) -> None:
    """Not the ward, and not the group of another team in it."""
    hoai = city.viewer("Hoài")
    groups = {city.groups["Tổ 12"].id, city.groups["Tổ 13"].id}
    assert hoai.areas(Permission.SEE_DOORS) == groups == hoai.group_ids
    assert hoai.areas(Permission.READ_REPORTS) == frozenset()
    assert not hoai.may(Permission.CHANGE_TEAM_VISITS)
    assert city.viewer("Lộc").may(Permission.CHANGE_TEAM_VISITS)
    assert (hoai.person.full_name, hoai.short_name) == ("Lê Thị Hoài", "Hoài L.")


def test_everybody_else_reaches_the_area_of_the_posting(city: City) -> None:
    """Ward, former district, city."""
    assert city.viewer("Thu").areas(Permission.SEE_DOORS) == {city.wards["Hải Châu"].id}
    assert city.viewer("Tâm").areas(Permission.READ_REPORTS) == {city.district.id}
    assert city.viewer("Khánh").areas(Permission.READ_REPORTS) == {city.whole.id}
    assert city.viewer("Tâm").areas(Permission.SEE_DOORS) == frozenset()


def test_postings_add_up_each_in_its_own_area(city: City) -> None:
    """A volunteer of one ward who reads the reports of another sees no door there."""
    with city.database.writing() as db:
        db.add(
            Posting(
                id=city.doors["2"].id,
                person_id=city.people["Hoài"].id,
                role=Role.OFFICER,
                area_id=city.wards["An Hải"].id,
                valid_from=SINCE,
            )
        )
    hoai = city.viewer("Hoài")
    assert hoai.role is Role.OFFICER
    assert hoai.areas(Permission.READ_REPORTS) == {city.wards["An Hải"].id}
    assert hoai.areas(Permission.SEE_DOORS) == hoai.group_ids


def test_a_posting_a_team_and_its_groups_hold_for_their_days(city: City) -> None:
    """The last day counts; the day after does not."""
    last = date(2026, 8, 28)
    with city.database.writing() as db:
        db.exec(select(Posting).where(col(Posting.person_id) == city.people["Hoài"].id)).one().valid_to = last
        for member in db.exec(select(TeamMember).where(col(TeamMember.person_id) == city.people["Bảo"].id)):
            member.valid_to = last
        for group in db.exec(select(TeamGroup).where(col(TeamGroup.group_id) == city.groups["Tổ 13"].id)):
            group.valid_to = last
    after = last + timedelta(days=1)
    assert city.viewer("Hoài", last).may(Permission.SEE_DOORS)
    assert not city.viewer("Hoài", after).may(Permission.SEE_DOORS)
    assert city.viewer("Bảo", last).team_ids
    assert not city.viewer("Bảo", after).team_ids
    assert city.viewer("Bảo", after).areas(Permission.SEE_DOORS) == frozenset()
    assert city.viewer("Lộc", last).group_ids - city.viewer("Lộc", after).group_ids == {
        city.groups["Tổ 13"].id
    }
    assert city.viewer("Lộc", SINCE - timedelta(days=1)).permissions == frozenset()


def test_a_dissolved_team_reaches_nothing(city: City) -> None:
    """From the day of its dissolution."""
    with city.database.writing() as db:
        team = db.exec(select(Team).where(col(Team.id) == city.viewer("Hoài").team_ids[0])).one()
        team.dissolved_on = date(2026, 8, 28)
        db.add(team)
    assert city.viewer("Hoài", date(2026, 8, 27)).group_ids
    assert not city.viewer("Hoài", date(2026, 8, 28)).group_ids


def test_the_team_of_a_person_on_a_day(city: City) -> None:
    """The one joined last, when there are several."""
    other = city.teams["Tổ công nghệ số cộng đồng số 9"]
    hoai = city.people["Hoài"].id
    joined = date(2026, 9, 1)
    with city.database.writing() as db:
        db.add(TeamMember(team_id=other.id, person_id=hoai, valid_from=joined, role="member"))
    with city.database.reading() as db:
        before, after = team_of(db, hoai, joined - timedelta(days=1)), team_of(db, hoai, joined)
        assert before
        assert after
        assert (before.name, after.name) == ("Tổ công nghệ số cộng đồng số 5", other.name)
        assert team_of(db, city.people["Thu"].id, joined) is None
        assert groups_of_team(db, other.id, joined) == {city.groups["Tổ 40"].id}
    assert city.viewer("Hoài", joined).team_ids == (other.id, before.id)


# Coming and going


def test_somebody_new_gets_in(city: City) -> None:
    """With the number in one form, whichever way it was written, and the name tidied."""
    with city.database.writing() as db:
        person = add_person(
            db, "  Trần   Thị Bích ", "0905 123 456", "ward_lead", city.wards["An Hải"].id, "a password"
        )
        assert (person.full_name, person.phone) == ("Trần Thị Bích", "+84905123456")
        assert find_person(db, "84905123456") == person
        assert verify(person.password_hash, "a password")[0]
        viewer = find_viewer(db, person.id, clock.today())
    assert viewer is not None
    assert viewer.areas(Permission.READ_REPORTS) == {city.wards["An Hải"].id}


@pytest.mark.parametrize(
    ("full_name", "phone", "role", "area_id"),
    [
        (" ", "0905123456", "auditor", 3),
        ("A", "12", "auditor", 3),
        ("A", "0905000001", "auditor", 3),
        ("A", "0905123456", "king", 3),
        ("A", "0905123456", "auditor", 0),
    ],
)
def test_what_cannot_be_is_refused(city: City, full_name: str, phone: str, role: str, area_id: int) -> None:
    """And nothing of it stays."""
    with pytest.raises(ValueError), city.database.writing() as db:
        add_person(db, full_name, phone, role, area_id)
    with city.database.reading() as db:
        assert len(db.exec(select(Person)).all()) == len(city.people)


def test_dismissal_ends_everything_and_deletes_nothing(city: City) -> None:
    """The visits of somebody who left keep their author."""
    with city.database.writing() as db:
        person = db.get(Person, city.people["Hoài"].id)
        assert person is not None
        dismiss(db, person)
    with city.database.reading() as db:
        assert find_viewer(db, person.id, clock.today()) is None
        assert team_of(db, person.id, clock.today()) is None
        assert db.get(Person, person.id) is not None
        assert all(
            p.valid_to < clock.today()
            for p in db.exec(select(Posting).where(col(Posting.person_id) == person.id))
        )


def test_a_person_without_a_password_can_be_given_one(city: City) -> None:
    """Until then every password is wrong, and takes its time."""
    with city.database.writing() as db:
        person = add_person(db, "Bích", "0905123456", Role.AUDITOR, city.whole.id)
        assert verify(person.password_hash, "") == (False, None)
        reset_password(db, person, "mật khẩu có dấu")
        assert verify(person.password_hash, "mật khẩu có dấu") == (True, None)


# Passwords


def test_passwords_are_salted_and_strong() -> None:
    """Argon2id with OWASP's least; no two hashes alike."""
    first, second = hash_password("x"), hash_password("x")
    assert first != second
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert verify(first, "y") == (False, None)
