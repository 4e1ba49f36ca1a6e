"""What is handed over: a link as a QR code and in letters, for one person, to be read off a screen or a printed card."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import segno
from sqlmodel import Session, col, select

from skills import clock
from skills.areas.find import label
from skills.areas.models import Area
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

    full_name: str
    phone: str  # as people read it; "" when whoever comes in says it
    role: str
    place: str  # the team and its ward, or the area
    url: str
    letters: str  # the link as somebody types it
    until: datetime
    is_return: bool
    site: str
    code: str = ""

    @cached_property
    def qr(self) -> Qr:
        """Drawn when it is shown: five milliseconds each, for which no transaction should be open."""
        return draw(self.url)


def draw(text: str) -> Qr:
    """The QR code of a text, readable with a seventh of it smudged (level M)."""
    rows = list(segno.make(text, error="m", boost_error=False).matrix_iter(border=4))
    return Qr(len(rows), "".join(_runs(rows)))


def cards(db: Session, invited: Sequence[Invited], base_url: str, code: str = "") -> list[Card]:
    """The cards of invitations whose tokens were made just now, in their order."""
    base_url = base_url.rstrip("/")
    site = base_url.partition("://")[2]
    query = select(Invitation).where(col(Invitation.id).in_([each.invitation_id for each in invited]))
    kept = {each.id: each for each in db.exec(query.execution_options(populate_existing=True))}
    places = places_of(db, kept.values())
    return [
        Card(
            full_name=kept[each.invitation_id].full_name,
            phone=_read(kept[each.invitation_id].phone),
            role=role_name(kept[each.invitation_id].role),
            place=places[each.invitation_id],
            url=f"{base_url}/join/{each.token}",
            letters=f"{site}/join/{in_groups(each.token, 4)}",
            until=kept[each.invitation_id].expires_at,
            is_return=each.person_id is not None,
            site=f"{site}/join",
            code=in_groups(code, 4),
        )
        for each in invited
    ]


def places_of(db: Session, invitations: Collection[Invitation]) -> dict[uuid.UUID, str]:
    """Where each comes in: "Tổ số 5, Phường Hải Châu", or the area alone."""
    area_ids, team_ids = {each.area_id for each in invitations}, {each.team_id for each in invitations}
    today, word = clock.today(), _("Khu vực")
    areas = {
        area.id: label(area, today, word) for area in db.exec(select(Area).where(col(Area.id).in_(area_ids)))
    }
    teams = {team.id: team.name for team in db.exec(select(Team).where(col(Team.id).in_(team_ids - {None})))}
    return {
        each.id: ", ".join(
            filter(None, (teams.get(each.team_id) if each.team_id else None, areas.get(each.area_id)))
        )
        for each in invitations
    }


def _read(phone: str | None) -> str:
    return national(phone) if phone else ""


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
