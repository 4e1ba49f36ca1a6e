"""Calls an application without a network: what is timed is the server's own work and nothing of a client."""

import asyncio
import gzip
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from bench.rows import Times


@dataclass(frozen=True)
class Answer:
    """What came back, as it was sent; how long it took until the last byte, and how much of the processor in all threads."""

    status: int
    headers: Mapping[str, str]
    sent: bytes
    ms: float
    cpu_ms: float

    @property
    def body(self) -> bytes:
        """What was sent, unpacked."""
        return gzip.decompress(self.sent) if self.headers.get("content-encoding") == "gzip" else self.sent


@dataclass(frozen=True)
class Ask:
    """A request: an address with its query, and whose cookie or token goes with it. `fields` makes it a post."""

    path: str
    cookie: str = ""
    token: str = ""
    htmx: bool = False
    fields: tuple[tuple[str, str], ...] = ()

    @property
    def headers(self) -> dict[str, str]:
        """As a browser sends them, or a program with its token."""
        headers = {"host": "127.0.0.1:8000", "accept-encoding": "gzip", "accept-language": "vi"}
        if self.cookie:
            headers["cookie"] = f"sid={self.cookie}"
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        if self.htmx:
            headers["hx-request"] = "true"
        if self.fields:  # as the outbox posts
            headers |= {
                "accept": "application/json",
                "content-type": "application/x-www-form-urlencoded",
                "sec-fetch-site": "same-origin",
            }
        return headers

    @property
    def body(self) -> bytes:
        """What is posted."""
        return urlencode(self.fields).encode()


class Refused(RuntimeError):
    """A page that is measured has to be there: a quick error would look like a fast page."""


class Caller:
    """One caller of one application; each request is made when the one before has been answered."""

    def __init__(self, app: Callable[..., Any]) -> None:
        self.app = app
        self.loop = asyncio.Runner()

    def close(self) -> None:
        """Ends the loop in which the application ran."""
        self.loop.close()

    def ask(self, ask: Ask) -> Answer:
        """The answer, whatever it is."""
        return self.loop.run(self._ask(ask))

    def get(self, ask: Ask) -> Answer:
        """The answer; Refused when it is not 200."""
        answer = self.ask(ask)
        if answer.status != 200:
            raise Refused(
                f"{ask.path} answered {answer.status}: {answer.body[:300].decode(errors='replace')}"
            )
        return answer

    def time(self, asks: Iterable[Ask], seconds: float) -> Times:
        """Asks all, in turn, but stops after so many seconds (never before the third)."""
        until = time.monotonic() + seconds
        taken: list[float] = []
        cpu: list[float] = []
        for ask in asks:
            answer = self.get(ask)
            taken.append(answer.ms)
            cpu.append(answer.cpu_ms)
            if len(taken) > 2 and time.monotonic() > until:
                break
        return Times.of(taken, cpu)

    async def _ask(self, ask: Ask) -> Answer:
        path, _, query = ask.path.partition("?")
        body = ask.body
        headers = ask.headers | ({"content-length": str(len(body))} if body else {})
        scope = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "http_version": "1.1",
            "method": "POST" if ask.fields else "GET", "scheme": "http", "path": path, "raw_path": path.encode(),
            "query_string": query.encode(), "root_path": "", "client": ("127.0.0.1", 50_000), "server": ("127.0.0.1", 8000),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }  # fmt: skip
        asked = False
        begun: dict[str, Any] = {}
        pieces: list[bytes] = []

        async def receive() -> dict[str, Any]:
            nonlocal asked
            if asked:
                await asyncio.Event().wait()  # the browser waits, it does not go away
            asked = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                begun.update(message)
            else:
                pieces.append(message.get("body", b""))

        cpu, start = time.process_time(), time.perf_counter()
        await self.app(scope, receive, send)
        ms, cpu_ms = (time.perf_counter() - start) * 1000, (time.process_time() - cpu) * 1000
        told = {name.decode().lower(): value.decode() for name, value in begun["headers"]}
        return Answer(begun["status"], told, b"".join(pieces), ms, cpu_ms)
