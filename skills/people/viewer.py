"""The person who asks, with what they may do and where: all rows are reached through this."""

import uuid
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from sqlmodel import Session, col, select

from skills.people.models import Person, Posting, Role
from skills.people.permissions import PERMISSIONS, Permission
from skills.people.teams import groups_of_teams, teams_led_by, teams_of

_BY_TEAM = frozenset({Role.VOLUNTEER, Role.TEAM_LEADER})
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
    person = db.get(Person, person_id)
    if person is None or person.dismissed_at is not None:
        return None
    postings = db.exec(
        select(Posting.role, Posting.area_id)
        .where(
            col(Posting.person_id) == person_id,
            col(Posting.valid_from) <= today,
            col(Posting.valid_to) >= today,
        )
        .order_by(col(Posting.valid_from), col(Posting.id))
    )
    team_ids = teams_of(db, person_id, today)
    return Viewer(
        person_id=person.id,
        full_name=person.full_name,
        short_name=person.short_name,
        language=person.language,
        postings=tuple(Posted(Role(role), area_id) for role, area_id in postings),
        team_ids=team_ids,
        group_ids=groups_of_teams(db, team_ids, today),
        today=today,
        led_team_ids=teams_led_by(db, person_id, today) if team_ids else frozenset(),
    )
