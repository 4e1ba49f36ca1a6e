"""Does the table bite? Each guard is taken out in turn, the lines of its routes are asked, and some cell has to come out otherwise."""

from collections.abc import Iterator

import pytest

from tests.matrix.cells import unconfirmed
from tests.matrix.guards import GUARDS, weakened, with_rule, without
from tests.matrix.table import Line, Table
from tests.matrix.walk import Walk
from tests.matrix.world import SUBJECTS
from tests.test_gates import gates_of
from tests.test_gates import walk as walk_routes

pytestmark = pytest.mark.prove


def test_every_gate_that_is_taken_out_is_missed(walk: Walk, table: Table) -> None:
    """By the cells of its own route."""
    survivors, taken_out = [], 0
    for path, route in walk_routes(walk.app.routes):
        for method in getattr(route, "methods", None) or ():
            lines = [line for line in table.lines if line.route == f"{method} {path}"]
            for gate in gates_of(route):
                for told, rule in weakened(walk, gate).items():
                    taken_out += 1
                    with with_rule(route, rule):
                        if not any(caught(walk, table, lines)):
                            survivors.append(f"{method} {path}: {told} instead of {gate}")
    print(f"\n{taken_out - len(survivors)} of {taken_out} gates that were taken out were missed")  # noqa: T201
    assert not survivors, "\n".join(survivors)
    assert taken_out >= 60


def test_every_other_guard_that_is_taken_out_is_missed(walk: Walk, table: Table) -> None:
    """By the cells of the routes that it guards."""
    survivors = []
    for guard in GUARDS:
        lines = [line for line in table.lines if line.path.startswith(guard.routes)]
        with without(guard):
            if not any(caught(walk, table, lines)):
                survivors.append(guard.name)
    print(f"\n{len(GUARDS) - len(survivors)} of {len(GUARDS)} guards that were taken out were missed")  # noqa: T201
    assert not survivors, "\n".join(survivors)


def caught(walk: Walk, table: Table, lines: list[Line]) -> Iterator[str]:
    """The complaints about these lines, as they come."""
    for line in lines:
        for subject in SUBJECTS:
            for position in line.positions:
                yield from walk.complaints(line, subject, position, table)
    yield from unconfirmed(walk, lines)
