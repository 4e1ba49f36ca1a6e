"""The pages of signing in and out."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlencode

from anyio import sleep as pause
from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool

from skills import clock
from skills.accounts.closed import closed_sentence, retry_after
from skills.accounts.confirm import routes as confirm
from skills.accounts.enter import HalfSignedIn, SignedIn
from skills.accounts.forms import SignInForm
from skills.accounts.limits import DELAY, TooMany, besieged
from skills.accounts.second_factor import routes as second_factor
from skills.accounts.second_factor.routes import from_of, let_in
from skills.accounts.sign_in import sign_in
from skills.db import Database
from skills.forms import FormErrors, read
from skills.language import gettext as _
from skills.people import sessions
from skills.people.enrolments import people_on
from skills.settings import Settings
from skills.web.answers import own_path, see_other
from skills.web.client_address import client_address
from skills.web.device_cookie import device_token
from skills.web.forms import Fields
from skills.web.gate import Anyone, cookie_name
from skills.web.render import render
from skills.web.session_cookie import take_session
from skills.web.transaction import Db, HashingTurn, ReadDb

router = APIRouter()
router.include_router(second_factor.router)
router.include_router(confirm.router)


async def unhurried(request: Request) -> None:
    """While more fail than a whole city mistypes, every sign-in waits a little, without holding a thread or a turn."""
    settings: Settings = request.app.state.settings
    database: Database = request.app.state.database

    def is_besieged() -> bool:
        with database.reading() as db:
            return besieged(db, settings.secret, clock.now())

    if await run_in_threadpool(is_besieged):
        await pause(DELAY)


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
def start_session(
    request: Request,
    viewer: Anyone,  # noqa: ARG001
    fields: Fields,
    delay: Annotated[None, Depends(unhurried)],  # noqa: ARG001
    turn: HashingTurn,  # noqa: ARG001
) -> Response:
    """Goes on to the page that was asked for, with a cookie; or the page again, with the number still in it."""
    form = read(SignInForm, fields)
    if isinstance(form, FormErrors):
        return _page(request, form.values, form.errors, status=422)
    settings: Settings = request.app.state.settings
    outcome = sign_in(request.app.state.database, form, client_address(request), settings, from_of(request))
    if isinstance(outcome, SignedIn | HalfSignedIn):
        return let_in(request, outcome, form.next)
    values = {"tel": form.tel, "next": own_path(form.next)}
    if isinstance(outcome, TooMany):
        return _page(request, values, {"": closed_sentence(outcome)}, 429, retry_after(outcome))
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
