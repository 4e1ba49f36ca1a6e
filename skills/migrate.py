"""Brings a database to the newest schema, from nothing or from any earlier release."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from skills.db import Database

ROOT = Path(__file__).resolve().parent.parent


def upgrade(database: Database, to: str = "head") -> None:
    """Runs the migrations that this database has not seen; one that is up to date is left alone."""
    with database.writer.connect() as connection:
        command.upgrade(_config(connection), to)
        connection.commit()


def downgrade(database: Database, to: str = "base") -> None:
    """Takes migrations back, latest first."""
    with database.writer.connect() as connection:
        command.downgrade(_config(connection), to)
        connection.commit()


def check(database: Database) -> None:
    """Raises when the tables in the code and the migrations do not agree."""
    with database.writer.connect() as connection:
        command.check(_config(connection))


def _config(connection: object) -> Config:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["connection"] = connection
    return config
