"""The cookie of a signed-in browser, given and taken away in one place, so that its marks are the same everywhere."""

from fastapi import Request, Response

from skills.people import half_signed_in
from skills.people.sessions import AT_MOST
from skills.settings import Settings
from skills.web.gate import cookie_name, half_cookie_name


def give_session(request: Request, answer: Response, token: str) -> Response:
    """Puts the session's token into the browser; the server ends it sooner for offices."""
    settings: Settings = request.app.state.settings
    _give(answer, cookie_name(settings), token, int(AT_MOST.total_seconds()), settings.https)
    _end_half(request, answer)
    return answer


def give_half_session(request: Request, answer: Response, token: str) -> Response:
    """Puts the note in that a password was right; it opens the page of the code."""
    settings: Settings = request.app.state.settings
    life = int(half_signed_in.LIFE.total_seconds())
    _give(answer, half_cookie_name(settings), token, life, settings.https)
    return answer


def take_session(request: Request, answer: Response) -> Response:
    """Takes both out of the browser."""
    settings: Settings = request.app.state.settings
    _take(answer, cookie_name(settings), settings.https)
    _end_half(request, answer)
    return answer


def _end_half(request: Request, answer: Response) -> None:
    settings: Settings = request.app.state.settings
    if half_cookie_name(settings) in request.cookies:
        _take(answer, half_cookie_name(settings), settings.https)


def _give(answer: Response, name: str, token: str, seconds: int, https: bool) -> None:
    answer.set_cookie(name, token, max_age=seconds, path="/", secure=https, httponly=True, samesite="lax")


def _take(answer: Response, name: str, https: bool) -> None:
    answer.delete_cookie(name, path="/", secure=https, httponly=True, samesite="lax")
