"""Which people somebody sees in the office's pages, and what of their telephone numbers."""

import uuid
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, false, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from skills.areas.blocks import blocks_on
from skills.areas.models import Area, AreaBlock
from skills.invitations.models import Invitation
from skills.people.models import Person, Posting, Role, TeamMember
from skills.people.permissions import PERMISSIONS, Permission
from skills.people.viewer import Viewer


@dataclass(frozen=True)
class Reach:
    """Areas whose people are seen, and teams whose members are. In `wards` numbers are shown whole, as in one's own teams; in
    `city` the last three digits; anywhere else there is no number (the matrix: a ward lead's "sub", an administrator's "s")."""

    areas: frozenset[int]
    wards: frozenset[int]
    city: frozenset[int]
    teams: frozenset[uuid.UUID]

    def phone(self, number: str, areas: set[int], teams: set[uuid.UUID]) -> str:
        """What is shown of the number of somebody posted there: all of it, "••• 123", or nothing."""
        if areas & self.wards or teams & self.teams:
            return number
        return f"••• {number[-3:]}" if areas & self.city else ""


def reach_of(db: Session, viewer: Viewer) -> Reach:
    """Where the viewer sees people today. A team leader sees the teams that they lead and nobody else of the ward."""
    seeing = {
        posted
        for posted in viewer.postings
        if Permission.SEE_PEOPLE in PERMISSIONS[posted.role] and posted.role is not Role.TEAM_LEADER
    }
    leads = any(posted.role is Role.TEAM_LEADER for posted in viewer.postings)

    def of(*roles: Role) -> frozenset[int]:
        held = frozenset(posted.area_id for posted in seeing if not roles or posted.role in roles)
        return areas_within(db, held, viewer)

    return Reach(
        areas=of(),
        wards=of(Role.WARD_LEAD),
        city=of(Role.CITY_ADMIN),
        teams=viewer.led_team_ids if leads else frozenset(),
    )


def seen_by(
    reach: Reach, viewer: Viewer, areas: frozenset[int] | None = None, role: Role | None = None
) -> ColumnElement[bool]:
    """A condition for the persons within reach: by a posting in force, or, of whoever has none any more, by the last one.

    `areas` of those within reach and `role` narrow it to those who are that, there: it is one posting that has to be all of it, for
    what somebody is elsewhere is not to be learnt by asking.
    """
    posted = select(col(Posting.person_id)).where(*standing(viewer))
    if role is not None:
        posted = posted.where(col(Posting.role) == role)
    inside = reach.areas if areas is None else areas & reach.areas
    parts: list[ColumnElement[bool]] = [false()]
    if inside:
        parts.append(col(Person.id).in_(posted.where(col(Posting.area_id).in_(inside))))
    if reach.teams and areas is None:
        members = select(col(TeamMember.person_id)).where(
            *member(viewer), col(TeamMember.team_id).in_(reach.teams)
        )
        of_team = col(Person.id).in_(members)
        parts.append(of_team & col(Person.id).in_(posted) if role is not None else of_team)
    return or_(*parts)


def invitations_seen_by(reach: Reach) -> ColumnElement[bool]:
    """The same for those who are invited."""
    return or_(col(Invitation.area_id).in_(reach.areas), col(Invitation.team_id).in_(reach.teams))


def standing(viewer: Viewer) -> tuple[ColumnElement[bool], ...]:
    """Conditions for postings that say where somebody is: in force today, or the last ones."""
    other = aliased(Posting)
    last = (
        select(func.max(col(other.valid_to)))
        .where(col(other.person_id) == col(Posting.person_id))
        .correlate(Posting)
        .scalar_subquery()
    )
    return (
        col(Posting.valid_from) <= viewer.today,
        or_(col(Posting.valid_to) >= viewer.today, col(Posting.valid_to) == last),
    )


def member(viewer: Viewer) -> tuple[ColumnElement[bool], ...]:
    """Conditions for memberships of today."""
    return col(TeamMember.valid_from) <= viewer.today, col(TeamMember.valid_to) >= viewer.today


def areas_within(db: Session, held: frozenset[int], viewer: Viewer) -> frozenset[int]:
    """The areas of postings and invitations that lie wholly within those held, each on its last day; one statement."""
    if not held:
        return frozenset()
    last = case((col(Area.valid_to) < viewer.today, col(Area.valid_to)), else_=viewer.today)
    here = blocks_on(held, viewer.today).subquery()
    used = select(col(Posting.area_id)).union(select(col(Invitation.area_id)))
    return frozenset(
        db.scalars(
            select(col(AreaBlock.area_id))
            .join(Area, col(Area.id) == col(AreaBlock.area_id))
            .outerjoin(here, col(AreaBlock.block_id) == here.c.block_id)
            .where(
                and_(col(AreaBlock.valid_from) <= last, col(AreaBlock.valid_to) >= last),
                col(AreaBlock.area_id).in_(used),
            )
            .group_by(col(AreaBlock.area_id))
            .having(func.count() == func.count(here.c.block_id))
        )
    )
