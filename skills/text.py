"""Vietnamese words as people search, sort and walk them: folded text, dictionary order, house numbers.

Every function takes any text at all and never raises: what a phone sends may hold stray surrogates, control
characters or ten thousand digits.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain, groupby
from typing import NamedTuple

# Keys are cut here, so that they fit their column and an index: beyond it, texts with the same beginning tie.
SORT_KEY_LENGTH = 600
DOOR_KEY_LENGTH = 400


def N_(msgid: str) -> str:
    """Marks a sentence for the translators and gives it back as it is; whoever shows it translates it."""
    return msgid


def nfc(s: str) -> str:
    """The text with each letter and its marks as one character where Unicode has one (form NFC)."""
    return unicodedata.normalize("NFC", s)


def tidy(s: str) -> str:
    """One line as it may be stored: NFC, nothing unseen but single spaces between words."""
    kept = "".join(c for c in s if c.isspace() or unicodedata.category(c) not in _UNSEEN)
    return " ".join(nfc(kept).split())


def fold(s: str) -> str:
    """The form in which words are searched: 'Phường Hải Châu' -> 'phuong hai chau', 'Đà Nẵng' -> 'da nang'.

    No diacritics, no case, đ as d, single spaces: Hòa = Hoà, composed or not. Folding twice is folding once.
    """
    return nfc("".join(_PLAIN.get(letter, letter) for letter, _ in _letters(s)))


def sort_key(s: str) -> str:
    """Hex text that orders as a Vietnamese dictionary does, on any database, by plain comparison of bytes.

    Letters first (a ă â b c d đ e ê …, a space before all of them), then the tone of each word (none, huyền,
    hỏi, ngã, sắc, nặng). A run of digits counts by its value: 'Tổ 2' before 'Tổ 10'. Case doesn't matter, nor
    on which vowel the tone mark stands.
    """
    return _weigh(s).hex()[:SORT_KEY_LENGTH]


def door_number(typed: str) -> str:
    """A house number as it is painted on the plate: 'Kiệt 45/12', 'k45/12' -> 'K45/12'; 'số 12 a' -> '12A'.

    Flats become 'A1-302', rooms 'P.302'. What is no number ('Sau chợ Cồn') comes back as typed, only tidied.
    """
    door = _read_door(typed)
    return tidy(typed) if door is None else str(door)


def door_key(number: str) -> str:
    """Hex text that orders doors as a person walks: 7, 7A, 7/2, 7/10, 12, 12B, K45/2, K45/H2/5, K61/1, H2/5.

    Then flats (A1-302), rooms (P.302), and whatever is no number, in dictionary order. A number has one key,
    as painted and as typed.
    """
    door = _read_door(number)
    key = bytes([0x30]) + _weigh(number) if door is None else door.key()
    return key.hex()[:DOOR_KEY_LENGTH]


def lane_of(number: str) -> str:
    """The kiệt that a door lies in, as painted: 'K45/12', 'K45/H2/5' -> 'K45'; none: '' ('12', '7/2')."""
    door = _read_door(number)
    if isinstance(door, _House) and door.steps[0].lane == "K":
        return str(door.steps[0])
    return ""


def lane_name(lane: str) -> str:
    """How a lane is spoken of: 'K45' -> 'Kiệt 45', 'H2' -> 'Hẻm 2'; anything else as it is."""
    door = _read_door(lane)
    if isinstance(door, _House) and len(door.steps) == 1 and door.steps[0].lane:
        step = door.steps[0]
        return f"{_LANE_NAMES[step.lane]} {step.number}{step.suffix}"
    return tidy(lane)


# Letters and their marks

_UNSEEN = {"Cc", "Cf", "Cs"}  # control, format (bidi marks, zero-width spaces), lone surrogates
_PLAIN = {"đ": "d", "ð": "d"}  # eth: its capital looks exactly like Đ, and old converters write it


def _letters(s: str) -> Iterator[tuple[str, str]]:
    """Each base character, casefolded, with the marks on it; whitespace as single spaces, none at the ends.

    Decomposes one character at a time: normalizing a whole text takes quadratic time on a long run of marks.
    """
    letter, marks = "", ""
    for part in chain.from_iterable(map(_parts, s)):
        if unicodedata.combining(part):
            marks += part
        elif part != " " or letter not in ("", " "):
            if letter:
                yield letter, marks
            letter, marks = part, ""
    if letter not in ("", " "):
        yield letter, marks


@lru_cache(maxsize=4096)
def _parts(character: str) -> str:
    """One character as casefolded base characters and combining marks; '' for what can't be seen."""
    if character.isspace():
        return " "
    if unicodedata.category(character) in _UNSEEN:
        return ""
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    return "".join(
        part if unicodedata.combining(part) else unicodedata.normalize("NFD", part.casefold())
        for part in unicodedata.normalize("NFD", character)
    )


# Dictionary order

_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_RANK = {letter: 0x20 + place for place, letter in enumerate(_ALPHABET)} | {"ð": 0x20 + _ALPHABET.index("đ")}
_SHAPES = "\u0306\u0302\u031b"  # breve, circumflex, horn: they make another letter
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}  # huyền, hỏi, ngã, sắc, nặng


def _weigh(s: str) -> bytes:
    """First the letters, then 0, then the tone of each word: tones decide only between equal letters."""
    letters, tones = bytearray(), bytearray()
    for kind, run in groupby(_letters(s), key=lambda pair: _kind(pair[0])):
        pairs = list(run)
        if kind == "number":
            letters += _weigh_number("".join(digit for digit, _ in pairs))
        elif kind == "word":
            letters += b"".join(_weigh_letter(letter, marks) for letter, marks in pairs)
            tones.append(max((_TONES.get(mark, 0) for _, marks in pairs for mark in marks), default=0))
        else:
            letters += b"".join(_weigh_sign(sign) for sign, _ in pairs)
    return bytes(letters) + b"\0" + bytes(tones)


def _kind(character: str) -> str:
    if character.isdecimal():
        return "number"
    return "word" if character.isalpha() else "sign"


def _weigh_letter(letter: str, marks: str) -> bytes:
    """A letter of the alphabet is one byte; foreign marks are ignored (ü as u); other scripts follow z."""
    for shape in _SHAPES:
        if shape in marks and (rank := _RANK.get(nfc(letter + shape))):
            return bytes([rank])
    if rank := _RANK.get(letter):
        return bytes([rank])
    return b"\xf0" + ord(letter).to_bytes(3, "big")


def _weigh_sign(sign: str) -> bytes:
    """A space comes before everything, punctuation before digits and letters."""
    if sign == " ":
        return b"\x01"
    point = ord(sign)
    return bytes([0x02, point]) if point < 0x100 else b"\x03" + point.to_bytes(3, "big")


def _weigh_number(digits: str) -> bytes:
    """Digits by value: their count, then themselves. Never through int(), which refuses very long runs."""
    digits = digits.lstrip("0")
    count = len(digits)
    if count < 0x0F:
        return bytes([0x10 + count]) + digits.encode()
    more, rest = divmod(count - 0x0F, 0xFF)
    return b"\x1f" + b"\xff" * more + bytes([rest]) + digits.encode()


# House numbers. Đà Nẵng paints kiệt as K and hẻm as H: K45/H2/5 is number 5 in hẻm 2 of kiệt 45.

_LANE_NAMES = {"K": "Kiệt", "H": "Hẻm"}
_LANE_RANK = {"": 0x10, "K": 0x20, "H": 0x30}
_WORDS = {"KIET", "HEM", "PHONG", "SO", "NHA"}  # words of a number, typed with their marks or without

_CALLED = r"(?:SO NHA|NHA SO|SO|NHA|SN)(?![A-ZĐ])[ .:]*"  # "số", "số nhà": said, not painted
_LEAD = re.compile(rf"(?:{_CALLED}|# ?)+")
_SLASH = re.compile(rf" ?[/\\] ?(?:{_CALLED})?")
_AFTER_LANE = re.compile(rf" ?[/\\,]? ?(?:{_CALLED})?")  # "kiệt 45 số 12", "K45 12", "K45H2/5"
_STEP = re.compile(
    r"(?:(?:(KIET|HEM)[ .-]*|([KH])[ .]*))?([0-9]+)"
    r"(?: ?(BIS|TER|(?![KH][ .]*[0-9])[A-ZĐ])(?![A-ZĐ0-9]))?"
    r"(?: ?- ?([1-9][0-9]*)([A-ZĐ]?)(?![A-ZĐ0-9]))?"
)
_ROOM = re.compile(r"(?:PHONG|P)[ .-]*([0-9]+) ?([A-ZĐ]?)")
_FLAT = re.compile(
    r"(?:([A-ZĐ]{1,3}[0-9]{0,3}[A-ZĐ]?) ?- ?(?:(?:PHONG|P)[ .]*)?|([A-ZĐ]{1,3}[0-9]{1,3}[A-ZĐ]?) )"
    r"([0-9]+) ?([A-ZĐ]?)"
)


class _Step(NamedTuple):
    """One part between slashes: 'K45', 'H2', '12A', '12-14'."""

    lane: str  # K, H or ''
    number: str
    suffix: str
    until: str  # the last number of a house that has several: '14' of 12-14
    until_suffix: str

    def __str__(self) -> str:
        until = f"-{self.until}{self.until_suffix}" if self.until else ""
        return f"{self.lane}{self.number}{self.suffix}{until}"

    def key(self, is_last: bool) -> bytes:
        """A door at the street comes before those behind it: 7, 7A, and then 7/2."""
        key = bytes([_LANE_RANK[self.lane]]) + _weigh_number(self.number) + (b"\x10" if is_last else b"\x80")
        key += _weigh_suffix(self.suffix)
        if self.until:
            key += b"\x01" + _weigh_number(self.until) + _weigh_suffix(self.until_suffix)
        return key + b"\0"


class _House(NamedTuple):
    """A door reached from the street, step by step."""

    steps: tuple[_Step, ...]

    def __str__(self) -> str:
        return "/".join(map(str, self.steps))

    def key(self) -> bytes:
        last = len(self.steps) - 1
        return b"\x10" + b"".join(step.key(place == last) for place, step in enumerate(self.steps))


class _Flat(NamedTuple):
    """A flat of a block, or a room without one."""

    block: str
    room: str
    suffix: str

    def __str__(self) -> str:
        return f"{self.block}-{self.room}{self.suffix}" if self.block else f"P.{self.room}{self.suffix}"

    def key(self) -> bytes:
        block = b"\x10" + _weigh(self.block) if self.block else b"\x20"
        return b"\x20" + block + b"\0" + _weigh_number(self.room) + _weigh_suffix(self.suffix) + b"\0"


def _read_door(typed: str) -> _House | _Flat | None:
    """What a number says, or None when it isn't one."""
    text = _painted(typed)
    lead = _LEAD.match(text)
    text = text[lead.end() :] if lead else text
    if match := _ROOM.fullmatch(text):
        return _Flat("", *match.groups())
    if house := _read_house(text):
        return house
    if match := _FLAT.fullmatch(text):
        dashed, spaced, room, suffix = match.groups()
        block = dashed or spaced
        # "Kiệt-P0" names no block: painted as KIET-0 it would be a lane, and P-P5 a room without a block.
        return None if block == "P" or block in _WORDS else _Flat(block, room, suffix)
    return None


def _painted(typed: str) -> str:
    """Capitals, the words of a number without marks; another word with marks becomes '?': it is no number."""
    text = ""
    for is_word, run in groupby(_letters(typed), key=lambda pair: pair[0].isalpha()):
        pairs = list(run)
        piece = "".join(letter for letter, _ in pairs).upper()
        if is_word and piece not in _WORDS and any(marks for _, marks in pairs):
            piece = "?"
        text += piece
    return re.sub("[\u2010-\u2015\u2212]", "-", text).rstrip(" .,;/\\")


def _read_house(text: str) -> _House | None:
    steps: list[_Step] = []
    at = 0
    while match := _STEP.match(text, at):
        word, letter, number, suffix, until, until_suffix = match.groups(default="")
        lane = (word or letter)[:1]
        if lane and until:
            return None  # K45-12: as likely a flat of block K45
        steps.append(_Step(lane, number.lstrip("0") or "0", suffix, until, until_suffix))
        if match.end() == len(text):
            return _House(tuple(steps))
        between = (_AFTER_LANE if lane else _SLASH).match(text, match.end())
        if between is None:
            return None
        at = between.end()
    return None


def _weigh_suffix(suffix: str) -> bytes:
    return b"".join(_weigh_letter(letter, "") for letter in suffix.lower())
