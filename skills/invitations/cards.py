"""What is handed over: a link as a QR code and in letters, for one person, to be read off a screen or a printed card."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import segno
from sqlmodel import Session

from skills import clock
from skills.areas.find import area_on, label
from skills.invitations.invite import Invited
from skills.invitations.models import Invitation
from skills.invitations.tokens import in_groups
from skills.language import gettext as _
from skills.people.models import Team
from skills.people.phones import national
from skills.people.words import role_name


@dataclass(frozen=True)
class Qr:
    """A QR code to be drawn: so many modules on each side, the quiet zone of four included, and the dark ones as a path."""

    size: int
    path: str


@dataclass(frozen=True)
class Card:
    """Everything that stands on a card. `site`: where the code is typed, without scheme; `code` only on a screen."""

    invitation_id: uuid.UUID
    full_name: str
    phone: str  # as people read it; "" when whoever comes in says it
    role: str
    place: str  # the team and its ward, or the area
    url: str
    letters: str  # the link as somebody types it
    qr: Qr
    until: datetime
    is_return: bool
    site: str
    code: str = ""


def draw(text: str) -> Qr:
    """The QR code of a text, with a quarter of it made good when it is smudged (level Q)."""
    rows = list(segno.make(text, error="q", boost_error=False).matrix_iter(border=4))
    return Qr(len(rows), "".join(_runs(rows)))


def cards(db: Session, invited: Iterable[Invited], base_url: str, code: str = "") -> list[Card]:
    """The cards of invitations whose tokens were made just now."""
    return [_card(db, each, base_url.rstrip("/"), code) for each in invited]


def place_of(db: Session, invitation: Invitation) -> str:
    """Where somebody comes in: "Tổ số 5, Phường Hải Châu", or the area alone."""
    area = area_on(db, invitation.area_id)
    named = label(area, clock.today(), _("Khu vực")) if area else ""
    team = db.get(Team, invitation.team_id) if invitation.team_id else None
    return f"{team.name}, {named}" if team else named


def _card(db: Session, invited: Invited, base_url: str, code: str) -> Card:
    invitation = db.get_one(Invitation, invited.invitation_id, populate_existing=True)
    url = f"{base_url}/join/{invited.token}"
    site = base_url.partition("://")[2]
    return Card(
        invitation.id, invitation.full_name, national(invitation.phone) if invitation.phone else "", role_name(invitation.role), place_of(db, invitation), url,
        f"{site}/join/{in_groups(invited.token, 5)}", draw(url), invitation.expires_at,
        invitation.person_id is not None, f"{site}/join", in_groups(code, 4),
    )  # fmt: skip


def _runs(rows: Sequence[Iterable[int]]) -> Iterable[str]:
    """Dark modules side by side as one bar each: "M4 4h7v1h-7z"."""
    for y, row in enumerate(rows):
        start = None
        for x, dark in enumerate([*row, 0]):
            if dark and start is None:
                start = x
            elif not dark and start is not None:
                yield f"M{start} {y}h{x - start}v1h-{x - start}z"
                start = None
