"""The hashes of the trail. They are keyed with the program's secret: whoever can write the database can't recompute them."""

import hmac
import json
import re
from datetime import UTC, datetime

from skills.settings import settings

BEGINNING = "0" * 64

_WORD = re.compile(r"[a-z][a-z0-9_.]{0,39}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_THING = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,59}")
_TELEPHONE = re.compile(r"(?:84|0)\d{9,10}")


def keyed(*told: object) -> str:
    """HMAC-SHA-256 over all that is told, in its order, as 64 hexadecimal digits. Written as JSON, so that no two lists look alike."""
    written = json.dumps([_plain(each) for each in told], ensure_ascii=True, separators=(",", ":"))
    return hmac.new(b"trail of changes " + settings().secret.encode(), written.encode(), "sha256").hexdigest()


def word(text: str) -> str:
    """The text, if it is a word of the code ("person.dismissed"). ValueError for anything that a person could have typed."""
    return _only(_WORD, text)


def name(text: str) -> str:
    """The text, if it may be the name of a field. ValueError for anything else."""
    return _only(_NAME, text)


def thing(subject: object) -> str:
    """What something was done to, as text: a UUID, a number, a code. ValueError for a name or a telephone number."""
    text = _only(_THING, str(subject))
    if _TELEPHONE.fullmatch(text):
        raise ValueError("a telephone number does not belong into the trail")
    return text


def _only(allowed: re.Pattern[str], text: str) -> str:
    if not allowed.fullmatch(text):
        raise ValueError("only words of the code and ids belong into the trail")  # the text is not repeated
    return text


def _plain(each: object) -> str | int | None:
    """A moment in UTC to the microsecond, which both databases keep; ids and days as text."""
    if each is None or isinstance(each, int | str):
        return each
    if isinstance(each, datetime):
        return each.astimezone(UTC).isoformat(timespec="microseconds")
    return str(each)
