"""The second day: who takes the phone, with which PIN; and the list of one's phones, for whoever lost one."""

import uuid
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from skills import clock
from skills.devices.forms import PhoneForm, PinForm, SwitchForm
from skills.devices.phones import phones_of, revoke_phone, sign_out_there
from skills.devices.reach import person_in_reach
from skills.errors import NotAllowed, NotFound
from skills.forms import FormErrors, read, sentence
from skills.language import gettext as _
from skills.language import ngettext
from skills.people.enrolments import (
    Opened,
    PinOff,
    WrongPin,
    flaw,
    has_pin,
    may_use_pin,
    people_on,
    remember,
    try_pin,
)
from skills.people.models import LoginSession, Person
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
FRESH = timedelta(minutes=30)  # since the last proof of who it is, for whoever sets a PIN


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
    outcome = try_pin(database, token, form.person, form.pin, browser_name(request), replaces)
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
    return _pin_page(request, viewer, db, own_path(next)) if _proven(request) else _prove(request)


@router.post("/devices/pin")
def keep_pin(request: Request, viewer: SignedIn, fields: Fields, turn: HashingTurn, db: Db) -> Response:  # noqa: ARG001
    """From now on the PIN opens this phone; or the form again, with why it can't be that one."""
    if not _proven(request):
        return _prove(request)
    form = read(PinForm, fields)
    errors = form.errors if isinstance(form, FormErrors) else _flaws(db, viewer, form)
    asked = own_path(str(form.values.get("next", "/") if isinstance(form, FormErrors) else form.next))
    if isinstance(form, FormErrors) or errors:
        return _pin_page(request, viewer, db, asked, errors)
    answer = see_other(request, asked)
    _may_have_pin(viewer)
    keep_device(
        request,
        answer,
        remember(db, device_token(request), viewer.person_id, form.pin, browser_name(request)),
    )
    return answer


def _flaws(db: Db, viewer: Viewer, form: PinForm) -> dict[str, str]:
    why = flaw(form.pin, db.get_one(Person, viewer.person_id).phone)
    if why is not None:
        return {"pin": _(why)}
    return {} if form.pin == form.again else {"again": sentence(PinForm, "differs")}


def _pin_page(
    request: Request, viewer: Viewer, db: Db, asked: str, errors: dict[str, str] | None = None
) -> Response:
    _may_have_pin(viewer)
    return render(
        request, viewer, "devices/pin.html", 422 if errors else 200, next=asked, errors=errors or {},
        has_one=has_pin(db, device_token(request), viewer.person_id),
    )  # fmt: skip


def _may_have_pin(viewer: Viewer) -> None:
    if not may_use_pin(viewer.role):
        raise NotAllowed


def _proven(request: Request) -> bool:
    """A phone that somebody left open must not get a PIN of another's choosing."""
    session: LoginSession = request.state.session
    return clock.now() - session.confirmed_at < FRESH


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
