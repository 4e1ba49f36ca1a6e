"""What a column chart shows: at most twelve columns, few labels, round lines. The kit draws it."""

from collections.abc import Sequence
from dataclasses import dataclass

MOST = 12
_LABELLED = 3  # more labels would run into each other on a phone


@dataclass(frozen=True)
class Point:
    """One column: its full name for the table, the label beneath it ("" for most), and whether its period still runs."""

    name: str
    label: str
    value: int
    part: bool


@dataclass(frozen=True)
class Columns:
    """A chart: its columns from left to right, and the numbers at which lines are drawn across."""

    points: tuple[Point, ...]
    grid: tuple[int, ...]


def columns(values: Sequence[tuple[str, int, bool]]) -> Columns:
    """The chart of (name, value, whether the period still runs); labels stand under the first, middle and last column."""
    last = len(values) - 1
    labelled = {0, last // 2, last} if len(values) > _LABELLED else set(range(len(values)))
    points = tuple(
        Point(name, name if place in labelled else "", value, part)
        for place, (name, value, part) in enumerate(values)
    )
    return Columns(points, _grid(max((value for _, value, _ in values), default=0)))


def _grid(highest: int) -> tuple[int, ...]:
    """Two or three round numbers up to the highest column: steps of 1, 2, 5, 10, 20, 50, …"""
    if highest < 1:
        return ()
    size = 1
    while True:
        for factor in (1, 2, 5):
            step = size * factor
            if highest < step * 4:
                return tuple(range(step, highest + 1, step))
        size *= 10
