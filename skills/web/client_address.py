"""Where a request comes from, as far as that can be known."""

from fastapi import Request

from skills.settings import Settings


def client_address(request: Request) -> str:
    """The browser's address: the peer's, or the last one in X-Forwarded-For when the peer is the proxy we trust."""
    settings: Settings = request.app.state.settings
    peer = request.client.host if request.client else ""
    if settings.trusted_proxy and peer == settings.trusted_proxy:
        forwarded = ",".join(request.headers.getlist("x-forwarded-for")).rpartition(",")[2].strip()
        return forwarded or peer
    return peer
