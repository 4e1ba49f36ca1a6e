"""A volunteer records a visit: it is stored once, counted at once, and what can't be taken says why with nothing lost."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from skills import clock
from skills.catalogue.models import Audience
from skills.households.models import DoorState
from skills.visits.models import Receipt, Visit, VisitSkill, VisitVersion
from tests.cast import City
from tests.client import Client, Page
from tests.conftest import AsPerson
from tests.visits.pages import count, form_of, log, open_door

VNEID, SCAMS = "7", "27"


def test_it_works(city: City, as_person: AsPerson) -> None:
    """Met, two people, two skills: the page after Save reads it all back."""
    hoai = as_person("Hoài")
    address = log(
        hoai, city.doors["K45/12"], people="2", people_new="1", skill=[VNEID, SCAMS], **{f"level-{VNEID}": "3", "audience-2": "1"}
    )  # fmt: skip
    page = hoai.page(address)
    assert "Đã lưu" in page.h1
    assert "2 người, lần đầu 1" in page.text
    assert "Tự làm được" in page.text
    assert "Giới thiệu" in page.text, "a skill without a level is introduced, and the page says so"
    with city.database.reading() as db:
        state = db.get(DoorState, (city.doors["K45/12"].ward_id, city.doors["K45/12"].id))
    assert state is not None
    assert (state.mark, state.alone_skills, state.last_met_on) == ("self", 1, clock.today())


def test_nobody_home_is_one_tap_on_the_page(city: City, as_person: AsPerson) -> None:
    """Vắng nhà saves at once; the door stays what it was."""
    bao = as_person("Bảo")
    address = log(bao, city.doors["2"], "absent")
    assert "Vắng nhà" in bao.page(address).text
    with city.database.reading() as db:
        state = db.get(DoorState, (city.doors["2"].ward_id, city.doors["2"].id))
    assert state is not None
    assert (state.mark, state.away_times) == ("todo", 1)


def test_come_back_needs_a_day(city: City, as_person: AsPerson) -> None:
    """Without one the form comes back with the sentence at the field; with a chip the day is counted from the visit."""
    hoai, door = as_person("Hoài"), city.doors["4"]
    sent = form_of(open_door(hoai, door), "come_back")
    refused = hoai.post("/visits", sent)
    assert refused.status_code == 422
    assert "Chọn ngày hẹn." in Page(refused).text
    assert count(city.database, Visit) == 0
    assert hoai.post("/visits", sent | {"come_back_in": "7"}).status_code == 303
    with city.database.reading() as db:
        state = db.get(DoorState, (door.ward_id, door.id))
    assert state is not None
    assert (state.mark, state.follow_up_on) == ("back", clock.today() + timedelta(days=7))


def test_the_same_item_again_changes_nothing(city: City, as_person: AsPerson) -> None:
    """Sent three times more, by the plain form and by the outbox, it is stored once and always answered alike."""
    hoai = as_person("Hoài")
    sent = form_of(open_door(hoai, city.doors["6"]), "met") | {"skill": [VNEID]}
    first = hoai.post("/visits", sent)
    again = [hoai.post("/visits", sent) for _ in range(2)]
    assert {answer.headers["location"] for answer in (first, *again)} == {first.headers["location"]}
    receipt = hoai.post("/visits", sent, headers={"Accept": "application/json"}).json()
    assert receipt == {
        "item": sent["item"],
        "status": "already",
        "version": 1,
        "location": first.headers["location"],
    }
    assert [count(city.database, table) for table in (Visit, VisitVersion, Receipt, VisitSkill)] == [
        1,
        1,
        1,
        1,
    ]


def test_the_same_item_with_other_content_is_a_conflict(city: City, as_person: AsPerson) -> None:
    """Nothing is overwritten; what was typed is still there, and can be saved as a visit of its own."""
    hoai = as_person("Hoài")
    sent = form_of(open_door(hoai, city.doors["6"]), "met")
    assert hoai.post("/visits", sent).status_code == 303
    clash = hoai.post("/visits", sent | {"people": "4", "note": "gọi cửa sau"})
    assert clash.status_code == 409
    page = Page(clash)
    assert "Lưu thành lượt mới" in page.text
    anew = form_of(page, "met")
    assert anew["people"] == "4"
    assert anew["item"] != sent["item"]
    assert anew["id"] != sent["id"]
    assert hoai.post("/visits", anew).status_code == 303
    assert count(city.database, Visit) == 2


def test_a_visit_saved_again_under_another_item_is_a_conflict(city: City, as_person: AsPerson) -> None:
    """A form that came back with the back button: the visit exists, so it is asked whether this is a new one."""
    hoai = as_person("Hoài")
    sent = form_of(open_door(hoai, city.doors["6"]), "met")
    assert hoai.post("/visits", sent).status_code == 303
    clash = hoai.post("/visits", sent | {"item": str(uuid.uuid4())}, headers={"Accept": "application/json"})
    assert (clash.status_code, clash.json()["type"]) == (409, "visit_exists")
    assert clash.headers["content-type"].startswith("application/problem+json")


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"people": "hai"}, "people", "Chỉ ghi chữ số, không có dấu chấm hay phẩy, ví dụ 2."),
        ({"people": "1.000"}, "people", "Chỉ ghi chữ số, không có dấu chấm hay phẩy, ví dụ 2."),
        ({"people": "1_000"}, "people", "Chỉ ghi chữ số, không có dấu chấm hay phẩy, ví dụ 2."),
        ({"people": ""}, "people", "Ghi số người được hướng dẫn, ví dụ 1."),
        ({"people": "-1"}, "people", "Ghi số từ 0 trở lên."),
        (
            {"people": "2", "people_new": "3"},
            "people_new",
            "Lần đầu ghi 3, tổng là 2 người. Sửa một trong hai số.",
        ),
        ({"audience-2": "42"}, "audience-2", "Nhóm này ghi 42, tổng là 1 người. Sửa một trong hai số."),
        ({"audience-2": "hai"}, "audience-2", "Chỉ ghi chữ số, không có dấu chấm hay phẩy, ví dụ 2."),
        ({"visited_on": "2190-01-01"}, "visited_on", "chưa tới"),
        ({"visited_on": "31/2/2026"}, "visited_on", "Ngày này không có hoặc không đọc được. Ghi theo thứ tự"),
        ({"note": "x" * 501}, "note", "Đang dài 501 ký tự, nhiều nhất là 500. Viết ngắn lại."),
        (
            {"come_back_on": "2020-01-01"},
            "come_back_on",
            "Ngày hẹn đang trước ngày thăm. Chọn từ ngày thăm trở đi.",
        ),
        ({"skill": ["99"]}, "skill", "không còn trong danh sách. Chọn lại"),
    ],
)
def test_it_explains_what_is_wrong(
    city: City, as_person: AsPerson, typed: dict[str, Any], field: str, sentence: str
) -> None:
    """The sentence stands at the field and in the list above, what was typed is still there, and nothing is stored."""
    hoai = as_person("Hoài")
    refused = hoai.post(
        "/visits", form_of(open_door(hoai, city.doors["12"]), "met") | {"people": "1"} | typed
    )
    assert refused.status_code == 422
    page = Page(refused)
    assert page.text.count(sentence) >= 2
    assert any(field in link.attrs["href"] for link in page.all("a") if sentence in link.text)
    for name, value in typed.items():
        if isinstance(value, str) and value:
            kept = [e.attrs.get("value") or e.text for e in page.root.walk() if e.attrs.get("name") == name]
            assert value in kept, f"{name}={value!r} was lost: {kept}"
    assert count(city.database, Visit) == 0


@pytest.mark.parametrize("field", ["item", "id", "base", "sure", "five_by_one", "page"])
def test_what_nobody_typed_is_said_of_the_form_and_made_anew(
    city: City, as_person: AsPerson, field: str
) -> None:
    """A hidden field that can't be read has no place to point at; what was typed is there, and Save works the second time."""
    hoai = as_person("Hoài")
    sent = form_of(open_door(hoai, city.doors["12"]), "met") | {"people": "2", "note": "gọi cửa sau"}
    refused = hoai.post("/visits", sent | {field: "x"})
    assert refused.status_code == 422
    page = Page(refused)
    assert "đã được làm mới" in page.one("div", role="alert", tabindex="-1").text
    again = form_of(page, "met")
    assert (again["people"], count(city.database, Visit)) == ("2", 0)
    assert hoai.post("/visits", again).status_code == 303


def test_the_list_of_errors_leads_to_the_form_that_was_sent(city: City, as_person: AsPerson) -> None:
    """A day stands in two forms of the page, of which one is folded away."""
    hoai = as_person("Hoài")
    for outcome, there in (("met", "m-come_back_on"), ("come_back", "f-come_back_on")):
        sent = form_of(open_door(hoai, city.doors["12"]), outcome) | {"come_back_on": "31/2/2026"}
        page = Page(hoai.post("/visits", sent))
        assert page.link(f"Ngày hẹn: {page.one('p', id=f'{there}-e').text}") == f"#{there}"


@pytest.mark.parametrize(("field", "there"), [("outcome", "met"), ("come_back_in", "m-come_back_in")])
def test_a_choice_that_is_none_is_asked_for_again(
    city: City, as_person: AsPerson, field: str, there: str
) -> None:
    """The sentence stands at the choices."""
    sent = form_of(open_door(as_person("Hoài"), city.doors["12"]), "met") | {field: "x"}
    page = Page(as_person("Hoài").post("/visits", sent))
    assert page.response.status_code == 422
    assert [
        link.attrs["href"] for link in page.one("div", role="alert", tabindex="-1").walk() if link.tag == "a"
    ] == [f"#{there}"]


def test_it_explains_in_english_too(city: City, as_person: AsPerson) -> None:
    """The same in the other language."""
    hoai = as_person("Hoài")
    hoai.cookies.set("language", "en")
    refused = hoai.post("/visits", form_of(open_door(hoai, city.doors["12"]), "met") | {"people": "two"})
    assert "Write digits alone" in Page(refused).text


def test_an_unlikely_number_is_taken_flagged_and_asked_about(city: City, as_person: AsPerson) -> None:
    """24 people in one home: stored and counted, the page after Save asks once, and a yes is a correction."""
    hoai = as_person("Hoài")
    address = log(hoai, city.doors["7"], people="24")
    page = hoai.page(address)
    assert "24 người ở một nhà: đúng vậy không?" in page.text
    assert hoai.submit(page, f"{address}/correction").status_code == 303
    assert "đúng vậy không" not in hoai.page(address).text
    with city.database.reading() as db:
        visit = db.get(Visit, (city.doors["7"].ward_id, uuid.UUID(address.rpartition("/")[2])))
    assert visit is not None
    assert (visit.people, visit.odd, visit.version) == (24, "people_sure", 2)


def test_a_secret_in_a_note_is_covered_and_said(city: City, as_person: AsPerson) -> None:
    """The visit is kept; the digits are not."""
    hoai = as_person("Hoài")
    page = hoai.page(log(hoai, city.doors["7A"], note="căn cước 048 200 123 456, hẹn lại sau 17:00"))
    assert "đã che, không lưu" in page.text
    assert "hẹn lại sau 17:00" in page.text
    assert "048" not in page.text


def test_the_five_groups_ask_for_one_person(city: City, as_person: AsPerson) -> None:
    """When the fifth group is reached it is asked whether one person manages all five; yes makes the ministry's figure."""
    hoai, door = as_person("Hoài"), city.doors["K45/2"]
    core_skills = {"7": "3", "18": "3", "16": "3", "27": "3", "6": "3"}  # one of each of D, M, T, A, N
    address = log(
        hoai,
        door,
        skill=list(core_skills),
        **{f"level-{skill}": level for skill, level in core_skills.items()},
    )
    page = hoai.page(address)
    assert "Có một người làm được cả năm?" in page.text
    assert "Có một người làm được cả năm?" in open_door(hoai, door).text, (
        "while no yes stands, the form asks as well"
    )
    assert hoai.submit(page, f"{address}/correction", five_by_one="true").status_code == 303
    assert "Có một người làm được cả năm?" not in hoai.page(address).text


def test_a_neighbouring_ward_is_not_found(city: City, as_person: AsPerson) -> None:
    """Another ward's door, form, post and visit look the same as nothing at all."""
    ngan, hoai, door = as_person("Ngân"), as_person("Hoài"), city.doors["K45/12"]
    sent = form_of(open_door(hoai, door), "met")
    address = log(hoai, door)
    assert ngan.get(f"/visits/new?ward={door.ward_id}&household={door.id}").status_code == 404
    assert ngan.post("/visits", sent).status_code == 404
    assert ngan.get(address).status_code == 404
    assert ngan.get(f"{address}/correction").status_code == 404
    assert (
        ngan.post(f"{address}/void", {"item": str(uuid.uuid4()), "base": "1", "reason": "twice"}).status_code
        == 404
    )
    assert ngan.get(f"/households/{door.ward_id}/{door.id}/visits").status_code == 404
    assert count(city.database, Visit) == 1


def test_who_only_reads_figures_may_not(city: City, as_person: AsPerson) -> None:
    """The officer of the district sees figures, no doors."""
    door = city.doors["K45/12"]
    for name in ("Tâm", "Khánh", "Yến", "Lạ"):
        reader = as_person(name)
        assert reader.get(f"/visits/new?ward={door.ward_id}&household={door.id}").status_code == 403, name
        assert reader.post("/visits", {"ward": str(door.ward_id)}).status_code == 403, name


def test_signed_out_goes_to_sign_in(city: City, stranger: Client) -> None:
    """A page leads to sign-in; the outbox is told 401 and keeps what it has."""
    door = city.doors["K45/12"]
    answer = stranger.get(f"/visits/new?ward={door.ward_id}&household={door.id}")
    assert (answer.status_code, answer.headers["location"].startswith("/sign-in")) == (303, True)
    assert stranger.post("/visits", {}, headers={"Accept": "application/json"}).status_code == 401


def test_what_somebody_else_saved_on_this_phone_is_not_sent_as_mine(city: City, as_person: AsPerson) -> None:
    """A page of Hoài's that stayed open while Bảo signed in: her visit is not taken as his."""
    bao, hoai = as_person("Bảo"), as_person("Hoài")
    sent = form_of(open_door(hoai, city.doors["2"]), "met")
    headers = {"Accept": "application/json", "X-Person": str(city.people["Hoài"].id)}
    assert bao.post("/visits", sent, headers=headers).status_code == 401
    assert count(city.database, Visit) == 0
    assert hoai.post("/visits", sent, headers=headers).json()["status"] == "accepted"


def test_a_visit_never_says_what_may_not_be_asked(city: City, as_person: AsPerson) -> None:
    """Disability, ethnic origin and poverty have no field, and are refused when somebody adds one."""
    hoai = as_person("Hoài")
    page = open_door(hoai, city.doors["2"])
    assert not [word for word in ("khuyết tật", "dân tộc", "nghèo") if word in page.text.lower()]
    with city.database.reading() as db:
        sensitive = db.execute(select(col(Audience.id)).where(col(Audience.sensitive))).scalars().all()
    assert len(sensitive) == 3
    for group in sensitive:
        assert hoai.post("/visits", form_of(page, "met") | {f"audience-{group}": "1"}).status_code == 422
