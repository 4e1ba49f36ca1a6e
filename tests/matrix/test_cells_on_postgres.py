"""Every cell of the table on PostgreSQL: the same rows are reached through other locks, another planner and another dialect."""

from collections.abc import Iterator
from contextlib import suppress

import psycopg
import pytest
from sqlalchemy import make_url

from skills.db import Database
from tests import cast
from tests.matrix.cells import every_cell, never_seen
from tests.matrix.table import Table
from tests.matrix.test_cells import AT_LEAST
from tests.matrix.walk import Walk, walking

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def walk(postgres_server: str, cheap_passwords: None) -> Iterator[Walk]:
    """Over a database of its own, which is dropped afterwards."""
    server = make_url(postgres_server).set(drivername="postgresql")
    plain = server.render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        with suppress(psycopg.errors.InvalidCatalogName):
            connection.execute("DROP DATABASE matrix WITH (FORCE)")
        connection.execute("CREATE DATABASE matrix")
    url = server.set(drivername="postgresql+psycopg", database="matrix").render_as_string(hide_password=False)
    database = Database(url)
    cast.build(database)
    with walking(database, url) as walk:
        yield walk
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute("DROP DATABASE matrix WITH (FORCE)")


def test_every_cell_is_answered_as_the_table_says(walk: Walk, table: Table) -> None:
    """By the same table."""
    assert every_cell(walk, table) == []
    assert walk.sent >= AT_LEAST
    assert never_seen(walk, table) == set()
