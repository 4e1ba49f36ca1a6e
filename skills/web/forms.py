"""What a browser posted, as names with lists of clean strings; `skills.forms.read` makes a form of it."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, HTTPException, Request
from starlette.datastructures import UploadFile

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


@dataclass(frozen=True)
class Upload:
    """A file and the fields beside it. `data` is empty when none was chosen."""

    fields: dict[str, list[str]]
    file_name: str
    data: bytes


async def uploaded(request: Request) -> Upload:
    """The only file of a form, and what was typed beside it. 400 for several files or text that is no text; 413 as everywhere."""
    await request.body()
    try:
        async with request.form(max_files=1, max_fields=20) as form:
            posted = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
            files = [value for _name, value in form.multi_items() if isinstance(value, UploadFile)]
            file_name, data = (files[0].filename or "", await files[0].read()) if files else ("", b"")
        return Upload(by_name(posted), file_name, data)
    except (UnicodeError, LookupError, ValueError):
        raise HTTPException(400, "unreadable text") from None


Uploaded = Annotated[Upload, Depends(uploaded)]
