"""What a browser posted, as names with lists of clean strings; `skills.forms.read` makes a form of it."""

from typing import Annotated

from fastapi import Depends, HTTPException, Request

from skills.forms import by_name

MOST_FIELDS = 1000


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
    try:
        return by_name(posted)
    except ValueError:
        raise HTTPException(400, "unreadable text") from None


Fields = Annotated[dict[str, list[str]], Depends(typed)]
