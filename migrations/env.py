"""How Alembic reaches the database: the program's own engine and the program's own tables."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context

from skills.db import NAMES, Database, UtcDateTime
from skills.settings import settings
from skills.tables import ALL  # noqa: F401 - reading it makes every table known


def spell(kind: str, thing: Any, _autogen: Any) -> str | Literal[False]:
    """A migration spells plain SQLAlchemy types, never our code, so that it means the same for ever."""
    if kind == "type" and isinstance(thing, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and type(thing).__module__.startswith("sqlmodel"):
        return f"sa.String(length={thing.length})" if thing.length else "sa.String()"
    return False


def run(connection: sa.Connection) -> None:
    """Runs the migrations on a connection, in one transaction."""
    context.configure(
        connection=connection,
        target_metadata=NAMES,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=spell,
        compare_type=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    database = Database(context.config.get_main_option("sqlalchemy.url") or settings().database_url)
    with database.writer.connect() as own:
        run(own)
        own.commit()
    database.dispose()
