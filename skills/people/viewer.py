"""The person who asks, with what they may do and where: all rows are reached through this."""

import uuid
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from sqlalchemy import bindparam, select
from sqlmodel import Session

from skills.db import table_of
from skills.people.models import Person, Posting, Role, TeamRole, short_name
from skills.people.permissions import PERMISSIONS, Permission
from skills.people.teams import groups_of_teams, places_in_teams

_BY_TEAM = frozenset({Role.VOLUNTEER, Role.TEAM_LEADER})
_PERSON, _POSTING = table_of(Person), table_of(Posting)
_NAMED = select(_PERSON.c.full_name, _PERSON.c.language).where(
    _PERSON.c.id == bindparam("person"), _PERSON.c.dismissed_at.is_(None)
)
_POSTED = (
    select(_POSTING.c.role, _POSTING.c.area_id)
    .where(
        _POSTING.c.person_id == bindparam("person"),
        _POSTING.c.valid_from <= bindparam("day"),
        _POSTING.c.valid_to >= bindparam("day"),
    )
    .order_by(_POSTING.c.valid_from, _POSTING.c.id)
)
_TOP_FIRST = (Role.CITY_ADMIN, Role.AUDITOR, Role.OFFICER, Role.WARD_LEAD, Role.TEAM_LEADER, Role.VOLUNTEER)


@dataclass(frozen=True)
class Posted:
    """A role in an area, in force today."""

    role: Role
    area_id: int


@dataclass(frozen=True)
class Named:
    """Who somebody is, for a line that names them."""

    id: uuid.UUID
    full_name: str


@dataclass(frozen=True)
class Viewer:
    """A signed-in person on one day. Rights are the union of the postings, each within its own area."""

    person_id: uuid.UUID
    full_name: str
    short_name: str
    language: str
    postings: tuple[Posted, ...]
    team_ids: tuple[uuid.UUID, ...]
    group_ids: frozenset[int]
    today: date
    led_team_ids: frozenset[uuid.UUID] = frozenset()

    @property
    def person(self) -> Named:
        """The person behind the viewer."""
        return Named(self.person_id, self.full_name)

    @property
    def role(self) -> Role | None:
        """The role that reaches furthest; None for somebody without a posting today, who may see nothing."""
        held = {posted.role for posted in self.postings}
        return next((role for role in _TOP_FIRST if role in held), None)

    @cached_property
    def permissions(self) -> frozenset[Permission]:
        """Everything that some posting allows, somewhere."""
        return frozenset().union(*(PERMISSIONS[posted.role] for posted in self.postings))

    def may(self, permission: Permission) -> bool:
        """Whether some posting allows it somewhere; where is said by `areas`."""
        return permission in self.permissions

    def areas(self, permission: Permission) -> frozenset[int]:
        """The ids of the areas in which it is allowed: those of the teams' residential groups for volunteers and team
        leaders, the area of the posting for everybody else. What lies inside such an area is within reach."""
        reach: set[int] = set()
        for posted in self.postings:
            if permission in PERMISSIONS[posted.role]:
                reach |= self.group_ids if posted.role in _BY_TEAM else {posted.area_id}
        return frozenset(reach)


def find_viewer(db: Session, person_id: uuid.UUID, today: date) -> Viewer | None:
    """The viewer on that day, or None when there is no such person or they were dismissed."""
    db.flush()
    connection, asked = db.connection(), {"person": person_id, "day": today}
    person = connection.execute(_NAMED, asked).first()
    if person is None:
        return None
    postings = connection.execute(_POSTED, asked)
    places = places_in_teams(db, person_id, today)
    team_ids = tuple(team_id for team_id, _role in places)
    return Viewer(
        person_id=person_id,
        full_name=person.full_name,
        short_name=short_name(person.full_name),
        language=person.language,
        postings=tuple(Posted(Role(role), area_id) for role, area_id in postings),
        team_ids=team_ids,
        group_ids=groups_of_teams(db, team_ids, today),
        today=today,
        led_team_ids=frozenset(team_id for team_id, role in places if role == TeamRole.LEADER),
    )
