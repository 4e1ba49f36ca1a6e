"""A door that nobody has written down: three fields, a question when it seems to exist, and once, however often it is sent."""

import uuid

import pytest
from sqlalchemy import func
from sqlmodel import col, select

from skills.errors import Conflict, NotAllowed, NotFound
from skills.households.add import add_door, doors_alike
from skills.households.forms import NewDoor
from skills.households.models import Household, WardBlock
from skills.people.models import Role
from skills.people.permissions import PERMISSIONS, Permission
from tests.cast import City
from tests.client import Client, Page
from tests.conftest import AsPerson


def stored(city: City) -> int:
    with city.database.reading() as db:
        return db.exec(select(func.count()).select_from(Household)).one()


def counted(city: City) -> int:
    with city.database.reading() as db:
        return db.exec(select(func.sum(col(WardBlock.households)))).one() or 0


def fill(client: Client, city: City, **values: str | None) -> Page:
    """Opens the form, types a door of Tổ 12 into it, with some fields otherwise, and sends it."""
    page = client.page("/households/new")
    typed: dict[str, str | None] = {
        "group": str(city.groups["Tổ 12"].id),
        "street": "Hàng Dừa",
        "number": "K45/14",
    }
    return Page(client.submit(page, "/households", **(typed | values)))


def typed(city: City, **values: str) -> NewDoor:
    fields = {"id": uuid.uuid4(), "group": city.groups["Tổ 12"].id, "street": "Hàng Dừa", "number": "K45/14"}
    return NewDoor.model_validate(fields | values)


def test_three_fields_make_a_door_and_lead_to_its_visit(as_person: AsPerson, city: City) -> None:
    page = as_person("Hoài").page("/households/new")
    assert len([field for field in page.all("input") + page.all("select") if "required" in field.attrs]) == 3
    assert [option.text for option in page.all("option") if option.within("select")] == [
        "Chọn tổ",
        "Tổ 12",
        "Tổ 13",
    ]
    assert [option.attrs["value"] for option in page.all("option") if option.within("datalist")] == [
        "Hàng Dừa"
    ]
    sent = fill(as_person("Hoài"), city, number="kiệt 45/14", is_business="yes", room="P.3")
    assert sent.response.status_code == 303
    with city.database.reading() as db:
        door = db.exec(select(Household).where(Household.number == "K45/14")).one()
        lies = db.get_one(WardBlock, (door.ward_id, door.block_id))
    assert sent.response.headers["location"] == f"/visits/new?ward={door.ward_id}&household={door.id}"
    assert (door.ward_id, door.block_id) == (city.wards["Hải Châu"].id, city.doors["K45/12"].block_id)
    assert (door.street, door.room, door.is_business) == ("Hàng Dừa", "P.3", True)
    assert door.created_by == city.people["Hoài"].id
    assert lies.households == 10


def test_the_new_door_takes_its_place_along_the_way(as_person: AsPerson, city: City) -> None:
    fill(as_person("Hoài"), city, number="7b")
    page = as_person("Bảo").page("/households")
    assert [plate.text for plate in page.all("b", class_="plate")][3:7] == ["7", "7A", "7B", "7/2"]


def test_who_has_one_group_finds_it_chosen(as_person: AsPerson, city: City) -> None:
    page = as_person("Mai").page("/households/new")
    assert page.form("/households")["group"] == [str(city.groups["Tổ 40"].id)]
    asked = as_person("Hoài").page(f"/households/new?group={city.groups['Tổ 13'].id}")
    assert asked.form("/households")["group"] == [str(city.groups["Tổ 13"].id)]
    assert as_person("Hoài").get(f"/households/new?group={city.groups['Tổ 3'].id}").status_code == 404


@pytest.mark.parametrize(
    ("field", "wrong", "told"),
    [
        ("number", "///", "Ghi số nhà như trên biển, ví dụ K45/12."),
        ("number", " ", "Ghi số nhà như trên biển, ví dụ K45/12."),
        ("street", "...", "Ghi tên đường, ví dụ Hàng Dừa."),
        ("street", "x" * 81, "Đang dài 81 ký tự, nhiều nhất là 80. Viết ngắn lại."),
        ("group", "", "Chọn tổ dân phố của hộ này."),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_what_was_typed_stays(
    as_person: AsPerson, city: City, field: str, wrong: str, told: str
) -> None:
    before = stored(city)
    page = fill(as_person("Hoài"), city, **{"room": "P.7", field: wrong})
    assert page.response.status_code == 422
    assert page.one("p", id=f"f-{field}-e").text == told
    assert page.one("input", name="room").attrs["value"] == "P.7"
    kept = page.form("/households")
    assert kept["id"][0]
    if field != "group":
        assert kept["group"] == [str(city.groups["Tổ 12"].id)]
    assert stored(city) == before


def test_errors_are_said_in_english_too(as_person: AsPerson) -> None:
    client = as_person("Hoài")
    answer = client.post("/households", {"number": "///"}, headers={"Accept-Language": "en"})
    assert answer.status_code == 422
    assert "Write the number as on the plate, such as K45/12." in answer.text
    assert Page(answer).form("/households")["id"][0]  # a form that came without an id gets one


@pytest.mark.parametrize("same", [{"number": "k45/12"}, {"number": "Kiệt 45/12", "street": "đường hang dua"}])
def test_a_door_that_seems_to_exist_is_shown_first_and_stored_when_pressed_again(
    as_person: AsPerson, city: City, same: dict[str, str]
) -> None:
    client, before, door = as_person("Hoài"), stored(city), city.doors["K45/12"]
    page = fill(client, city, **same)
    assert page.response.status_code == 422
    assert page.link("K45/12, Hàng Dừa") == f"/households/{door.ward_id}/{door.id}"
    assert stored(city) == before
    assert page.one("button", class_="go").text == "Vẫn thêm hộ này"
    assert client.submit(page, "/households").status_code == 303
    assert stored(city) == before + 1


def test_a_yes_for_one_plate_is_no_yes_for_another(as_person: AsPerson, city: City) -> None:
    client, before = as_person("Hoài"), stored(city)
    page = fill(client, city, number="K45/12")
    again = Page(client.submit(page, "/households", number="7"))
    assert again.response.status_code == 422
    assert again.link("7, Hàng Dừa")
    assert stored(city) == before


def test_another_room_is_another_door(city: City) -> None:
    hoai = city.viewer("Hoài")
    with city.database.writing() as db:
        add_door(db, hoai, typed(city, number="K45/20", room="P.1"))
    with city.database.reading() as db:
        assert doors_alike(db, hoai, typed(city, number="K45/20", room="P.2")) == []
        assert len(doors_alike(db, hoai, typed(city, number="K45/20", room="p.1"))) == 1
        assert len(doors_alike(db, hoai, typed(city, number="K45/20"))) == 1
        assert doors_alike(db, hoai, typed(city, number="K45/20", street="Hàng Bông")) == []
        assert doors_alike(db, city.viewer("Ngân"), typed(city, number="K45/20")) == []


def test_sent_three_times_it_is_one_door(as_person: AsPerson, city: City) -> None:
    client, before = as_person("Hoài"), counted(city)
    form = client.page("/households/new").form("/households")
    form |= {"group": [str(city.groups["Tổ 12"].id)], "street": ["Hàng Dừa"], "number": ["K45/14"]}
    answers = [client.post("/households", form) for _time in range(3)]
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert counted(city) == before + 1


def test_the_same_id_with_another_door_is_a_conflict(as_person: AsPerson, city: City) -> None:
    client, before = as_person("Hoài"), stored(city)
    page = client.page("/households/new")
    values = {"group": str(city.groups["Tổ 12"].id), "street": "Hàng Dừa", "number": "K45/14"}
    client.submit(page, "/households", **values)
    assert client.submit(page, "/households", **(values | {"number": "K45/16"})).status_code == 409
    assert (
        client.submit(page, "/households", **(values | {"group": str(city.groups["Tổ 13"].id)})).status_code
        == 409
    )
    assert stored(city) == before + 1


def test_a_form_used_for_another_door_comes_back_with_what_was_typed(as_person: AsPerson, city: City) -> None:
    """The back button, another number: it is said, nothing has to be typed again, and pressing once more adds the door."""
    client, before = as_person("Hoài"), stored(city)
    page = client.page("/households/new")
    values = {"group": str(city.groups["Tổ 12"].id), "street": "Hàng Dừa", "number": "K45/14"}
    client.submit(page, "/households", **values)
    again = Page(client.submit(page, "/households", **(values | {"number": "K45/16", "is_business": "yes"})))
    assert again.response.status_code == 409
    assert "còn nguyên bên dưới" in again.one("div", role="alert").text
    kept = again.form("/households")
    assert (kept["number"], kept["street"], kept["is_business"]) == (["K45/16"], ["Hàng Dừa"], ["yes"])
    assert kept["id"] != page.form("/households")["id"]
    assert client.submit(again, "/households").status_code == 303
    assert stored(city) == before + 2


@pytest.mark.parametrize("id_", ["", "none", "dddddddd_0000_7000_8000_000000000000"])
def test_an_id_that_is_none_is_made_anew(as_person: AsPerson, city: City, id_: str) -> None:
    """Nobody typed it, so it is said of the form, which can be sent again as it comes back."""
    client, before = as_person("Hoài"), stored(city)
    page = fill(client, city, id=id_)
    assert page.response.status_code == 422
    assert "đã được làm mới" in page.one("div", role="alert").text
    assert client.submit(page, "/households").status_code == 303
    assert stored(city) == before + 1


def test_nobody_adds_doors_outside_their_groups(as_person: AsPerson, city: City) -> None:
    before = stored(city)
    assert fill(as_person("Hoài"), city, group=str(city.groups["Tổ 3"].id)).response.status_code == 404
    assert fill(as_person("Hoài"), city, group=str(city.wards["Hải Châu"].id)).response.status_code == 404
    assert fill(as_person("Hoài"), city, group="987654321").response.status_code == 404
    for reader in ("Tâm", "Khánh", "Yến"):
        assert as_person(reader).post("/households", {"number": "7"}).status_code == 403
    assert stored(city) == before


def test_who_sees_doors_but_may_not_add_them_is_refused(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PERMISSIONS, Role.VOLUNTEER, PERMISSIONS[Role.VOLUNTEER] - {Permission.ADD_DOORS})
    with city.database.writing() as db:
        with pytest.raises(NotAllowed):
            add_door(db, city.viewer("Hoài"), typed(city))
        with pytest.raises(NotFound):
            add_door(db, city.viewer("Ngân"), typed(city))


def test_a_field_that_the_form_does_not_have_is_refused(as_person: AsPerson, city: City) -> None:
    page = fill(as_person("Hoài"), city, ward_id="1")
    assert page.response.status_code == 422


def test_strangers_store_nothing(stranger: Client, city: City) -> None:
    before = stored(city)
    answer = stranger.post("/households", {"number": "7"})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")
    assert stored(city) == before


def test_two_who_send_the_same_door_at_once_make_one_on_postgresql(postgres_city: City) -> None:
    form = typed(postgres_city)
    hoai = postgres_city.viewer("Hoài")
    with postgres_city.database.writing() as db:
        add_door(db, hoai, form)
    with postgres_city.database.writing() as db:
        assert add_door(db, hoai, form).id == form.id
        with pytest.raises(Conflict):
            add_door(db, hoai, form.model_copy(update={"number": "K45/16"}))
