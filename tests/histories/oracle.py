"""What every figure must be, worked out the plain way: lists, dictionaries and dates, and none of the program's code.

The map is a set of pieces. A piece that was never cut lies, from day to day, in a ward and perhaps in a residential group; a ward
is counted, from day to day, in a district or cluster, and that lies in a city or province. Nobody knows where in a cut piece a
door stands: it may stand on any of the pieces that were taken out of it, and so it lies in an area when all of these do. The one
exception: a piece that is what remains of a ward after its groups were listed is in no listed group, even if only one was listed.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

SHIPPED = Path(__file__).parents[2] / "skills"
EVER, NEVER = date(1900, 1, 1), date(9999, 12, 31)
LAST_DISTRICT_DAY = date(2025, 6, 30)
CORES = "DMTAN"
ODD_PEOPLE, ODD_DAYS = 20, 60
ONE_DAY = timedelta(days=1)

Spans = list[tuple[date, date, int]]  # first day, last day, area: in order, never overlapping
Door = tuple[int, str]  # stored ward and id, which mean nothing here


class Period(NamedTuple):
    """Days that are reported together."""

    calendar: str
    kind: str
    first: date
    last: date


@dataclass
class Told:
    """A visit that stands."""

    door: Door
    day: date
    outcome: str
    people: int = 0
    people_new: int = 0
    skills: Mapping[int, int] = field(default_factory=dict)
    audiences: Mapping[int, int] = field(default_factory=dict)
    five: bool = False
    odd: bool = False


class Oracle:
    """The map, the doors and the visits; who changes something tells it, and then it is asked what the figures are."""

    def __init__(self) -> None:
        self.level: dict[int, str] = {}
        self.life: dict[int, tuple[date, date]] = {}
        self.above: dict[int, Spans] = defaultdict(list)  # of wards and districts
        self.ward: dict[int, Spans] = {}  # of pieces never cut
        self.group: dict[int, Spans] = {}
        self.cut_from: dict[int, int] = {}
        self.for_groups: set[int] = set()
        self.doors: dict[Door, int] = {}  # the piece each stands on
        self.visits: dict[str, Told] = {}
        self._core_of = {int(line["id"]): line["core"] for line in _lines("catalogue/data/skills.csv")}
        self._remembered: dict[tuple[int, date], frozenset[int]] = {}
        _read_areas(self)
        _read_pieces(self)

    # What is told

    def born(self, area: int, level: str, day: date, above: Spans | None = None) -> None:
        """There is a new area from that day."""
        self.level[area], self.life[area] = level, (day, NEVER)
        if above:
            self.above[area] = [(max(first, day), last, other) for first, last, other in above if last >= day]

    def died(self, area: int, day: date) -> None:
        """From that day the area is no more."""
        self.life[area] = (self.life[area][0], day - ONE_DAY)
        if area in self.above:
            self.above[area] = from_day(self.above[area], day, None)

    def cut_piece(
        self, piece: int, parts: Sequence[int], like: int | None = None, for_groups: bool = False
    ) -> None:
        """Parts are taken out of a piece; they have always lain where it lay, or, if it was cut before, in the wards of `like`."""
        whole = self.atoms(piece)
        ward = self.ward[like or piece]
        group = common([self.group[atom] for atom in whole]) if piece in self.for_groups else []
        for part in parts:
            self.cut_from[part] = piece
            self.ward[part], self.group[part] = list(ward), list(group)
            if for_groups or piece in self.for_groups:
                self.for_groups.add(part)
        self.ward.pop(piece, None)
        self.group.pop(piece, None)
        self._remembered.clear()

    def move(self, pieces: Iterable[int], into: int | None, day: date, group: bool) -> None:
        """From that day the pieces lie in another ward, or in another group (None: in none)."""
        place = self.group if group else self.ward
        for piece in pieces:
            place[piece] = from_day(place[piece], day, into)
        self._remembered.clear()

    def count_in(self, wards: Iterable[int], cluster: int, day: date) -> None:
        """From that day the wards are counted in another cluster."""
        for ward in wards:
            self.above[ward] = from_day(self.above[ward], day, cluster)
        self._remembered.clear()

    def rename(self, old: int, new: int, day: date) -> None:
        """From that day there is a new area wherever the old one was."""
        self.born(new, self.level[old], day, list(self.above[old]) if old in self.above else None)
        for place in (self.ward, self.group, self.above):
            for spans in place.values():
                spans[:] = instead(spans, day, old, new)
        self.died(old, day)
        self._remembered.clear()

    def tell(self, visit: str, told: Told, typed_on: date) -> None:
        """A visit was recorded or corrected; what doesn't go with its outcome is left out."""
        told.odd = told.day < typed_on - timedelta(days=ODD_DAYS)
        if told.outcome == "met":
            told.odd = told.odd or told.people > ODD_PEOPLE
        else:
            told = Told(told.door, told.day, told.outcome, odd=told.odd)
        self.visits[visit] = told

    # What is asked about the map

    def atoms(self, piece: int) -> list[int]:
        """The pieces never cut that a piece consists of, the oldest first."""
        parts = sorted(part for part, origin in self.cut_from.items() if origin == piece)
        return sorted(atom for part in parts for atom in self.atoms(part)) if parts else [piece]

    def pieces_in(self, area: int, day: date) -> list[int]:
        """The pieces never cut that lie in a ward or group on that day."""
        place = self.group if self.level[area] == "residential_group" else self.ward
        return sorted(piece for piece, spans in place.items() if on_day(spans, day) == area)

    def areas_of(self, piece: int, day: date) -> frozenset[int]:
        """Every area that somebody who stands on the piece is surely in on that day."""
        if (piece, day) not in self._remembered:
            atoms = self.atoms(piece)
            areas = set.intersection(
                *({*self._climb(self.ward[atom], day), *self._group(atom, day)} for atom in atoms)
            )
            if piece not in self.for_groups:
                areas = {area for area in areas if self.level[area] != "residential_group"}
            self._remembered[piece, day] = frozenset(areas)
        return self._remembered[piece, day]

    def in_force(self, day: date) -> set[int]:
        """Every area that there was on that day."""
        return {area for area, (first, last) in self.life.items() if first <= day <= last}

    def doors_in(self, area: int, day: date) -> list[Door]:
        """The doors that surely lay in the area on that day."""
        return sorted(door for door, piece in self.doors.items() if area in self.areas_of(piece, day))

    def doors_by_area(self, day: date) -> dict[int, list[Door]]:
        """The same for every area with doors at once."""
        found: dict[int, list[Door]] = defaultdict(list)
        for door, piece in sorted(self.doors.items()):
            for area in self.areas_of(piece, day):
                found[area].append(door)
        return dict(found)

    def children(self, area: int, day: date) -> set[int]:
        """What the area is divided into: groups in a ward, wards in a district or cluster, in a city districts that hold land."""
        level = self.level[area]
        if level == "residential_group":
            return set()
        held = [self.areas_of(piece, day) for piece in self.ward]
        below = {one for areas in held if area in areas for one in areas}
        wanted = {"ward": {"residential_group"}, "district": {"ward"}, "cluster": {"ward"}}.get(
            level, {"district", "cluster"}
        )
        return {one for one in below if self.level[one] in wanted}

    def _climb(self, spans: Spans, day: date) -> Iterator[int]:
        area = on_day(spans, day)
        while area is not None:
            yield area
            area = on_day(self.above.get(area, []), day)

    def _group(self, atom: int, day: date) -> list[int]:
        group = on_day(self.group[atom], day)
        return [] if group is None else [group]

    # What is asked about figures

    def by_door(self, period: Period) -> dict[Door, Counter[str]]:
        """What each door counts for in a period."""
        theirs: dict[Door, list[Told]] = defaultdict(list)
        for told in self.visits.values():
            theirs[told.door].append(told)
        return {door: self._figures(told, period) for door, told in theirs.items()}

    def _figures(self, visits: Collection[Told], period: Period) -> Counter[str]:
        inside = [told for told in visits if period.first <= told.day <= period.last]
        met = [told for told in inside if told.outcome == "met"]
        found: Counter[str] = Counter()
        found["reached"] = len(met) > 0
        found["helped"] = any(told.people > 0 and len(told.skills) > 0 for told in met)
        found["revisited"] = len({told.day for told in met}) >= 2
        for told in inside:
            found[told.outcome] += 1
            found["odd"] += told.odd
        for told in met:
            found["people"] += told.people
            found["people_new"] += told.people_new
            for skill, level in told.skills.items():
                found[f"skill {skill} {level}"] += 1
            for audience, people in told.audiences.items():
                found[f"audience {audience}"] += people
        for step, day in self._ladder(visits).items():
            found[step] += period.first <= day <= period.last
        return +found

    def _ladder(self, visits: Collection[Told]) -> dict[str, date]:
        """The day on which the household came to each step: the first day somebody managed the group alone, and so on."""
        alone: dict[str, list[date]] = defaultdict(list)
        for told in visits:
            for skill, level in told.skills.items():
                if level == 3 and self._core_of[skill]:
                    alone[f"core {self._core_of[skill]}"].append(told.day)
            if told.five:
                alone["five by one"].append(told.day)
        steps = {step: min(days) for step, days in alone.items()}
        if all(f"core {core}" in steps for core in CORES):
            steps["five groups"] = max(steps[f"core {core}"] for core in CORES)
        return steps


def added(counts: Iterable[Counter[str]]) -> Counter[str]:
    """All of them together."""
    total: Counter[str] = Counter()
    for one in counts:
        total.update(one)
    return total


def periods(first: date, last: date) -> list[Period]:
    """Every month, quarter, half-year and year of both calendars that has a day from the first to the last."""
    lengths = {"month": 1, "quarter": 3, "half": 6, "year": 12}
    every = [
        Period(
            calendar,
            kind,
            starts(calendar, year, month - length + 1),
            starts(calendar, year, month + 1) - ONE_DAY,
        )
        for calendar in ("civil", "nd09")
        for kind, length in lengths.items()
        for year in range(first.year, last.year + 2)
        for month in range(length, 13, length)
    ]
    return [period for period in every if period.first <= last and period.last >= first]


def starts(calendar: str, year: int, month: int) -> date:
    """The day on which a month begins; nd09 months run from the 15th of the month before to the 14th."""
    if calendar == "nd09":
        month -= 1
    if month < 1:
        year, month = year - 1, month + 12
    if month > 12:
        year, month = year + 1, month - 12
    return date(year, month, 15 if calendar == "nd09" else 1)


def on_day(spans: Spans, day: date) -> int | None:
    """Where it was on that day."""
    return next((where for first, last, where in spans if first <= day <= last), None)


def from_day(spans: Spans, day: date, where: int | None) -> Spans:
    """The same before that day, and elsewhere (None: nowhere) from then on."""
    before = [(first, min(last, day - ONE_DAY), there) for first, last, there in spans if first < day]
    return before if where is None else [*before, (day, NEVER, where)]


def instead(spans: Spans, day: date, old: int, new: int) -> Spans:
    """The same, with another area in the place of the old one from that day."""
    changed: Spans = []
    for first, last, where in spans:
        if where != old or last < day:
            changed.append((first, last, where))
        elif first >= day:
            changed.append((first, last, new))
        else:
            changed += [(first, day - ONE_DAY, old), (day, last, new)]
    return changed


def common(several: Sequence[Spans]) -> Spans:
    """The days on which all were in the same place."""
    ends = {
        day
        for spans in several
        for first, last, _ in spans
        for day in (first, min(last, NEVER - ONE_DAY) + ONE_DAY)
    }
    turns = sorted(ends - {NEVER})
    found: Spans = []
    for first, following in zip(turns, [*turns[1:], NEVER], strict=True):
        where = {on_day(spans, first) for spans in several}
        if len(where) == 1 and (there := where.pop()) is not None:
            found.append((first, following if following == NEVER else following - ONE_DAY, there))
    return found


def _read_areas(oracle: Oracle) -> None:
    """Areas with their days; what they belonged to by law, and since July 2025 by the files of the reporting districts."""
    lines = _lines("areas/data/areas.csv")
    for line in lines:
        area = int(line["id"])
        oracle.level[area] = line["level"]
        oracle.life[area] = (_day(line["valid_from"], EVER), _day(line["valid_to"], NEVER))
    city = next(int(line["id"]) for line in lines if line["level"] == "city" and not line["valid_to"])
    for line in lines:
        area = int(line["id"])
        first, last = oracle.life[area]
        if line["parent_id"] and int(line["parent_id"]) != city:
            oracle.above[area].append((first, min(last, LAST_DISTRICT_DAY), int(line["parent_id"])))
        if line["cluster_from"]:
            oracle.above[area].append((date.fromisoformat(line["cluster_from"]), NEVER, city))
    for line in _lines("areas/data/clusters.csv"):
        if line["is_primary"] == "yes":
            oracle.above[int(line["ward_id"])].append(
                (date.fromisoformat(line["valid_from"]), NEVER, int(line["cluster_id"]))
            )


def _read_pieces(oracle: Oracle) -> None:
    """Pieces and the wards they lay in one after another; where a ward was cut, the line says which way the piece went."""
    lines = _lines("areas/data/blocks.csv")
    became: dict[int, list[int]] = defaultdict(list)
    for line in _lines("areas/data/successions.csv"):
        became[int(line["from_id"])].append(int(line["to_id"]))
    for line in lines:
        if line["refined_from"]:
            oracle.cut_from[int(line["id"])] = int(line["refined_from"])
    for line in lines:
        piece, area = int(line["id"]), int(line["area_id"])
        if piece in oracle.cut_from.values():
            continue
        oracle.ward[piece], oracle.group[piece] = [], []
        while True:
            first, last = oracle.life[area]
            if oracle.level[area] == "district":
                last = min(last, LAST_DISTRICT_DAY)
            oracle.ward[piece].append((first, last, area))
            if not became[area]:
                break
            area = became[area][0] if len(became[area]) == 1 else int(line["then_area_id"])


def _lines(name: str) -> list[dict[str, str]]:
    with (SHIPPED / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _day(written: str, otherwise: date) -> date:
    return date.fromisoformat(written) if written else otherwise
