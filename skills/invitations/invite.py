"""Bring somebody in: an invitation for one person, with a role in one area, never above whoever makes it."""

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement, bindparam
from sqlmodel import Session, col, delete, func, select, update

from skills import clock
from skills.areas.find import area_on
from skills.areas.models import Level
from skills.audit import trail
from skills.db import table_of, uuid7
from skills.errors import NotAllowed, NotFound
from skills.forms import N_
from skills.invitations.models import LIFE, Invitation, Kind
from skills.invitations.reach import fits, may_invite, reaches, sees_person, team_fits
from skills.invitations.tokens import new_token, token_hash
from skills.people.add import find_person
from skills.people.models import Person, Role
from skills.people.phones import parse_phone
from skills.people.viewer import Viewer
from skills.text import tidy

A_DAY = 100  # invitations that one person makes one by one
A_DAY_BY_LIST = 500  # a whole sheet on the day of a training
FORGOTTEN_AFTER = timedelta(days=30)  # names and numbers of who never came are kept no longer

REFUSALS = {
    "name": N_("Ghi họ và tên, nhiều nhất là 120 ký tự."),
    "phone": N_("Số này không đúng. Ghi số điện thoại, ví dụ 0905 123 456."),
    "level": N_("Vai trò này không thuộc cấp địa bàn đã chọn. Chọn lại vai trò hoặc địa bàn."),
    "team": N_("Không có tổ này trong phường đã chọn. Chọn lại tổ."),
    "account": N_("Số này đã có tài khoản. Người đó quên mã PIN hoặc mất máy thì dùng thẻ trở lại."),
    "limit": N_("Hôm nay đã mời đủ số người của một ngày. Ngày mai mời tiếp, hoặc nhờ người phụ trách cấp trên."),
}  # fmt: skip


class Refused(Exception):
    """Why nobody was invited; `code` is one of REFUSALS, which has the sentence."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Invited:
    """What was made. `token` belongs into the link and is stored nowhere else; `person_id` is there for a return only: whoever
    is new becomes a person when the invitation is used."""

    invitation_id: uuid.UUID
    person_id: uuid.UUID | None
    token: str


def invite(
    db: Session,
    viewer: Viewer,
    *,
    full_name: str,
    phone: str | None,
    role: Role | str,
    area_id: int,
    team_id: uuid.UUID | None = None,
    by_list: bool = False,
) -> Invited:
    """Makes an invitation that holds for a day; one that was open for the same number is over with it.

    `phone` as somebody types it, or None when whoever comes in says it; `by_list`: out of a list, where a day has room for more.
    NotFound: the area is out of reach. NotAllowed: the role is not below the viewer's own there, or the team not one that
    they lead. Refused: what was given can't be; nothing was stored.
    """
    role = Role(role)
    if not reaches(db, viewer, area_id):
        raise NotFound("area")
    name, number = tidy(full_name), parse_phone(phone) if phone else None
    if not name or len(name) > 120:
        raise Refused("name")
    if phone and number is None:
        raise Refused("phone")
    if not fits(db, role, area_id, viewer):
        raise Refused("level")
    if team_id is not None and not team_fits(db, viewer, team_id, role, area_id):
        raise Refused("team")
    if not may_invite(db, viewer, role, area_id, team_id):
        raise NotAllowed
    if number is not None and _is_known_here(db, viewer, number):
        raise Refused("account")
    if left_today(db, viewer, by_list) < 1:
        raise Refused("limit")
    before = _open_for(db, viewer, number) if number else []
    return store(db, viewer, before, Kind.JOIN, name, number, role, area_id, team_id, None)


def left_today(db: Session, viewer: Viewer, by_list: bool = False, hold: bool = True) -> int:
    """How many more invitations the viewer may make today. Holds their line until the transaction ends, so that fifty at once
    are no more than that; `hold` is False where nothing is made, only told."""
    if hold:
        db.execute(select(col(Person.id)).where(col(Person.id) == viewer.person_id).with_for_update())
    midnight = datetime.combine(viewer.today, time(), clock.VIETNAM)
    made = db.exec(
        select(func.count())
        .select_from(Invitation)
        .where(
            col(Invitation.issued_by) == viewer.person_id,
            col(Invitation.issued_at) >= midnight,
            col(Invitation.kind) == Kind.JOIN,
        )
    ).one()
    return max(0, (A_DAY_BY_LIST if by_list else A_DAY) - made)


def store(
    db: Session,
    viewer: Viewer,
    instead_of: Sequence[Invitation],
    kind: Kind,
    full_name: str,
    phone: str | None,
    role: Role,
    area_id: int,
    team_id: uuid.UUID | None,
    person_id: uuid.UUID | None,
) -> Invited:
    """Stores an invitation that somebody was found to be allowed to make, and ends those that it stands in for."""
    now, token = clock.now(), new_token()
    db.execute(delete(Invitation).where(col(Invitation.expires_at) < now - FORGOTTEN_AFTER))
    invitation = Invitation(
        id=uuid7(now, secrets.token_bytes(10)), kind=kind, token_hash=token_hash(token), full_name=full_name, phone=phone,
        role=role, area_id=area_id, team_id=team_id, person_id=person_id,
        issued_by=viewer.person_id, issued_at=now, expires_at=now + LIFE,
    )  # fmt: skip
    db.add(invitation)
    db.flush()
    fields = "full_name", "phone", "role", "area_id", "team_id"
    steps = [(each, "revoked", ("revoked_at",)) for each in instead_of if _end(db, each)]
    tell(db, viewer.person_id, [*steps, (invitation, "made", fields)])
    return Invited(invitation.id, person_id, token)


def reissue(db: Session, viewer: Viewer, invitations: Sequence[Invitation]) -> list[Invited]:
    """New tokens for invitations within the viewer's reach, for another day; what was printed before is worth nothing now.

    One that was used in the meantime is left out. In a few statements, however many: meanwhile nobody else writes.
    """
    if not invitations:
        return []
    tokens = {each.id: new_token() for each in invitations}
    table = table_of(Invitation)
    anew = {
        "code_hash": None,
        "code_until": None,
        "issued_by": viewer.person_id,
        "expires_at": clock.now() + LIFE,
    }
    db.connection().execute(
        update(table)
        .where(table.c.id == bindparam("of"), table.c.used_at.is_(None), table.c.revoked_at.is_(None))
        .values(token_hash=bindparam("hash"), **anew),
        [{"of": id, "hash": token_hash(token)} for id, token in tokens.items()],
    )
    hashes = [token_hash(token) for token in tokens.values()]
    changed = set(db.exec(select(Invitation.id).where(col(Invitation.token_hash).in_(hashes))))
    given = [each for each in invitations if each.id in changed]
    tell(db, viewer.person_id, [(each, "reissued", ("token",)) for each in given])
    return [Invited(each.id, each.person_id, tokens[each.id]) for each in given]


def revoke(db: Session, viewer: Viewer, invitation: Invitation) -> None:
    """Nobody comes in with it any more; nothing happens when somebody has."""
    if _end(db, invitation):
        tell(db, viewer.person_id, [(invitation, "revoked", ("revoked_at",))])


def still_open() -> tuple[ColumnElement[bool], ...]:
    """Conditions for an invitation that nobody has used or taken back; it may have run out."""
    return col(Invitation.used_at).is_(None), col(Invitation.revoked_at).is_(None)


Step = tuple[Invitation, str, Sequence[str]]
"""What became of an invitation ("used"), and the names of the fields that changed."""


def tell(db: Session, actor_id: uuid.UUID | None, steps: Sequence[Step]) -> None:
    """Writes what became of invitations into the trails of their wards, the lowest ward first: that is how trails are locked."""
    wards = {area_id: ward_of(db, area_id) for area_id in {invitation.area_id for invitation, *_ in steps}}
    for invitation, what, fields in sorted(steps, key=lambda step: wards[step[0].area_id]):
        trail.write(db, wards[invitation.area_id], actor_id, f"invitation.{what}", invitation.id, fields)


def ward_of(db: Session, area_id: int) -> int:
    """In whose trail it is told: the ward's own, or 0 for what concerns no single ward."""
    area = area_on(db, area_id)
    return area_id if area and area.level == Level.WARD else 0


def _is_known_here(db: Session, viewer: Viewer, number: str) -> bool:
    """Whether somebody within the viewer's reach has the number. Of anybody else nothing is said: who holds it is told when the
    invitation is used, by whoever was handed it."""
    person = find_person(db, number)
    return person is not None and sees_person(db, viewer, person)


def _open_for(db: Session, viewer: Viewer, number: str) -> list[Invitation]:
    """What is open for a number, where the viewer may say so."""
    waiting = select(Invitation).where(
        col(Invitation.phone) == number, col(Invitation.kind) == Kind.JOIN, *still_open()
    )
    return [
        each
        for each in db.exec(waiting)
        if may_invite(db, viewer, Role(each.role), each.area_id, each.team_id)
    ]


def _end(db: Session, invitation: Invitation) -> bool:
    """Whether it was open until now."""
    changed = db.execute(
        update(Invitation)
        .where(col(Invitation.id) == invitation.id, *still_open())
        .values(revoked_at=clock.now(), code_hash=None, code_until=None)
    )
    return bool(changed.rowcount == 1)  # type: ignore[attr-defined]
