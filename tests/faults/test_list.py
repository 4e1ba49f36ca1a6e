"""The list of faults is true: each number of the design is tried by something that is there, or is left out with a reason."""

import ast
from collections.abc import Collection, Iterable
from pathlib import Path

from tests.faults.faults import ALL, AT_HANDING_IN, IN_A_BROWSER, LEFT_OUT, ON_A_FILE
from tests.faults.life import KINDS
from tests.faults.run import Wanted

ROOT = Path(__file__).parents[2]
DESIGNED = range(1, 35)
IN_EVERY_RUN = {
    "old_schema": "the only one yet, so that of every item",
    "same_base": "corrections and voids of one visit by several phones",
}
IN_THE_LONG_PROOFS = ("sync_fails", "failover")


def test_each_number_of_the_design_has_its_place() -> None:
    tried = {fault.number for fault in ALL} | {number for number, _title, _test in IN_A_BROWSER}
    assert without_a_place(tried - {30}, LEFT_OUT) == {30}
    assert without_a_place(tried, LEFT_OUT) == set()
    assert not tried & LEFT_OUT.keys(), "tried, and called left out"


def test_what_is_tried_in_a_browser_is_tried_there() -> None:
    named = [test for _number, _title, test in IN_A_BROWSER]
    assert not_there([*named, "tests/browser/test_queue.py::test_nothing"]) == {"tests/browser/test_queue.py::test_nothing"}  # fmt: skip
    assert not_there(named) == set()


def test_what_is_tried_in_the_harness_is_tried_there() -> None:
    """At a handing in, in what is saved, or in the world; two of the world in the long proofs alone."""
    proofs = (Path(__file__).parent / "test_faults.py").read_text()
    world = {*Wanted().world, *(name for name in IN_THE_LONG_PROOFS if f'"{name}"' in proofs)}
    for fault in ALL:
        known: Collection[str] = {"content": {*KINDS, *IN_EVERY_RUN}, "world": world}.get(
            fault.where, {*AT_HANDING_IN, *ON_A_FILE}
        )
        assert fault.name in known, fault


def without_a_place(tried: Collection[int], left_out: Collection[int]) -> set[int]:
    """The numbers of the design that nothing is said of."""
    return set(DESIGNED) - set(tried) - set(left_out)


def not_there(tests: Iterable[str]) -> set[str]:
    """Those of `file::function` whose file has no such function."""
    return {test for test in tests if test.partition("::")[2] not in _functions(test.partition("::")[0])}


def _functions(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text())
    return {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}
