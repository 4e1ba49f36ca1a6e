"""Somebody leaves: what they agreed at doors, and the residential groups, go on with somebody else; what they wrote stays theirs."""

from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlmodel import select

from skills import clock
from skills.app import create_app
from skills.people import sessions
from skills.people.add import dismiss
from skills.visits.follow_ups import handed_to, open_follow_ups
from skills.visits.models import FollowUpKeeper, Visit
from tests.admin.teams.story import (
    FIVE,
    NINE,
    TWO,
    address,
    change,
    changed,
    group_rows,
    nobody,
    person,
    rows,
    trail,
)
from tests.cast import City
from tests.client import Client, Page
from tests.conftest import AsPerson
from tests.visits.pages import log

TODAY = clock.today()


def agree(client: Client, city: City, *numbers: str, days: int = 3) -> None:
    """Agrees at each of these doors to come back in so many days."""
    for number in numbers:
        log(client, city.doors[number], "come_back", come_back_on=str(TODAY + timedelta(days=days)))


def kept(city: City) -> dict[str, str]:
    """Who keeps the agreed day at each door, by number; "" for the team."""
    names = {each.id: name for name, each in city.people.items()}
    numbers = {door.id: number for number, door in city.doors.items()}
    with city.database.reading() as db:
        found = open_follow_ups(db, [group.id for group in city.groups.values()], TODAY)
        return {numbers[each.household_id]: names[each.keeper_id] if each.keeper_id else "" for each in found}


def authors(city: City) -> set[str]:
    """Who wrote the visits."""
    names = {each.id: name for name, each in city.people.items()}
    with city.database.reading() as db:
        return {names[visit.author_id] for visit in db.exec(select(Visit))}


def give(client: Client, city: City, to: str, team: str = FIVE, of: str = "Hoài", **more: object) -> None:
    """Hands over what somebody keeps."""
    changed(client, city, "/hand-over", team, person=person(city, of), to=to, **more)


def test_what_a_member_agreed_goes_to_another_member(city: City, as_person: AsPerson) -> None:
    """Hoài leaves. Bảo finds her three doors on his first page; her visits stay hers."""
    thu, hoai, bao = as_person("Thu"), as_person("Hoài"), as_person("Bảo")
    agree(hoai, city, "4", "K45/2", "K61/1")
    agree(bao, city, "12")
    assert kept(city) == {"4": "Hoài", "K45/2": "Hoài", "K61/1": "Hoài", "12": "Bảo"}
    assert "Hẹn được giao giữ" not in bao.page("/").text
    form = thu.page(address(city, FIVE, f"/hand-over?person={person(city, 'Hoài')}"))
    assert "Lê Thị Hoài 3 hẹn lại" in form.text
    assert "Tổ 12 2 hẹn lại, 9 hộ" in form.text
    assert "Tổ 13 1 hẹn lại, 1 hộ" in form.text
    give(thu, city, f"member:{person(city, 'Bảo')}", leaves="yes")
    assert set(kept(city).values()) == {"Bảo"}
    assert authors(city) == {"Hoài", "Bảo"}
    home = bao.page("/")
    section = next(e for e in home.all("section") if e.attrs.get("aria-labelledby") == "h-kept")
    assert [e.text for e in section.walk() if e.tag == "b"] == ["4", "K45/2", "K61/1"]
    assert rows(city, FIVE, "Hoài")[-1][1] == TODAY - timedelta(days=1)
    assert hoai.page("/visits").text.count("Hẹn lại") >= 3
    assert hoai.get(f"/households/{city.doors['4'].ward_id}/{city.doors['4'].id}").status_code == 404
    assert [action for action, *_ in trail(city)] == ["team.handed_over", "team.left"]


def test_residential_groups_go_to_another_team_with_what_was_agreed_there(
    city: City, as_person: AsPerson
) -> None:
    """Tổ 13 goes to number 9: Mai sees its doors and days in the next request, Bảo does not any more; the rest stays with Hoài."""
    thu, mai, bao = as_person("Thu"), as_person("Mai"), as_person("Bảo")
    agree(as_person("Hoài"), city, "4", "K61/1", days=1)
    thirteen = city.groups["Tổ 13"].id
    assert mai.get(f"/households?group={thirteen}").status_code == 404
    give(thu, city, f"team:{city.teams[NINE].id}", group=[str(thirteen)])
    assert kept(city) == {"4": "Hoài", "K61/1": ""}
    assert "K61/1" in mai.page(f"/households?group={thirteen}").text
    assert bao.get(f"/households?group={thirteen}").status_code == 404
    assert (thirteen, TODAY) in {(group, since) for group, since, _ in group_rows(city, NINE)}
    assert "Cả tổ" in thu.page(address(city, NINE)).text
    assert [(action, fields) for action, _, fields in trail(city)] == [
        ("team.handed_over", f"from {person(city, 'Hoài')},to {city.teams[NINE].id},follow_up"),
        ("team.group_taken", f"group {thirteen}"),
        ("team.groups_given", f"group {thirteen}"),
    ]


def test_who_was_dismissed_leaves_days_that_the_team_is_told_of(city: City, as_person: AsPerson) -> None:
    """Nothing was handed over in time: the page of the team says so, and it can still be done."""
    thu, hoai = as_person("Thu"), as_person("Hoài")
    agree(hoai, city, "4", "6")
    with city.database.writing() as db:
        dismiss(db, db.merge(city.people["Hoài"]))
    shown = thu.page(address(city))
    assert "2 hẹn lại của người đã thôi ở tổ, chưa giao cho ai." in shown.text
    thu.page(shown.link("Bàn giao"))
    give(thu, city, f"member:{person(city, 'Lộc')}")
    assert set(kept(city).values()) == {"Lộc"}
    assert "chưa giao cho ai" not in thu.page(address(city)).text


def test_what_is_agreed_next_is_its_own_authors(city: City, as_person: AsPerson) -> None:
    """A day that was handed on is over when somebody was met, or when another day is agreed."""
    thu, bao = as_person("Thu"), as_person("Bảo")
    agree(as_person("Hoài"), city, "4", "6")
    give(thu, city, f"member:{person(city, 'Lộc')}")
    log(bao, city.doors["4"], "met", skill="1")
    agree(bao, city, "6", days=9)
    assert kept(city) == {"6": "Bảo"}
    with city.database.reading() as db:
        assert handed_to(db, city.people["Lộc"].id) == set()
        assert len(db.exec(select(FollowUpKeeper)).all()) == 2


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"to": ""}, "Chọn người hoặc tổ nhận."),
        ({"to": "member:{Hoài}"}, "Chọn người hoặc tổ nhận."),  # to herself
        ({"to": "member:{Mai}"}, "Chọn người hoặc tổ nhận."),  # of another team
        ({"to": "member:{Ngân}"}, "Chọn người hoặc tổ nhận."),
        ({"to": "team:{Ngân}"}, "Chọn người hoặc tổ nhận."),
        ({"to": "team:elsewhere"}, "Chọn người hoặc tổ nhận."),
        ({"to": "member:{Bảo}", "group": "13"}, "Tổ dân phố chỉ giao được cho một tổ."),
        ({"to": "team:9", "group": "3"}, "Chọn tổ dân phố trong danh sách."),
        ({"to": "team:9", "group": "40"}, "Chọn tổ dân phố trong danh sách."),  # not this team's
        ({"to": "team:9"}, "Không có gì để bàn giao."),
        ({"to": "member:{Bảo}", "author_id": "x"}, "Biểu mẫu này đã cũ"),
    ],
)
def test_what_cannot_be_handed_over_changes_nothing(
    city: City, as_person: AsPerson, fields: dict[str, str], said: str
) -> None:
    """Both ends are asked, and half of it is never done."""
    thu = as_person("Thu")
    agree(as_person("Hoài"), city, "4")
    to = fields["to"].replace("team:9", f"team:{city.teams[NINE].id}")
    to = to.replace("team:elsewhere", f"team:{city.teams[TWO].id}")
    for name in city.people:
        to = to.replace(f"{{{name}}}", person(city, name))
    told = {**fields, "to": to}
    if "group" in fields:
        told["group"] = str(city.groups[f"Tổ {fields['group']}"].id)
    before = group_rows(city), rows(city)
    answer = change(thu, city, "/hand-over", person=person(city, "Hoài"), **told)
    assert answer.status_code == 422
    assert said in Page(answer).text
    assert (group_rows(city), rows(city)) == before
    assert kept(city) == {"4": "Hoài"}
    assert trail(city) == []


def test_who_is_no_concern_of_the_team_has_no_page(city: City, as_person: AsPerson) -> None:
    thu = as_person("Thu")
    for who in (person(city, "Ngân"), person(city, "Mai"), nobody()):
        assert thu.get(address(city, FIVE, f"/hand-over?person={who}")).status_code == 404
        answer = change(thu, city, "/hand-over", person=who, to=f"member:{person(city, 'Bảo')}")
        assert answer.status_code in (404, 422)
    assert thu.get(address(city, FIVE, "/hand-over?person=x")).status_code == 422
    for who in ("Lộc", "Tâm", "Yến"):
        assert as_person(who).get(address(city, FIVE, "/hand-over")).status_code == 403


@pytest.mark.postgres
def test_the_same_on_postgres(postgres_city: City) -> None:
    """The wards of all doors are locked before anything is written, in ascending order."""
    app: FastAPI = create_app(postgres_city.settings)

    def signed_in(name: str) -> Client:
        with postgres_city.database.writing() as db:
            token = sessions.create(db, postgres_city.people[name].id)
        client = Client(app)
        client.cookies.set("sid", token)
        return client

    thu = signed_in("Thu")
    agree(signed_in("Hoài"), postgres_city, "4", "K61/1")
    thirteen = postgres_city.groups["Tổ 13"].id
    give(thu, postgres_city, f"team:{postgres_city.teams[NINE].id}", group=[str(thirteen)])
    give(thu, postgres_city, f"member:{person(postgres_city, 'Bảo')}", leaves="yes")
    assert kept(postgres_city) == {"4": "Bảo", "K61/1": ""}
    changed(
        thu,
        postgres_city,
        "/members",
        person=person(postgres_city, "Mai"),
        role="deputy",
        since=f"{TODAY:%d/%m/%Y}",
    )
    changed(
        thu, postgres_city, "/dissolution", to=str(postgres_city.teams[NINE].id), since=f"{TODAY:%d/%m/%Y}"
    )
    assert thu.get("/admin/teams").status_code == 200
    app.state.database.dispose()


def test_what_names_nobody_is_refused_where_somebody_is_chosen(as_person: AsPerson, city: City) -> None:
    """With no person there is no form to lead to: each sentence leads to what the page shows."""
    thu = as_person("Thu")
    assert thu.post(f"{address(city)}/hand-over", {"to": "nobody", "group": "x"}).status_code == 422
    answer = thu.post(f"{address(city)}/hand-over", {"person": person(city, "Hoài"), "leaves": "x"})
    assert answer.status_code == 422
