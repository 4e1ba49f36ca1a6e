"""What a browser posted, as names with lists of clean strings; `skills.forms.read` makes a form of it."""

import unicodedata
from typing import Annotated

from fastapi import Depends, HTTPException, Request

MOST_FIELDS = 1000
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"  # what is left of bytes that are no UTF-8


async def typed(request: Request) -> dict[str, list[str]]:
    """The posted fields in the order they came, text in form NFC, without control characters except the line break.

    400 for files, too many fields, and text that is no text; 413 for more than the body may hold (see `limits`).
    """
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
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\t", " "))
    return "".join(c for c in text if c == "\n" or unicodedata.category(c) != "Cc")


Fields = Annotated[dict[str, list[str]], Depends(typed)]
