"""Requests as a socket carries them, bytes by bytes: what no browser and no library would send can be sent too."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import quote, quote_plus, unquote

import httpx2
from fastapi import FastAPI

Headers = Sequence[tuple[bytes, bytes]]
Pairs = list[tuple[str | bytes, str | bytes]]
FORM = (b"content-type", b"application/x-www-form-urlencoded")
JSON = (b"accept", b"application/json")
HTMX = (b"hx-request", b"true")


class Wire:
    """A connection of one person to the application. `token`: the cookie of somebody who is signed in."""

    def __init__(self, app: FastAPI, loop: asyncio.AbstractEventLoop, who: str, token: str = "") -> None:
        self.app = app
        self.loop = loop
        self.who = who
        self.cookie = b""
        if token:
            self.sign_in(token)

    def sign_in(self, token: str) -> None:
        """From now on with this cookie."""
        self.cookie = f"sid={token}".encode()

    def send(
        self,
        method: str,
        target: str | bytes,
        body: bytes | Iterable[bytes] = b"",
        headers: Headers = (),
        own: bool = True,
    ) -> httpx2.Response:
        """The answer to a request. `target`: path and query, escaped; `own`: sent from a page of ours, with the cookie."""
        raw = target.encode("ascii") if isinstance(target, str) else target
        path, _, query = raw.partition(b"?")
        given = [(b"host", b"testserver"), *headers]
        if own:
            given += [(b"sec-fetch-site", b"same-origin")] + (
                [(b"cookie", self.cookie)] if self.cookie else []
            )
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path.decode("ascii")),  # as uvicorn does it
            "raw_path": path,
            "query_string": query,
            "root_path": "",
            "headers": given,
            "client": ("203.0.113.7", 4711),
            "server": ("testserver", 80),
        }
        pieces = iter([body] if isinstance(body, bytes) else body)
        return self.loop.run_until_complete(self._exchange(scope, pieces))

    async def _exchange(self, scope: dict[str, Any], pieces: Iterator[bytes]) -> httpx2.Response:
        said: list[dict[str, Any]] = []
        ended = False

        async def receive() -> dict[str, Any]:
            nonlocal ended
            if not ended:
                piece = next(pieces, None)  # sent only when it is asked for
                ended = piece is None
                return {"type": "http.request", "body": piece or b"", "more_body": not ended}
            await asyncio.Event().wait()  # whoever asked waits for the answer, for ever if need be
            raise AssertionError

        async def send(message: Any) -> None:
            said.append(message)

        await self.app(scope, receive, send)
        start = said[0]
        return httpx2.Response(
            start["status"],
            headers=[(name, value) for name, value in start["headers"]],
            content=b"".join(message.get("body", b"") for message in said[1:]),
        )


def encoded(pairs: Pairs) -> bytes:
    """As application/x-www-form-urlencoded, bytes that are no text too."""
    return "&".join(f"{_plus(name)}={_plus(value)}" for name, value in pairs).encode()


def escaped(address: str) -> bytes:
    """An address as it goes over the wire."""
    return quote(address, safe="/?&=%:@!$'()*+,;~").encode()


def escaped_value(value: str | bytes) -> str:
    """A part of a path, its slashes too."""
    return quote(value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass"), safe="")


def _plus(value: str | bytes) -> str:
    return quote_plus(value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass"))
