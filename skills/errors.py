"""What the house may refuse, in the words of the domain; `skills/web/errors.py` turns each into a page or problem+json."""

from typing import Any


class NotFound(Exception):
    """The thing is absent, or outside the asking person's area: the two must look the same (404)."""


class NotAllowed(Exception):
    """The thing is inside the person's area, but this role may not do that to it (403)."""


class Conflict(Exception):
    """The same item or visit is already stored with other content (409). Carries what the page needs to offer a way on."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


class Busy(Exception):
    """Storage can't take a write now: locked, full or read-only (503 with Retry-After). Nothing was stored."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
