"""Somebody gets another role or another area: one posting ends, another begins today, and the history of both stays."""

import secrets
import uuid
from datetime import timedelta

from sqlmodel import Session, col, select

from skills import clock
from skills.areas.models import FOREVER
from skills.db import uuid7
from skills.people import sessions
from skills.people.add import join_team
from skills.people.models import Posting, Role, Team, TeamMember, TeamRole

RANKS = {Role.TEAM_LEADER: TeamRole.LEADER, Role.VOLUNTEER: TeamRole.MEMBER}  # of those who go out with teams


def repost(db: Session, posting: Posting, role: Role, area_id: int, team_id: uuid.UUID | None) -> Posting:
    """Ends a posting as of today and starts another one, with the team to go out with (None: none, or the one they are in).

    Teams of an area that is left are left with it, and so are all teams by whoever goes out with none. Every session ends: whoever
    was changed signs in again, with a PIN where that works, and the phone forgets what it took along of the former area. A posting that began today
    never was in force on another day and is changed in place.
    """
    today, left = clock.today(), posting.area_id
    if posting.valid_from == today:
        posting.role, posting.area_id = role, area_id
        after = posting
    else:
        posting.valid_to = today - timedelta(days=1)
        after = Posting(
            id=uuid7(clock.now(), secrets.token_bytes(10)), person_id=posting.person_id, role=role, area_id=area_id,
            valid_from=today, valid_to=FOREVER,
        )  # fmt: skip
    db.add_all([posting, after])
    db.flush()
    for member, team in _memberships(db, posting.person_id):
        if team.area_id != left or team.id == team_id:
            continue
        if area_id != left or role not in RANKS or team_id is not None:
            _leave(db, member)
        elif member.role == TeamRole.LEADER and role is Role.VOLUNTEER:
            _leave(db, member)
            join_team(db, team.id, posting.person_id, TeamRole.MEMBER)
    if team_id is not None:
        for member, team in _memberships(db, posting.person_id):
            if team.id == team_id and member.role != RANKS[role]:
                _leave(db, member)
        join_team(db, team_id, posting.person_id, RANKS[role])
    sessions.revoke_all(db, posting.person_id)
    return after


def _memberships(db: Session, person_id: uuid.UUID) -> list[tuple[TeamMember, Team]]:
    today = clock.today()
    return list(
        db.exec(
            select(TeamMember, Team)
            .join(Team, col(Team.id) == col(TeamMember.team_id))
            .where(
                col(TeamMember.person_id) == person_id,
                col(TeamMember.valid_from) <= today,
                col(TeamMember.valid_to) >= today,
            )
        )
    )


def _leave(db: Session, member: TeamMember) -> None:
    """As of today."""
    member.valid_to = clock.today() - timedelta(days=1)
    db.add(member)
    db.flush()
