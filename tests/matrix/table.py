"""The table as data: reads tests/matrix/table.txt, in which there is a line for every route and method."""

from dataclasses import dataclass
from pathlib import Path

from tests.matrix.world import POSITIONS, SINGLE, SUBJECTS

FILE = Path(__file__).with_name("table.txt")
ROUTES = Path(__file__).with_name("routes.txt")
MEANT = {  # what a letter of the table stands for
    "o": "200", ">": "303 to another page", "s": "303 to the page for signing in", "0": "204", "b": "400", "1": "401", "3": "403",
    "4": "404", "9": "409", "2": "422", "e": "410", "h": "200, and what the phone brought is held", "r": "200, and it is refused",
}  # fmt: skip
ON_A_CARD = " on a card"  # the same field, where it is shown for handing it over


@dataclass(frozen=True)
class Line:
    """A route and method as asked about objects of one kind. `answers`: by subject, a letter for each position."""

    method: str
    path: str  # as it is declared
    query: str  # with the names of an object in it, or ""
    gate: str
    about: str  # the kind of object; "-" for none; "own visit, door" when the position is that of what is named beside it
    shows: frozenset[str]  # the kinds of fields that may stand in the answer
    answers: dict[str, str]

    @property
    def route(self) -> str:
        """Method and declared path."""
        return f"{self.method} {self.path}"

    @property
    def kind(self) -> str:
        """The kind of what lies at the position."""
        return self.about.rpartition(", ")[2]

    @property
    def positions(self) -> tuple[str, ...]:
        """The positions that are asked about."""
        return ("",) if self.kind in {"-", *SINGLE} else POSITIONS

    def answer(self, subject: str, position: str) -> str:
        """The letter for that subject and position."""
        return self.answers[subject][self.positions.index(position)]


@dataclass(frozen=True)
class Table:
    """The lines, and who may see which kind of field of whom: `sees[kind][subject]` is a set of positions or owners."""

    lines: tuple[Line, ...]
    sees: dict[str, dict[str, frozenset[str]]]

    def may_see(self, line: Line, subject: str, kind: str, of: str) -> bool:
        """Whether a field may stand in an answer to that subject; one's own name may stand anywhere."""
        if kind in ("full name", "short name") and of == {"K": "V", "P": "W"}.get(subject, subject):
            return True
        kind = kind if kind in line.shows else kind + ON_A_CARD
        return kind in line.shows and of in self.sees.get(kind, {}).get(subject, frozenset())


def read(text: str | None = None) -> Table:
    """The table out of its file. Raises ValueError with the line for one that can't be read."""
    lines: list[Line] = []
    sees: dict[str, dict[str, frozenset[str]]] = {}
    for number, raw in enumerate((text or FILE.read_text("utf-8")).splitlines(), 1):
        told = raw.partition("#")[0].strip()
        if not told:
            continue
        try:
            if told.startswith("sees "):
                kind, subject, of = (part.strip() for part in told.removeprefix("sees ").split("|"))
                for letter in subject.split():
                    sees.setdefault(kind, {})[letter] = frozenset(part.strip() for part in of.split(","))
            else:
                lines.append(_line(told))
        except (ValueError, AssertionError) as error:
            raise ValueError(f"line {number} of the table: {error}: {raw}") from None
    return Table(tuple(lines), sees)


def _line(told: str) -> Line:
    address, gate, about, shows, answers = (part.strip() for part in told.split("|"))
    method, asked = address.split(maxsplit=1)
    path, _, query = asked.partition("?")
    letters = answers.split()
    assert len(letters) == len(SUBJECTS), f"{len(letters)} subjects"
    positions = 1 if about.rpartition(", ")[2] in {"-", *SINGLE} else len(POSITIONS)
    by_subject = dict(zip(SUBJECTS, letters, strict=True))
    for subject, each in by_subject.items():
        if len(each) == 1:
            by_subject[subject] = each * positions  # the same everywhere
        assert len(by_subject[subject]) == positions, f"{subject} has {each}"
        assert set(each) <= MEANT.keys(), f"{subject} has {each}"
    kinds = frozenset(part.strip() for part in shows.split(",") if part.strip() not in ("", "-"))
    return Line(method, path, query, gate, about, kinds, by_subject)
