"""Telephone numbers as people write them, as they are stored, and as people read them."""

import re

import phonenumbers
import pytest
from hypothesis import assume
from hypothesis import strategies as st

from skills.people.phones import national, parse_phone
from tests.examples import for_every
from tests.vietnamese import ANYTHING

MOBILE = st.builds(
    "{}{}".format, st.sampled_from(["32", "39", "56", "70", "84", "86", "90", "91", "98"]), st.integers(1_000_000, 9_999_999)
)  # fmt: skip
BEFORE = st.sampled_from(["0", "84", "+84", "0084", "+84 0", "(0)", "+84 (0)", ""])
BETWEEN = st.sampled_from(["", " ", ".", "-", "\u00a0", "  "])


@st.composite
def written(draw: st.DrawFn) -> tuple[str, str]:
    """A mobile number of Vietnam as it is stored, and as somebody writes it."""
    number = draw(MOBILE)
    first, second = sorted(draw(st.tuples(st.integers(1, 8), st.integers(1, 8))))
    groups = (number[:first], number[first:second], number[second:])
    typed = draw(BEFORE) + draw(BETWEEN).join(group for group in groups if group)
    if draw(st.booleans()):
        typed = typed.translate({ord(str(n)): chr(ord("٠") + n) for n in range(10)})
    return f"+84{number}", draw(st.sampled_from(["", " "])) + typed + draw(st.sampled_from(["", " ", "."]))


@st.composite
def abroad(draw: st.DrawFn) -> str:
    """A number of any country and kind, with other last digits than the one that its authority prints as an example."""
    region = draw(st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)))
    kind = draw(st.sampled_from(phonenumbers.PhoneNumberType.values()))
    example = phonenumbers.example_number_for_type(region, kind)
    assume(example)
    assert example is not None
    e164 = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    changed = draw(st.integers(0, 4))
    return e164[: len(e164) - changed] + "".join(draw(st.sampled_from("0123456789")) for _ in range(changed))


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("0905123456", "+84905123456"),
        (" 0905.123.456 ", "+84905123456"),
        ("0905-123-456", "+84905123456"),
        ("+84 905 123 456", "+84905123456"),
        ("84905123456", "+84905123456"),
        ("905123456", "+84905123456"),
        ("0084905123456", "+84905123456"),
        ("(0236) 382 2222", "+842363822222"),
        ("٠٩٠٥١٢٣٤٥٦", "+84905123456"),
        ("+1 650 253 0000", "+16502530000"),
        ("090512345", None),
        ("090512345678", None),
        ("0905123456 ext. 5", None),
        ("0905 123 456 - 0905 123 457", None),
        ("", None),
        ("a" * 10_000, None),
        ("9" * 10_000, None),
        ("\ud800", None),
    ],
)
def test_numbers_as_people_write_them(typed: str, number: str | None) -> None:
    """Or none."""
    assert parse_phone(typed) == number


@pytest.mark.parametrize(
    "typed", ["0905OOO123", "O905123456", "0905 12a3 456", "0905-ABC-DEF", "Hoài 0905123456"]
)
def test_a_letter_is_never_read_as_a_digit(typed: str) -> None:
    """0905OOO123 used to be read as 0905666123, the number of somebody else."""
    assert parse_phone(typed) is None


@for_every("parse_phone", typed=ANYTHING | st.text("0123456789+-. ()٠９/*#;x", max_size=42))
def test_any_text_is_a_number_or_none(typed: str) -> None:
    """And what is a number is read again as itself."""
    number = parse_phone(typed)
    assert number is None or re.fullmatch(r"\+[1-9][0-9]{3,14}", number)
    assert number is None or parse_phone(number) == number == parse_phone(national(number))


@for_every("parse_phone", pair=written())
def test_a_number_is_the_same_however_it_is_written(pair: tuple[str, str]) -> None:
    number, typed = pair
    assert parse_phone(typed) == number


@for_every("parse_phone", pair=written(), place=st.integers(0, 20), letter=st.sampled_from("oOlIxXđ²é"))
def test_a_letter_anywhere_makes_it_no_number(pair: tuple[str, str], place: int, letter: str) -> None:
    _number, typed = pair
    assume(letter.isalpha())
    assert parse_phone(typed[:place] + letter + typed[place:]) is None


@for_every("parse_phone", number=MOBILE, place=st.integers(0, 8))
def test_a_digit_that_is_missing_is_never_made_up(number: str, place: int) -> None:
    """Nor is one too many left out: another number may be meant, and then it is another."""
    assert parse_phone("0" + number[:place] + number[place + 1 :]) != f"+84{number}"
    assert parse_phone("0" + number + "7") is None


@for_every("national", e164=abroad())
def test_what_people_read_leads_back_to_the_number(e164: str) -> None:
    number = parse_phone(e164)
    assume(number is not None)
    assert number is not None
    assert parse_phone(national(number)) == number == e164
    assert national(number).startswith("+") == (not number.startswith("+84"))


def test_numbers_as_people_read_them() -> None:
    """In groups; a foreign one with its country."""
    assert national("+84905123456") == "0905 123 456"
    assert national("+16502530000") == "+1 650-253-0000"
