"""The page that asks again who sits there, and what it hands back of a form."""

import json
from collections.abc import Mapping

from fastapi import APIRouter, Request, Response

from skills.accounts.closed import closed_sentence, retry_after
from skills.accounts.confirm.confirm import Confirmed, Desk, confirm_session, find_asked
from skills.accounts.forms import ConfirmForm
from skills.accounts.limits import TooMany
from skills.forms import FormErrors, read
from skills.language import gettext as _
from skills.people.viewer import Viewer
from skills.settings import Settings
from skills.web.answers import own_path, see_other
from skills.web.client_address import client_address
from skills.web.device_cookie import device_token
from skills.web.forms import Fields
from skills.web.gate import SignedIn, cookie_name
from skills.web.render import render
from skills.web.session_cookie import give_session
from skills.web.transaction import HashingTurn

router = APIRouter()

NEVER_HANDED_BACK = frozenset({"pw", "pin", "code", "password"})


@router.get("/confirm")
def show_confirm(request: Request, viewer: SignedIn, next: str = "/", again: str = "") -> Response:
    """Asks for the password or the code, and says when a form has to be sent once more afterwards."""
    return _page(request, viewer, {"next": own_path(next), "again": again})


@router.post("/confirm/typed")
def keep_typed(request: Request, viewer: SignedIn, fields: Fields, next: str = "/") -> Response:
    """The same, with what a form had brought; the browser was sent here with it."""
    kept = {name: values for name, values in fields.items() if name not in NEVER_HANDED_BACK}
    return _page(request, viewer, {"next": own_path(next), "typed": json.dumps(kept, ensure_ascii=False)})


@router.post("/confirm")
def confirm(request: Request, viewer: SignedIn, fields: Fields, turn: HashingTurn) -> Response:  # noqa: ARG001
    """Goes on to the page that was asked for, or shows the form with all that it held, to be sent on with one button."""
    form = read(ConfirmForm, fields)
    if isinstance(form, FormErrors):
        return _page(request, viewer, form.values, form.errors, 422)
    settings: Settings = request.app.state.settings
    session = request.cookies.get(cookie_name(settings), "")
    desk = Desk(session, device_token(request), client_address(request))
    proof = form.code or form.pin or form.pw
    outcome = confirm_session(request.app.state.database, viewer.person_id, desk, proof, settings.secret)
    if isinstance(outcome, Confirmed):
        return give_session(request, _go_on(request, viewer, form), outcome.token)
    values = form.model_dump()
    if isinstance(outcome, TooMany):
        sentence = closed_sentence(outcome)
        return _page(request, viewer, values, {"": sentence}, 429, retry_after(outcome))
    return _page(request, viewer, values, {"": _("Chưa đúng. Kiểm tra rồi thử lại.")}, 422)


def _go_on(request: Request, viewer: Viewer, form: ConfirmForm) -> Response:
    typed = _read_typed(form.typed)
    next = own_path(form.next)
    if typed is None:
        return see_other(request, next)
    return render(request, viewer, "accounts/confirmed.html", next=next, typed=typed)


def _read_typed(text: str) -> dict[str, list[str]] | None:
    """The fields again; None when there were none, or when it is not what this page sent: lists within lists without end, or half
    a letter spelt as an escape, are text to JSON and to no page."""
    try:
        told = json.loads(text)
        json.dumps(told, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) and all(map(_are_texts, told.values())) else None


def _are_texts(values: object) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


def _page(
    request: Request,
    viewer: Viewer,
    values: Mapping[str, object],
    errors: dict[str, str] | None = None,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    """What was typed into the form before goes along; the password and the code never come back."""
    with request.app.state.database.reading() as db:
        asked = find_asked(db, viewer.person_id, device_token(request))
    shown = {name: values.get(name, "") for name in ("next", "typed", "again")}
    return render(
        request, viewer, "accounts/confirm.html", status, headers=headers, asked=asked, values=shown,
        errors=errors or {},
    )  # fmt: skip
