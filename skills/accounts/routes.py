"""The pages of signing in and out."""

from collections.abc import Mapping
from datetime import datetime

from fastapi import APIRouter, Request, Response

from skills import clock
from skills.accounts.forms import SignInForm
from skills.accounts.limits import TooMany
from skills.accounts.sign_in import SignedIn, sign_in
from skills.forms import FormErrors, read
from skills.language import gettext as _
from skills.people import sessions
from skills.people.sessions import IN_THE_FIELD
from skills.settings import Settings
from skills.web.answers import own_path, see_other
from skills.web.forms import Fields
from skills.web.gate import Anyone, cookie_name
from skills.web.render import render
from skills.web.transaction import Db, HashingTurn

router = APIRouter()


@router.get("/sign-in")
def show_sign_in(request: Request, viewer: Anyone, next: str = "/") -> Response:
    """The page, or straight on for whoever is signed in already."""
    if viewer is not None:
        return see_other(request, own_path(next))
    return _page(request, {"next": own_path(next)})


@router.post("/sign-in")
def start_session(request: Request, viewer: Anyone, fields: Fields, turn: HashingTurn) -> Response:  # noqa: ARG001
    """Goes on to the page that was asked for, with a cookie; or the page again, with the number still in it."""
    form = read(SignInForm, fields)
    if isinstance(form, FormErrors):
        return _page(request, form.values, form.errors, status=422)
    settings: Settings = request.app.state.settings
    outcome = sign_in(request.app.state.database, form, client_address(request), settings.secret)
    if isinstance(outcome, SignedIn):
        return _with_cookie(request, see_other(request, own_path(form.next)), outcome.token)
    values = {"tel": form.tel, "next": own_path(form.next)}
    if isinstance(outcome, TooMany):
        return _closed(request, values, outcome.opens_at)
    return _page(
        request,
        values,
        {
            "": _(
                "Số điện thoại hoặc mật khẩu chưa đúng. Kiểm tra rồi thử lại. Quên mật khẩu thì báo người phụ trách phường."
            )
        },
        status=422,
    )


@router.post("/sign-out")
def end_session(request: Request, viewer: Anyone, db: Db) -> Response:
    """Ends the session on the server and takes the cookie away; what waits on the phone stays there.

    A phone that signed out without a network says later whose session it means, and is answered 204; if somebody else has
    signed in since, they stay.
    """
    meant = request.headers.get("x-person")
    if meant and viewer is not None and meant != str(viewer.person_id):
        return Response(status_code=204)
    settings: Settings = request.app.state.settings
    token = request.cookies.get(cookie_name(settings))
    if token:
        sessions.revoke(db, token)
    answer = Response(status_code=204) if meant else see_other(request, "/sign-in")
    answer.delete_cookie(
        cookie_name(settings), path="/", secure=settings.https, httponly=True, samesite="lax"
    )
    return answer


def client_address(request: Request) -> str:
    """The browser's address: the peer's, or the last one in X-Forwarded-For when the peer is the proxy we trust."""
    settings: Settings = request.app.state.settings
    peer = request.client.host if request.client else ""
    if settings.trusted_proxy and peer == settings.trusted_proxy:
        forwarded = ",".join(request.headers.getlist("x-forwarded-for")).rpartition(",")[2].strip()
        return forwarded or peer
    return peer


def _page(
    request: Request,
    values: Mapping[str, object],
    errors: dict[str, str] | None = None,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    """The password is never sent back; what was typed as a number is."""
    shown = {"tel": values.get("tel", ""), "next": values.get("next", "/")}
    headers = {"Cache-Control": "no-store", **(headers or {})}
    return render(
        request, None, "accounts/sign_in.html", status, headers=headers, values=shown, errors=errors or {}
    )


def _closed(request: Request, values: Mapping[str, object], opens_at: datetime) -> Response:
    """Too many tries: when it opens again, to the minute and never too early."""
    seconds = max(1, round((opens_at - clock.now()).total_seconds()) + 1)
    opens = clock.local(opens_at).strftime("%H:%M:%S")
    sentence = _("Thử quá nhiều lần. Thử lại được từ %(moment)s.") % {"moment": opens}
    return _page(request, values, {"": sentence}, 429, headers={"Retry-After": str(seconds)})


def _with_cookie(request: Request, answer: Response, token: str) -> Response:
    settings: Settings = request.app.state.settings
    answer.set_cookie(
        cookie_name(settings),
        token,
        max_age=int(IN_THE_FIELD.total_seconds()),  # the server ends it sooner for offices
        path="/",
        secure=settings.https,
        httponly=True,
        samesite="lax",
    )
    return answer
