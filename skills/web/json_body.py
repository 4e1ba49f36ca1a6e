"""What a program posted as JSON, unpacked when it came compressed."""

import json
import zlib
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request

MOST_UNPACKED = 4 * 1024 * 1024  # bytes
_GZIP = 31  # window bits of zlib for the format of RFC 1952


async def read_json(request: Request) -> Any:
    """The body as Python values. 400 for what is no JSON or packed in another way than gzip, 413 for more than 4 MB unpacked (1 MB as sent, see `body_limit`)."""
    body = await request.body()
    encoding = request.headers.get("content-encoding", "").strip().lower()
    if encoding not in ("", "identity", "gzip"):
        raise HTTPException(400, "unknown content encoding")
    try:
        return json.loads(_unpacked(body) if encoding == "gzip" else body)
    except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
        raise HTTPException(400, "unreadable JSON") from None


def _unpacked(body: bytes) -> bytes:
    unpacking = zlib.decompressobj(_GZIP)
    try:
        whole = unpacking.decompress(body, MOST_UNPACKED + 1)
    except zlib.error:
        raise ValueError("no gzip") from None
    if len(whole) > MOST_UNPACKED:
        raise HTTPException(413, "content too large")
    if not unpacking.eof:
        raise ValueError("cut gzip")
    return whole


Json = Annotated[Any, Depends(read_json)]
