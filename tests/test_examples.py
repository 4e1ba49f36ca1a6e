"""The examples are really shown, and what is wrong with a parser is really seen: a proof of properties needs a proof itself."""

import importlib

import pytest
from hypothesis import settings
from hypothesis import strategies as st

from skills.text import fold
from tests.examples import EXAMPLES, PROPERTIES, for_every, show
from tests.vietnamese import NAMES

WHERE = (
    "tests.test_text", "tests.test_typed_days", "tests.people.test_phones", "tests.households.test_words", "tests.totals.test_periods",
    "tests.reports.test_query", "tests.visits.test_notes", "tests.visits.test_reading",
)  # fmt: skip
PARSERS = {
    "fold", "tidy", "sort_key", "door_number", "door_key", "lane_of", "lane_name", "query_words", "address", "same_street",
    "parse_phone", "national", "TypedDate", "parse a period", "containing", "Period.name", "Period.before", "Period.months",
    "read_query", "masked", "read_visit",
}  # fmt: skip


def test_every_parser_is_held_to_something() -> None:
    for module in WHERE:
        importlib.import_module(module)
    assert PARSERS - PROPERTIES.keys() == set()


def test_a_fold_that_changes_when_it_is_folded_again_is_seen() -> None:
    def careless(name: str) -> str:
        return fold(name).replace("uu", "u", 1)

    def folding_twice_is_folding_once(name: str) -> None:
        assert careless(careless(name)) == careless(name)

    with pytest.raises(AssertionError):
        show(folding_twice_is_folding_once, {"name": st.text("aư ", max_size=12)})


def test_a_door_out_of_its_order_is_seen() -> None:
    def numbers_sort_by_value(a: int, b: int) -> None:
        assert (str(a) < str(b)) == (a < b)

    with pytest.raises(AssertionError):
        show(numbers_sort_by_value, {"a": st.integers(0, 400), "b": st.integers(0, 400)})


def test_too_few_examples_are_a_failure() -> None:
    """A strategy that runs dry may not pass for a proof."""

    @for_every("planted", letter=st.sampled_from("ab"))
    def runs_dry(letter: str) -> None:
        assert letter in "ab"

    PROPERTIES.pop("planted")
    with pytest.raises(AssertionError, match=f"was shown 2 examples of {EXAMPLES}"):
        runs_dry(lambda _name, _value: None)


def test_as_many_examples_are_shown_as_the_run_asks_for() -> None:
    seen: list[str] = []
    assert show(lambda name: seen.append(name), {"name": NAMES}) >= EXAMPLES
    assert len(seen) >= EXAMPLES
    assert settings.default is not None
    assert (settings.default.deadline, settings.default.max_examples) == (None, EXAMPLES)
