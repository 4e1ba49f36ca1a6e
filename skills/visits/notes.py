"""Notes that look like an identity number, a bank card or a one-time code: such digits are covered before anything is stored.

Such data is sensitive or secret (Nghị định 356/2025/NĐ-CP, Điều 4) and has no business in a note; the visit is kept all the same,
and the page after Save says what was covered.
"""

import re
from collections.abc import Sequence

COVER = "•"

# 12 digits: căn cước; 9 digits: the older identity card. Spaces, dots and dashes inside are as people write them.
_IDENTITY = re.compile(r"(?<!\d)(?<!\d[.,])(?:\d[ .-]?){8}\d(?:(?:[ .-]?\d){3})?(?![\d.,]?\d)")
_LONG = re.compile(r"\d(?:[ .-]?\d){12,}")  # a card, perhaps with the day until which it is valid behind it
_CARD_DIGITS = range(13, 20)
_CODE = re.compile(
    r"(?i)\b(?:otp|mã\s+(?:otp|xác\s*(?:nhận|thực|minh)|pin)|pin|mật\s*khẩu|password)\b[^\d\n]{0,20}"
    r"(\d{3,4}[ -]\d{3,4}|\d{2}(?:[ -]\d{2}){2,3}|\d{4,8})(?!\d)"
)


def masked(note: str) -> str:
    """The note with such digits covered, each by a dot; the same text when there are none. Stable when applied again."""
    covered = _masked_once(note)
    # what was covered may have stood between a word and its code, or between two numbers
    while covered != note:
        note, covered = covered, _masked_once(covered)
    return covered


def was_masked(note: str | None) -> bool:
    """Whether something in a stored note was covered."""
    return bool(note) and COVER * 4 in str(note).replace(" ", "").replace("-", "").replace(".", "")


def _masked_once(note: str) -> str:
    note = _LONG.sub(lambda found: _cover_cards(found.group()), note)
    note = _IDENTITY.sub(lambda found: _cover(found.group()), note)
    return _CODE.sub(
        lambda found: found.group()[: found.start(1) - found.start()] + _cover(found.group(1)), note
    )


def _cover_cards(run: str) -> str:
    """A run of digits with each card in it covered; other numbers of the same run stay."""
    groups = list(re.finditer(r"\d+", run))
    for first, start in enumerate(groups):
        for last in range(min(len(groups), first + _CARD_DIGITS[-1]) - 1, first - 1, -1):
            begin, end = start.start(), groups[last].end()
            inside = groups[first : last + 1]
            if _passes_luhn(run[begin:end]) and (_is_printed(inside) or (first == 0 and end == len(run))):
                run = run[:begin] + _cover(run[begin:end]) + run[end:]
                break
    return run


def _is_printed(groups: Sequence[re.Match[str]]) -> bool:
    """Whether digits are grouped as on a card: all groups of one length but the last, or 4-6-5."""
    lengths = [len(group.group()) for group in groups]
    return (len(set(lengths[:-1])) <= 1 and lengths[-1] <= lengths[0]) or lengths[:2] == [4, 6]


def _cover(text: str) -> str:
    return re.sub(r"\d", COVER, text)


def _passes_luhn(text: str) -> bool:
    """As many digits as a bank card has, the last of them its check digit (ISO/IEC 7812-1, annex B)."""
    digits = [int(digit) for digit in text if digit.isdecimal()][::-1]
    total = sum(digit if i % 2 == 0 else sum(divmod(2 * digit, 10)) for i, digit in enumerate(digits))
    return len(digits) in _CARD_DIGITS and total % 10 == 0
