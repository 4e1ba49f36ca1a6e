"""Notes that look like an identity number, a bank card or a one-time code: such digits are covered before anything is stored.

Such data is sensitive or secret (Nghị định 356/2025/NĐ-CP, Điều 4) and has no business in a note; the visit is kept all the same,
and the page after Save says what was covered.
"""

import re

COVER = "•"

# 12 digits: căn cước; 9 digits: the older identity card. Spaces, dots and dashes inside are as people write them.
_IDENTITY = re.compile(r"(?<![\d.,])(?:\d[ .-]?){8}\d(?:(?:[ .-]?\d){3})?(?![\d.,]?\d)")
_CARD = re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)")
_CODE = re.compile(
    r"(?i)\b(?:otp|mã\s+(?:otp|xác\s*(?:nhận|thực|minh)|pin)|pin|mật\s*khẩu|password)\b[^\d\n]{0,20}(\d{4,8})(?!\d)"
)


def masked(note: str) -> str:
    """The note with such digits covered, each by a dot; the same text when there are none. Stable when applied again."""
    note = _CARD.sub(
        lambda found: _cover(found.group()) if _passes_luhn(found.group()) else found.group(), note
    )
    note = _IDENTITY.sub(lambda found: _cover(found.group()), note)
    return _CODE.sub(
        lambda found: found.group()[: found.start(1) - found.start()] + _cover(found.group(1)), note
    )


def was_masked(note: str | None) -> bool:
    """Whether something in a stored note was covered."""
    return bool(note) and COVER * 4 in str(note).replace(" ", "").replace("-", "").replace(".", "")


def _cover(text: str) -> str:
    return re.sub(r"\d", COVER, text)


def _passes_luhn(text: str) -> bool:
    """The check digit of bank cards (ISO/IEC 7812-1, annex B)."""
    digits = [int(digit) for digit in text if digit.isdigit()][::-1]
    return (
        sum(digit if i % 2 == 0 else sum(divmod(2 * digit, 10)) for i, digit in enumerate(digits)) % 10 == 0
    )
