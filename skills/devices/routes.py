"""The second day: who takes the phone, with which PIN; and the list of one's phones, for whoever lost one."""

import uuid
from collections.abc import Mapping
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from skills.accounts.told import tell_pin_off
from skills.devices.forms import PhoneForm, PinForm, SwitchForm
from skills.devices.phones import phones_of, revoke_phone, sign_out_there
from skills.devices.reach import person_in_reach
from skills.devices.set_pin import Differs, Kept, Unproven, Weak, needs_proof, set_pin
from skills.errors import NotAllowed, NotFound
from skills.forms import FormErrors, read, sentence
from skills.language import gettext as _
from skills.language import ngettext
from skills.people.enrolments import Opened, PinOff, WrongPin, has_pin, may_use_pin, people_on, try_pin
from skills.people.models import LoginSession
from skills.people.viewer import Viewer
from skills.web.answers import own_path, see_other
from skills.web.browser_name import browser_name
from skills.web.device_cookie import device_token, keep_device
from skills.web.forms import Fields
from skills.web.gate import Anyone, SignedIn, cookie_name
from skills.web.render import render
from skills.web.session_cookie import give_session
from skills.web.transaction import Db, HashingTurn, ReadDb

router = APIRouter()

MOST = 20  # phones on one page, the ones heard of last


# Whoever takes the phone


@router.get("/switch")
def show_people(request: Request, viewer: Anyone, db: ReadDb, next: str = "/") -> Response:  # noqa: ARG001
    """Who opens this phone with a PIN; the page for signing in where nobody does."""
    return _switch_page(request, db, {"next": own_path(next)})


@router.post("/switch")
def open_with_pin(
    request: Request,
    viewer: Anyone,  # noqa: ARG001
    fields: Fields,
    turn: HashingTurn,  # noqa: ARG001
    db: ReadDb,
) -> Response:
    """Goes on as the chosen person, in place of whoever had the phone; or the page again, with the name still chosen."""
    form = read(SwitchForm, fields)
    if isinstance(form, FormErrors):
        return _switch_page(request, db, form.values, form.errors)
    replaces = request.cookies.get(cookie_name(request.app.state.settings))
    token, database = device_token(request), request.app.state.database
    browser = browser_name(request)
    outcome = try_pin(database, token, form.person, form.pin, tell_pin_off, browser, replaces)
    if isinstance(outcome, Opened):
        answer = see_other(request, own_path(form.next))
        keep_device(request, answer, token or "")
        return give_session(request, answer, outcome.token)
    return _switch_page(request, db, {"person": form.person, "next": form.next}, {"pin": _told(outcome)})


def _told(outcome: object) -> str:
    if isinstance(outcome, WrongPin):
        words = ngettext(
            "Mã PIN chưa đúng. Ghi lại, còn %(n)s lần.",
            "Mã PIN chưa đúng. Ghi lại, còn %(n)s lần.",
            outcome.left,
        )
        return words % {"n": outcome.left}
    if isinstance(outcome, PinOff):
        return _("Mã PIN đã tắt sau 5 lần sai. Gặp tổ trưởng hoặc phường để cấp lại, hoặc dùng mật khẩu.")
    return _("Máy này không mở được bằng mã PIN của người đó. Dùng mật khẩu, hoặc gặp tổ trưởng.")


def _switch_page(
    request: Request, db: Db, values: Mapping[str, object], errors: dict[str, str] | None = None
) -> Response:
    """The PIN is never sent back. Read after the try was counted: who is off by now is shown as off."""
    people = people_on(db, device_token(request))
    asked = own_path(str(values.get("next", "/")))
    if not people and not errors:
        return see_other(request, "/sign-in?" + urlencode({"by": "password", "next": asked}))
    return render(
        request, None, "devices/switch.html", 422 if errors else 200, headers={"Cache-Control": "no-store"},
        people=people, chosen=str(values.get("person", "")), next=asked, errors=errors or {},
        by_password="/sign-in?" + urlencode({"by": "password", "next": asked}),
    )  # fmt: skip


# A PIN of one's own


@router.get("/devices/pin")
def ask_for_pin(request: Request, viewer: SignedIn, db: ReadDb, next: str = "/") -> Response:
    """The form for a PIN on this phone."""
    return _pin_page(request, viewer, db, own_path(next))


@router.post("/devices/pin")
def keep_pin(request: Request, viewer: SignedIn, fields: Fields, turn: HashingTurn, db: ReadDb) -> Response:  # noqa: ARG001
    """From now on the PIN opens this phone; or the form again, with why it can't be that one."""
    form = read(PinForm, fields)
    if isinstance(form, FormErrors):
        return _pin_page(request, viewer, db, own_path(str(form.values.get("next", "/"))), form.errors)
    database, token = request.app.state.database, device_token(request)
    outcome = set_pin(database, viewer, form, token, browser_name(request), proven=not _needs_proof(request))
    asked = own_path(form.next)
    if isinstance(outcome, Kept):
        answer = see_other(request, asked)
        keep_device(request, answer, outcome.token)
        return answer
    if isinstance(outcome, Weak):
        return _pin_page(request, viewer, db, asked, {"pin": _(outcome.sentence)})
    if isinstance(outcome, Differs):
        return _pin_page(request, viewer, db, asked, {"again": sentence(PinForm, "differs")})
    if isinstance(outcome, Unproven):
        return _prove(request)
    return _pin_page(request, viewer, db, asked, {"present": _told(outcome)})


def _pin_page(
    request: Request, viewer: Viewer, db: Db, asked: str, errors: dict[str, str] | None = None
) -> Response:
    """With the present PIN asked for where the last proof is old; whoever has none is sent to prove themselves otherwise."""
    if not may_use_pin(viewer.role):
        raise NotAllowed
    has_one, asks = has_pin(db, device_token(request), viewer.person_id), _needs_proof(request)
    if asks and not has_one and not errors:
        return _prove(request)
    return render(
        request, viewer, "devices/pin.html", 422 if errors else 200, next=asked, errors=errors or {}, has_one=has_one,
        asks=asks,
    )  # fmt: skip


def _needs_proof(request: Request) -> bool:
    session: LoginSession = request.state.session
    return needs_proof(session.confirmed_at)


def _prove(request: Request) -> Response:
    return see_other(request, "/confirm?" + urlencode({"next": "/devices/pin"}))


# One's phones


@router.get("/devices")
def own_phones(request: Request, viewer: SignedIn, db: ReadDb) -> Response:
    """Where one is signed in, and what opens with one's PIN."""
    return _phones_page(request, viewer, db, viewer.person_id)


@router.get("/devices/{person_id}")
def phones_of_person(request: Request, viewer: SignedIn, db: ReadDb, person_id: uuid.UUID) -> Response:
    """The same of somebody within reach."""
    return _phones_page(request, viewer, db, person_id)


@router.post("/devices/{person_id}/sign-outs")
def sign_out_phone(
    request: Request, viewer: SignedIn, fields: Fields, db: Db, person_id: uuid.UUID
) -> Response:
    """Ends the sessions there."""
    person_in_reach(db, viewer, person_id)
    sign_out_there(db, viewer, person_id, _named(fields))
    return see_other(request, _address(viewer, person_id))


@router.post("/devices/{person_id}/revocations")
def lose_phone(request: Request, viewer: SignedIn, fields: Fields, db: Db, person_id: uuid.UUID) -> Response:
    """The phone is lost, or in other hands."""
    person_in_reach(db, viewer, person_id)
    revoke_phone(db, viewer, person_id, _named(fields))
    return see_other(request, _address(viewer, person_id))


def _phones_page(request: Request, viewer: Viewer, db: Db, person_id: uuid.UUID) -> Response:
    person = person_in_reach(db, viewer, person_id)
    session = request.cookies.get(cookie_name(request.app.state.settings))
    return render(
        request, viewer, "devices/index.html", person=person, own=person_id == viewer.person_id,
        phones=phones_of(db, person_id, device_token(request), session), most=MOST, pins=may_use_pin(viewer.role),
    )  # fmt: skip


def _named(fields: Fields) -> str:
    form = read(PhoneForm, fields)
    if isinstance(form, FormErrors):
        raise NotFound  # the page sends it, nobody types it
    return form.phone


def _address(viewer: Viewer, person_id: uuid.UUID) -> str:
    return "/devices" if person_id == viewer.person_id else f"/devices/{person_id}"
