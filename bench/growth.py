"""How much longer a report takes with many visits than with a hundred thousand: two runs on the same machine, side by side."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.rows import Bar, Limit, Row

FLAT = Bar("≤ 1.2 × the time at 100 000", 1.2, 10_000_000)
_SMALLER = (50_000, 200_000)  # visits of the run that is looked back to
_LARGER = 5  # times as many visits make it worth looking


def growth(rows: list[Row], visits: int, folder: Path) -> Iterator[Row]:
    """A row for each report that an earlier run over about 100 000 visits has as well; none when there is no such run."""
    earlier = _earlier(folder, visits)
    if earlier is None:
        return
    before = {row["name"]: row["figure"] for row in earlier["rows"] if row["section"] == "reports"}
    for row in rows:
        if row.section == "reports" and row.figure is not None and before.get(row.name):
            yield Row(
                "growth", row.name, "×", row.figure / before[row.name], (Limit("no growth at all", 1.0),), bar=FLAT,
                more={"visits_then": earlier["visits"], "median_then_ms": round(before[row.name], 1)},
            )  # fmt: skip


def _earlier(folder: Path, visits: int) -> dict[str, Any] | None:
    for file in sorted(folder.glob("*.json")):
        told: dict[str, Any] = json.loads(file.read_text())
        least, most = _SMALLER
        if least <= told["visits"] <= most and told["visits"] * _LARGER <= visits:
            return told
    return None
