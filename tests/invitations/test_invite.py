"""Who brings whom in: always below themselves, always in their own areas, so many a day."""

import uuid
from datetime import timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from sqlmodel import col, func, select

from skills import clock
from skills.errors import NotAllowed, NotFound
from skills.invitations.invite import A_DAY, Refused
from skills.invitations.models import Invitation
from skills.people.models import Role
from tests.cast import AN_HAI, HAI_CHAU, City
from tests.client import Client, Page
from tests.conftest import AsPerson
from tests.invitations.story import FIFTH, NAME, NINTH, PHONE, SECOND, TYPED, invited_by, stored, trail


def where(city: City, place: str) -> int:
    """The id of a place by the word that the table below uses."""
    return {
        "Hải Châu": city.wards[HAI_CHAU].id, "An Hải": city.wards[AN_HAI].id, "district": city.district.id,
        "city": city.whole.id, "group": city.groups["Tổ 12"].id, "nowhere": 2_000_000_000,
    }[place]  # fmt: skip


@pytest.mark.parametrize(
    ("issuer", "role", "place", "team"),
    [
        ("Lộc", Role.VOLUNTEER, "Hải Châu", FIFTH),
        ("Thu", Role.VOLUNTEER, "Hải Châu", FIFTH),
        ("Thu", Role.VOLUNTEER, "Hải Châu", NINTH),
        ("Thu", Role.VOLUNTEER, "Hải Châu", None),
        ("Thu", Role.TEAM_LEADER, "Hải Châu", NINTH),
        ("Tâm", Role.WARD_LEAD, "Hải Châu", None),
        ("Khánh", Role.VOLUNTEER, "An Hải", SECOND),
        ("Khánh", Role.OFFICER, "district", None),
        ("Khánh", Role.AUDITOR, "city", None),
    ],
)
def test_whom_they_may(city: City, issuer: str, role: Role, place: str, team: str | None) -> None:
    """Each below their own role, in an area of the level in which that role is held."""
    invited = invited_by(city, issuer, role=role, area_id=where(city, place), team=team)
    kept = stored(city, invited.invitation_id)
    assert (kept.full_name, kept.phone, kept.role) == (NAME, PHONE, role)
    assert kept.expires_at - kept.issued_at == timedelta(hours=24)
    assert invited.token not in str(kept.model_dump())
    assert trail(city) == ["invitation.made"]


@pytest.mark.parametrize(
    ("issuer", "role", "place", "team", "error"),
    [
        ("Lộc", Role.VOLUNTEER, "Hải Châu", None, NotAllowed),
        ("Lộc", Role.VOLUNTEER, "Hải Châu", NINTH, NotAllowed),
        ("Lộc", Role.TEAM_LEADER, "Hải Châu", FIFTH, NotAllowed),
        ("Thu", Role.WARD_LEAD, "Hải Châu", None, NotAllowed),
        ("Thu", Role.VOLUNTEER, "An Hải", None, NotFound),
        ("Thu", Role.OFFICER, "district", None, NotFound),
        ("Thu", Role.CITY_ADMIN, "city", None, NotFound),
        ("Thu", Role.VOLUNTEER, "nowhere", None, NotFound),
        ("Tâm", Role.VOLUNTEER, "Hải Châu", None, NotAllowed),
        ("Tâm", Role.WARD_LEAD, "An Hải", None, NotFound),
        ("Khánh", Role.CITY_ADMIN, "city", None, NotAllowed),
        ("Yến", Role.VOLUNTEER, "Hải Châu", None, NotFound),
        ("Hoài", Role.VOLUNTEER, "Hải Châu", None, NotFound),
        ("Lạ", Role.VOLUNTEER, "Hải Châu", None, NotFound),
    ],
)
def test_whom_they_may_not(
    city: City, issuer: str, role: Role, place: str, team: str | None, error: type[Exception]
) -> None:
    """Nobody above or beside themselves, nobody elsewhere, and a leader only into a team of their own."""
    with pytest.raises(error):
        invited_by(city, issuer, role=role, area_id=where(city, place), team=team)
    assert trail(city) == []


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ({"name": " \u200b "}, "name"),
        ({"name": "a" * 121}, "name"),
        ({"phone": "12345"}, "phone"),
        ({"phone": "0905 000 001"}, "account"),
        ({"team": SECOND}, "team"),
        ({"role": Role.TEAM_LEADER, "team": SECOND}, "team"),
    ],
)
def test_what_can_not_be(city: City, typed: dict[str, str], code: str) -> None:
    """A number with an account here, a team of another ward, a name that is none: said, and nothing is stored."""
    with pytest.raises(Refused) as refused:
        invited_by(city, **typed)  # type: ignore[arg-type]
    assert refused.value.code == code
    assert trail(city) == []


def test_a_role_at_the_wrong_level(city: City) -> None:
    """A ward lead of a whole city, an officer of a ward, a volunteer of a residential group."""
    for issuer, role, place in (
        ("Khánh", Role.WARD_LEAD, "city"), ("Khánh", Role.OFFICER, "Hải Châu"), ("Thu", Role.VOLUNTEER, "group")
    ):  # fmt: skip
        with pytest.raises(Refused, match="level"):
            invited_by(city, issuer, role=role, area_id=where(city, place), team=None)


def test_a_number_that_somebody_elsewhere_has_tells_nothing(city: City) -> None:
    """The ward lead of Hải Châu can't find out who has an account in An Hải: it is said to whoever holds the card."""
    assert invited_by(city, phone="0905 000 011").token


def test_a_second_one_for_the_same_number_ends_the_first(city: City) -> None:
    """So that pressing twice leaves one card that works."""
    first, second = invited_by(city), invited_by(city)
    assert stored(city, first.invitation_id).revoked_at is not None
    assert stored(city, second.invitation_id).revoked_at is None


def test_a_hundred_a_day_and_more_out_of_a_list(city: City) -> None:
    """Kindly said; on the next day it begins anew."""
    for n in range(A_DAY):
        invited_by(city, phone=None, name=f"Người {n}")
    with pytest.raises(Refused, match="limit"):
        invited_by(city, phone=None)
    assert invited_by(city, phone=None, by_list=True).token
    with time_machine.travel(clock.now() + timedelta(days=1)):
        assert invited_by(city, phone=None).token


def at_once(city: City, n: int) -> list[bool]:
    """As many invitations at the same moment, by the same person; who got one."""
    start, made = Barrier(n), []

    def try_one() -> None:
        start.wait()
        try:
            invited_by(city, phone=None)
            made.append(True)
        except Refused:
            made.append(False)

    threads = [Thread(target=try_one) for _ in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return made


def only_three_more(city: City) -> None:
    """Fifty tries at once when three are left; then there are a hundred."""
    for n in range(A_DAY - 3):
        invited_by(city, phone=None, name=f"Người {n}")
    made = at_once(city, 12)
    assert made.count(True) <= 3
    with city.database.reading() as db:
        assert db.exec(select(func.count(col(Invitation.id)))).one() <= A_DAY


def test_the_limit_holds_when_many_are_made_at_once(city: City) -> None:
    """On SQLite."""
    only_three_more(city)


def test_the_limit_holds_on_postgres(postgres_city: City) -> None:
    """On PostgreSQL."""
    only_three_more(postgres_city)


def test_who_never_came_is_forgotten(city: City) -> None:
    """A month after it ran out, the row with the name and the number is gone when the next one is made."""
    never = invited_by(city)
    with time_machine.travel(clock.now() + timedelta(days=31, hours=1)):
        invited_by(city, name="Người khác", phone=None)
    with city.database.reading() as db:
        assert db.get(Invitation, never.invitation_id) is None


# The pages


def test_from_the_form_to_the_card(city: City, as_person: AsPerson) -> None:
    """The card says who, where, until when, with a QR code and a link that leads to the page of coming in."""
    thu = as_person("Thu")
    page = thu.page("/invitations/new")
    answer = thu.submit(page, "/invitations", full_name=NAME, tel=TYPED, team=str(city.teams[FIFTH].id))
    card = Page(answer)
    assert answer.headers["cache-control"] == "no-store"
    assert NAME in card.text
    assert FIFTH in card.text
    assert "24 giờ" not in card.text
    letters = card.one("p", class_="letters").text
    token = letters.rpartition("/join/")[2].replace("-", "")
    assert [e.attrs["d"][:1] for e in card.one("svg", class_="qr").walk() if e.tag == "path"] == ["M"]
    listed = thu.page("/invitations")
    assert NAME in listed.text
    assert token not in listed.source


def test_what_was_typed_stays(as_person: AsPerson) -> None:
    """Beside a sentence that says what to do."""
    thu = as_person("Thu")
    answer = thu.submit(thu.page("/invitations/new"), "/invitations", full_name="Lê Văn Tám", tel="0905")
    page = Page(answer)
    assert answer.status_code == 422
    assert page.form("/invitations")["full_name"] == ["Lê Văn Tám"]
    assert "Ghi số điện thoại, ví dụ 0905 123 456." in page.text


def test_who_was_left_unticked_stays_so(city: City, as_person: AsPerson) -> None:
    """Everybody is ticked at first; sent with nobody, or with one and something unreadable, the list comes back as it was."""
    first, second = (str(invited_by(city, phone=None).invitation_id) for _ in range(2))
    thu = as_person("Thu")
    assert set(thu.page("/invitations").form("/invitations/cards")["which"]) == {first, second}
    for which in ([], [second, "x"]):
        again = Page(thu.post("/invitations/cards", {"which": which}))
        assert again.form("/invitations/cards").get("which", []) == which[:1]


@pytest.mark.parametrize("more", [{"issued_by": "x"}, {"expires_at": "2099-01-01"}, {"person_id": "x"}])
def test_nothing_else_is_taken_from_the_form(as_person: AsPerson, more: dict[str, str]) -> None:
    """A field that the form does not have is refused, not ignored."""
    thu = as_person("Thu")
    page = thu.page("/invitations/new")
    assert thu.post("/invitations", page.form("/invitations") | {"full_name": NAME} | more).status_code == 422


@pytest.mark.parametrize("name", ["Thu", "Khánh", "Lộc"])
def test_what_no_page_sends(as_person: AsPerson, name: str) -> None:
    """An area that is no number, a team that is no team, nothing at all: the form again, with its sentences."""
    client = as_person(name)
    for typed in (
        {},
        {"area": "abc", "team": "x", "role": "x"},
        {"area": "99999999999", "full_name": "a" * 200},
    ):
        assert client.post("/invitations", typed).status_code == 422
    for which in (["x"], [], [str(uuid.UUID(int=n)) for n in range(600)]):
        assert client.post("/invitations/cards", {"which": which}).status_code == 422
    assert client.post("/invitations/cards", {"which": str(uuid.UUID(int=1))}).status_code == 404


def test_out_of_reach_and_above_oneself_by_the_form(city: City, as_person: AsPerson) -> None:
    """Another ward is not there (404); a role beside one's own is (403)."""
    thu = as_person("Thu")
    form = thu.page("/invitations/new").form("/invitations") | {"full_name": NAME}
    assert thu.post("/invitations", form | {"area": str(city.wards[AN_HAI].id)}).status_code == 404
    assert thu.post("/invitations", form | {"role": "ward_lead"}).status_code == 403
    assert thu.post("/invitations", form | {"role": "emperor"}).status_code == 422
    assert thu.get(f"/invitations/new?area={city.wards[AN_HAI].id}").status_code == 404


def test_an_administrator_picks_an_area_first(city: City, as_person: AsPerson) -> None:
    """Then the roles that are held there, and its teams."""
    khanh = as_person("Khánh")
    assert "Vào địa bàn nào" in khanh.page("/invitations/new").text
    ward = khanh.page(f"/invitations/new?area={city.wards[HAI_CHAU].id}")
    assert [e.attrs["value"] for e in ward.one("select", name="role").walk() if e.tag == "option"] == [
        "volunteer", "team_leader", "ward_lead",
    ]  # fmt: skip
    assert FIFTH in ward.text
    assert SECOND not in ward.text
    district = khanh.page(f"/invitations/new?area={city.district.id}")
    assert [e.attrs["value"] for e in district.one("select", name="role").walk() if e.tag == "option"] == [
        "officer"
    ]


def test_a_leader_is_offered_their_own_team(as_person: AsPerson) -> None:
    """And nothing else."""
    page = as_person("Lộc").page("/invitations/new")
    assert FIFTH in page.text
    assert NINTH not in page.text
    assert "Chưa xếp tổ" not in page.text


@pytest.mark.parametrize("name", ["Hoài", "Yến", "Lạ"])
def test_who_invites_nobody(as_person: AsPerson, name: str) -> None:
    """Volunteers, auditors, people without a posting."""
    client = as_person(name)
    for address in ("/invitations", "/invitations/new", "/invitations/cards"):
        assert client.get(address).status_code == 403


# The list


def test_the_list_is_of_ones_own_reach(city: City, as_person: AsPerson) -> None:
    """A ward lead sees the ward, a leader the team, an officer whom an officer brings in, the city everything."""
    invited_by(city, name="Vào tổ năm", phone=None)
    invited_by(city, name="Vào tổ chín", phone=None, team=NINTH)
    invited_by(city, "Phúc", name="Vào An Hải", phone=None, area_id=city.wards[AN_HAI].id, team=SECOND)
    invited_by(city, "Tâm", name="Phụ trách mới", phone=None, role=Role.WARD_LEAD, team=None)
    seen = {
        name: [who for who in ("Vào tổ năm", "Vào tổ chín", "Vào An Hải", "Phụ trách mới") if who in as_person(name).page("/invitations").text]
        for name in ("Lộc", "Thu", "Phúc", "Tâm", "Khánh")
    }  # fmt: skip
    assert seen == {
        "Lộc": ["Vào tổ năm"], "Thu": ["Vào tổ năm", "Vào tổ chín"], "Phúc": ["Vào An Hải"],
        "Tâm": ["Phụ trách mới"], "Khánh": ["Vào tổ năm", "Vào tổ chín", "Vào An Hải", "Phụ trách mới"],
    }  # fmt: skip


def test_taken_back(city: City, as_person: AsPerson) -> None:
    """The link is over at once, and the name leaves the list."""
    invited, thu = invited_by(city), as_person("Thu")
    answer = thu.post(f"/invitations/{invited.invitation_id}/revocation")
    assert answer.headers["location"] == "/invitations"
    assert NAME not in thu.page("/invitations").text
    assert trail(city) == ["invitation.made", "invitation.revoked"]
    assert thu.post(f"/invitations/{invited.invitation_id}/revocation").status_code == 404


def test_out_of_reach_nobody_prints_or_takes_back(city: City, as_person: AsPerson) -> None:
    """As if it were not there."""
    invited, phuc = invited_by(city), as_person("Phúc")
    for what in ("reissue", "revocation"):
        assert phuc.post(f"/invitations/{invited.invitation_id}/{what}").status_code == 404
    assert phuc.post("/invitations/cards", {"which": str(invited.invitation_id)}).status_code == 404
    assert trail(city) == ["invitation.made"]


def test_cards_are_links_made_anew(city: City, as_person: AsPerson, stranger: Client) -> None:
    """Printing ends what was printed before; GET prints nothing."""
    old = [invited_by(city, name=f"Người {n}", phone=None) for n in range(9)]
    thu = as_person("Thu")
    assert thu.get("/invitations/cards").headers["location"] == "/invitations"
    sheet = Page(thu.submit(thu.page("/invitations"), "/invitations/cards"))
    tokens = [e.text.rpartition("/join/")[2] for e in sheet.all("p", class_="letters")]
    assert len(set(tokens)) == len(sheet.all("svg", class_="qr")) == 9
    assert stranger.get(f"/join/{old[0].token}").status_code == 404
    assert stranger.get(f"/join/{tokens[0]}").status_code == 200
    assert trail(city).count("invitation.reissued") == 9


def test_nobody_ticked(as_person: AsPerson, city: City) -> None:
    """Said beside the list."""
    invited_by(city)
    answer = as_person("Thu").post("/invitations/cards", {})
    assert answer.status_code == 422
    assert "Chọn ít nhất một người" in answer.text


def test_a_name_is_text_everywhere(city: City, as_person: AsPerson, stranger: Client) -> None:
    """Whatever stands in it."""
    evil = '<img src=x onerror="alert(1)">{{7*7}}"\'</title><script>alert(1)</script>'
    invited, thu = invited_by(city, name=evil), as_person("Thu")
    for page in (
        thu.page("/invitations", skip=("leftovers",)),
        stranger.page(f"/join/{invited.token}", skip=("leftovers",)),
        Page(thu.post(f"/invitations/{invited.invitation_id}/reissue", skip=("leftovers",))),
    ):  # fmt: skip
        assert evil in (page.text + " ".join(e.attrs.get("value", "") for e in page.all("input")))
        assert not [e for e in page.all("img") if e.attrs.get("src") == "x"]
        assert all("src" in e.attrs for e in page.all("script"))
