"""Only our own pages may change something: asked of the headers that browsers set, so that a page which waited a week
offline holds no stale token."""

from asgi_cross_origin_protection import CrossOriginProtection
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from skills.web.errors import deny_cross_origin


class OwnPagesOnly:
    """Refuses unsafe methods unless Sec-Fetch-Site, or else Origin, names this site; neither header is refused too.

    A request with a bearer token passes: no other site can make a browser send one.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.guarded = CrossOriginProtection(
            app, deny_app=deny_cross_origin, allow_unverifiable_requests=False
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI interface."""
        app = self.app if _has_token(scope) else self.guarded
        await app(scope, receive, send)


def _has_token(scope: Scope) -> bool:
    return scope["type"] == "http" and Headers(scope=scope).get("authorization", "").lower().startswith(
        "bearer "
    )
