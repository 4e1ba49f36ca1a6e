"""The pages of signing in and out."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from skills import clock
from skills.accounts.forms import SignInForm
from skills.accounts.limits import TooMany
from skills.accounts.sign_in import From, SignedIn, sign_in
from skills.forms import FormErrors, read
from skills.language import gettext as _
from skills.people import sessions
from skills.people.enrolments import people_on
from skills.settings import Settings
from skills.web.answers import own_path, see_other
from skills.web.browser_name import browser_name
from skills.web.device_cookie import device_token, keep_device
from skills.web.forms import Fields
from skills.web.gate import Anyone, cookie_name
from skills.web.render import render
from skills.web.session_cookie import give_session, take_session
from skills.web.transaction import Db, HashingTurn, ReadDb

router = APIRouter()


@router.get("/sign-in")
def show_sign_in(request: Request, viewer: Anyone, db: ReadDb, next: str = "/", by: str = "") -> Response:
    """The page, or straight on for whoever is signed in already. A phone that people open with a PIN shows who they are first,
    and leads here from there (`by` a password)."""
    if viewer is not None and by != "password":
        return see_other(request, own_path(next))
    if by != "password" and people_on(db, device_token(request)):
        return see_other(
            request, "/switch" if next == "/" else "/switch?" + urlencode({"next": own_path(next)})
        )
    return _page(request, {"next": own_path(next)})


@router.post("/sign-in")
def start_session(request: Request, viewer: Anyone, fields: Fields, turn: HashingTurn) -> Response:  # noqa: ARG001
    """Goes on to the page that was asked for, with a cookie; or the page again, with the number still in it."""
    form = read(SignInForm, fields)
    if isinstance(form, FormErrors):
        return _page(request, form.values, form.errors, status=422)
    settings: Settings = request.app.state.settings
    browser = From(browser_name(request), device_token(request), request.cookies.get(cookie_name(settings)))
    outcome = sign_in(request.app.state.database, form, client_address(request), settings.secret, browser)
    if isinstance(outcome, SignedIn):
        return _welcome(request, outcome, own_path(form.next))
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
    return take_session(request, answer)


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


def _welcome(request: Request, signed_in: SignedIn, goes_to: str) -> Response:
    """Goes on with the cookies. Whoever is here for the first time, and wants nothing in particular, is offered a PIN."""
    offers_pin = signed_in.new_here and goes_to == "/"
    answer = see_other(request, "/devices/pin" if offers_pin else goes_to)
    if signed_in.device_token:
        keep_device(request, answer, signed_in.device_token)
    return give_session(request, answer, signed_in.token)
