"""Which team somebody goes out with on a day, and which residential groups a team goes to."""

import uuid
from collections.abc import Collection
from datetime import date

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from skills.people.models import Team, TeamGroup, TeamMember, TeamRole


def team_of(db: Session, person_id: uuid.UUID, day: date) -> Team | None:
    """The team that a person belongs to on that day; of several the one joined last; None without one."""
    return db.exec(
        select(Team)
        .join(TeamMember, col(TeamMember.team_id) == col(Team.id))
        .where(*_member_on(person_id, day))
        .order_by(col(TeamMember.valid_from).desc(), col(Team.id))
        .limit(1)
    ).first()


def teams_of(db: Session, person_id: uuid.UUID, day: date) -> tuple[uuid.UUID, ...]:
    """The ids of all teams of a person on that day, the one joined last first."""
    return tuple(
        db.exec(
            select(Team.id)
            .join(TeamMember, col(TeamMember.team_id) == col(Team.id))
            .where(*_member_on(person_id, day))
            .order_by(col(TeamMember.valid_from).desc(), col(Team.id))
        )
    )


def teams_led_by(db: Session, person_id: uuid.UUID, day: date) -> frozenset[uuid.UUID]:
    """The ids of the teams that a person leads on that day; somebody may lead one and be a plain member of another."""
    return frozenset(
        db.exec(
            select(Team.id)
            .join(TeamMember, col(TeamMember.team_id) == col(Team.id))
            .where(*_member_on(person_id, day), col(TeamMember.role) == TeamRole.LEADER)
        )
    )


def members_of(db: Session, team_ids: Collection[uuid.UUID], day: date) -> set[uuid.UUID]:
    """The ids of all who belong to one of the teams on that day."""
    return set(
        db.exec(
            select(TeamMember.person_id).where(
                col(TeamMember.team_id).in_(team_ids),
                col(TeamMember.valid_from) <= day,
                col(TeamMember.valid_to) >= day,
            )
        )
    )


def groups_of_team(db: Session, team_id: uuid.UUID, day: date) -> frozenset[int]:
    """The area ids of the residential groups that a team goes to on that day."""
    return groups_of_teams(db, [team_id], day)


def groups_of_teams(db: Session, team_ids: Collection[uuid.UUID], day: date) -> frozenset[int]:
    """The same for several teams at once."""
    if not team_ids:
        return frozenset()
    return frozenset(
        db.exec(
            select(TeamGroup.group_id).where(
                col(TeamGroup.team_id).in_(team_ids),
                col(TeamGroup.valid_from) <= day,
                col(TeamGroup.valid_to) >= day,
            )
        )
    )


def _member_on(person_id: uuid.UUID, day: date) -> tuple[ColumnElement[bool], ...]:
    """A member on that day, of a team that was not dissolved before it or on it."""
    return (
        col(TeamMember.person_id) == person_id,
        col(TeamMember.valid_from) <= day,
        col(TeamMember.valid_to) >= day,
        or_(col(Team.dissolved_on).is_(None), col(Team.dissolved_on) > day),
    )
