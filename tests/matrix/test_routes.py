"""The table, the list of routes and the application agree: nothing is open that nobody decided on, and nothing is decided that is gone."""

from fastapi import FastAPI

from tests.matrix.requests import BODIES
from tests.matrix.table import ROUTES, Table
from tests.test_gates import gates_of, walk

AT_LEAST = 126  # methods on addresses; raised with every feature, so that a walk that sees less is noticed


def found(app: FastAPI) -> dict[str, list[str]]:
    """Method and path of every route of the application, with its gates; a mount that hides its routes is one."""
    routes: dict[str, list[str]] = {}
    for path, route in walk(app.routes):
        for method in sorted(getattr(route, "methods", None) or {"MOUNT"}):
            routes[f"{method} {path}"] = gates_of(route)
    return routes


def listed() -> list[str]:
    """The committed list."""
    return ROUTES.read_text("utf-8").splitlines()


def test_the_list_names_every_route_and_no_other(app: FastAPI) -> None:
    """A new route is written down in tests/matrix/routes.txt, where a reviewer sees it; one that is gone is taken out."""
    there = found(app)
    assert sorted(there) == listed()
    assert len(there) >= AT_LEAST


def test_the_table_has_a_line_for_every_route_and_no_other(app: FastAPI, table: Table) -> None:
    """Files of the program itself belong to nobody and are asked about nowhere."""
    there = {route for route in found(app) if not route.startswith("MOUNT ")}
    lines = {line.route for line in table.lines}
    assert there - lines == set(), "without a line in tests/matrix/table.txt"
    assert lines - there == set(), "a line for a route that is gone"
    assert [route for route in listed() if route.startswith("MOUNT ")] == ["MOUNT /static"]


def test_the_gates_are_those_of_the_table(app: FastAPI, table: Table) -> None:
    """The gate is the first thing that a reader of the line wants to know."""
    there = found(app)
    assert {line.route: [line.gate] for line in table.lines} == {
        route: gates for route, gates in there.items() if not route.startswith("MOUNT ")
    }


def test_no_line_stands_twice_and_every_write_has_a_body(table: Table) -> None:
    """A write without a body would be refused for the wrong reason."""
    lines = [(line.route, line.about, line.query) for line in table.lines]
    assert len(lines) == len(set(lines))
    writes = {(line.route, line.about) for line in table.lines if line.method != "GET"}
    assert writes == BODIES.keys()
