"""The gate in every route's signature: who may come in. Where they may look is asked of the Viewer, by the finders.

A route names exactly one gate, and a test walks all routes to see that it does. Whoever is not signed in is sent to
/sign-in (pages) or told 401 (programs); whoever is, and may not, is told 403.
"""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from skills import clock
from skills.db import Database, Session
from skills.errors import NotAllowed
from skills.people import confirmed, half_signed_in, sessions
from skills.people.half_signed_in import Half
from skills.people.permissions import OFFICE, Permission
from skills.people.tickets import Bearer, find_ticket
from skills.people.viewer import Viewer, find_viewer
from skills.settings import Settings

_Find = Callable[[Session, str, datetime], uuid.UUID | None]


class NotSignedIn(Exception):
    """Nobody is signed in where somebody has to be. `bearer`: a token would do as well."""

    def __init__(self, bearer: bool = False) -> None:
        super().__init__("not signed in")
        self.bearer = bearer


class NotConfirmed(Exception):
    """Somebody is signed in and may do this, but has to prove first that it is still they who sit there."""


class Gate:
    """A dependency that lets in whom it should. `rule` gets the request and gives the viewer, or the bearer of a ticket, or raises."""

    is_gate = True

    def __init__(self, name: str, rule: Callable[[Request], Viewer | Bearer | Half | None]) -> None:
        self.name = name
        self.rule = rule

    def __call__(self, request: Request) -> Viewer | Bearer | Half | None:
        """Who is behind the request; a viewer is kept beside it, so that an error page knows whose tabs to show."""
        who = self.rule(request)
        request.state.viewer = who if isinstance(who, Viewer) else None
        return who


def cookie_name(settings: Settings) -> str:
    """`__Host-sid` over https: a browser takes that name only with Secure, for this host alone. Plain http has `sid`."""
    return "__Host-sid" if settings.https else "sid"


def half_cookie_name(settings: Settings) -> str:
    """The cookie between password and code, named like that of a session."""
    return "__Host-half" if settings.https else "half"


def _anyone(request: Request) -> Viewer | None:
    token = request.cookies.get(cookie_name(request.app.state.settings))
    return _viewer(request, token, _session_of(request)) if token else None


def _session_of(request: Request) -> _Find:
    """Finds the person of a session, which is kept beside the request: its use is written down after the answer."""

    def find(db: Session, token: str, now: datetime) -> uuid.UUID | None:
        request.state.session = session = sessions.find_session(db, token, now)
        return session.person_id if session else None

    return find


def _signed_in(request: Request) -> Viewer:
    viewer = _anyone(request)
    meant = request.headers.get("x-person")  # the outbox says whose visit it brings
    if viewer is None or (meant and meant != str(viewer.person_id)):
        raise NotSignedIn
    return viewer


def _with(*permissions: Permission) -> Callable[[Request], Viewer]:
    """Signed in, and some posting allows at least one of these."""

    def rule(request: Request) -> Viewer:
        return _permitted(_signed_in(request), *permissions)

    return rule


def _confirmed(rule: Callable[[Request], Viewer]) -> Callable[[Request], Viewer]:
    """The same rule, for whoever gave a password or a code within the last 30 minutes. Who may not is told so first."""

    def confirmed_rule(request: Request) -> Viewer:
        viewer = rule(request)
        if not confirmed.is_fresh(request.state.session, clock.now()):
            raise NotConfirmed
        return viewer

    return confirmed_rule


def _half_signed_in(request: Request) -> Half:
    """Somebody whose password was right a moment ago; no gate but this one asks for that cookie."""
    settings: Settings = request.app.state.settings
    database: Database = request.app.state.database
    token = request.cookies.get(half_cookie_name(settings), "")
    with database.reading() as db:
        half = half_signed_in.read(db, token, settings.secret, clock.now())
    if half is None:
        raise NotSignedIn
    return half


def _program(request: Request) -> Viewer:
    """Another program with its token, or a browser that is signed in; either way somebody who reads reports."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        viewer = _viewer(request, token.strip(), sessions.find_api_token)
    else:
        viewer = _anyone(request)
    if viewer is None:
        raise NotSignedIn(bearer=True)
    return _permitted(viewer, Permission.READ_REPORTS)


def _phone(request: Request) -> Bearer:
    """A phone with an upload ticket, valid or over: what it brings is never turned away, only held."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    database: Database = request.app.state.database
    settings: Settings = request.app.state.settings
    if scheme.lower() == "bearer":
        with database.reading() as db:
            bearer = find_ticket(db, token.strip(), clock.now(), settings.secret)
        if bearer is not None:
            return bearer
    raise NotSignedIn(bearer=True)


def _permitted(viewer: Viewer, *permissions: Permission) -> Viewer:
    if not any(viewer.may(permission) for permission in permissions):
        raise NotAllowed
    return viewer


def _viewer(request: Request, token: str, find: _Find) -> Viewer | None:
    """Looks up the token and then the person, on every request: a dismissal or a new role holds from the next one on."""
    database: Database = request.app.state.database
    now = clock.now()
    with database.reading() as db:
        person_id = find(db, token, now)
        return None if person_id is None else find_viewer(db, person_id, clock.local(now).date())


Anyone = Annotated[Viewer | None, Depends(Gate("anyone", _anyone))]
HalfSignedIn = Annotated[Half, Depends(Gate("half signed in", _half_signed_in))]
SignedIn = Annotated[Viewer, Depends(Gate("signed in", _signed_in))]
MaySeeDoors = Annotated[Viewer, Depends(Gate("may see doors", _with(Permission.SEE_DOORS)))]
MayAddDoors = Annotated[Viewer, Depends(Gate("may add doors", _with(Permission.ADD_DOORS)))]
MayLogVisits = Annotated[Viewer, Depends(Gate("may log visits", _with(Permission.LOG_VISITS)))]
MayAnswerTray = Annotated[Viewer, Depends(Gate("may answer the tray", _with(Permission.ANSWER_TRAY)))]
MayInvite = Annotated[Viewer, Depends(Gate("may invite", _with(Permission.INVITE)))]
MayReadFigures = Annotated[
    Viewer,
    Depends(
        Gate(
            "may read figures",
            _with(Permission.READ_OWN_FIGURES, Permission.READ_TEAM_FIGURES, Permission.READ_REPORTS),
        )
    ),
]
MayUseOffice = Annotated[Viewer, Depends(Gate("may use the office", _with(*OFFICE)))]
MaySeePeople = Annotated[Viewer, Depends(Gate("may see people", _with(Permission.SEE_PEOPLE)))]
MayManageTeams = Annotated[Viewer, Depends(Gate("may manage teams", _with(Permission.MANAGE_TEAMS)))]
MaySeeAreas = Annotated[Viewer, Depends(Gate("may see areas", _with(Permission.SEE_AREAS)))]
MaySeeCatalogue = Annotated[Viewer, Depends(Gate("may see the catalogue", _with(Permission.SEE_CATALOGUE)))]
# The same, for half an hour after a password or a code. A form behind one of these is asked for behind it too.
SignedInConfirmed = Annotated[Viewer, Depends(Gate("signed in, confirmed", _confirmed(_signed_in)))]
MayInviteConfirmed = Annotated[
    Viewer, Depends(Gate("may invite, confirmed", _confirmed(_with(Permission.INVITE))))
]
MayManagePeopleConfirmed = Annotated[
    Viewer,
    Depends(Gate("may manage people, confirmed", _confirmed(_with(Permission.MANAGE_PEOPLE)))),
]
MayManageCatalogueConfirmed = Annotated[
    Viewer,
    Depends(Gate("may manage the catalogue, confirmed", _confirmed(_with(Permission.MANAGE_CATALOGUE)))),
]
MayImportPeopleConfirmed = Annotated[
    Viewer,
    Depends(Gate("may import people, confirmed", _confirmed(_with(Permission.IMPORT_PEOPLE)))),
]
MayReadAuditConfirmed = Annotated[
    Viewer, Depends(Gate("may read the audit trail, confirmed", _confirmed(_with(Permission.READ_AUDIT))))
]
MayReadAudit = Annotated[
    Viewer,
    Depends(Gate("may read the trail", _with(Permission.READ_AUDIT, Permission.READ_OWN_AUDIT))),
]
Program = Annotated[Viewer, Depends(Gate("program", _program))]
Phone = Annotated[Bearer, Depends(Gate("phone", _phone))]
