"""One is removed from a team, one moves across wards, one is dismissed: in the next request each sees what the table says, and
what waits on their phones is counted or held, never lost.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlmodel import col, select, update

from skills import clock
from skills.people.add import dismiss
from skills.people.models import Posting, Role, TeamMember
from skills.sync.models import HeldItem
from skills.totals.check import check
from skills.visits.models import Visit
from skills.visits.tally import recount
from tests.admin.teams.story import FIVE, NINE, TWO, changed, day, person
from tests.cast import City
from tests.client import Client
from tests.conftest import AsPerson
from tests.phone import Item, Phone, days_ago, new_id
from tests.visits.pages import log

ALL_OF_FIVE = {"2", "4", "6", "7", "7A", "7/2", "12", "K45/2", "K45/12", "K61/1"}


@dataclass
class Out:
    """Somebody out in the field: the browser, the phone, one visit that is stored, two that wait on the phone."""

    client: Client
    phone: Phone
    stored: str  # the address of the stored visit
    here: Item  # at a door of the team of before
    there: Item  # at a door of the place of afterwards


def goes_out(city: City, client: Client, door: str, waits_at: str, later: str) -> Out:
    """Logs a visit, saves one more on the phone, and will save another where they go from now on."""
    phone = Phone(client)
    stored = log(client, city.doors[door], "met", skill="1")
    return Out(
        client, phone, stored, phone.visit(city, waits_at, saved_at=days_ago(1)), phone.visit(city, later)
    )


def sees(client: Client) -> set[str]:
    """The numbers of all doors in the package that the phone takes along, which are those of the list."""
    told = client.get("/api/v1/package").json()
    return {dict(zip(told["columns"], line, strict=False))["number"] for line in told["doors"]}


def door(city: City, number: str) -> str:
    return f"/households/{city.doors[number].ward_id}/{city.doors[number].id}"


def status(client: Client, *addresses: str) -> list[int]:
    """The answers to GET."""
    return [client.get(each).status_code for each in addresses]


def in_tray(city: City, item: Item) -> HeldItem:
    with city.database.reading() as db:
        return db.exec(select(HeldItem).where(HeldItem.item == uuid.UUID(item["item"]))).one()


def stands(city: City) -> dict[str, Any]:
    """The author of every visit, by id; and the totals are what a recount finds."""
    names = {each.id: name for name, each in city.people.items()}
    with city.database.reading() as db:
        assert check(db, recount) == []
        return {str(visit.id): names[visit.author_id] for visit in db.exec(select(Visit))}


def move_across(city: City, who: str, ward: str) -> None:
    """What moving somebody to another ward comes to: posting and memberships end, a posting there begins."""
    yesterday = clock.today() - timedelta(days=1)
    with city.database.writing() as db:
        for table in (Posting, TeamMember):
            db.execute(
                update(table)
                .where(col(table.person_id) == city.people[who].id, col(table.valid_to) > yesterday)
                .values(valid_to=yesterday)
            )
        db.add(
            Posting(
                id=uuid.UUID(new_id()), person_id=city.people[who].id, role=Role.VOLUNTEER, area_id=city.wards[ward].id,
                valid_from=clock.today(),
            )
        )  # fmt: skip


def test_three_people_and_the_next_request(city: City, as_person: AsPerson) -> None:
    """Hoài goes out with number 9 alone, Bảo to An Hải, Mai is dismissed."""
    thu, phuc = as_person("Thu"), as_person("Phúc")
    changed(thu, city, "/members", NINE, person=person(city, "Hoài"), since=day())
    hoai = goes_out(city, as_person("Hoài"), "2", "4", "31")
    bao = goes_out(city, as_person("Bảo"), "6", "12", "8")
    mai = goes_out(city, as_person("Mai"), "31", "31", "31")
    assert sees(hoai.client) == ALL_OF_FIVE | {"31"}
    assert sees(bao.client) == ALL_OF_FIVE
    assert sees(mai.client) == {"31"}

    # Hoài is removed from number 5: the doors of number 9 are left to her, and all that she wrote down
    changed(thu, city, f"/members/{person(city, 'Hoài')}/end", FIVE, since=day())
    assert sees(hoai.client) == {"31"}
    assert status(hoai.client, door(city, "31"), door(city, "2"), door(city, "8"), hoai.stored) == [
        200,
        404,
        404,
        404,
    ]
    assert "/visits/" in hoai.client.page("/visits").source
    assert [told["status"] for told in hoai.phone.hand_in(hoai.here, hoai.there)] == ["held", "accepted"]

    # Bảo moves to An Hải and goes out with number 2
    move_across(city, "Bảo", "An Hải")
    assert sees(bao.client) == set()
    assert status(bao.client, door(city, "6"), "/", "/households", "/visits") == [404, 200, 200, 200]
    changed(phuc, city, "/members", TWO, person=person(city, "Bảo"), since=day())
    assert sees(bao.client) == {"8"}
    assert [told["status"] for told in bao.phone.hand_in(bao.here, bao.there)] == ["held", "accepted"]

    # Mai is dismissed: her session is over, her phone still hands in
    with city.database.writing() as db:
        dismiss(db, db.merge(city.people["Mai"]))
    assert status(mai.client, "/", "/households", "/visits", door(city, "31")) == [303] * 4
    assert mai.client.get("/api/v1/package").status_code == 401
    told = mai.phone.hand_in(mai.here, mai.there)
    assert [(each["status"], each["code"]) for each in told] == [("held", "dismissed")] * 2

    # nothing is lost: what counts stands under its author, what is held lies in a tray, and comes to count under its author
    hai_chau, an_hai = city.wards["Hải Châu"].id, city.wards["An Hải"].id
    assert in_tray(city, hoai.here).tray_id == in_tray(city, mai.here).tray_id == hai_chau
    assert in_tray(city, bao.here).tray_id == an_hai  # the ward where he can be asked
    before = stands(city)
    assert sorted(before.values()) == ["Bảo", "Bảo", "Hoài", "Hoài", "Mai"]
    held = in_tray(city, bao.here)
    tray = f"/coverage/tray/{held.ward_id}/{held.item}"
    assert phuc.post(f"{tray}/move", {"ward": str(hai_chau)}).status_code == 303
    for out in (hoai, bao, mai):
        item = in_tray(city, out.here)
        answer = thu.post(f"/coverage/tray/{item.ward_id}/{item.item}/acceptance", {})
        assert answer.status_code == 303, answer.text[:2000]
    after = stands(city)
    assert {after[hoai.here["id"]], after[bao.here["id"]], after[mai.here["id"]]} == {"Hoài", "Bảo", "Mai"}
    assert before.items() <= after.items()

    # and the lead of each ward reads exactly the own ward
    assert status(thu, f"/admin/teams/{city.teams[FIVE].id}", f"/admin/teams/{city.teams[TWO].id}") == [
        200,
        404,
    ]
    assert status(phuc, f"/admin/teams/{city.teams[FIVE].id}", f"/admin/teams/{city.teams[TWO].id}") == [
        404,
        200,
    ]


def test_a_leader_who_is_none_any_more_reads_the_team_no_longer(city: City, as_person: AsPerson) -> None:
    """Lộc becomes a plain member of his team: its page and its visits are not his to see or change in the next request."""
    loc, thu = as_person("Lộc"), as_person("Thu")
    here = f"/admin/teams/{city.teams[FIVE].id}"
    theirs = log(as_person("Hoài"), city.doors["4"], "met", skill="1")
    assert status(loc, here, f"{theirs}/correction") == [200, 200]
    changed(thu, city, f"/members/{person(city, 'Lộc')}/place", role="member", since=day())
    assert status(loc, here, f"{theirs}/correction", door(city, "4")) == [404, 403, 200]


def test_a_group_that_is_given_and_taken_holds_in_the_next_request(city: City, as_person: AsPerson) -> None:
    """Tổ 40 comes to number 5 and goes again; a visit saved in between and handed in afterwards is held, not lost."""
    thu, hoai = as_person("Thu"), as_person("Hoài")
    phone, forty = Phone(hoai), city.groups["Tổ 40"].id
    changed(thu, city, "/groups", group=[str(forty)], since=day())
    assert sees(hoai) == ALL_OF_FIVE | {"31"}
    waits = phone.visit(city, "31")
    changed(thu, city, f"/groups/{forty}/end", since=day())
    assert sees(hoai) == ALL_OF_FIVE
    assert [told["status"] for told in phone.hand_in(waits)] == ["held"]
    assert in_tray(city, waits).author_id == city.people["Hoài"].id
