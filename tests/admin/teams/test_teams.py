"""A ward lead keeps the teams of the ward: set up by a decision, changed from day to day, dissolved; nothing overlaps, nothing is lost."""

import uuid
from datetime import date, timedelta

import pytest
from fastapi import FastAPI
from sqlmodel import select

from skills import clock
from skills.areas.models import FOREVER
from skills.people.models import Posting, Role, Team
from tests.admin.teams.story import (
    FIVE,
    NINE,
    TWO,
    address,
    change,
    changed,
    day,
    group_rows,
    nobody,
    person,
    rows,
    trail,
)
from tests.cast import SINCE, City
from tests.client import Client, Page
from tests.conftest import AsPerson
from tests.households.test_find import statements

TODAY = clock.today()


def page(client: Client, city: City, team: str = FIVE) -> Page:
    return client.page(address(city, team))


def stored(city: City, team_id: str) -> Team:
    with city.database.reading() as db:
        found = db.get(Team, uuid.UUID(team_id))
        assert found is not None
        return found


def test_a_decision_sets_up_a_team(city: City, as_person: AsPerson) -> None:
    """Thu types what the decision says; the team is empty, and the page says what is missing."""
    thu = as_person("Thu")
    form = thu.page("/admin/teams/new")
    assert [e.text for e in form.one("select", name="ward").walk()] == ["Phường Hải Châu"]
    answer = thu.submit(
        form, "/admin/teams", name="Tổ  số 14 ", decision_no="61/QĐ-UBND", decision_date="2/3/2026"
    )
    location = answer.headers["location"]
    team = stored(city, location.rsplit("/", 1)[1])
    assert (team.area_id, team.name, team.decision_no, team.decision_date) == (
        city.wards["Hải Châu"].id, "Tổ số 14", "61/QĐ-UBND", date(2026, 3, 2),
    )  # fmt: skip
    shown = thu.page(location)
    assert "02/03/2026" in shown.text
    assert "Tổ chỉ có 0 người, nên có ít nhất bảy." in shown.text
    assert "Chưa có tổ dân phố nào" in shown.text
    assert trail(city) == [("team.created", str(team.id), "name,decision_no,decision_date")]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": ""}, "Ghi tên tổ, như trong quyết định."),
        ({"name": "TO CONG NGHE SO CONG DONG SO 9"}, "đã có tổ tên như vậy"),
        ({"name": "x" * 121}, "Viết ngắn lại"),
        ({"decision_date": "30/02/2026"}, "Ngày này không có"),
        ({"decision_date": day(1)}, "Ngày quyết định chưa tới"),
        ({"decision_date": "1/1/2019"}, "Ghi từ năm 2020"),
        ({"ward": "1"}, "Chọn phường, xã trong danh sách."),
        ({"area_id": "1"}, "Biểu mẫu này đã cũ"),
    ],
)
def test_what_cannot_be_is_said_beside_the_field_and_kept(
    city: City, as_person: AsPerson, typed: dict[str, str], said: str
) -> None:
    thu = as_person("Thu")
    told = {"ward": str(city.wards["Hải Châu"].id), "name": "Tổ số 14", "decision_no": "7/QĐ"} | typed
    answer = thu.post("/admin/teams", told)
    assert answer.status_code == 422
    again = Page(answer)
    assert said in again.text
    assert again.one("input", name="decision_no").attrs["value"] == "7/QĐ"
    assert trail(city) == []


def test_a_ward_of_somebody_else_is_like_none_at_all(city: City, as_person: AsPerson) -> None:
    """Neither a new team there, nor a look at one, nor a hint that it exists."""
    thu = as_person("Thu")
    theirs = thu.post("/admin/teams", {"ward": str(city.wards["An Hải"].id), "name": "Tổ mới"})
    none = thu.post("/admin/teams", {"ward": "999999", "name": "Tổ mới"})
    assert theirs.status_code == none.status_code == 422
    assert theirs.text.replace(str(city.wards["An Hải"].id), "") == none.text.replace("999999", "")
    for rest in ("", "/correction", "/members/new", "/groups/new", "/dissolution", "/hand-over"):
        there, absent = thu.get(address(city, TWO, rest)), thu.get(f"/admin/teams/{nobody()}{rest}")
        assert there.status_code == absent.status_code == 404
    assert thu.get(f"/admin/teams?ward={city.wards['An Hải'].id}").status_code == 404


@pytest.mark.parametrize(
    ("who", "list_", "own", "elsewhere", "posts", "posts_elsewhere"),
    [
        ("Hoài", 403, 403, 403, 403, 403),  # a volunteer has no office
        ("Lộc", 200, 200, 404, 403, 403),  # a leader reads the own team
        ("Thu", 200, 200, 404, 303, 404),  # a ward lead changes the ward's
        ("Phúc", 200, 404, 200, 404, 303),
        ("Tâm", 200, 200, 404, 403, 403),  # an officer reads those below
        ("Khánh", 200, 200, 200, 303, 303),  # the administrator changes all
        ("Yến", 200, 200, 200, 403, 403),  # the auditor reads
        ("Lạ", 403, 403, 403, 403, 403),
    ],
)
def test_who_reads_and_who_changes(
    city: City, as_person: AsPerson, who: str, list_: int, own: int, elsewhere: int, posts: int, posts_elsewhere: int
) -> None:  # fmt: skip
    """The line "Team roster" of the matrix. What is refused leaves nothing behind."""
    client = as_person(who)
    assert client.get("/admin/teams").status_code == list_
    assert client.get(address(city, FIVE)).status_code == own
    assert client.get(address(city, TWO)).status_code == elsewhere
    told = {"name": "Tên khác", "decision_no": "1/QĐ"}
    assert change(client, city, "/correction", FIVE, **told).status_code == posts
    assert change(client, city, "/correction", TWO, **told).status_code == posts_elsewhere
    assert len(trail(city)) == (posts == 303) + (posts_elsewhere == 303)


def test_a_leader_reads_the_own_team_and_no_other_of_the_ward(city: City, as_person: AsPerson) -> None:
    """And finds nothing to press there."""
    loc = as_person("Lộc")
    assert loc.get(address(city, NINE)).status_code == 404
    shown = page(loc, city)
    assert [e.attrs["action"] for e in shown.all("form") if e.attrs["action"].startswith("/admin")] == []
    assert not [e for e in shown.all("a") if e.attrs.get("href", "").startswith(address(city) + "/")]
    listed = loc.page("/admin/teams")
    assert FIVE in listed.text
    assert NINE not in listed.text


def test_members_come_and_go_from_day_to_day(city: City, as_person: AsPerson) -> None:
    """Mai comes next week, is deputy from the week after, and leaves in a month: three rows that touch and never overlap."""
    thu = as_person("Thu")
    changed(thu, city, "/members", person=person(city, "Mai"), role="member", since=day(7))
    assert "sẽ vào" in page(thu, city).text
    mai = f"/members/{person(city, 'Mai')}"
    changed(thu, city, mai + "/place", role="deputy", since=day(14))
    changed(thu, city, mai + "/end", since=day(30))
    week = timedelta(days=7)
    assert rows(city, FIVE, "Mai") == [
        (TODAY + week, TODAY + 2 * week - timedelta(days=1), "member"),
        (TODAY + 2 * week, TODAY + timedelta(days=29), "deputy"),
    ]
    assert [action for action, *_ in trail(city)] == ["team.joined", "team.place_changed", "team.left"]


@pytest.mark.parametrize(
    ("since", "said"),
    [
        (day(-20), "Người này đã ở tổ vào ngày đó"),
        ("31/12/2019", "Ngày này quá sớm"),
        (day(400), "Ngày này quá xa"),
        ("", "Mục này còn trống"),
        ("32/1/2026", "Ngày này không có"),
    ],
)
def test_days_that_make_no_sense_are_asked_again(
    city: City, as_person: AsPerson, since: str, said: str
) -> None:
    """Bảo has belonged to the team since the ward came into being."""
    answer = change(as_person("Thu"), city, "/members", person=person(city, "Bảo"), since=since)
    assert answer.status_code == 422
    assert said in Page(answer).text
    assert rows(city, FIVE, "Bảo") == [(SINCE, FOREVER, "member")]


def test_nobody_leaves_before_they_came_and_who_came_today_may_leave_today(
    city: City, as_person: AsPerson
) -> None:
    thu = as_person("Thu")
    bao, mai = (f"/members/{person(city, name)}/end" for name in ("Bảo", "Mai"))
    early = change(thu, city, bao, since=f"{SINCE:%d/%m/%Y}")
    assert early.status_code == 422
    assert "Ngày này không sau ngày bắt đầu" in Page(early).text
    for _twice in range(2):
        changed(thu, city, "/members", person=person(city, "Mai"), since=day())
        changed(thu, city, mai, since=day())
    assert rows(city, FIVE, "Mai") == []
    changed(thu, city, bao, since=day(-3))
    assert rows(city, FIVE, "Bảo") == [(SINCE, TODAY - timedelta(days=4), "member")]
    changed(thu, city, "/members", person=person(city, "Bảo"), since=day(-3))
    assert rows(city, FIVE, "Bảo")[1:] == [(TODAY - timedelta(days=3), FOREVER, "member")]


def test_only_people_of_the_ward_join(city: City, as_person: AsPerson) -> None:
    """Both ends are asked: Ngân is posted in An Hải, so neither lead nor administrator puts her into a team of Hải Châu."""
    for lead in ("Thu", "Khánh"):
        client = as_person(lead)
        offered = client.page(address(city, FIVE, "/members/new")).one("select", name="person").text
        assert "Đỗ Thị Mai" in offered
        assert "Ngân" not in offered
        for wanted in (person(city, "Ngân"), person(city, "Lạ"), person(city, "Yến"), nobody(), "x"):
            answer = change(client, city, "/members", person=wanted, since=day())
            assert answer.status_code == 422
            assert "Chọn một người trong danh sách." in Page(answer).text
    assert trail(city) == []


def test_a_team_has_one_leader_whose_role_lets_them_lead(city: City, as_person: AsPerson) -> None:
    """A volunteer is no leader until the role is changed; then Lộc becomes a member on the day Bảo takes over."""
    thu, bao = as_person("Thu"), f"/members/{person(city, 'Bảo')}/place"
    refused = change(thu, city, bao, role="leader", since=day())
    assert refused.status_code == 422
    assert "Đổi vai trò ở trang của người đó trước" in Page(refused).text
    with city.database.writing() as db:
        posting = db.exec(select(Posting).where(Posting.person_id == city.people["Bảo"].id)).one()
        posting.role = Role.TEAM_LEADER
        db.add(posting)
    changed(thu, city, bao, role="leader", since=day())
    assert rows(city, FIVE, "Bảo")[-1] == (TODAY, FOREVER, "leader")
    assert rows(city, FIVE, "Lộc") == [
        (SINCE, TODAY - timedelta(days=1), "leader"), (TODAY, FOREVER, "member"),
    ]  # fmt: skip
    assert city.viewer("Bảo").led_team_ids == {city.teams[FIVE].id}
    assert city.viewer("Lộc").led_team_ids == set()


def test_residential_groups_are_many_to_many_and_of_the_ward(city: City, as_person: AsPerson) -> None:
    """Two teams may go to Tổ 40; Tổ 3 lies in An Hải; half a list is not written."""
    thu = as_person("Thu")
    forty, thirteen, three = (city.groups[name].id for name in ("Tổ 40", "Tổ 13", "Tổ 3"))
    assert "Tổ 40" in thu.page(address(city, FIVE, "/groups/new")).text
    for wanted in ([str(forty), str(three)], [str(forty), "7"], [str(forty), str(city.wards["Hải Châu"].id)]):
        answer = change(thu, city, "/groups", group=wanted, since=day())
        assert answer.status_code == 422
        assert "Chọn tổ dân phố trong danh sách." in Page(answer).text
    twice = change(thu, city, "/groups", group=[str(forty), str(thirteen)], since=day())
    assert twice.status_code == 422
    assert "Tổ đã được giao" in Page(twice).text
    assert [group for group, *_ in group_rows(city)] == sorted([city.groups["Tổ 12"].id, thirteen])
    changed(thu, city, "/groups", group=[str(forty)], since=day())
    assert (forty, TODAY, FOREVER) in group_rows(city)
    assert forty in city.viewer("Hoài").group_ids & city.viewer("Mai").group_ids
    changed(thu, city, f"/groups/{thirteen}/end", since=day())
    assert city.viewer("Hoài").group_ids == {city.groups["Tổ 12"].id, forty}
    listed = thu.page("/admin/teams").text
    assert "1 tổ dân phố chưa có tổ nào đến Tổ 13" in listed


def test_a_team_is_dissolved_and_another_goes_on(city: City, as_person: AsPerson) -> None:
    """Number 9 takes the groups of number 5 on that day; nobody sees fewer doors than somebody goes to."""
    thu = as_person("Thu")
    form = thu.page(address(city, FIVE, "/dissolution"))
    assert NINE in form.one("select", name="to").text
    assert TWO not in form.one("select", name="to").text
    changed(thu, city, "/dissolution", to=str(city.teams[NINE].id), since=day())
    assert all(last == TODAY - timedelta(days=1) for _, last, _ in rows(city))
    assert all(last == TODAY - timedelta(days=1) for _, _, last in group_rows(city))
    assert city.viewer("Mai").group_ids == {city.groups[name].id for name in ("Tổ 12", "Tổ 13", "Tổ 40")}
    assert city.viewer("Hoài").group_ids == set()
    shown = page(thu, city)
    assert "Tổ đã giải thể từ" in shown.text
    assert "Từng ở tổ" in shown.text
    again = change(thu, city, "/members", person=person(city, "Hoài"), since=day())
    assert again.status_code == 409
    assert [action for action, *_ in trail(city)] == [
        "team.dissolved",
        "team.groups_given",
        "team.groups_given",
    ]


def test_a_team_is_not_dissolved_before_somebody_came(city: City, as_person: AsPerson) -> None:
    thu = as_person("Thu")
    answer = change(thu, city, "/dissolution", since=f"{SINCE:%d/%m/%Y}")
    assert answer.status_code == 422
    assert "Ghi ngày sau đó" in Page(answer).text
    assert city.viewer("Hoài").group_ids
    changed(thu, city, "/dissolution", since=day(10))
    assert city.viewer("Hoài").group_ids  # until then nothing has happened
    late = change(thu, city, "/members", person=person(city, "Mai"), since=day(10))
    assert "Ngày đó tổ đã giải thể" in Page(late).text


def test_the_list_finds_teams_without_accents_and_counts_each_ward(city: City, as_person: AsPerson) -> None:
    """The administrator chooses a ward, or types what a team is called."""
    khanh = as_person("Khánh")
    wards = khanh.page("/admin/teams")
    hai_chau = city.wards["Hải Châu"]
    assert wards.link("Phường Hải Châu 2 tổ · 2 tổ dưới bảy người") == f"/admin/teams?ward={hai_chau.id}"
    assert FIVE in khanh.page(f"/admin/teams?ward={hai_chau.id}").text
    found = khanh.page("/admin/teams?q=cong dong so 2").text
    assert TWO in found
    assert "Phường An Hải" in found
    assert FIVE not in found


def test_the_list_of_the_city_takes_no_more_statements_for_more_teams(
    city: City, as_person: AsPerson, app: FastAPI
) -> None:
    """A ward lead's list asks as often for two teams as for forty."""
    thu = as_person("Thu")
    heard = statements(app.state.database)
    thu.page("/admin/teams")
    few = len(heard)
    with city.database.writing() as db:
        hai_chau = city.wards["Hải Châu"].id
        db.add_all(Team(id=uuid.UUID(int=n), area_id=hai_chau, name=f"Tổ {n}") for n in range(1, 40))
    heard.clear()
    thu.page("/admin/teams")
    assert len(heard) == few


def test_no_ward_chosen_is_no_ward(as_person: AsPerson) -> None:
    """As a form sends a list in which nothing is picked, once or twice."""
    thu = as_person("Thu")
    for opened in ("/admin/teams?ward=", "/admin/teams?ward=&ward=&q=", "/admin/teams/new?ward="):
        assert thu.get(opened).status_code == 200
    assert thu.get("/admin/teams?ward=0").status_code == 422
    assert thu.get("/admin/teams?ward=2147483648").status_code == 422
