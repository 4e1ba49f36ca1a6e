"""Whom somebody may bring in, and whom back in. The same questions are asked again when the invitation is used."""

import uuid
from dataclasses import replace

from sqlmodel import Session, col, select

from skills.areas.find import area_on, lies_within
from skills.areas.models import Level
from skills.people.grants import may_grant
from skills.people.models import Person, Posting, Role, Team, TeamRole
from skills.people.permissions import PERMISSIONS, Permission
from skills.people.teams import teams_of
from skills.people.viewer import Viewer

FITS = {
    Role.VOLUNTEER: frozenset({Level.WARD}),
    Role.TEAM_LEADER: frozenset({Level.WARD}),
    Role.WARD_LEAD: frozenset({Level.WARD}),
    Role.OFFICER: frozenset({Level.DISTRICT, Level.CLUSTER}),
    Role.CITY_ADMIN: frozenset({Level.CITY}),
    Role.AUDITOR: frozenset({Level.CITY}),
}
RANKS = {Role.TEAM_LEADER: TeamRole.LEADER, Role.VOLUNTEER: TeamRole.MEMBER}  # of who comes into a team


def fits(db: Session, role: Role, area_id: int, viewer: Viewer) -> bool:
    """Whether the area is in force and of the level that the role is held in: volunteers in a ward, officers in a former district."""
    area = area_on(db, area_id)
    return area is not None and area.in_force(viewer.today) and area.level in FITS[role]


def reaches(db: Session, viewer: Viewer, area_id: int) -> bool:
    """Whether the area lies in one in which the viewer brings people in."""
    inviting = {p.area_id for p in viewer.postings if Permission.INVITE in PERMISSIONS[p.role]}
    return lies_within(db, area_id, frozenset(inviting), viewer.today)


def team_fits(db: Session, viewer: Viewer, team_id: uuid.UUID, role: Role, area_id: int) -> bool:
    """Whether there is such a team in the area today, and people of that role go out with teams."""
    team = db.get(Team, team_id)
    if team is None or team.area_id != area_id or role not in RANKS:
        return False
    return team.dissolved_on is None or team.dissolved_on > viewer.today


def may_invite(db: Session, viewer: Viewer, role: Role, area_id: int, team_id: uuid.UUID | None) -> bool:
    """Whether one of the viewer's postings stands above the role there; as a team leader only into a team that they lead."""
    return may_grant(db, _but_as_leader(viewer), role, area_id) or (
        team_id in viewer.led_team_ids and may_grant(db, viewer, role, area_id)
    )


def may_return(db: Session, viewer: Viewer, person: Person) -> bool:
    """Whether the viewer stands above everything that the person is today, and for a team leader, leads every team of theirs.

    Who gets an account opened could open it themselves: a posting or a team out of the viewer's reach would be opened with it.
    """
    held = postings_of(db, person, viewer)
    teams = teams_of(db, person.id, viewer.today)
    led = bool(teams) and set(teams) <= viewer.led_team_ids
    asking = viewer if led else _but_as_leader(viewer)
    return (
        bool(held)
        and person.id != viewer.person_id
        and all(may_grant(db, asking, Role(posting.role), posting.area_id) for posting in held)
    )


def sees_person(db: Session, viewer: Viewer, person: Person) -> bool:
    """Whether somebody who works today is within the viewer's reach at all: for a team leader, in a team that they lead."""
    if set(teams_of(db, person.id, viewer.today)) & viewer.led_team_ids:
        return True
    above = _but_as_leader(viewer)
    return any(reaches(db, above, posting.area_id) for posting in postings_of(db, person, viewer))


def postings_of(db: Session, person: Person, viewer: Viewer) -> list[Posting]:
    """What the person is today; nothing when they were dismissed."""
    if person.dismissed_at is not None:
        return []
    return list(
        db.exec(
            select(Posting)
            .where(
                col(Posting.person_id) == person.id,
                col(Posting.valid_from) <= viewer.today,
                col(Posting.valid_to) >= viewer.today,
            )
            .order_by(col(Posting.valid_from), col(Posting.id))
        )
    )


def _but_as_leader(viewer: Viewer) -> Viewer:
    return replace(viewer, postings=tuple(p for p in viewer.postings if p.role is not Role.TEAM_LEADER))
