"""The pages of the code: giving it after the password, setting it up, and what is left on paper."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from skills.accounts.closed import closed_sentence, retry_after
from skills.accounts.enter import From, HalfSignedIn, SignedIn, finish, must_have_one
from skills.accounts.forms import CodeForm, SetUpForm
from skills.accounts.limits import TooMany
from skills.accounts.second_factor.check import Right, check_code
from skills.accounts.second_factor.set_up import (
    Offer,
    find_held,
    forget,
    is_set_up,
    offer,
    renew_codes,
    set_up,
)
from skills.db import Database
from skills.errors import NotAllowed
from skills.forms import N_, FormErrors, read
from skills.language import gettext as _
from skills.people.viewer import Viewer
from skills.settings import Settings
from skills.web.answers import own_path, see_other
from skills.web.browser_name import browser_name
from skills.web.client_address import client_address
from skills.web.device_cookie import device_token, keep_device
from skills.web.forms import Fields
from skills.web.gate import HalfSignedIn as Half
from skills.web.gate import SignedInConfirmed, cookie_name
from skills.web.render import render
from skills.web.session_cookie import give_half_session, give_session
from skills.web.transaction import Db, ReadDb

router = APIRouter()

_ACCOUNT, _AT_SIGN_IN = "/account/second-factor", "/sign-in/second-factor"
_WRONG = N_("Mã chưa đúng, đã dùng rồi hoặc đã cũ. Chờ mã mới trong ứng dụng rồi ghi lại.")


def from_of(request: Request) -> From:
    """The browser behind a request, for whoever signs in with it."""
    session = request.cookies.get(cookie_name(request.app.state.settings))
    return From(browser_name(request), device_token(request), session)


def let_in(request: Request, outcome: SignedIn | HalfSignedIn, next: str = "/") -> Response:
    """The answer to who has shown who they are: on with a session, or to the page of the code with half of one. Whoever is here for
    the first time, and wants nothing in particular, is offered a PIN."""
    next = own_path(next)
    if isinstance(outcome, SignedIn):
        offers_pin = outcome.new_here and next == "/"
        return _welcome(request, see_other(request, "/devices/pin" if offers_pin else next), outcome)
    page = "/sign-in/code" if outcome.set_up else _AT_SIGN_IN
    query = "" if next == "/" else "?" + urlencode({"next": next})
    return give_half_session(request, see_other(request, page + query), outcome.token)


def _welcome(request: Request, answer: Response, signed_in: SignedIn) -> Response:
    if signed_in.device_token:
        keep_device(request, answer, signed_in.device_token)
    return give_session(request, answer, signed_in.token)


# After the password


@router.get("/sign-in/code")
def show_code(request: Request, half: Half, next: str = "/") -> Response:  # noqa: ARG001
    """Asks for the code."""
    return _code_page(request, {"next": own_path(next)})


@router.post("/sign-in/code")
def give_code(request: Request, half: Half, fields: Fields) -> Response:
    """A session; or the page again. Whoever used a code from paper is told how many are left."""
    form = read(CodeForm, fields)
    if isinstance(form, FormErrors):
        return _code_page(request, form.values, form.errors, 422)
    database, settings = _parts(request)
    outcome = check_code(database, half.person_id, form.code, client_address(request), settings.secret)
    if isinstance(outcome, Right):
        with database.writing() as db:
            signed_in = finish(db, half.person_id, from_of(request))
        if outcome.left is None:
            return let_in(request, signed_in, form.next)
        next = own_path(form.next)
        page = _render(request, None, "accounts/recovery_codes.html", codes=[], left=outcome.left, next=next)
        return _welcome(request, page, signed_in)
    values = {"next": form.next}
    if isinstance(outcome, TooMany):
        return _code_page(request, values, {"code": closed_sentence(outcome)}, 429, retry_after(outcome))
    return _code_page(request, values, {"code": _(_WRONG)}, 422)


@router.get(_AT_SIGN_IN)
def show_set_up_at_sign_in(request: Request, half: Half, db: ReadDb, next: str = "/") -> Response:
    """For who has to have a second factor and has none: the only page there is until it is set up."""
    if is_set_up(db, half.person_id):
        return see_other(request, "/sign-in/code")
    offered = offer(db, half.person_id, _parts(request)[1].secret)
    return _set_up_page(request, None, _AT_SIGN_IN, offered, own_path(next))


@router.post(_AT_SIGN_IN)
def set_up_at_sign_in(request: Request, half: Half, fields: Fields, db: Db) -> Response:
    """Ten codes for paper, and a session."""
    form, key = read(SetUpForm, fields), _parts(request)[1].secret
    if is_set_up(db, half.person_id):
        return see_other(request, "/sign-in/code")
    values = form.values if isinstance(form, FormErrors) else form.model_dump()
    codes = None if isinstance(form, FormErrors) else set_up(db, half.person_id, form.sealed, form.code, key)
    next = own_path(str(values.get("next", "/")))
    if codes is None:
        errors = form.errors if isinstance(form, FormErrors) else {"code": _(_WRONG)}
        offered = offer(db, half.person_id, key, str(values.get("sealed", "")))
        return _set_up_page(request, None, _AT_SIGN_IN, offered, next, errors, 422)
    page = _render(request, None, "accounts/recovery_codes.html", codes=codes, left=len(codes), next=next)
    return _welcome(request, page, finish(db, half.person_id, from_of(request)))


# At an open session


@router.get(_ACCOUNT)
def show(request: Request, viewer: SignedInConfirmed, db: ReadDb) -> Response:
    """What is set up; or the square to set it up with."""
    held, settings = find_held(db, viewer.person_id), _parts(request)[1]
    if held is None:
        return _set_up_page(request, viewer, _ACCOUNT, offer(db, viewer.person_id, settings.secret), _ACCOUNT)
    may_stop = not (settings.second_factor_required and must_have_one(db, viewer.person_id))
    return render(request, viewer, "accounts/second_factor.html", held=held, may_stop=may_stop)


@router.post(_ACCOUNT)
def start(request: Request, viewer: SignedInConfirmed, fields: Fields, db: Db) -> Response:
    """Ten codes for paper, shown once."""
    form, key = read(SetUpForm, fields), _parts(request)[1].secret
    if is_set_up(db, viewer.person_id):
        return see_other(request, _ACCOUNT)
    if isinstance(form, FormErrors):
        offered = offer(db, viewer.person_id, key, str(form.values.get("sealed", "")))
        return _set_up_page(request, viewer, _ACCOUNT, offered, _ACCOUNT, form.errors, 422)
    codes = set_up(db, viewer.person_id, form.sealed, form.code, key)
    if codes is None:
        offered = offer(db, viewer.person_id, key, form.sealed)
        return _set_up_page(request, viewer, _ACCOUNT, offered, _ACCOUNT, {"code": _(_WRONG)}, 422)
    return _render(
        request, viewer, "accounts/recovery_codes.html", codes=codes, left=len(codes), next=_ACCOUNT
    )


@router.post(_ACCOUNT + "/recovery-codes")
def renew(request: Request, viewer: SignedInConfirmed, db: Db) -> Response:
    """Ten new codes for paper; the old ones end."""
    if not is_set_up(db, viewer.person_id):
        return see_other(request, _ACCOUNT)
    codes = renew_codes(db, viewer.person_id, _parts(request)[1].secret)
    return _render(
        request, viewer, "accounts/recovery_codes.html", codes=codes, left=len(codes), next=_ACCOUNT
    )


@router.post(_ACCOUNT + "/removal")
def stop(request: Request, viewer: SignedInConfirmed, db: Db) -> Response:
    """The password alone from now on, for who may do without."""
    if _parts(request)[1].second_factor_required and must_have_one(db, viewer.person_id):
        raise NotAllowed
    forget(db, viewer.person_id, viewer.person_id)
    return see_other(request, _ACCOUNT)


def _parts(request: Request) -> tuple[Database, Settings]:
    return request.app.state.database, request.app.state.settings


def _render(
    request: Request, viewer: Viewer | None, template: str, status: int = 200, **context: Any
) -> Response:
    """A page with a secret on it, which no browser keeps."""
    return render(request, viewer, template, status, headers={"Cache-Control": "no-store"}, **context)


def _code_page(
    request: Request,
    values: Mapping[str, object],
    errors: dict[str, str] | None = None,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    headers = {"Cache-Control": "no-store", **(headers or {})}
    next = values.get("next", "/")
    return render(
        request, None, "accounts/code.html", status, headers=headers, next=next, errors=errors or {}
    )


def _set_up_page(
    request: Request,
    viewer: Viewer | None,
    action: str,
    offered: Offer,
    next: str,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    return _render(
        request, viewer, "accounts/set_up.html", status, action=action, offer=offered, next=next,
        errors=errors or {},
    )  # fmt: skip
