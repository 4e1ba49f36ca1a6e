"""What a note must not keep: numbers of cards and identities, and codes. What else it says stays as it was written."""

import pytest
from hypothesis import assume
from hypothesis import strategies as st

from skills.visits.notes import COVER, masked, was_masked
from tests.examples import for_every
from tests.vietnamese import ANYTHING, WORDS

NOTES = st.lists(
    st.sampled_from([
        "otp", "OTP ", "mã xác nhận", "mật khẩu: ", "pin", "cccd ", "thẻ ", "gọi ", "1234", "5678", "012", "345678901", "079",
        "4111111111111111", "4111 1111 1111 1111", "0905123456", "12", "3", " ", "-", ".", ",", "/", "\n", "•", "٣", "²", "người",
    ]),
    max_size=14,
).map("".join)  # fmt: skip
BETWEEN = st.sampled_from(["", " ", "-", "."])
SAYING = st.sampled_from(["OTP", "otp là", "mã OTP:", "Mã xác nhận", "mã xác thực", "mã PIN ", "pin", "Mật khẩu", "mật khẩu VNeID là", "password"])  # fmt: skip


def digits(count: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=count, max_size=count)


def in_groups(number: str, mark: str, size: int = 4) -> str:
    """A number as people group it."""
    return mark.join(number[place : place + size] for place in range(0, len(number), size))


def with_check_digit(digits: str) -> str:
    """A bank card: the last digit makes the sum a multiple of ten (ISO/IEC 7812-1)."""
    total = sum(
        sum(divmod(2 * int(digit), 10)) if place % 2 == 0 else int(digit)
        for place, digit in enumerate(digits[::-1])
    )
    return digits + str(-total % 10)


@pytest.mark.parametrize(
    ("note", "kept"),
    [
        ("Thẻ 4111 1111 1111 1111", "Thẻ •••• •••• •••• ••••"),
        ("CCCD 079085001234", "CCCD ••••••••••••"),
        ("CMND 201 456 789", "CMND ••• ••• •••"),
        ("OTP 482913", "OTP ••••••"),
        ("mã xác nhận là 4829", "mã xác nhận là ••••"),
        ("gọi 0905 123 456 sau 17h", "gọi 0905 123 456 sau 17h"),
        ("trả 1.250.000 đ ngày 12/8/2026", "trả 1.250.000 đ ngày 12/8/2026"),
        ("nhà 3 người, 2 máy", "nhà 3 người, 2 máy"),
        ("", ""),
    ],
)
def test_what_is_secret_is_covered_and_the_rest_stays(note: str, kept: str) -> None:
    assert masked(note) == kept
    assert was_masked(kept) == (note != kept)


@pytest.mark.parametrize(
    ("note", "kept"),
    [
        ("otp 1234 5678", "otp •••• ••••"),  # half of it used to stay
        ("mã OTP 482 913", "mã OTP ••• •••"),
        (
            "thẻ 4111111111111111 12/27",
            "thẻ •••••••••••••••• 12/27",
        ),  # the day behind it used to hide the card
        ("4111 1111 1111 1111 123", "•••• •••• •••• •••• 123"),
        ("số 7 4111111111111111", "số 7 ••••••••••••••••"),
        ("4111.1111.1111.1111", "••••.••••.••••.••••"),
        (
            "OTP:0000:0000",
            "OTP:••••:••••",
        ),  # the second half used to be covered only when the note was saved again
        ("gọi 0905 123 456, 0905 123 457", "gọi 0905 123 456, 0905 123 457"),
        ("cccd.079085001234", "cccd.••••••••••••"),
    ],
)
def test_a_neighbour_hides_no_secret(note: str, kept: str) -> None:
    assert masked(note) == kept == masked(kept)


@for_every("masked", note=ANYTHING | NOTES)
def test_only_digits_are_ever_covered_and_once_is_enough(note: str) -> None:
    kept = masked(note)
    assert masked(kept) == kept
    assert len(kept) == len(note)
    for told, was in zip(kept, note, strict=True):
        assert told == was or (told == COVER and was.isdecimal())


@for_every("masked", before=WORDS, first=digits(15), mark=BETWEEN, after=st.sampled_from(["", " ", ", ", " 12/27", " 123", "\n0905"]))  # fmt: skip
def test_a_bank_card_is_covered_wherever_it_stands(before: str, first: str, mark: str, after: str) -> None:
    card = with_check_digit(first)
    note = f"{before} {in_groups(card, mark)}"
    assert masked(note + after).startswith(f"{before} {in_groups(COVER * 16, mark)}")
    assert was_masked(masked(note + after))


@for_every("masked", before=WORDS, number=digits(12) | digits(9), mark=BETWEEN, after=WORDS)
def test_an_identity_number_is_covered_wherever_it_stands(
    before: str, number: str, mark: str, after: str
) -> None:
    note = f"{before} {in_groups(number, mark, 3)} {after}"
    assert masked(note) == f"{before} {in_groups(COVER * len(number), mark, 3)} {after}"


@for_every("masked", saying=SAYING, code=st.integers(4, 8).flatmap(digits), size=st.sampled_from([8, 4, 3]), mark=st.sampled_from([" ", "-"]))  # fmt: skip
def test_a_code_is_covered_behind_the_word_for_it(saying: str, code: str, size: int, mark: str) -> None:
    assume(size == 8 or len(code) % size == 0)
    assert masked(f"{saying} {in_groups(code, mark, size)}, cảm ơn") == (
        f"{saying} {in_groups(COVER * len(code), mark, size)}, cảm ơn"
    )


@for_every("masked", number=digits(9), before=st.sampled_from(["0", "+84", "+84 ", "84"]), mark=BETWEEN)
def test_a_telephone_number_stays(number: str, before: str, mark: str) -> None:
    """Ten digits with the 0 in front are how to come back to somebody, and no identity number."""
    assume(before == "0")
    note = f"gọi {in_groups('0' + number, mark, 10)} nhé"
    assert masked(note) == note


@for_every("masked", words=WORDS, n=st.integers(0, 9999), day=st.dates())
def test_ordinary_figures_stay(words: str, n: int, day: object) -> None:
    assume(not {"otp", "pin", "password"} & set(words.lower().split()))
    assume("mật" not in words.lower())
    note = f"{words}: {n} người, hẹn {day:%d/%m/%Y}, {n * 1000:,} đ"
    assert masked(note) == note


@pytest.mark.parametrize(
    "monster", ["1" * 10_000, "1 " * 5_000, "otp " * 2_500, "4111 " * 2_000, "1.-" * 3_333, "٣" * 10_000]
)
def test_ten_thousand_characters_are_answered(monster: str) -> None:
    assert len(masked(monster)) == len(monster)
