"""What is held for every text, day or number, and how many of them it was really held against.

`@for_every("fold", text=…)` makes a test out of a property: hypothesis thinks of the examples, and the test fails when it was
shown fewer than asked for. `make test` shows each property a hundred, the same ones in every run; `make prove` sets
TUNGNHA_TEST_EXAMPLES to 10 000, and thinks of new ones each time. A run by `make prove` ends with how many each parser saw.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import SearchStrategy

AT_LEAST = 100
EXAMPLES = int(os.environ.get("TUNGNHA_TEST_EXAMPLES", AT_LEAST))
PROPERTIES: Counter[str] = Counter()  # how many properties each parser is held to

Record = Callable[[str, object], None]


def choose_profile() -> None:
    """Sets how every test with hypothesis runs: never by the clock, and in `make test` without chance."""
    settings.register_profile(
        "tungnha",
        max_examples=EXAMPLES,
        derandomize=EXAMPLES <= AT_LEAST,  # a commit is not held up by an example of another change
        deadline=None,
        database=None,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow],  # said of a machine, not of the program
    )
    settings.load_profile("tungnha")


def for_every(parser: str, **strategies: SearchStrategy[Any]) -> Callable[[Callable[..., None]], Any]:
    """Makes a test of a property of that parser; it is held against EXAMPLES examples, and they are counted."""
    PROPERTIES[parser] += 1

    def make(holds: Callable[..., None]) -> Callable[[Record], None]:
        def test(record_property: Record) -> None:
            shown = show(holds, strategies)
            record_property("examples", [parser, shown])
            assert shown >= EXAMPLES, f"{parser} was shown {shown} examples of {EXAMPLES}"

        test.__name__, test.__qualname__ = holds.__name__, holds.__qualname__
        test.__module__, test.__doc__ = holds.__module__, holds.__doc__
        return test

    return make


def show(holds: Callable[..., None], strategies: dict[str, SearchStrategy[Any]]) -> int:
    """How many examples a property was held against; raises what the property raises, for the smallest that it fails for."""
    shown = 0

    @wraps(holds)
    def counted(**example: Any) -> None:
        nonlocal shown
        holds(**example)
        shown += 1

    given(**strategies)(counted)()
    return shown


def counted_in(reports: Iterable[pytest.TestReport]) -> list[str]:
    """A line for each parser: how many examples it was shown, in how many properties."""
    shown: Counter[str] = Counter()
    properties: Counter[str] = Counter()
    told: list[Any] = [value for one in reports for name, value in one.user_properties if name == "examples"]
    for parser, examples in told:
        shown[parser] += examples
        properties[parser] += 1
    return [
        f"{parser}: {shown[parser]:,} examples in {n} properties".replace(",", " ")
        for parser, n in sorted(properties.items())
    ]
