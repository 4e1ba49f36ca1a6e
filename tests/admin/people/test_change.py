"""Dismissed, taken back, given another role or ward: it holds from the next request on, at both ends, and nothing is lost."""

import uuid
from typing import Any

import pytest
from sqlmodel import Session, col, select

from skills import clock
from skills.areas.models import Area
from skills.audit.models import AuditEntry
from skills.invitations.bring_back import invite_back
from skills.invitations.models import Invitation
from skills.people import add, sessions
from skills.people.models import Enrolment, Person, Posting, Role, TeamMember, TeamRole
from tests.cast import City
from tests.client import Client
from tests.conftest import AsPerson
from tests.visits.pages import log


def person(city: City, name: str) -> str:
    """The address of somebody's page."""
    return f"/admin/people/{city.people[name].id}"


def posting_of(city: City, name: str) -> Posting:
    with city.database.reading() as db:
        found = db.exec(
            select(Posting).where(col(Posting.person_id) == city.people[name].id, col(Posting.valid_to) >= clock.today())
        ).one()  # fmt: skip
        db.expunge_all()
    return found


def repost(client: Client, city: City, name: str, area: Area, role: Role, **more: str) -> Any:
    """Sends the form of another posting, as its page has it."""
    fields = {"posting": str(posting_of(city, name).id), "area": str(area.id), "role": role.value} | more
    return client.post(person(city, name) + "/posting", fields)


def trail(city: City, action: str) -> list[AuditEntry]:
    with city.database.reading() as db:
        found = list(db.exec(select(AuditEntry).where(col(AuditEntry.action) == action)))
        db.expunge_all()
    return found


def test_dismissed_is_dismissed_on_the_next_request(city: City, as_person: AsPerson) -> None:
    """A page of its own says what it does; sessions and PINs end, visits stay, the trail has it."""
    hoai, thu = as_person("Hoài"), as_person("Thu")
    log(hoai, city.doors["K45/12"])
    with city.database.writing() as db:
        db.add(
            Enrolment(
                token_hash="h",
                person_id=city.people["Hoài"].id,
                enrolled_at=clock.now(),
                last_used_at=clock.now(),
            )
        )
    asked = thu.page(thu.page(person(city, "Hoài")).link("Cho nghỉ"))
    assert "Tổ công nghệ số cộng đồng số 5" in asked.text
    assert hoai.get("/").status_code == 200
    answer = thu.post(person(city, "Hoài") + "/dismissal")
    assert answer.status_code == 303
    assert "Đã cho nghỉ" in thu.page(answer.headers["location"]).text
    assert hoai.get("/").headers["location"].startswith("/sign-in")
    with city.database.reading() as db:
        assert db.exec(select(Enrolment).where(col(Enrolment.revoked_at).is_(None))).first() is None
    [entry] = trail(city, "person.dismissed")
    assert entry.subject == str(city.people["Hoài"].id)
    assert entry.ward_id == city.wards["Hải Châu"].id
    assert thu.post(person(city, "Hoài") + "/dismissal").status_code == 404


def test_a_follow_up_of_theirs_is_counted_before_they_go(city: City, as_person: AsPerson) -> None:
    log(as_person("Hoài"), city.doors["K45/12"], outcome="come_back", come_back_on="2027-01-15")
    assert "1 nhà" in as_person("Thu").page(person(city, "Hoài") + "/dismissal").text


def test_a_card_to_come_back_with_is_over_too(city: City, as_person: AsPerson) -> None:
    """Shown on the page before, worth nothing after."""
    thu = as_person("Thu")
    with city.database.writing() as db:
        invite_back(db, city.viewer("Thu"), city.people["Hoài"].id)
    assert "Thẻ trở lại" in thu.page(person(city, "Hoài")).text
    thu.post(person(city, "Hoài") + "/dismissal")
    with city.database.reading() as db:
        assert db.exec(select(Invitation)).one().revoked_at is not None
    [entry] = trail(city, "person.dismissed")
    assert entry.fields == "posting,team_member,invitation"


def test_a_dismissal_is_taken_back(city: City, as_person: AsPerson) -> None:
    """The posting and the team that it ended go on, and nothing else."""
    thu = as_person("Thu")
    thu.post(person(city, "Hoài") + "/dismissal")
    again = thu.page(thu.page(person(city, "Hoài")).link("Nhận lại"))
    assert "Tình nguyện viên, Phường Hải Châu" in again.text
    assert thu.post(person(city, "Hoài") + "/reinstatement").status_code == 303
    assert posting_of(city, "Hoài").role == Role.VOLUNTEER
    viewer = city.viewer("Hoài")
    assert viewer.team_ids == (city.teams["Tổ công nghệ số cộng đồng số 5"].id,)
    assert as_person("Hoài").get("/").status_code == 200
    assert trail(city, "person.reinstated")
    assert thu.get(person(city, "Hoài") + "/reinstatement").status_code == 404


@pytest.mark.parametrize(
    ("who", "whom", "status"),
    [
        ("Thu", "Hoài", 303), ("Thu", "Lộc", 303), ("Thu", "Thu", 403), ("Thu", "Ngân", 404), ("Thu", "Phúc", 404),
        ("Thu", "Tâm", 404), ("Lộc", "Hoài", 403), ("Hoài", "Bảo", 403), ("Tâm", "Thu", 303), ("Tâm", "Hoài", 403),
        ("Tâm", "Phúc", 404), ("Tâm", "Khánh", 404), ("Khánh", "Tâm", 303), ("Khánh", "Ngân", 303), ("Khánh", "Yến", 303),
        ("Khánh", "Khánh", 403), ("Yến", "Hoài", 403), ("Phúc", "Hoài", 404),
    ],
)  # fmt: skip
def test_who_may_dismiss_whom(city: City, as_person: AsPerson, who: str, whom: str, status: int) -> None:
    """Only below oneself and within reach; outside is as absent. Nothing is changed by what is refused."""
    before = [posting.valid_to for posting in _all_postings(city)]
    client = as_person(who)
    assert client.get(person(city, whom) + "/dismissal").status_code == (200 if status == 303 else status)
    assert client.post(person(city, whom) + "/dismissal").status_code == status
    if status != 303:
        assert [posting.valid_to for posting in _all_postings(city)] == before
        assert trail(city, "person.dismissed") == []


def test_who_is_posted_out_of_reach_too_is_not_dismissed_from_here(city: City, as_person: AsPerson) -> None:
    """Both ends: a lead of one ward does not end what somebody is in another."""
    with city.database.writing() as db:
        _post(db, city.people["Hoài"], Role.VOLUNTEER, city.wards["An Hải"])
    assert as_person("Thu").post(person(city, "Hoài") + "/dismissal").status_code == 403
    assert as_person("Khánh").post(person(city, "Hoài") + "/dismissal").status_code == 303


def test_the_last_administrator_stays(city: City) -> None:
    with city.database.writing() as db:
        khanh = db.get_one(Person, city.people["Khánh"].id)
        with pytest.raises(ValueError, match="last city administrator"):
            add.dismiss(db, khanh)
        other = add.add_person(db, "Lê Văn Hai", "0935000999", Role.CITY_ADMIN, city.whole.id)
        add.dismiss(db, khanh)
        with pytest.raises(ValueError, match="last city administrator"):
            add.dismiss(db, other)


def test_moved_to_another_ward_she_sees_that_ward(city: City, as_person: AsPerson) -> None:
    """By the administrator, who reaches both; sessions end, the former team is left, what she logged stays."""
    khanh, hoai = as_person("Khánh"), as_person("Hoài")
    log(hoai, city.doors["K45/12"])
    an_hai = city.wards["An Hải"]
    team = city.teams["Tổ công nghệ số cộng đồng số 2"]
    assert repost(khanh, city, "Hoài", an_hai, Role.VOLUNTEER, team=str(team.id)).status_code == 303
    assert hoai.get("/households").headers["location"].startswith("/sign-in")
    again = as_person("Hoài")
    assert "Nguyễn Thông" in again.page("/households").text
    assert "Hàng Dừa" not in again.page("/households").text
    assert again.page("/visits").text.count("K45/12") >= 1
    assert as_person("Thu").get(person(city, "Hoài")).status_code == 404
    assert as_person("Phúc").get(person(city, "Hoài")).status_code == 200
    assert {entry.ward_id for entry in trail(city, "person.moved")} == {city.wards["Hải Châu"].id, an_hai.id}


def test_a_move_needs_both_ends(city: City, as_person: AsPerson) -> None:
    """The lead of one ward neither sends people into another nor fetches them from there."""
    hai_chau, an_hai = city.wards["Hải Châu"], city.wards["An Hải"]
    assert repost(as_person("Thu"), city, "Hoài", an_hai, Role.VOLUNTEER).status_code == 404
    assert repost(as_person("Phúc"), city, "Hoài", an_hai, Role.VOLUNTEER).status_code == 404
    assert repost(as_person("Thu"), city, "Ngân", hai_chau, Role.VOLUNTEER).status_code == 404
    assert repost(as_person("Tâm"), city, "Thu", city.district, Role.WARD_LEAD).status_code in (404, 422)
    assert posting_of(city, "Hoài").area_id == hai_chau.id
    assert posting_of(city, "Ngân").area_id == an_hai.id


def test_a_role_is_never_raised_to_ones_own(city: City, as_person: AsPerson) -> None:
    hai_chau = city.wards["Hải Châu"]
    thu = as_person("Thu")
    assert repost(thu, city, "Hoài", hai_chau, Role.WARD_LEAD).status_code == 403
    assert repost(thu, city, "Hoài", hai_chau, Role.CITY_ADMIN).status_code == 422
    assert repost(thu, city, "Thu", hai_chau, Role.TEAM_LEADER).status_code == 403
    assert repost(as_person("Khánh"), city, "Hoài", city.whole, Role.CITY_ADMIN).status_code == 403
    assert repost(as_person("Khánh"), city, "Khánh", city.whole, Role.AUDITOR).status_code == 403
    assert posting_of(city, "Hoài").role == Role.VOLUNTEER


def test_a_leader_becomes_a_member_and_the_session_is_over(city: City, as_person: AsPerson) -> None:
    """The role of the team goes with the role; so does the list of people."""
    loc, thu = as_person("Lộc"), as_person("Thu")
    assert loc.get("/admin/people").status_code == 200
    assert repost(thu, city, "Lộc", city.wards["Hải Châu"], Role.VOLUNTEER).status_code == 303
    assert loc.get("/admin/people").headers["location"].startswith("/sign-in")
    assert as_person("Lộc").get("/admin/people").status_code == 403
    with city.database.reading() as db:
        rows = db.exec(select(TeamMember).where(col(TeamMember.person_id) == city.people["Lộc"].id)).all()
    assert [row.role for row in sorted(rows, key=lambda row: row.valid_from)] == [
        TeamRole.LEADER,
        TeamRole.MEMBER,
    ]
    assert repost(thu, city, "Lộc", city.wards["Hải Châu"], Role.TEAM_LEADER, team=str(city.teams["Tổ công nghệ số cộng đồng số 9"].id)).status_code == 303  # fmt: skip
    assert city.viewer("Lộc").led_team_ids == {city.teams["Tổ công nghệ số cộng đồng số 9"].id}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"role": "officer"}, "không thuộc cấp địa bàn"),
        ({"role": "king"}, "Chọn một vai trò"),
        ({"team": "other"}, "Không có tổ này"),
        ({"team": "cc"}, "Chọn một tổ"),
        ({"state": "x"}, "đã cũ"),
    ],
)
def test_what_can_not_be_is_said_beside_the_field(
    city: City, as_person: AsPerson, fields: dict[str, str], said: str
) -> None:
    if fields.get("team") == "other":
        fields = {"team": str(city.teams["Tổ công nghệ số cộng đồng số 2"].id)}
    asked = {
        "posting": str(posting_of(city, "Hoài").id),
        "area": str(city.wards["Hải Châu"].id),
        "role": "volunteer",
    }
    answer = as_person("Khánh").post(person(city, "Hoài") + "/posting", asked | fields)
    assert answer.status_code == 422
    assert said in answer.text


def test_what_is_so_already_is_not_changed_again(city: City, as_person: AsPerson) -> None:
    """No new posting, no session ended, nothing in the trail."""
    hoai, before = as_person("Hoài"), posting_of(city, "Hoài")
    answer = repost(as_person("Thu"), city, "Hoài", city.wards["Hải Châu"], Role.VOLUNTEER)
    assert answer.headers["location"] == person(city, "Hoài")
    assert posting_of(city, "Hoài") == before
    assert hoai.get("/").status_code == 200
    assert trail(city, "person.changed") == []


def test_a_posting_of_somebody_else_is_none(city: City, as_person: AsPerson) -> None:
    fields = {
        "posting": str(posting_of(city, "Bảo").id),
        "area": str(city.wards["Hải Châu"].id),
        "role": "team_leader",
    }
    thu = as_person("Thu")
    assert thu.post(person(city, "Hoài") + "/posting", fields).status_code == 404
    assert thu.post(person(city, "Hoài") + "/posting", {"posting": "x"}).status_code == 404
    assert thu.get(person(city, "Hoài") + f"/posting?posting={uuid.uuid4()}").status_code == 404
    assert posting_of(city, "Bảo").role == Role.VOLUNTEER


def test_reading_a_page_changes_nothing(city: City, as_person: AsPerson) -> None:
    """GET of every page of a change, then the person as before."""
    thu = as_person("Thu")
    posting = posting_of(city, "Hoài")
    for page in ("", "/dismissal", f"/posting?posting={posting.id}"):
        thu.page(person(city, "Hoài") + page)
    assert posting_of(city, "Hoài") == posting
    with city.database.reading() as db:
        assert sessions.find(db, "none", clock.now()) is None
        assert db.exec(select(AuditEntry)).all() == []


def _all_postings(city: City) -> list[Posting]:
    with city.database.reading() as db:
        return list(db.exec(select(Posting).order_by(col(Posting.id))))


def _post(db: Session, person: Person, role: Role, area: Area) -> None:
    db.add(
        Posting(id=uuid.uuid4(), person_id=person.id, role=role, area_id=area.id, valid_from=clock.today())
    )
