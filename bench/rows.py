"""What a run says: a row for each thing measured, the limit beside it, and the bar that it has to keep."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil


@dataclass(frozen=True)
class Times:
    """Durations in milliseconds, or other amounts of one thing measured several times."""

    p50: float
    p95: float
    p99: float
    worst: float
    n: int
    cpu: float = 0.0  # median of the processor's time; 0 where nobody looked at it

    @classmethod
    def of(cls, taken: Sequence[float], cpu: Sequence[float] = ()) -> "Times":
        """Percentiles by nearest rank: each is an amount that was really measured."""
        ordered = sorted(taken)

        def rank(share: float) -> float:
            return ordered[max(ceil(share * len(ordered)), 1) - 1]

        return cls(
            rank(0.5),
            rank(0.95),
            rank(0.99),
            ordered[-1],
            len(ordered),
            sorted(cpu)[len(cpu) // 2] if cpu else 0.0,
        )


@dataclass(frozen=True)
class Limit:
    """What the machine itself takes for the least that could do, in the unit of the row."""

    name: str
    amount: float


@dataclass(frozen=True)
class Bar:
    """The most that a row may show (architecture 7). `visits`: the size of the city for which that was promised, 0 for any."""

    words: str
    most: float
    visits: int = 0


@dataclass(frozen=True)
class Row:
    """One thing measured. `figure` is the median, or the only amount; None when it was not measured in this run."""

    section: str
    name: str
    unit: str
    figure: float | None
    limits: tuple[Limit, ...]
    p95: float | None = None
    worst: float | None = None
    n: int = 1
    bar: Bar | None = None
    note: str = ""
    more: dict[str, int | float | str] = field(default_factory=dict)

    @property
    def ratios(self) -> tuple[float | None, ...]:
        """How many times the limit the figure is, limit by limit."""
        return tuple(
            self.figure / limit.amount if self.figure is not None and limit.amount else None
            for limit in self.limits
        )

    def verdict(self, visits: int) -> str:
        """Whether the bar is held, in words; "" without a bar. A city smaller than the promised one proves less, and it says so."""
        measured = self.figure if self.p95 is None else self.p95
        if self.bar is None or measured is None:
            return ""
        words = "held" if measured <= self.bar.most else "falls short"
        return words if visits >= self.bar.visits else f"{words}, in a smaller city"


def timed_row(
    section: str,
    name: str,
    times: Times,
    *limits: Limit,
    bar: Bar | None = None,
    note: str = "",
    **more: int | float | str,
) -> Row:
    """A row of durations in milliseconds. On a machine with other work the processor's time says more than the clock."""
    if times.cpu:
        more = {"cpu_ms": round(times.cpu, 1), **more}
    return Row(section, name, "ms", times.p50, limits, times.p95, times.worst, times.n, bar, note, more)


@dataclass
class Result:
    """Everything that a run found out."""

    size: str
    households: int
    visits: int
    database: str
    machine: dict[str, str]
    rows: list[Row] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    profiles: list["Profiled"] = field(default_factory=list)

    def of(self, section: str) -> list[Row]:
        """The rows of a section, in the order in which they were measured."""
        return [row for row in self.rows if row.section == section]


@dataclass(frozen=True)
class Call:
    """A function in a profile: how often it was called, and how long it took without and with what it called, in ms."""

    place: str
    calls: int
    own_ms: float
    whole_ms: float


@dataclass(frozen=True)
class Said:
    """A statement as the database got it, how long it took with the fetching of its rows, and how many those were."""

    text: str
    ms: float
    rows: int


@dataclass(frozen=True)
class Profiled:
    """Where the time of one request goes: its functions and its statements."""

    title: str
    ms: float
    calls: tuple[Call, ...]
    statements: tuple[Said, ...]
    file: str
