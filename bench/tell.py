"""The result as a table to read and as JSON to compare; both say the same."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.rows import Profiled, Result, Row

TITLES = {
    "machine": "The machine",
    "pages": "Pages of the daily work, at the server",
    "weights": "What a page weighs",
    "reports": "District and city report, at the server",
    "growth": "How the reports grow with the visits",
    "process": "The process",
    "visits": "Visits written",
    "handing in": "Phones hand in",
    "lesson": "A class comes in within a minute",
    "storm": "A class signs in at once",
    "city": "The city",
}
_FEW = 100  # characters of a statement that are shown


def write(result: Result, folder: Path) -> tuple[Path, Path]:
    """Writes both files and says where they are."""
    folder.mkdir(parents=True, exist_ok=True)
    table, data = folder / f"{result.size}.md", folder / f"{result.size}.json"
    table.write_text(markdown(result))
    data.write_text(json.dumps(as_json(result), indent=1, ensure_ascii=False) + "\n")
    return table, data


def as_json(result: Result) -> dict[str, Any]:
    """Everything, with the ratios and verdicts that the table shows."""
    told = asdict(result)
    for row, given in zip(result.rows, told["rows"], strict=True):
        given["ratios"] = list(row.ratios)
        given["verdict"] = row.verdict(result.visits)
    return told


def markdown(result: Result) -> str:
    """The table."""
    return "\n".join(_lines(result)) + "\n"


def _lines(result: Result) -> Iterator[str]:
    yield f"# {result.size}: {_whole(result.households)} households, {_whole(result.visits)} visits"
    yield ""
    yield "Figures hold for this machine alone. The ratios, each to a limit measured in the same run, hold further."
    yield ""
    yield f"- database: {result.database}"
    yield from (f"- {name}: {said}" for name, said in result.machine.items())
    yield from (f"- {remark}" for remark in result.remarks)
    for section, title in TITLES.items():
        rows = result.of(section)
        if rows:
            yield ""
            yield f"## {title}"
            yield ""
            yield from _table(
                ("what", "median", "p95", "worst", "n", "beside it (×: how many times that)", "bar", "more"),
                (_cells(row, result.visits) for row in rows),
            )
    for profile in result.profiles:
        yield from _profile(profile)


def _cells(row: Row, visits: int) -> tuple[str, ...]:
    beside = "; ".join(
        f"{limit.name} {_amount(limit.amount, row.unit)}: "
        + ("—" if ratio is None else f"**× {_ratio(ratio)}**")
        for limit, ratio in zip(row.limits, row.ratios, strict=True)
    )
    bar = f"{row.bar.words}: {row.verdict(visits) or '—'}" if row.bar else ""
    more = [f"{name.replace('_', ' ')} {_more(value)}" for name, value in row.more.items()]
    return (
        row.name, _amount(row.figure, row.unit), _amount(row.p95, row.unit), _amount(row.worst, row.unit), str(row.n),
        beside, bar, ", ".join([*more, *([row.note] if row.note else [])]),
    )  # fmt: skip


def _profile(profile: Profiled) -> Iterator[str]:
    yield ""
    yield f"## {profile.title}"
    yield ""
    yield f"Takes {profile.ms:.1f} ms when nobody looks (median). The functions are those of the profile `{profile.file}`,"
    yield "for each request; with the profile it takes longer than without, mostly where functions are many and small."
    yield ""
    yield from _table(
        ("function", "calls", "own ms", "ms with what it calls"),
        (
            (f"`{call.place}`", str(call.calls), f"{call.own_ms:.2f}", f"{call.whole_ms:.2f}")
            for call in profile.calls
        ),
    )
    yield ""
    total = sum(said.ms for said in profile.statements)
    yield f"{len(profile.statements)} statements of one request, {total:.2f} ms in all, their rows fetched:"
    yield ""
    yield from _table(
        ("statement", "ms", "rows"),
        ((f"`{said.text[:_FEW]}`", f"{said.ms:.2f}", str(said.rows)) for said in profile.statements),
    )


def _table(heads: tuple[str, ...], lines: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield "| " + " | ".join(heads) + " |"
    yield "|" + "---|" * len(heads)
    for line in lines:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |"


def _amount(amount: float | None, unit: str) -> str:
    if amount is None:
        return "—"
    if unit == "bytes":
        return f"{_whole(round(amount))} B"
    return f"{amount:,.3f} {unit}" if amount < 1 else f"{amount:,.1f} {unit}"


def _ratio(ratio: float) -> str:
    return f"{ratio:,.0f}" if ratio >= 100 else f"{ratio:.2g}" if ratio < 1 else f"{ratio:.1f}"


def _more(value: float | str) -> str:
    return _whole(value) if isinstance(value, int) else str(value)


def _whole(number: int) -> str:
    """1 234 567"""
    return f"{number:,}".replace(",", " ")
