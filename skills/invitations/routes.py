"""The pages of bringing people in: the list and its cards for who invites, and the page of the link for who comes in."""

import uuid
from collections.abc import Collection, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from pydantic import BeforeValidator

from skills import clock
from skills.db import Database, Session
from skills.forms import FormErrors, area_number, read
from skills.invitations.accept import CameIn, Chosen, Closed, NumberTaken, Open, State, accept, look
from skills.invitations.bring_back import find_known, invite_back
from skills.invitations.cards import cards, places_of
from skills.invitations.codes import TooManyTries, WrongCode, exchange, give_code
from skills.invitations.find import choices, find_waiting, waiting
from skills.invitations.forms import NewInvitation, Ticked, TypedCode, read_chosen
from skills.invitations.invite import REFUSALS, Invited, Refused, invite, reissue, revoke
from skills.language import gettext as _
from skills.people.phones import national
from skills.people.viewer import Viewer
from skills.people.words import role_name
from skills.settings import Settings
from skills.web.answers import see_other
from skills.web.browser_name import browser_name
from skills.web.client_address import client_address
from skills.web.device_cookie import device_token, keep_device
from skills.web.forms import Fields
from skills.web.gate import Anyone, MayInvite, MayInviteConfirmed, cookie_name
from skills.web.render import render
from skills.web.session_cookie import give_session
from skills.web.transaction import Db, HashingTurn, ReadDb

router = APIRouter()

AreaPicked = Annotated[int | None, BeforeValidator(lambda typed: area_number(typed) if typed else None)]
Token = Annotated[str, Path(max_length=200)]

# 404: there never was such a card, or it was printed anew. 410: it was there and is over. 409: somebody else is signed in here.
_STATUS = {State.UNKNOWN: 404, State.FOR_ANOTHER: 409}
_BESIDE = {"name": "full_name", "phone": "tel", "account": "tel", "team": "team", "level": "role"}


# Who invites


@router.get("/invitations")
def index(request: Request, viewer: MayInvite, db: ReadDb) -> Response:
    """Who was invited and has not come in yet, with what can be done about each."""
    return _list(request, viewer, db)


@router.get("/invitations/new")
def new(request: Request, viewer: MayInvite, db: ReadDb, area: AreaPicked = None) -> Response:
    """The form for one person; whoever looks after several areas picks one first."""
    return _form(request, viewer, db, {"area": area})


@router.post("/invitations")
def create(request: Request, viewer: MayInvite, fields: Fields, db: Db) -> Response:
    """The card of who was invited, shown this once; or the form again, with a sentence beside each field."""
    form = read(NewInvitation, fields)
    if isinstance(form, FormErrors):
        return _form(request, viewer, db, form.values, form.errors)
    try:
        invited = invite(
            db, viewer, full_name=form.full_name, phone=form.tel, role=form.role, area_id=form.area, team_id=form.team
        )  # fmt: skip
    except Refused as refused:
        errors = {_BESIDE.get(refused.code, ""): _(REFUSALS[refused.code])}
        return _form(request, viewer, db, form.model_dump(), errors)
    return _shown_once(request, viewer, db, invited)


@router.get("/invitations/cards")
def choose_cards(request: Request, viewer: MayInvite) -> Response:  # noqa: ARG001
    """Printing makes every link anew, which no GET does: this leads to where the cards are chosen."""
    return see_other(request, "/invitations")


@router.post("/invitations/cards")
def print_cards(request: Request, viewer: MayInvite, fields: Fields) -> Response:
    """Cards to print, eight on a page, with new links: what was printed before for these people is worth nothing now.

    Has a transaction of its own: hundreds of codes take seconds to draw, and others write meanwhile.
    """
    form, database = read(Ticked, fields), _database(request)
    if isinstance(form, FormErrors):
        with database.reading() as db:
            return _list(request, viewer, db, fields.get("which", []), form.errors)
    with database.writing() as db:
        made = reissue(db, viewer, find_waiting(db, viewer, form.which))
        sheet = cards(db, made, _settings(request).base_url)
    return render(request, viewer, "invitations/cards.html", cards=sheet)


@router.post("/invitations/{invitation_id}/reissue")
def make_anew(request: Request, viewer: MayInvite, invitation_id: uuid.UUID, db: Db) -> Response:
    """The card of one invitation with a new link and a code, for another day."""
    made = reissue(db, viewer, find_waiting(db, viewer, [invitation_id]))
    return _shown_once(request, viewer, db, made[0]) if made else see_other(request, "/invitations")


@router.post("/invitations/{invitation_id}/revocation")
def take_back(request: Request, viewer: MayInvite, invitation_id: uuid.UUID, db: Db) -> Response:
    """Nobody comes in with it any more."""
    for invitation in find_waiting(db, viewer, [invitation_id]):
        revoke(db, viewer, invitation)
    return see_other(request, "/invitations")


@router.get("/invitations/return/{person_id}")
def ask_back(request: Request, viewer: MayInviteConfirmed, person_id: uuid.UUID, db: ReadDb) -> Response:
    """Whom it is about, and what ends when the card is used."""
    known = find_known(db, viewer, person_id)
    return render(request, viewer, "invitations/return.html", known=known, role=role_name(known.role))


@router.post("/invitations/return/{person_id}")
def help_back(request: Request, viewer: MayInviteConfirmed, person_id: uuid.UUID, db: Db) -> Response:
    """The card with which the person comes back in, shown this once. Their account is in whose hands it is: an open page of the office is no proof."""
    return _shown_once(request, viewer, db, invite_back(db, viewer, person_id))


# Who comes in


@router.get("/join")
def show_code_page(request: Request, viewer: Anyone) -> Response:  # noqa: ARG001
    """Where a short code is typed."""
    return _code_page(request, {})


@router.post("/join")
def take_code(request: Request, viewer: Anyone, fields: Fields, db: Db) -> Response:  # noqa: ARG001
    """On to the invitation behind a code; a wrong one is counted and said without saying what of it was wrong."""
    form = read(TypedCode, fields)
    if isinstance(form, FormErrors):
        return _code_page(request, form.values, form.errors, 422)
    outcome = exchange(db, form.tel, form.code, client_address(request), _settings(request).secret)
    if isinstance(outcome, str):
        return see_other(request, f"/join/{outcome}")
    return _wrong_code(request, {"tel": form.tel}, outcome)


@router.get("/join/{token}")
def show_invitation(request: Request, viewer: Anyone, token: Token, db: ReadDb) -> Response:
    """What the invitation is for. Opening it changes nothing, whoever or whatever does."""
    seen = look(db, token, viewer)
    return (
        _join_page(request, viewer, db, token, seen)
        if isinstance(seen, Open)
        else _closed(request, viewer, seen)
    )


@router.post("/join/{token}")
def use_invitation(
    request: Request,
    viewer: Anyone,
    token: Token,
    fields: Fields,
    turn: HashingTurn,  # noqa: ARG001
    db: Db,
) -> Response:
    """In, and straight on to the first page; or the page again, with the name still in it."""
    seen = look(db, token, viewer)
    if isinstance(seen, Closed):
        return _closed(request, viewer, seen)
    chosen = read_chosen(fields, seen)
    if isinstance(chosen, FormErrors):
        return _join_page(request, viewer, db, token, seen, chosen.values, chosen.errors)
    return _use(request, viewer, db, token, seen, chosen, fields)


# Parts of the above


def _use(
    request: Request, viewer: Viewer | None, db: Session, token: str, seen: Open, chosen: Chosen, fields: Fields
) -> Response:  # fmt: skip
    session = request.cookies.get(cookie_name(_settings(request)))
    try:
        key = _settings(request).secret
        came = accept(db, seen, chosen, browser_name(request), device_token(request), session, key)
    except NumberTaken:
        taken = _("Số này đã có tài khoản. Nếu là của mình, xin người phụ trách thẻ trở lại.")
        # as it was typed: the number that was read out of it has another form
        values = {"full_name": chosen.full_name, "tel": "".join(fields.get("tel", [])[-1:])}
        return _join_page(request, viewer, db, token, seen, values, {"tel": taken})
    return _let_in(request, came) if isinstance(came, CameIn) else _closed(request, viewer, came)


def _let_in(request: Request, came: CameIn) -> Response:
    """With the cookies of a phone; an office signs in with its new password, and with a second factor."""
    if came.session is None or came.device is None:
        return see_other(request, "/sign-in")
    answer = give_session(request, see_other(request, "/"), came.session)
    keep_device(request, answer, came.device)
    return answer


def _join_page(
    request: Request,
    viewer: Viewer | None,
    db: Session,
    token: str,
    seen: Open,
    values: Mapping[str, Any] | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    invitation = seen.invitation
    shown = {"full_name": invitation.full_name, "tel": ""} | dict(values or {})
    return render(
        request, viewer, "invitations/join.html", 422 if errors else 200, headers=_PRIVATE, token=token,
        seen=seen, invitation=invitation, place=places_of(db, [invitation])[invitation.id], role=role_name(invitation.role), phone=national(invitation.phone) if invitation.phone else "",
        values=shown, errors=errors or {},
    )  # fmt: skip


def _closed(request: Request, viewer: Viewer | None, closed: Closed) -> Response:
    """Why nobody comes in with it, and what to do next. Whoever used it is sent on to the first page."""
    invitation = closed.invitation
    if closed.state is State.USED and viewer and invitation and viewer.person_id == invitation.used_by:
        return see_other(request, "/")
    status = _STATUS.get(closed.state, 410)
    return render(
        request, viewer, "invitations/closed.html", status, headers=_PRIVATE, state=closed.state, invitation=invitation
    )  # fmt: skip


def _list(
    request: Request,
    viewer: Viewer,
    db: Session,
    ticked: Collection[str] = (),
    errors: dict[str, str] | None = None,
) -> Response:
    """Everybody whose card still holds is ticked beforehand; after an error, `ticked` are."""
    return render(
        request,
        viewer,
        "invitations/index.html",
        422 if errors else 200,
        waiting=waiting(db, viewer),
        ticked=ticked,
        errors=errors or {},
    )


def _form(
    request: Request,
    viewer: Viewer,
    db: Session,
    values: Mapping[str, Any],
    errors: dict[str, str] | None = None,
) -> Response:
    area = values.get("area")
    picked = area if isinstance(area, int) else area_number(str(area)) if area else None
    offered = choices(db, viewer, picked)
    shown = {"full_name": "", "tel": "", "role": "", "team": ""} | {
        name: value or "" for name, value in values.items()
    }
    return render(
        request,
        viewer,
        "invitations/new.html",
        422 if errors else 200,
        offered=offered,
        values=shown,
        errors=errors or {},
    )


def _shown_once(request: Request, viewer: Viewer, db: Session, invited: Invited) -> Response:
    settings = _settings(request)
    code = give_code(db, invited.invitation_id, settings.secret) or ""
    card = cards(db, [invited], settings.base_url, code)[0]
    return render(request, viewer, "invitations/card.html", card=card)


def _code_page(
    request: Request,
    values: Mapping[str, Any],
    errors: dict[str, str] | None = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The number that was typed stays; the code never does."""
    shown = {"tel": values.get("tel", "")}
    told = {**_PRIVATE, **(headers or {})}
    return render(
        request, None, "invitations/code.html", status, headers=told, values=shown, errors=errors or {}
    )


def _wrong_code(request: Request, values: Mapping[str, Any], outcome: WrongCode | TooManyTries) -> Response:
    if isinstance(outcome, WrongCode):
        wrong = _("Số điện thoại hoặc mã chưa đúng, hoặc mã đã quá 10 phút. Xem lại, hoặc xin mã mới.")
        return _code_page(request, values, {"": wrong}, 422)
    seconds = max(1, round((outcome.opens_at - clock.now()).total_seconds()) + 1)
    often = _("Thử quá nhiều lần. Xin người phụ trách mở thẻ mới, mã mới dùng được ngay.")
    return _code_page(request, values, {"": often}, 429, {"Retry-After": str(seconds)})


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


_PRIVATE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
