"""Invitations by the hundred, out of one list: made and taken back in a few statements, because meanwhile nobody else writes.

Who calls writes one entry into the trail for all of them, and keeps which they are.
"""

import secrets
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select, update

from skills import clock
from skills.db import insert_many, uuid7
from skills.errors import NotAllowed, NotFound
from skills.invitations.invite import Refused, left_today, revoke, still_open
from skills.invitations.models import LIFE, Invitation, Kind
from skills.invitations.reach import fits, may_invite, reaches, team_fits
from skills.invitations.tokens import new_token, token_hash
from skills.people.models import Role
from skills.people.viewer import Viewer


@dataclass(frozen=True)
class Wanted:
    """Somebody of a list whose name and number were read: `phone` in E.164, or None when whoever comes in says it."""

    full_name: str
    phone: str | None
    role: Role
    team_id: uuid.UUID | None


def invite_many(db: Session, viewer: Viewer, area_id: int, wanted: Sequence[Wanted]) -> list[uuid.UUID]:
    """Makes an invitation for each into one area, all or none, in their order. Their tokens are made when the cards are printed.

    What `invite` asks of each is asked once of each role and team. Whoever has an account was left out by the caller. NotFound: the
    area is out of reach. NotAllowed: a role is not below the viewer's own there. Refused: a role does not fit the area, a team
    is not of it, or there are more than a day has room for.
    """
    if not reaches(db, viewer, area_id):
        raise NotFound("area")
    for role, team_id in {(each.role, each.team_id) for each in wanted}:
        if not fits(db, role, area_id, viewer):
            raise Refused("level")
        if team_id is not None and not team_fits(db, viewer, team_id, role, area_id):
            raise Refused("team")
        if not may_invite(db, viewer, role, area_id, team_id):
            raise NotAllowed
    if left_today(db, viewer, by_list=True) < len(wanted):
        raise Refused("limit")
    _end_open(db, viewer, area_id, [each.phone for each in wanted if each.phone])
    now = clock.now()
    ids = [uuid7(now, secrets.token_bytes(10)) for _each in wanted]
    rows = [
        {
            "id": id, "kind": Kind.JOIN.value, "token_hash": token_hash(new_token()),
            "full_name": each.full_name, "phone": each.phone, "role": each.role.value, "area_id": area_id, "team_id": each.team_id,
            "issued_by": viewer.person_id, "issued_at": now, "expires_at": now + LIFE,
        }
        for id, each in zip(ids, wanted, strict=True)
    ]  # fmt: skip
    insert_many(db, Invitation, rows)
    return ids


def revoke_many(db: Session, ids: Collection[uuid.UUID]) -> None:
    """Nobody comes in with any of these any more; whoever has stays in."""
    db.execute(
        update(Invitation)
        .where(col(Invitation.id).in_(ids), *still_open())
        .values(revoked_at=clock.now(), code_hash=None, code_until=None)
    )


def _end_open(db: Session, viewer: Viewer, area_id: int, numbers: Collection[str]) -> None:
    """What was open for one of the numbers into the same area. In other wards nobody is told of it here: a number comes in once."""
    waiting = select(Invitation).where(
        col(Invitation.phone).in_(numbers),
        col(Invitation.area_id) == area_id,
        col(Invitation.kind) == Kind.JOIN,
        *still_open(),
    )
    for each in db.exec(waiting).all():
        if may_invite(db, viewer, Role(each.role), each.area_id, each.team_id):
            revoke(db, viewer, each)
