"""Before the program, where phones hand in: knows every batch on its way, and keeps an answer back as long as a test wants.

It sees handing in as the server does: from a page or a worker, and whether anybody still waits for the answer.
"""

import asyncio
import gzip
import json
from dataclasses import dataclass, field
from typing import Any

PAGE, WORKER = "a page", "the worker"


@dataclass
class Batch:
    """One handing in: who sent it, its items, what the program said of each. Over when its answer is out, or nobody waits for it."""

    sender: str
    items: list[str]
    beside: list["Batch"] = field(repr=False)  # the others that were on their way when it came
    said: list[str] = field(default_factory=list)
    over: bool = False
    broken_off: bool = False

    def break_off(self) -> None:
        """Nobody waits for the answer any more, if it is not out."""
        self.broken_off = not self.over
        self.over = True


@dataclass
class Desk:
    """An ASGI application around the program. It takes one item at a time, so a queue goes in several batches, and keeps back the
    answer to the second: by then the server has that item, and the phone does not know."""

    program: Any
    batches: list[Batch] = field(default_factory=list)
    keeps_back: bool = True

    @property
    def taken(self) -> list[Batch]:
        """The batches that reached the program."""
        return [batch for batch in self.batches if len(batch.items) == 1]

    @property
    def holds_one(self) -> bool:
        """Whether an answer lies here while its sender waits."""
        return any(batch.said and not batch.over for batch in self.batches)

    @property
    def most_at_once(self) -> int:
        """How many senders there were at the same moment, at most. Whose page is gone is none, though the line says so a little later."""
        alive = ([other for other in batch.beside if not other.broken_off] for batch in self.batches)
        return 1 + max(map(len, alive), default=0)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Handing in passes through here; everything else goes straight to the program."""
        if scope["type"] != "http" or scope["path"] != "/api/v1/sync":
            await self.program(scope, receive, send)
            return
        body = await _whole(receive)
        batch = self._noted(dict(scope["headers"]).get(b"referer", b""), body)
        gone = asyncio.ensure_future(receive())  # done when the sender has broken off
        gone.add_done_callback(lambda _gone: batch.break_off())
        if len(batch.items) > 1:
            batch.over = True
            await send({"type": "http.response.start", "status": 413, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body"})
        else:
            await self.program(scope, _again(body, gone), self._slowly(batch, gone, send))
        gone.cancel()

    def _noted(self, referer: bytes, body: bytes) -> Batch:
        items = [each["item"] for each in json.loads(_unpacked(body))["items"]]
        beside = [batch for batch in self.batches if not batch.over]
        self.batches.append(Batch(WORKER if referer.endswith(b"/sw.js") else PAGE, items, beside))
        return self.batches[-1]

    def _second(self) -> Batch | None:
        return self.taken[1] if len(self.taken) > 1 else None

    def _slowly(self, batch: Batch, gone: asyncio.Future[Any], send: Any) -> Any:
        async def answer(told: Any) -> None:
            if told["type"] == "http.response.body":
                batch.said = [each["status"] for each in json.loads(_unpacked(told["body"]))["results"]]
                while self.keeps_back and batch is self._second() and not gone.done():
                    await asyncio.sleep(0.01)
                batch.over = True  # before the last byte: what comes in answer to it is not beside it
            await send(told)

        return answer


async def _whole(receive: Any) -> bytes:
    body, more = b"", True
    while more:
        told = await receive()
        body, more = body + told.get("body", b""), told.get("more_body", False)
    return body


def _again(body: bytes, gone: asyncio.Future[Any]) -> Any:
    unread = [{"type": "http.request", "body": body}]

    async def receive() -> Any:
        return unread.pop() if unread else await asyncio.shield(gone)

    return receive


def _unpacked(body: bytes) -> bytes:
    return gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body
