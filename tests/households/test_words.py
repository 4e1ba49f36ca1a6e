"""What is typed to find a door finds it; and what is stored of an address fits where it is stored."""

import uuid

import pytest
from hypothesis import strategies as st

from skills.forms import FormErrors, read
from skills.households.address import address, same_street
from skills.households.find import query_words
from skills.households.forms import NewDoor
from skills.households.models import Household
from skills.text import lane_name, lane_of
from tests.examples import for_every
from tests.vietnamese import ANYTHING, DOORS, NAMES, STREETS, TYPED_NUMBERS, Door, written

COLUMNS = ("street", "number", "room", "fold", "street_key", "door_key")
LANES = st.lists(
    st.sampled_from(["k1", "h2", "1/", "p", "-", "ß", "ŉ", "ﬃ", "Ậ", "\u0344"]), max_size=30
).map("".join)


def finds(query: str, street: str, number: str, room: str = "") -> bool:
    """Whether a search finds the door of that address, as `doors_of` asks the database."""
    fold = " " + address(street, number, room)["fold"]
    return all(f" {word}" in fold for word in query_words(query))


@for_every("query_words", query=ANYTHING | NAMES | TYPED_NUMBERS)
def test_a_search_is_a_few_folded_words(query: str) -> None:
    words = query_words(query)
    assert len(words) <= 8
    assert all(word and " " not in word for word in words)
    assert query_words(" ".join(words)) == words
    " ".join(words).encode()


@for_every(
    "query_words", door=DOORS, street=st.sampled_from(STREETS), way=st.integers(0, 6), as_typed=st.data()
)
def test_a_door_is_found_by_what_its_plate_says(
    door: Door, street: str, way: int, as_typed: st.DataObject
) -> None:
    said = [door.painted, street, f"{door.painted} {street}", f"số nhà {door.painted}, đường {street}"]
    if lane := lane_of(door.painted):
        said += [f"{lane_name(lane)} {street}", lane, f"Kiệt.{door.painted[1:]}"]
    query = as_typed.draw(written(st.just(said[way % len(said)])))
    assert finds(query, street, door.painted), query


@pytest.mark.parametrize(
    "query", ["Kiệt.45/12", "kiệt: 45/12", "k.45/12", "kiệt số 45", "KIỆT / 45 Hàng Dừa", "kiệt, 45", "k 45"]
)
def test_a_lane_is_found_with_any_mark_before_its_number(query: str) -> None:
    """Such a number is read when a door is written down; a search for it used to find nothing."""
    assert finds(query, "Hàng Dừa", "K45/12")
    assert not finds(query, "Hàng Dừa", "K46/12")


def test_a_flat_of_block_k_is_no_lane() -> None:
    assert finds("k-302", "Lê Lợi", "K-302")


@for_every("address", street=NAMES | ANYTHING, number=TYPED_NUMBERS | LANES, room=ANYTHING | LANES)
def test_what_a_form_takes_fits_where_it_is_stored(street: str, number: str, room: str) -> None:
    """PostgreSQL refuses what is too long; SQLite would keep it, and the first move to a city's database would fail."""
    sent = {"id": str(uuid.UUID(int=1)), "group": "1", "street": street, "number": number, "room": room}
    form = read(NewDoor, {name: [told] for name, told in sent.items()})
    if isinstance(form, FormErrors):
        assert form.errors.keys() <= {"street", "number", "room"}
        return
    stored = address(form.street, form.number, form.room)
    assert stored["number"] == form.number
    for name in COLUMNS:
        assert len(stored[name]) <= Household.__table__.c[name].type.length, name  # type: ignore[attr-defined]
    assert address(stored["street"], stored["number"], stored["room"]) == stored


@pytest.mark.parametrize("number", ["k1h1" * 7 + "k1", "1/" * 15])
def test_a_number_that_grows_on_its_plate_still_fits(number: str) -> None:
    """The slashes between lanes are painted though nobody types them: 30 letters became 44, where 40 may be stored."""
    form = read(
        NewDoor, {"id": [str(uuid.uuid4())], "group": ["1"], "street": ["Hàng Dừa"], "number": [number]}
    )
    if isinstance(form, NewDoor):
        assert len(form.number) <= 40
    else:
        assert form.errors.keys() == {"number"}


def test_a_room_that_grows_when_it_is_tidied_still_fits() -> None:
    """One character may become two in form NFC."""
    sent = {"id": str(uuid.uuid4()), "group": "1", "street": "Hàng Dừa", "number": "1", "room": "\u0344" * 30}
    form = read(NewDoor, {name: [told] for name, told in sent.items()})
    assert isinstance(form, FormErrors)
    assert form.errors.keys() == {"room"}


def test_a_door_behind_many_lanes_is_found_by_its_street() -> None:
    """Its ways to be called used to fill the column, and the street was cut off."""
    assert finds("hang dua", "Hàng Dừa", "K1/1/1/1/1/1/1/1/1/1/1/1/1/1/12")


@for_every("same_street", street=NAMES, as_typed=st.data())
def test_a_street_is_the_same_however_it_is_typed(street: str, as_typed: st.DataObject) -> None:
    typed = as_typed.draw(written(st.just(street)))
    assert same_street(typed, street)
    assert same_street(street, typed)
