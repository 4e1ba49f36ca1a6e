"""What a browser posted, as names with lists of clean strings; `skills.forms.read` makes a form of it."""

import unicodedata
from typing import Annotated

from fastapi import Depends, HTTPException, Request

MOST_FIELDS = 1000
MOST_MARKS = 30  # on one letter, as in Unicode's stream-safe text (UAX #15, 13); Vietnamese needs two
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"  # what is left of bytes that are no UTF-8


async def typed(request: Request) -> dict[str, list[str]]:
    """The posted fields in the order they came, text in form NFC, without control characters except the line break.

    400 for files, too many fields, and text that is no text; 413 for more than the body may hold (see `limits`).
    """
    await (
        request.body()
    )  # kept by the request, so that a transaction may wait for it too, in whatever order a route names them
    try:
        async with request.form(max_files=0, max_fields=MOST_FIELDS) as form:
            posted = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    except (UnicodeError, LookupError):  # a charset of the sender's own
        raise HTTPException(400, "unreadable text") from None
    fields: dict[str, list[str]] = {}
    for name, value in posted:
        fields.setdefault(_clean(name), []).append(_clean(value))
    return fields


def _clean(text: str) -> str:
    if _REPLACEMENT in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise HTTPException(400, "unreadable text")
    text = unicodedata.normalize("NFC", _few_marks(text.replace("\r\n", "\n").replace("\t", " ")))
    return "".join(c for c in text if c == "\n" or unicodedata.category(c) != "Cc")


def _few_marks(text: str) -> str:
    """The text without what is piled onto a letter beyond `MOST_MARKS`: composing takes quadratic time on a long pile, which
    three hundred kilobytes turned into a minute in which nobody was answered."""
    if text.isascii():
        return text
    kept, pile = [], 0
    for character in text:
        pile = pile + 1 if unicodedata.combining(character) else 0
        if pile <= MOST_MARKS:
            kept.append(character)
    return "".join(kept)


Fields = Annotated[dict[str, list[str]], Depends(typed)]
