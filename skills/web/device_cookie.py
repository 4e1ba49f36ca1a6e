"""The cookie by which a browser is known as a phone that people were enrolled on. Alone it opens nothing."""

from datetime import timedelta

from fastapi import Request, Response

from skills.settings import Settings

KEPT = timedelta(days=400)  # the longest that browsers keep a cookie


def device_token(request: Request) -> str | None:
    """The token of this browser, or None before anybody was enrolled in it."""
    return request.cookies.get(_name(request))


def keep_device(request: Request, answer: Response, token: str) -> None:
    """Gives the browser its token, or the one it has for another 400 days."""
    settings: Settings = request.app.state.settings
    answer.set_cookie(
        _name(request),
        token,
        max_age=int(KEPT.total_seconds()),
        path="/",
        secure=settings.https,
        httponly=True,
        samesite="lax",
    )


def _name(request: Request) -> str:
    """`__Host-device` over https: a browser takes that name only with Secure, for this host alone."""
    settings: Settings = request.app.state.settings
    return "__Host-device" if settings.https else "device"
