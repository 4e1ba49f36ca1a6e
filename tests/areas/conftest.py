"""A small city of its own for each test: the real map, loaded once and copied."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session

from skills.areas import models
from skills.areas.load import load
from skills.db import Database, Row, table_of

TABLES = [
    table_of(table)
    for table in (models.Area, models.AreaParent, models.AreaSuccession, models.Block, models.AreaBlock)
]


@pytest.fixture(scope="session")
def loaded_map(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file that holds the map as it ships, and nothing else."""
    file = tmp_path_factory.mktemp("map") / "map.db"
    database = Database(f"sqlite:///{file}")
    Row.metadata.create_all(database.writer, tables=TABLES)
    with database.writing() as db:
        load(db)
    database.dispose()
    return file


@pytest.fixture
def db(loaded_map: Path, tmp_path: Path) -> Iterator[Session]:
    """One writing transaction on a copy of the map."""
    file = shutil.copy(loaded_map, tmp_path / "map.db")
    database = Database(f"sqlite:///{file}")
    with database.writing() as session:
        yield session
    database.dispose()
