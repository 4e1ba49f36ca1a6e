"""The cookie of a signed-in browser, given and taken away in one place, so that its marks are the same everywhere."""

from fastapi import Request, Response

from skills.people.sessions import AT_MOST
from skills.settings import Settings
from skills.web.gate import cookie_name


def give_session(request: Request, answer: Response, token: str) -> Response:
    """Puts the session's token into the browser; the server ends it sooner, when it is not used."""
    settings: Settings = request.app.state.settings
    answer.set_cookie(
        cookie_name(settings),
        token,
        max_age=int(AT_MOST.total_seconds()),
        path="/",
        secure=settings.https,
        httponly=True,
        samesite="lax",
    )
    return answer


def take_session(request: Request, answer: Response) -> Response:
    """Takes it out of the browser."""
    settings: Settings = request.app.state.settings
    answer.delete_cookie(
        cookie_name(settings), path="/", secure=settings.https, httponly=True, samesite="lax"
    )
    return answer
