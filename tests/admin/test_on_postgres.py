"""The office on PostgreSQL: every page, every change, and several who do the same at once."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from skills import clock
from skills.app import create_app
from skills.people import sessions
from tests.admin.catalogue.test_catalogue import NEW, skill, words
from tests.admin.teams.story import NINE, address, change, changed, day, person, rows
from tests.cast import City
from tests.client import Client

pytestmark = pytest.mark.postgres

SignIn = Callable[[str], Client]


@pytest.fixture
def signed_in(postgres_city: City) -> Iterator[SignIn]:
    """`signed_in("Thu")`: a browser in which she is signed in."""
    app = create_app(postgres_city.settings)

    def sign_in(name: str) -> Client:
        with postgres_city.database.writing() as db:
            token = sessions.create(db, postgres_city.people[name].id)
        client = Client(app)
        client.cookies.set("sid", token)
        return client

    yield sign_in
    app.state.database.dispose()


def test_every_page_and_every_change(postgres_city: City, signed_in: SignIn) -> None:
    city, khanh = postgres_city, signed_in("Khánh")
    team, ward = address(city), city.wards["Hải Châu"].id
    for page in (
        "/admin", "/admin/teams", f"/admin/teams?ward={ward}", "/admin/teams?q=so 5", "/admin/teams/new", team, f"{team}/correction",
        f"{team}/members/new", f"{team}/members/{person(city, 'Hoài')}", f"{team}/groups/new", f"{team}/hand-over",
        f"{team}/groups/{city.groups['Tổ 12'].id}", f"{team}/hand-over?person={person(city, 'Hoài')}", f"{team}/dissolution",
        "/admin/areas", "/admin/areas?day=1/6/2025&q=hai chau", f"/admin/areas/{ward}", "/admin/areas?q=%25_%5C%F0%9F%98%80",
        "/admin/catalogue", "/admin/catalogue/skills/1", "/admin/catalogue/skills/new?instead_of=9", "/admin/catalogue/audiences/2/dates",
    ):  # fmt: skip
        assert khanh.get(page).status_code == 200, page
    assert khanh.get("/admin/areas?q=a%00b").status_code in (200, 422)
    told = {"ward": str(ward), "name": "Tổ mới", "decision_no": "1/QĐ", "decision_date": day()}
    assert khanh.post("/admin/teams", told).status_code == 303
    changed(khanh, city, "/correction", name="Tổ số năm")
    changed(khanh, city, "/members", person=person(city, "Mai"), since=day(), role="deputy")
    changed(khanh, city, f"/members/{person(city, 'Mai')}/place", since=day(3), role="member")
    changed(khanh, city, f"/members/{person(city, 'Mai')}/end", since=day(9))
    changed(khanh, city, "/groups", group=[str(city.groups["Tổ 40"].id)], since=day())
    changed(khanh, city, f"/groups/{city.groups['Tổ 40'].id}/end", since=day())
    core = khanh.post("/admin/catalogue/skills", NEW | {"core": "D", "instead_of": "9", "valid_from": day(2)})
    assert core.status_code == 303
    assert (skill(city, "DP01").core, skill(city, "DP01").pillar) == ("D", "soc")
    again = words(skill(city, "DP01"), short_vi="Gọi xe ôm")
    assert khanh.post("/admin/catalogue/skills/1001/wording", again).status_code == 303
    assert khanh.post("/admin/catalogue/skills/1001/dates", {"valid_to": day(90)}).status_code == 303


def test_six_who_add_the_same_person_at_once_add_one(postgres_city: City, signed_in: SignIn) -> None:
    """The others are told that she is there already; her rows do not overlap."""
    leads = [signed_in("Thu") for _ in range(6)]

    def add(lead: Client) -> int:
        return int(
            change(
                lead,
                postgres_city,
                "/members",
                NINE,
                person=person(postgres_city, "Hoài"),
                since=f"{clock.today():%d/%m/%Y}",
            ).status_code
        )

    with ThreadPoolExecutor(6) as pool:
        answers = sorted(pool.map(add, leads))
    assert answers == [303, 422, 422, 422, 422, 422]
    assert len(rows(postgres_city, NINE, "Hoài")) == 1
