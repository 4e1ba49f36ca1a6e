"""Whom a role may bring in, help back in, move and dismiss: always below itself, always within its own areas."""

from sqlmodel import Session

from skills.areas.find import lies_within
from skills.people.models import Role
from skills.people.permissions import PERMISSIONS, Permission
from skills.people.viewer import Viewer

GRANTABLE: dict[Role, frozenset[Role]] = {
    Role.VOLUNTEER: frozenset(),
    Role.TEAM_LEADER: frozenset({Role.VOLUNTEER}),
    Role.WARD_LEAD: frozenset({Role.VOLUNTEER, Role.TEAM_LEADER}),
    Role.OFFICER: frozenset({Role.WARD_LEAD}),
    Role.CITY_ADMIN: frozenset(
        {Role.VOLUNTEER, Role.TEAM_LEADER, Role.WARD_LEAD, Role.OFFICER, Role.AUDITOR}
    ),
    Role.AUDITOR: frozenset(),
}


def may_grant(db: Session, viewer: Viewer, role: Role, area_id: int) -> bool:
    """Whether one of the viewer's postings reaches that area and stands above that role.

    A team leader's posting is in the ward, and a volunteer's too: which team of it, is the question of who adds to a team.
    """
    return any(
        role in GRANTABLE[posted.role] and lies_within(db, area_id, frozenset({posted.area_id}), viewer.today)
        for posted in viewer.postings
    )


def may_manage(db: Session, viewer: Viewer, role: Role, area_id: int) -> bool:
    """The same for dismissing, moving and changing a role: only postings count that manage people, so no team leader's."""
    return any(
        Permission.MANAGE_PEOPLE in PERMISSIONS[posted.role]
        and role in GRANTABLE[posted.role]
        and lies_within(db, area_id, frozenset({posted.area_id}), viewer.today)
        for posted in viewer.postings
    )
