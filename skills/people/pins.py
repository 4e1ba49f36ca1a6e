"""Which six digits may be a PIN: none that many people choose, that can be guessed from the pad, or that those around one know."""

import re
from datetime import date
from itertools import pairwise

from skills.text import N_

# What people choose for six digits when nobody stops them: the top of published leaks, patterns of the pad, lucky numbers and
# hotlines of Vietnam. Runs, repeats and days of birth are refused by rule and stand here only where they are among the top.
_CHOSEN_BY_MANY = """
    123456 654321 111111 000000 123123 666666 121212 112233 789456 159753 222222 333333 444444 555555 777777 888888
    999999 696969 101010 131313 232323 252525 292513 123321 321321 123654 654123 147258 258147 258369 369258 147369
    159357 357159 753951 951753 147852 852147 852456 456852 741852 963852 258456 258852 963741 741963 321654 456123
    456789 987654 789123 789789 456456 987321 789987 456654 135790 135791 246810 246802 024680 102030 203040 100200
    112211 110110 001122 010203 001001 100100 007007 202020 111222 222333 333444 444555 555666 666777 777888 888999
    111333 111000 000111 111999 112112 113113 113114 114114 115115 113115 112358 314159 271828 142536 142857 415263
    123789 123987 987123 147147 258258 369369 159159 357357 258000 147000 520520 521521 131420 168168 186186 688688
    668668 866866 686868 868686 686886 888666 666888 668866 886688 787878 797979 979797 393939 383838 636363 838383
    989898 898989 799799 779977 778899 889900 998877 998899 112233 223344 334455 445566 556677 667788 332211 445544
    191919 181818 171717 161616 151515 141414 191945 020945 190545 300475 300419 123450 012345 098765 543210 234567
"""
COMMON_PINS = frozenset(_CHOSEN_BY_MANY.split())

# What is said of a PIN that can't be set, to be translated by whoever says it.
SIX_DIGITS = N_("Ghi đúng 6 chữ số.")
TOO_PLAIN = N_("Mã này nhiều người dùng, dễ đoán. Chọn 6 số khác.")
A_BIRTHDAY = N_("Mã này giống ngày sinh, người quen dễ đoán. Chọn 6 số khác.")
OWN_NUMBER = N_("Mã này nằm trong số điện thoại của mình, dễ đoán. Chọn 6 số khác.")


def flaw(pin: str, phone: str = "") -> str | None:
    """Why these characters can't be a PIN, as a sentence to be translated, or None when they can. `phone`: the person's own
    number in E.164, whose digits every team-mate knows."""
    if not re.fullmatch(r"[0-9]{6}", pin):
        return SIX_DIGITS
    if pin in COMMON_PINS or _repeats(pin) or _runs(pin):
        return TOO_PLAIN
    if _is_birthday(pin):
        return A_BIRTHDAY
    return OWN_NUMBER if pin in re.sub(r"^\+84", "0", phone) else None


def _repeats(pin: str) -> bool:
    """One to three digits over and over, a word and its mirror, three pairs, or only two different digits."""
    mirrored = pin[:3] == pin[:2:-1]
    in_pairs = pin[0::2] == pin[1::2]
    return pin[:3] == pin[3:] or pin[:2] * 3 == pin or mirrored or in_pairs or len(set(pin)) <= 2


def _runs(pin: str) -> bool:
    """The same step from each digit to the next, over the end too: 123456, 890123, 975319."""
    digits = [int(digit) for digit in pin]
    return len({(after - before) % 10 for before, after in pairwise(digits)}) == 1


def _is_birthday(pin: str) -> bool:
    """Read as day, month and two digits of the year, or as month and year: how birthdays are written here."""
    day, month, year = int(pin[:2]), int(pin[2:4]), int(pin[4:])
    if 1 <= int(pin[:2]) <= 12 and 1930 <= int(pin[2:]) <= 2029:
        return True
    try:
        date(2000 + year, month, day)
    except ValueError:
        return False
    return True
