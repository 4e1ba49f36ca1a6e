"""Which team somebody goes out with on a day, and which residential groups a team goes to."""

import uuid
from collections.abc import Collection
from datetime import date

from sqlalchemy import ColumnElement, bindparam, or_
from sqlalchemy import select as core_select
from sqlmodel import Session, col, select

from skills.db import table_of
from skills.people.models import Team, TeamGroup, TeamMember

_TEAM, _MEMBER, _GOES = table_of(Team), table_of(TeamMember), table_of(TeamGroup)
_PLACES = (
    core_select(_TEAM.c.id, _MEMBER.c.role)
    .join_from(_TEAM, _MEMBER, _MEMBER.c.team_id == _TEAM.c.id)
    .where(
        _MEMBER.c.person_id == bindparam("person"),
        _MEMBER.c.valid_from <= bindparam("day"),
        _MEMBER.c.valid_to >= bindparam("day"),
        or_(_TEAM.c.dissolved_on.is_(None), _TEAM.c.dissolved_on > bindparam("day")),
    )
    .order_by(_MEMBER.c.valid_from.desc(), _TEAM.c.id)
)
_GROUPS = core_select(_GOES.c.group_id).where(
    _GOES.c.team_id.in_(bindparam("teams", expanding=True)),
    _GOES.c.valid_from <= bindparam("day"),
    _GOES.c.valid_to >= bindparam("day"),
)


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
    return tuple(team_id for team_id, _role in places_in_teams(db, person_id, day))


def places_in_teams(db: Session, person_id: uuid.UUID, day: date) -> list[tuple[uuid.UUID, str]]:
    """The same, each with what the person is in it: somebody may lead one team and be a plain member of another."""
    asked = {"person": person_id, "day": day}
    return [(team_id, role) for team_id, role in db.connection().execute(_PLACES, asked)]


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
    return frozenset(db.connection().execute(_GROUPS, {"teams": list(team_ids), "day": day}).scalars())


def _member_on(person_id: uuid.UUID, day: date) -> tuple[ColumnElement[bool], ...]:
    """A member on that day, of a team that was not dissolved before it or on it."""
    return (
        col(TeamMember.person_id) == person_id,
        col(TeamMember.valid_from) <= day,
        col(TeamMember.valid_to) >= day,
        or_(col(Team.dissolved_on).is_(None), col(Team.dissolved_on) > day),
    )
