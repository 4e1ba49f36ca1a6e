"""The answers that are no page: go there, or JSON for programs."""

import uuid
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

_OF_AN_ADDRESS = ":/%#?=@[]!$&'()*+,;"


def see_other(request: Request, url: str) -> Response:
    """Sends the browser on after a post. htmx would follow a 303 by itself and be given a fragment of the wrong page, so
    it is told in its own header. A header holds no Vietnamese letters, so they are escaped, as RedirectResponse does."""
    if is_htmx(request):
        return Response(
            status_code=200, headers={"HX-Redirect": quote(url, safe=_OF_AN_ADDRESS), "Vary": "HX-Request"}
        )
    return RedirectResponse(url, status_code=303, headers={"Vary": "HX-Request"})


def is_htmx(request: Request) -> bool:
    """Whether htmx wants a piece of a page: a boosted link or a restored history entry wants the whole of it."""
    headers = request.headers
    return (
        headers.get("hx-request") == "true"
        and headers.get("hx-boosted") != "true"
        and headers.get("hx-history-restore-request") != "true"
    )


def own_path(text: str, otherwise: str = "/") -> str:
    """A path of this site that somebody asked to be sent on to; anything else, and what browsers would read as another
    site ("//…", a backslash), gives `otherwise`."""
    if not text.startswith("/") or text.startswith("//") or "\\" in text or not text.isprintable():
        return otherwise
    return text


def wants_json(request: Request) -> bool:
    """Whether the sender is a program: it accepts JSON, or speaks to the API."""
    return "application/json" in request.headers.get("accept", "") or request.url.path.startswith("/api/")


def problem(
    status: int,
    title: str,
    detail: str,
    type: str = "about:blank",
    fields: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
    **more: Any,
) -> JSONResponse:
    """An error for programs (RFC 9457). `fields`: one sentence by the name of a form's field."""
    body: dict[str, Any] = {"type": type, "title": title, "status": status, "detail": detail, **more}
    if fields is not None:
        body["fields"] = fields
    return JSONResponse(
        body,
        status,
        media_type="application/problem+json",
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


def receipt(
    item: uuid.UUID | str, status: str, version: int, location: str, http_status: int = 200
) -> JSONResponse:
    """What the outbox waits for before it forgets an item. `location`: the address of what was stored."""
    return JSONResponse(
        {"item": str(item), "status": status, "version": version, "location": location},
        http_status,
        headers={"Cache-Control": "no-store"},
    )
