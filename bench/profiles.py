"""Where the time of one visit and of one report goes: functions by the time they take with all that they call, and statements."""

import cProfile
import pstats
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import anyio.to_thread

from bench.call import Ask
from bench.ground import Ground
from bench.rows import Call, Profiled
from bench.visits import ask_to_save

ROOT = Path(__file__).resolve().parents[1]
_SHOWN = 40
_BUILT_IN = 0.02  # share of the time from which a function without a file is worth a line
_CALLED = 10  # requests in a profile at most, so that one odd door doesn't decide it


def profile_report(ground: Ground, folder: Path) -> Profiled:
    """The report of the city for the running month, the whole page."""
    cookie, _city = ground.cast.city
    asks = [Ask("/reports", cookie)]
    return _profiled(ground, "One report: the city's page of the running month", asks, folder / "report.prof")


def profile_visit(ground: Ground, folder: Path) -> Profiled:
    """A visit as the pages post it, until its receipt; in the largest wards, where whatever grows has grown most."""
    goers = ground.cast.ward_leads[:3]
    asks = [ask_to_save(ground, goers[place % len(goers)], "met") for place in range(2 * _CALLED + 3)]
    return _profiled(
        ground,
        "One visit in a large ward: somebody was met, POST /visits until the receipt",
        asks,
        folder / "visit.prof",
    )


def _profiled(ground: Ground, title: str, asks: list[Ask], file: Path) -> Profiled:
    """Each request is made once only: a visit that is sent again is nothing new."""
    times = min(_CALLED, max(ground.effort.repetitions // 3, 1))
    left = iter(asks if asks[0].fields else asks * (2 * times + 3))
    plain = sorted(ground.caller.get(next(left)).ms for _ in range(times))[times // 2]
    ground.heard.get(next(left))
    with ground.watch.listening() as said:
        ground.heard.get(next(left))
    statements = tuple(one for one in said if one.text != "BEGIN")
    profile = cProfile.Profile()
    with _in_one_thread():
        ground.caller.get(next(left))
        for _ in range(times):
            ask = next(left)
            profile.enable()
            ground.caller.get(ask)
            profile.disable()
    file.parent.mkdir(parents=True, exist_ok=True)
    profile.dump_stats(file)
    return Profiled(title, plain, _calls(profile, times), statements, file.name)


@contextmanager
def _in_one_thread() -> Iterator[None]:
    """Routes run in a pool of threads, and a profile sees one thread: so they run where the profile is."""

    async def run_here(work: Callable[..., Any], *given: Any, **_how: Any) -> Any:
        return work(*given)

    with patch.object(anyio.to_thread, "run_sync", run_here):
        yield


def _calls(profile: cProfile.Profile, times: int) -> tuple[Call, ...]:
    """The functions that take longest with what they call, for each request; the frame around all of them left out."""
    stats: dict[Any, Any] = vars(pstats.Stats(profile))["stats"]
    total = sum(own for _primitive, _calls, own, _whole, _callers in stats.values())
    found = [
        Call(_place(where), round(calls / times), own * 1000 / times, whole * 1000 / times)
        for where, (_primitive, calls, own, whole, _callers) in stats.items()
        if not _is_frame(where) and (where[0] != "~" or own > total * _BUILT_IN)
    ]
    return tuple(sorted(found, key=lambda call: -call.whole_ms)[:_SHOWN])


def _is_frame(where: tuple[str, int, str]) -> bool:
    """What only hands the request on: it takes as long as everything beneath it, and says nothing."""
    file = where[0]
    parts = (
        "asyncio",
        "selectors",
        "contextlib",
        "starlette",
        "fastapi",
        "anyio",
        "functools",
        "contextvars",
    )
    return Path(file).is_relative_to(ROOT / "bench") or any(part in file for part in parts)


def _place(where: tuple[str, int, str]) -> str:
    file, line, name = where
    if file == "~":
        return name
    path = Path(file)
    if path.is_relative_to(ROOT) and "site-packages" not in file:
        return f"{path.relative_to(ROOT)}:{line} {name}"
    return f"{'/'.join(path.parts[-2:])}:{line} {name}"
