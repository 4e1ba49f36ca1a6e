"""No request is larger than a megabyte, and whoever sends more reads why (413)."""

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST = 1024 * 1024  # bytes


class BodyLimit:
    """Stops reading a body that is too large: at once when it says so itself, else when the limit is passed.

    Raises inside the route, so that the error gets our page: FastAPI's `max_body_size` answers bare English text.
    """

    def __init__(self, app: ASGIApp, largest: int = LARGEST) -> None:
        self.app = app
        self.largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI interface."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "")
        received = self.largest + 1 if _is_more(declared, self.largest) else 0

        async def receive_within_limit() -> Message:
            nonlocal received
            if received <= self.largest:
                message = await receive()
                received += len(message.get("body", b""))
                if received <= self.largest:
                    return message
            raise HTTPException(413, "content too large")

        await self.app(scope, receive_within_limit, send)


def _is_more(declared: str, largest: int) -> bool:
    """Whether a Content-Length says more than that. Digits are counted first: Python reads no number of thousands of them."""
    return declared.isdecimal() and (
        len(declared.lstrip("0")) > len(str(largest)) or int(declared[-20:]) > largest
    )
