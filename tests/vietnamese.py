"""What people in Vietnam type: streets, numbers of doors, days; with marks composed or not, in any case; and what nobody types."""

import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Any

from hypothesis import strategies as st

LETTERS = "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvxyỳỷỹýỵ"
MARKS = "\u0300\u0301\u0302\u0303\u0306\u0309\u0323\u031b\u0345"
TROUBLE = (
    "\ud800\udfff\x00\x1f\x85\u200b\u200e\u202e\u2066\ufeff\u00a0\u3000İıßﬁŉᾳ한ǅ١１²½ðÐ\U0001d7d8\U0001f3e0"
)
STREETS = (
    "Hàng Dừa", "Lý Thường Kiệt", "Nguyễn Văn Linh", "Điện Biên Phủ", "2 Tháng 9", "Đống Đa", "Ông Ích Khiêm", "Hùng Vương",
    "Trưng Nữ Vương", "Ỷ Lan Nguyên Phi", "Núi Thành", "Đường số 3", "Mỹ An 12", "K20", "Hoàng Hoa Thám", "Âu Cơ", "Yên Bái",
)  # fmt: skip

ANYTHING = st.text(st.characters(codec=None) | st.sampled_from(LETTERS + MARKS + TROUBLE), max_size=60)
WORDS = st.text(LETTERS + LETTERS.upper() + " ", max_size=30)
NAMES = st.sampled_from(STREETS) | WORDS | st.text(LETTERS + " 0123456789./-", max_size=30)


@st.composite
def written(draw: st.DrawFn, what: st.SearchStrategy[str]) -> str:
    """The same text as one phone or another sends it: in this case or that, with marks composed or not."""
    text = draw(what)
    text = draw(st.sampled_from([text, text.lower(), text.upper()]))
    return unicodedata.normalize(draw(st.sampled_from(["NFC", "NFD"])), text)


# House numbers

SUFFIXES = ("", "", "", "A", "B", "C", "Đ", "M", "BIS", "TER")


@dataclass(frozen=True)
class Step:
    """One part of an address between slashes: "K45", "H2", "12A", "12-14"."""

    lane: str
    number: int
    suffix: str = ""
    until: int = 0
    until_suffix: str = ""

    def __str__(self) -> str:
        until = f"-{self.until}{self.until_suffix}" if self.until else ""
        return f"{self.lane}{self.number}{self.suffix}{until}"


@dataclass(frozen=True)
class Door:
    """A door as one gets there from the street."""

    steps: tuple[Step, ...]

    @property
    def painted(self) -> str:
        """What its plate says."""
        return "/".join(map(str, self.steps))

    @property
    def on_the_way(self) -> Any:
        """When one passes it: first the street, then each kiệt, then each hẻm; by value; a door before those behind it."""
        last = self.steps[-1]
        return [
            (
                ["", "K", "H"].index(step.lane),
                step.number,
                step is not last,
                ["ABCDĐEFGHIJKLMNOPQRSTUVWXYZ".index(letter) for letter in step.suffix],
                (step.until, step.until_suffix),
            )
            for step in self.steps
        ]


_NUMBERS = st.integers(1, 400) | st.integers(1, 99_999)
LANES = st.builds(Step, st.sampled_from(["K", "H"]), _NUMBERS, st.sampled_from(SUFFIXES[:6]))
_PLATES = st.builds(
    Step, st.just(""), _NUMBERS, st.sampled_from(SUFFIXES), _NUMBERS, st.sampled_from(["", "A"])
)  # a house of several numbers
_PLAIN = st.builds(Step, st.just(""), _NUMBERS, st.sampled_from(SUFFIXES))
DOORS = st.builds(
    lambda lanes, between, last: Door((*lanes, *between, last)),
    st.lists(LANES, max_size=2),
    st.lists(_PLAIN, max_size=2),
    _PLATES | LANES | _PLAIN,
)

_SAID = {"K": ("K", "k", "K.", "k ", "Kiệt ", "KIỆT", "kiet ", "Kiệt."), "H": ("H", "h", "h.", "Hẻm ", "HẺM", "hem ")}  # fmt: skip
_LEADS = ("", "", "số ", "Số nhà: ", "nhà số ", "SN ", "# ")
_AFTER_LANE = ("/", " / ", "\\", " ", ", ", " số ", ", số nhà ", "/số ")


@st.composite
def typed_doors(draw: st.DrawFn) -> tuple[Door, str]:
    """A door, and its number as somebody types it."""
    door = draw(DOORS)
    said = {lane: draw(st.sampled_from(ways)) for lane, ways in _SAID.items()} | {"": ""}
    zeros, before_suffix = draw(st.sampled_from(["", "0", "00"])), draw(st.sampled_from(["", " "]))
    dash, slash = draw(st.sampled_from(["-", " - ", " – "])), draw(st.sampled_from(["/", " / ", "\\"]))
    after_lane, small = draw(st.sampled_from(_AFTER_LANE)), draw(st.booleans())
    text = draw(st.sampled_from(_LEADS))
    for step in door.steps:
        suffix = f"{before_suffix}{step.suffix}" if step.suffix else ""
        until = f"{dash}{step.until}{step.until_suffix}" if step.until else ""
        end = (suffix + until).lower() if small else suffix + until
        text += f"{said[step.lane]}{zeros}{step.number}{end}"
        if step is not door.steps[-1]:
            text += after_lane if step.lane else slash
    text += draw(st.sampled_from(["", "", " ", ".", ",", "/"]))
    return door, unicodedata.normalize(draw(st.sampled_from(["NFC", "NFD"])), text)


NUMBERLIKE = st.lists(
    st.sampled_from([
        "K", "k", "Kiệt", "KIET", "h", "Hẻm", "hem", "số", "SO NHA", "nhà", "SN", "P", "phòng", "A", "B", "đ",
        "bis", "Â", "0", "1", "2", "007", "12", "302", "٣", "/", "\\", "-", "–", ".", ",", " ", "#",
        ":", "?", "\u200e", "\u0301",
    ]),
    max_size=9,
).map("".join)  # fmt: skip
TYPED_NUMBERS = NUMBERLIKE | ANYTHING | typed_doors().map(lambda pair: pair[1])


# Days

DAYS = st.dates(date(2000, 1, 1), date(2199, 12, 31))
DAYLIKE = st.lists(
    st.sampled_from(["0", "1", "2", "05", "12", "28", "31", "99", "2026", "٣", "²", "/", "-", ".", " ", "_", "+", "T", "W"]),
    max_size=9,
).map("".join)  # fmt: skip


@st.composite
def typed_days(draw: st.DrawFn) -> tuple[date, str]:
    """A day, and how somebody writes it: the day first, then the month, then the year in four digits or in two."""
    day = draw(DAYS)
    parts = [draw(st.sampled_from([str(part), f"{part:02d}"])) for part in (day.day, day.month)]
    years = [f"{day.year}"] + ([f"{day.year - 2000:02d}"] if day.year < 2100 else [])
    mark = draw(st.sampled_from(["/", "-", ".", " / "]))
    return day, draw(st.sampled_from(["", " "])) + mark.join([*parts, draw(st.sampled_from(years))])
