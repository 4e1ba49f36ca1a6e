"""Cities for the tests of the demonstration: one to look at, and a small one of each test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from skills.demo import make_city
from tests.demo.made import UNTIL, Made, empty, small


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """A twentieth of the city that `make run` makes, on a day chosen here."""
    database = empty(tmp_path_factory.mktemp("full"))
    make_city(database, households=2_000, visits=6_000, until=UNTIL)
    yield Made(database, UNTIL)
    database.dispose()


@pytest.fixture
def little(tmp_path: Path) -> Iterator[Made]:
    """A small city of this test's own."""
    made = small(tmp_path)
    yield made
    made.database.dispose()
