"""Which invitations wait, and whom and where somebody may invite, always within their own reach."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, false, or_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from skills import clock
from skills.areas.find import picker
from skills.areas.models import Area
from skills.errors import NotFound
from skills.invitations.cards import places_of
from skills.invitations.invite import still_open
from skills.invitations.models import Invitation
from skills.invitations.reach import FITS, RANKS, may_return
from skills.people.grants import GRANTABLE
from skills.people.models import Person, Role, Team
from skills.people.phones import national
from skills.people.viewer import Viewer
from skills.people.words import role_name
from skills.text import sort_key

SHOWN_AFTER = timedelta(days=7)  # an invitation that ran out can be made anew for a week


@dataclass(frozen=True)
class Waiting:
    """An invitation that nobody has used yet."""

    id: uuid.UUID
    full_name: str
    phone: str  # as people read it
    role: str
    place: str
    is_return: bool
    expires_at: datetime
    is_over: bool


@dataclass(frozen=True)
class Choices:
    """What may be chosen in the form for one person: areas to pick from first, then the roles and teams of the one picked."""

    areas: list[Area]
    area: Area | None = None
    roles: list[tuple[Role, str]] = field(default_factory=list)
    teams: list[Team] = field(default_factory=list)
    needs_team: bool = False  # a team leader invites into a team, nowhere else


def waiting(db: Session, viewer: Viewer) -> list[Waiting]:
    """What was not used yet, by name; what ran out within the last week comes after that."""
    now = clock.now()
    found = db.exec(_within_reach(db, viewer).where(col(Invitation.expires_at) > now - SHOWN_AFTER)).all()
    places = places_of(db, found)
    return [
        Waiting(
            each.id, each.full_name, national(each.phone) if each.phone else "", role_name(each.role), places[each.id],
            each.person_id is not None, each.expires_at, each.expires_at <= now,
        )
        for each in sorted(found, key=lambda each: (each.expires_at <= now, sort_key(each.full_name), each.id))
    ]  # fmt: skip


def find_waiting(db: Session, viewer: Viewer, ids: Collection[uuid.UUID]) -> list[Invitation]:
    """These invitations, as they stand in the list. NotFound when one of them was used, taken back, or is out of reach."""
    query = _within_reach(db, viewer).where(col(Invitation.id).in_(set(ids)))
    found = [each for each in db.exec(query) if _may_make(db, viewer, each)]
    if len(found) < len(set(ids)):
        raise NotFound("invitation")
    return sorted(found, key=lambda each: (str(each.team_id), each.full_name, each.id))


def choices(db: Session, viewer: Viewer, area_id: int | None) -> Choices:
    """What the form offers. An area is picked by itself when there is only one; NotFound for one that is not offered."""
    offered = _offered(db, viewer)
    areas = [area for area, _roles in offered.values()]
    if area_id is None and len(areas) == 1:
        area_id = areas[0].id
    if area_id is None:
        return Choices(areas)
    if area_id not in offered:
        raise NotFound("area")
    area, roles = offered[area_id]
    only_leads = all(posted.role is Role.TEAM_LEADER for posted in viewer.postings if GRANTABLE[posted.role])
    teams = _teams(db, viewer, area, only_leads) if RANKS.keys() & set(roles) else []
    return Choices(areas, area, [(role, role_name(role)) for role in roles], teams, only_leads)


def _within_reach(db: Session, viewer: Viewer) -> SelectOfScalar[Invitation]:
    """Open invitations below the viewer's roles and inside their areas; for a leader, into a team that they lead."""
    parts: list[ColumnElement[bool]] = [false()]
    for posted in viewer.postings:
        below = [role.value for role in GRANTABLE[posted.role]]
        here = [picked.area.id for picked in picker(db, frozenset({posted.area_id}), viewer.today)]
        part = and_(col(Invitation.role).in_(below), col(Invitation.area_id).in_(here))
        if posted.role is Role.TEAM_LEADER:
            part = and_(part, col(Invitation.team_id).in_(viewer.led_team_ids))
        parts.append(part)
    return select(Invitation).where(or_(*parts), *still_open())


def _may_make(db: Session, viewer: Viewer, invitation: Invitation) -> bool:
    """A return opens everything that its person is, not only what stands on the card."""
    person = db.get(Person, invitation.person_id) if invitation.person_id else None
    return person is None or may_return(db, viewer, person)


def _offered(db: Session, viewer: Viewer) -> dict[int, tuple[Area, list[Role]]]:
    """The areas with the roles that the viewer may give there, both in the order in which they are shown."""
    offered: dict[int, tuple[Area, list[Role]]] = {}
    for posted in viewer.postings:
        for area, _depth in picker(db, frozenset({posted.area_id}), viewer.today):
            fitting = [role for role in Role if role in GRANTABLE[posted.role] and area.level in FITS[role]]
            if fitting:
                _area, roles = offered.setdefault(area.id, (area, []))
                roles += [role for role in fitting if role not in roles]
    return offered


def _teams(db: Session, viewer: Viewer, area: Area, only_led: bool) -> list[Team]:
    """The teams of the area today, by name; only those that the viewer leads when that is all they may fill."""
    query = select(Team).where(
        col(Team.area_id) == area.id,
        or_(col(Team.dissolved_on).is_(None), col(Team.dissolved_on) > viewer.today),
    )
    if only_led:
        query = query.where(col(Team.id).in_(viewer.led_team_ids))
    return sorted(db.exec(query), key=lambda team: (sort_key(team.name), team.id))
