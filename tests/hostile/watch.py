"""Sees what a request stored: whether the file changed at all, and which tables were written to, each asked in another way."""

import hashlib
import re
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import event

from skills.db import Database

_WRITES = re.compile(r'\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)


class Watch:
    """Over the writer of one application and its SQLite file."""

    def __init__(self, database: Database, file: Path) -> None:
        self._pending: set[str] = set()
        self._written: set[str] = set()
        self._observer = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        self._seen = self._version()
        event.listen(database.writer, "before_cursor_execute", self._note)
        event.listen(database.writer, "commit", self._keep)
        event.listen(database.writer, "rollback", self._forget)

    def stored(self) -> frozenset[str]:
        """The tables that changed since this was asked last. SQLite itself says whether anything was committed; "?" stands
        for a change that came past the statements we listened to."""
        version, written = self._version(), frozenset(self._written)
        changed, self._seen = version != self._seen, version
        self._written.clear()
        return (written or frozenset({"?"})) if changed else frozenset()

    def whole(self) -> dict[str, str]:
        """A digest of every table."""
        names = [
            name for (name,) in self._observer.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        return {name: self._digest(name) for name in names}

    def close(self) -> None:
        """Lets go of the file."""
        self._observer.close()

    def _version(self) -> int:
        return int(self._observer.execute("PRAGMA data_version").fetchone()[0])

    def _digest(self, table: str) -> str:
        rows = self._observer.execute(f'SELECT * FROM "{table}"')
        return hashlib.sha256("\n".join(map(repr, rows)).encode("utf-8", "surrogatepass")).hexdigest()

    def _note(self, _connection: Any, _cursor: Any, text: str, *_more: Any) -> None:
        written = _WRITES.match(text)
        if written:
            self._pending.add(written[1])

    def _keep(self, _connection: Any) -> None:
        self._written |= self._pending
        self._pending.clear()

    def _forget(self, _connection: Any) -> None:
        self._pending.clear()
