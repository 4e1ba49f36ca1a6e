"""A walk over the world on each kind of database. One serves all tests of a file: what a request changes is undone after it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from skills.db import Database
from tests import cast
from tests.matrix.table import Table, read
from tests.matrix.walk import Walk, walking


@pytest.fixture(scope="session")
def table() -> Table:
    """The table as it is committed."""
    return read()


@pytest.fixture(scope="module")
def cheap_passwords() -> Iterator[None]:
    """What a password costs is no matter here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("skills.people.passwords._CONTEXT", cast.CHEAP)
        yield


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory, cheap_passwords: None) -> Iterator[Walk]:
    """On SQLite."""
    yield from on_sqlite(tmp_path_factory.mktemp("matrix"))


def on_sqlite(folder: Path) -> Iterator[Walk]:
    """A walk over a world in a file of its own."""
    file = cast.template(folder)
    url = f"sqlite:///{file}"
    with walking(Database(url), url) as walk:
        yield walk
