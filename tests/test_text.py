"""Words as people search, sort and walk them."""

import sqlite3
import string
import unicodedata
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import strategies as st
from sqlalchemy import create_engine, text

from skills.text import (
    DOOR_KEY_LENGTH,
    SORT_KEY_LENGTH,
    door_key,
    door_number,
    fold,
    lane_name,
    lane_of,
    nfc,
    sort_key,
    tidy,
)
from tests.examples import for_every
from tests.vietnamese import (
    ANYTHING,
    DOORS,
    LANES,
    NAMES,
    TYPED_NUMBERS,
    WORDS,
    Door,
    Step,
    typed_doors,
    written,
)

# Searching


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Phường Hải Châu", "phuong hai chau"),
        ("Đà Nẵng", "da nang"),
        ("ĐIỆN BÀN", "dien ban"),
        ("Ðiện Bàn", "dien ban"),  # Icelandic eth, as old converters write it
        ("  Sơn\u00a0Trà \t ", "son tra"),
        ("La Êê", "la ee"),
        ("\u200eHòa\u200b Vang\u202c", "hoa vang"),
        ("K45/12 Hàng Dừa", "k45/12 hang dua"),
        ("nghiêng ngoẵng ưỡn ợ ặ", "nghieng ngoang uon o a"),
        ("１２", "12"),
        ("", ""),
    ],
)
def test_words_are_found_without_accents(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_both_places_of_the_tone_and_both_encodings_find_the_same() -> None:
    assert fold("Hòa") == fold("Hoà") == fold(unicodedata.normalize("NFD", "Hòa"))
    assert sort_key("Hòa") == sort_key("Hoà")


@for_every("fold", s=ANYTHING)
def test_folding_twice_is_folding_once(s: str) -> None:
    once = fold(s)
    assert fold(once) == once
    assert once == fold(unicodedata.normalize("NFD", s)) == fold(unicodedata.normalize("NFC", s))
    once.encode()  # what is stored can be written as UTF-8


def test_folding_is_stable_for_every_character_there_is() -> None:
    """All of the basic plane, and whatever beyond it has a meaning."""
    told = [
        chr(c) for c in range(0x110000) if c < 0x10000 or unicodedata.category(chr(c)) not in ("Cn", "Co")
    ]
    assert [hex(ord(c)) for c in told if fold(f"x{c}") != fold(fold(f"x{c}"))] == []


@for_every("fold", name=NAMES, as_typed=st.data())
def test_a_name_is_found_however_it_is_typed(name: str, as_typed: st.DataObject) -> None:
    typed = as_typed.draw(written(st.just(name)))
    assert fold(typed) == fold(name) == fold(f"  {typed}\u200b ")
    assert not set(fold(name)) - set("abcdefghijklmnopqrstuvwxyz0123456789 ./-")


@for_every("fold", a=WORDS, b=WORDS)
def test_words_are_folded_one_by_one(a: str, b: str) -> None:
    """So a word that is searched for is found among the words of an address."""
    assert fold(f"{a} {b}").split() == fold(a).split() + fold(b).split()


@for_every("tidy", s=ANYTHING)
def test_a_tidy_line_can_be_stored_and_stays_as_it_is(s: str) -> None:
    line = tidy(s)
    assert tidy(line) == line == nfc(line)
    assert line == tidy(unicodedata.normalize("NFD", s)) == tidy(unicodedata.normalize("NFC", s))
    assert line == " ".join(line.split())
    assert not [c for c in line if unicodedata.category(c) in ("Cc", "Cf", "Cs")]
    line.encode()
    assert fold(line) == fold(s)
    assert sort_key(line) == sort_key(s)


# Sorting


def test_the_alphabet_is_the_vietnamese_one() -> None:
    letters = "aăâbcdđeêghiklmnoôơpqrstuưvxy"
    assert sorted(set(letters), key=sort_key) == list(letters)


def test_tones_decide_between_the_same_letters_only() -> None:
    assert sorted(["mạ", "má", "mã", "mả", "mà", "ma"], key=sort_key) == ["ma", "mà", "mả", "mã", "má", "mạ"]
    assert sorted(["Mã B", "Má A", "Mà C"], key=sort_key) == ["Má A", "Mã B", "Mà C"]


@pytest.mark.parametrize(
    "in_order",
    [
        ["Hải Châu", "Hải Vân", "Hàng Dừa", "Hòa Cường", "Hòa Khánh", "Hoàng Sa", "Hội An"],
        ["An Hải", "An Khê", "Avương", "Bà Nà", "Cẩm Lệ", "Duy Xuyên", "Đại Lộc", "Điện Bàn", "Gò Nổi"],
        ["Hạ Long", "Hải Châu"],  # ICU agrees; a package that ranks the space after the letters doesn't
        ["Tổ 2", "Tổ 02a", "Tổ 10", "Tổ 100", "Tổ dân phố 1"],
        ["Muller", "Müller 2", "Muộn"],
        ["", "!", "7", "a"],
    ],
)
def test_names_stand_as_in_a_dictionary(in_order: list[str]) -> None:
    mixed = list(in_order)
    Random(3).shuffle(mixed)
    assert sorted(mixed, key=sort_key) == in_order


def test_sqlite_orders_by_the_key_as_python_does() -> None:
    names = ["Tổ 10", "Đường 2/9", "Tổ 2", "Ấp 1", "đò Xu", "Dũng Sĩ Thanh Khê", "Âu Cơ", "ăn"]
    with sqlite3.connect(":memory:") as db:
        db.execute("CREATE TABLE place (name TEXT, key TEXT)")
        db.executemany("INSERT INTO place VALUES (?, ?)", [(name, sort_key(name)) for name in names])
        stored = [name for (name,) in db.execute("SELECT name FROM place ORDER BY key")]
    db.close()
    assert stored == ["ăn", "Ấp 1", "Âu Cơ", "Dũng Sĩ Thanh Khê", "đò Xu", "Đường 2/9", "Tổ 2", "Tổ 10"]


@for_every("sort_key", s=ANYTHING)
def test_every_text_has_a_key_whatever_its_case_or_encoding(s: str) -> None:
    key = sort_key(s)
    assert set(key) <= set("0123456789abcdef")
    assert len(key) <= SORT_KEY_LENGTH
    assert key == sort_key(unicodedata.normalize("NFD", s)) == sort_key(unicodedata.normalize("NFC", s))


@for_every("sort_key", name=NAMES, as_typed=st.data())
def test_a_name_keeps_its_place_however_it_is_typed(name: str, as_typed: st.DataObject) -> None:
    assert sort_key(as_typed.draw(written(st.just(name)))) == sort_key(name)


_SIZES = st.integers(0, 400) | st.integers(0, 10**40) | st.integers(10**250, 10**251)


@for_every("sort_key", name=WORDS, a=_SIZES, b=_SIZES)
def test_numbers_sort_by_value_however_long(name: str, a: int, b: int) -> None:
    assert (sort_key(f"{name} {a}") < sort_key(f"{name} 0{b}")) == (a < b)
    assert (sort_key(f"{name} {a}") == sort_key(f"{name} 0{b}")) == (a == b)


@for_every("sort_key", a=WORDS, b=WORDS)
def test_the_beginning_of_a_name_comes_before_the_name(a: str, b: str) -> None:
    assert sort_key(a) <= sort_key(f"{a} {b}")


_ALPHABET = "aăâbcdđeêghiklmnoôơpqrstuưvxy"


def _plainly(name: str) -> list[list[int]]:
    """The letters of each word by their place in the alphabet, tones left out, in another way than the program's."""
    toneless = "".join(
        c for c in unicodedata.normalize("NFD", name.lower()) if c not in "\u0300\u0301\u0303\u0309\u0323"
    )
    return [
        [_ALPHABET.index(letter) for letter in word]
        for word in unicodedata.normalize("NFC", toneless).split()
    ]


@for_every("sort_key", a=WORDS, b=WORDS)
def test_letters_decide_before_tones(a: str, b: str) -> None:
    if _plainly(a) != _plainly(b):
        assert (sort_key(a) < sort_key(b)) == (_plainly(a) < _plainly(b))


def _order(db: sqlite3.Connection, texts: list[str], key: Callable[[str], str]) -> list[str]:
    """Keys as SQLite orders them."""
    db.execute("DELETE FROM place")
    db.executemany("INSERT INTO place VALUES (?)", [(key(text),) for text in texts])
    return [stored for (stored,) in db.execute("SELECT key FROM place ORDER BY key")]


_PLACES = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
_PLACES.execute("CREATE TABLE place (key VARCHAR(600))")


@for_every("sort_key", texts=st.lists(ANYTHING | NAMES, min_size=2, max_size=6))
def test_a_database_orders_any_names_as_python_does(texts: list[str]) -> None:
    assert _order(_PLACES, texts, sort_key) == sorted(map(sort_key, texts))


@for_every("door_key", texts=st.lists(TYPED_NUMBERS, min_size=2, max_size=6))
def test_a_database_orders_any_doors_as_python_does(texts: list[str]) -> None:
    assert _order(_PLACES, texts, door_key) == sorted(map(door_key, texts))


@pytest.mark.postgres
def test_postgresql_orders_by_the_keys_as_python_does(postgres_url: str) -> None:
    """In the database's own order, byte by byte, and in that of the two languages where the server knows them."""
    chance = Random(9)
    letters = _ALPHABET + "áàảãạĐÂ 0123456789/-.!z한"
    texts = ["".join(chance.choices(letters, k=chance.randrange(12))) for _ in range(2_000)]
    keys = [key(name) for name in texts for key in (sort_key, door_key)]
    engine = create_engine(postgres_url)
    with engine.connect() as db:
        db.execute(text("CREATE TEMPORARY TABLE place (key VARCHAR(600))"))
        db.execute(text("INSERT INTO place SELECT unnest(CAST(:keys AS text[]))"), {"keys": keys})
        known = "SELECT collname FROM pg_collation WHERE collname IN ('C', 'en_US', 'vi_VN', 'en-x-icu', 'vi-x-icu')"
        orders = [f'COLLATE "{name}"' for name in db.scalars(text(known)).all()]
        assert orders
        for order in ["", *orders]:
            stored = db.scalars(text(f"SELECT key FROM place ORDER BY key {order}")).all()
            assert stored == sorted(keys), order
    engine.dispose()


# House numbers


@pytest.mark.parametrize(
    ("typed", "painted"),
    [
        ("12", "12"),
        ("số 12", "12"),
        ("Số nhà: 12", "12"),
        ("nhà số 12", "12"),
        ("SN12", "12"),
        ("# 12", "12"),
        ("007", "7"),
        ("12 a", "12A"),
        ("12đ", "12Đ"),
        ("12 bis", "12BIS"),
        ("12 - 14", "12-14"),
        ("7 / 2", "7/2"),
        ("k45/12", "K45/12"),
        ("K.45/12", "K45/12"),
        ("k45\\12", "K45/12"),
        ("Kiệt 45/12", "K45/12"),
        ("kiet 45 số 12", "K45/12"),
        ("KIỆT 45, số nhà 12b", "K45/12B"),
        (unicodedata.normalize("NFD", "kiệt45/12"), "K45/12"),
        ("k45 12", "K45/12"),
        ("kiệt 45 hẻm 2/5", "K45/H2/5"),
        ("k45h2/5", "K45/H2/5"),
        ("K45 H 2/5", "K45/H2/5"),
        ("k45a/3", "K45A/3"),
        ("hẻm 2/5", "H2/5"),
        ("kiệt 45", "K45"),
        ("12/", "12"),
        ("a1-302", "A1-302"),
        ("A1 – P.302", "A1-302"),
        ("a1 302", "A1-302"),
        ("b2 - 101c", "B2-101C"),
        ("p302", "P.302"),
        ("Phòng 302", "P.302"),
        ("Kiệt-P0", "Kiệt-P0"),  # was painted KIET-0, and that read as K0
        ("hẻm-p5", "hẻm-p5"),
        ("P-P5", "P-P5"),
        ("k45-12", "K45-12"),  # a kiệt or a flat: nobody can tell, so it stays
        ("Â12", "Â12"),
        ("12Â", "12Â"),
        ("12 Lê Lợi", "12 Lê Lợi"),
        ("  Sau   chợ Cồn\u200e ", "Sau chợ Cồn"),
        ("Lô-5", "Lô-5"),
        ("", ""),
    ],
)
def test_a_number_is_written_as_on_its_plate(typed: str, painted: str) -> None:
    assert door_number(typed) == painted


WALK = [
    "7", "7-9", "7A", "7/2", "7/10", "7A/1", "12", "12B", "100",
    "K45", "K45/2", "K45/2A", "K45/2/1", "K45/10", "K45/H2/5", "K45/H10/1", "K45A/1", "K61/1", "H2/5",
    "A1-302", "A1-302B", "A1-1002", "A2-101", "A10-101", "B2-101", "P.9", "P.302",
    "Lô 2", "Lô 10", "Sau chợ Cồn",
]  # fmt: skip


def test_doors_stand_in_walking_order() -> None:
    for seed in range(20):
        mixed = list(WALK)
        Random(seed).shuffle(mixed)
        assert sorted(mixed, key=door_key) == WALK


@pytest.mark.parametrize("typed", ["k45/12", "KIỆT 45/12", "kiet 45 số 12", "K45/012"])
def test_the_same_door_has_the_same_key_however_it_is_typed(typed: str) -> None:
    assert door_key(typed) == door_key("K45/12")


@for_every("door_number", typed=TYPED_NUMBERS)
def test_a_painted_number_stays_as_it_is(typed: str) -> None:
    painted = door_number(typed)
    assert door_number(painted) == painted
    for form in ("NFC", "NFD"):
        assert door_number(unicodedata.normalize(form, typed)) == painted
    painted.encode()


@for_every("door_key", typed=TYPED_NUMBERS)
def test_a_number_keeps_its_place_when_it_is_painted(typed: str) -> None:
    key = door_key(typed)
    assert door_key(door_number(typed)) == key == door_key(unicodedata.normalize("NFD", typed))
    assert len(key) <= DOOR_KEY_LENGTH
    assert set(key) <= set("0123456789abcdef")


@for_every("door_number", pair=typed_doors())
def test_a_door_is_painted_the_same_however_it_is_typed(pair: tuple[Door, str]) -> None:
    door, typed = pair
    assert door_number(typed) == door.painted == door_number(door.painted)


@for_every("door_key", pair=typed_doors())
def test_a_door_has_one_key_however_it_is_typed(pair: tuple[Door, str]) -> None:
    door, typed = pair
    assert door_key(typed) == door_key(door.painted)


@for_every("door_key", a=DOORS, b=DOORS)
def test_doors_stand_as_a_person_walks(a: Door, b: Door) -> None:
    first, second = door_key(a.painted), door_key(b.painted)
    assert (first < second, first == second) == (a.on_the_way < b.on_the_way, a.painted == b.painted)


@for_every("lane_of", typed=TYPED_NUMBERS)
def test_a_lane_is_the_same_as_typed_and_as_painted(typed: str) -> None:
    lane = lane_of(typed)
    assert lane == lane_of(door_number(typed))
    assert lane_of(lane) == lane


@for_every("lane_of", pair=typed_doors())
def test_a_door_lies_in_its_own_lane(pair: tuple[Door, str]) -> None:
    door, typed = pair
    first = door.steps[0]
    assert lane_of(typed) == (str(first) if first.lane == "K" else "")


@for_every("lane_name", typed=TYPED_NUMBERS)
def test_what_is_no_lane_is_called_as_it_is(typed: str) -> None:
    name = lane_name(typed)
    assert name == tidy(name)
    assert name == tidy(typed) or door_number(name) == door_number(typed)
    if lane := lane_of(typed):
        assert lane_name(lane) == f"Kiệt {lane[1:]}"


@for_every("lane_name", lane=LANES)
def test_the_name_of_a_lane_leads_back_to_it(lane: Step) -> None:
    name = lane_name(str(lane))
    assert name.split()[0] == {"K": "Kiệt", "H": "Hẻm"}[lane.lane]
    assert door_number(name) == str(lane)


@pytest.mark.parametrize(
    ("number", "lane", "name"),
    [
        ("K45/12", "K45", "Kiệt 45"),
        ("K45/H2/5", "K45", "Kiệt 45"),
        ("kiệt 45A/3", "K45A", "Kiệt 45A"),
        ("12", "", ""),
        ("7/2", "", ""),
        ("H2/5", "", ""),
        ("K1-302", "", ""),
        ("A1-302", "", ""),
    ],
)
def test_a_door_knows_its_lane(number: str, lane: str, name: str) -> None:
    assert lane_of(number) == lane
    assert lane_name(lane) == name


def test_a_lane_is_called_by_its_name() -> None:
    assert lane_name("H2") == "Hẻm 2"
    assert lane_name("Hàng Dừa") == "Hàng Dừa"


@pytest.mark.parametrize(
    "monster",
    [
        "9" * 10_000, "K" * 10_000, "K45/" * 2_500, "1/" * 5_000, " " * 10_000, "." * 10_000,
        "A" + "-" * 10_000, "K" + "." * 10_000 + "x", "ạ" * 10_000, "a" + "\u0301\u0323" * 5_000,
        "\ud800" * 10_000, "\x00" * 10_000, "\u202e" * 10_000, "số " * 3_300, "1-" * 5_000,
        string.printable * 100,
    ],
)  # fmt: skip
def test_ten_thousand_characters_of_anything_are_answered(monster: str) -> None:
    for function in (nfc, tidy, fold, sort_key, door_number, door_key, lane_of, lane_name):
        assert isinstance(function(monster), str)
