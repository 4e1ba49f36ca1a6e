"""No request is larger than a megabyte, but for files where one is asked for; whoever sends more reads why (413)."""

from collections.abc import Mapping

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST = 1024 * 1024  # bytes


class BodyLimit:
    """Stops reading a body that is too large: at once when it says so itself, else when the limit is passed.

    `files`: the paths to which a file is sent, with the largest body there. Raises inside the route, so that the error gets our
    page: FastAPI's `max_body_size` answers bare English text.
    """

    def __init__(self, app: ASGIApp, largest: int = LARGEST, files: Mapping[str, int] | None = None) -> None:
        self.app = app
        self.largest = largest
        self.files = files or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI interface."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        largest = self.files.get(scope["path"], self.largest)
        declared = Headers(scope=scope).get("content-length", "")
        received = largest + 1 if _is_more(declared, largest) else 0

        async def receive_within_limit() -> Message:
            nonlocal received
            if received <= largest:
                message = await receive()
                received += len(message.get("body", b""))
                if received <= largest:
                    return message
            raise HTTPException(413, "content too large")

        await self.app(scope, receive_within_limit, send)


def _is_more(declared: str, largest: int) -> bool:
    """Whether a Content-Length says more than that. Digits are counted first: Python reads no number of thousands of them."""
    return declared.isdecimal() and (
        len(declared.lstrip("0")) > len(str(largest)) or int(declared[-20:]) > largest
    )
