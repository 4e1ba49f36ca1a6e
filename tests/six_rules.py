"""The six rules of the tables that grow (architecture 4), held against every statement that any test makes the program run.

A statement that joins two facts without their ward, walks facts recursively, or writes a fact of a ward that is not locked is
refused on the spot, so the test that ran it fails where it ran it. So is a statement that would take something out of the trail of
changes, or alter it.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Delete, Engine, Insert, Select, Table, Update, event
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import BinaryExpression
from sqlalchemy.sql.expression import CTE

from skills.tables import FACTS

WARD_COLUMNS = {"ward_id", "to_ward_id"}
TRAIL = {"audit_entry", "read_entry", "day_seal"}  # only ever added to
CHAINED = TRAIL | {"audit_head"}  # written under the lock of the chain's head, not of the ward
_ALTERS = re.compile(
    rf"^\s*(UPDATE|DELETE\s+FROM|REPLACE\s+INTO|INSERT\s+OR\s+REPLACE\s+INTO|TRUNCATE(\s+TABLE)?|MERGE\s+INTO)\s+(ONLY\s+)?\W*({'|'.join(sorted(TRAIL))})\b"
    rf"|^\s*INSERT\s+INTO\s+\W*({'|'.join(sorted(TRAIL))})\b.*\bON\s+CONFLICT\b",
    re.IGNORECASE | re.DOTALL,
)
seen: set[str] = set()  # statements already found good


class RuleBroken(AssertionError):
    """A statement that would be wrong on Citus, or unsafe without the single writer."""


def look_at(statement: Any, text: str) -> None:
    """Refuses a statement that breaks rule 4: joins between facts carry the ward; no recursive query over facts."""
    if text in seen or not isinstance(statement, Select | Insert | Update | Delete):
        return
    for part in visitors.iterate(statement):
        if (
            isinstance(part, CTE)
            and part.recursive
            and any(_fact(inner) for inner in visitors.iterate(part.element))
        ):
            raise RuleBroken(f"a recursive query over facts:\n{text}")
    equal = _equal_wards(statement)
    for part in visitors.iterate(statement):
        if isinstance(part, Select):
            facts = {
                source for outer in part.get_final_froms() for source in _sources(outer) if _fact(source)
            }
            if len({_root(equal, fact) for fact in facts}) > 1:
                raise RuleBroken(
                    f"facts joined without their ward: {sorted(_name(fact) for fact in facts)}\n{text}"
                )
    seen.add(text)


def look_at_trail(text: str) -> None:
    """Refuses what alters the trail or takes something out of it, in whatever way it is written."""
    if _ALTERS.match(text):
        raise RuleBroken(f"the trail is only added to:\n{text}")


def _sources(source: Any) -> Iterator[Any]:
    """The tables and aliases of a FROM, through joins but not into subqueries, which are looked at by themselves."""
    if hasattr(source, "left") and hasattr(source, "right"):
        yield from _sources(source.left)
        yield from _sources(source.right)
    else:
        yield source


def _fact(source: Any) -> bool:
    return _name(source) in FACTS


def _name(source: Any) -> str:
    """The table's name under any alias; "" for a subquery."""
    while not isinstance(source, Table) and hasattr(source, "element"):
        source = source.element
    return source.name if isinstance(source, Table) else ""


def _equal_wards(statement: Any) -> dict[Any, Any]:
    """Which tables share their ward, as a union-find: columns set equal to one another, or to the same given value."""
    parent: dict[Any, Any] = {}
    for part in visitors.iterate(statement):
        if isinstance(part, BinaryExpression) and part.operator is operators.eq:
            sides = [_ward_of(part.left), _ward_of(part.right)]
            if all(side is not None for side in sides):
                parent[_root(parent, sides[0])] = _root(parent, sides[1])
    return parent


def _ward_of(side: Any) -> Any:
    """The table whose ward this is, or the given value it is compared with; None for anything else."""
    table = getattr(side, "table", None)
    if table is not None and getattr(side, "key", "") in WARD_COLUMNS:
        return table
    return ("value", getattr(side, "value", None)) if type(side).__name__ == "BindParameter" else None


def _root(parent: dict[Any, Any], node: Any) -> Any:
    while node in parent and parent[node] is not node:
        node = parent[node]
    return node


def look_at_locks(connection: Any, statement: Any, rows: list[dict[str, Any]], text: str) -> None:
    """Refuses a fact written to a ward whose lock this transaction does not hold (rule 5). On PostgreSQL only: SQLite's writer
    holds them all."""
    held: set[int] = connection.info.setdefault("wards held", set())
    table = getattr(getattr(statement, "table", None), "name", "")
    if isinstance(statement, Insert) and table == "ward_lock":
        wanted = [ward for row in rows for ward in row.values()]
        if "DO UPDATE" not in text or wanted != sorted(set(wanted)):
            raise RuleBroken(f"no lock, or locked out of order: {wanted}\n{text}")
        if held and wanted and not set(wanted) <= held and min(set(wanted) - held) < max(held):
            raise RuleBroken(f"wards locked out of order: {wanted} while {sorted(held)} are held")
        chains: set[int] = connection.info.setdefault("chains held", set())
        if chains and not set(wanted) <= held:
            raise RuleBroken(f"wards {wanted} locked after the trail was written in {sorted(chains)}")
        held.update(wanted)
        return
    if isinstance(statement, Select) and "audit_head" in text and "FOR UPDATE" in text:
        _look_at_chain(connection, held, {value for row in rows for value in row.values()})
        return
    if isinstance(statement, Insert) and table in TRAIL:
        written = {row["ward_id"] for row in rows}
        if not written <= connection.info.get("chains held", set()):
            raise RuleBroken(f"{table} written, and the chain's head is not locked:\n{text}")
    if isinstance(statement, Insert) and table in FACTS - CHAINED:
        touched = {
            row[name] for row in rows for name in row if name == "ward_id" or name.startswith("ward_id_m")
        }
        if touched - held:
            raise RuleBroken(
                f"{table} written under wards {sorted(touched - held)}, locked are {sorted(held)}:\n{text}"
            )


def _look_at_chain(connection: Any, wards: set[int], wanted: set[int]) -> None:
    """Chains are opened in ascending order, unless the locks of their wards keep everybody else away."""
    held: set[int] = connection.info.setdefault("chains held", set())
    new = wanted - held
    if held and new and min(new) < max(held) and not new <= wards:
        raise RuleBroken(f"chains opened out of order: {sorted(new)} while {sorted(held)} are held")
    held |= new


_watching = True


@contextmanager
def unwatched() -> Iterator[None]:
    """For a proof that takes a lock away on purpose."""
    global _watching
    _watching = False
    yield
    _watching = True


@pytest.fixture(scope="session", autouse=True)
def every_statement_keeps_the_rules() -> Iterator[None]:
    """Looks at what is sent to any database during the tests; a test that breaks a rule on purpose says so (`unwatched`)."""

    def before(connection: Any, _cursor: Any, text: str, _parameters: Any, context: Any, _many: bool) -> None:
        if not _watching:
            return
        look_at_trail(text)
        if context is None or context.compiled is None:
            return
        look_at(context.compiled.statement, text)
        if connection.dialect.name == "postgresql":
            look_at_locks(connection, context.compiled.statement, context.compiled_parameters, text)

    def forget(connection: Any) -> None:
        if not connection.invalidated:  # a server that went away took its locks along
            connection.info.pop("wards held", None)
            connection.info.pop("chains held", None)

    event.listen(Engine, "before_cursor_execute", before)
    event.listen(Engine, "commit", forget)
    event.listen(Engine, "rollback", forget)
    yield
    event.remove(Engine, "before_cursor_execute", before)
    event.remove(Engine, "commit", forget)
    event.remove(Engine, "rollback", forget)
