"""What the stories of this folder begin with: an invitation for somebody new, and what its holder does with it."""

import uuid
from typing import Any

from sqlmodel import col, select

from skills.audit.models import AuditEntry
from skills.invitations.invite import Invited, invite
from skills.invitations.models import Invitation
from skills.people.models import Person, Role
from tests.cast import HAI_CHAU, City
from tests.client import Client

PIN = "580274"
NAME, PHONE, TYPED = "Phan Thị Sương", "+84905777001", "0905 777 001"
FIFTH, NINTH, SECOND = (f"Tổ công nghệ số cộng đồng số {n}" for n in (5, 9, 2))


def invited_by(
    city: City,
    issuer: str = "Thu",
    *,
    name: str = NAME,
    phone: str | None = TYPED,
    role: Role = Role.VOLUNTEER,
    area_id: int | None = None,
    team: str | None = FIFTH,
    by_list: bool = False,
) -> Invited:
    """Somebody new, invited into Hải Châu by its ward lead unless it is said otherwise."""
    where = city.wards[HAI_CHAU].id if area_id is None else area_id
    team_id = city.teams[team].id if team else None
    with city.database.writing() as db:
        return invite(
            db, city.viewer(issuer), full_name=name, phone=phone, role=role, area_id=where, team_id=team_id, by_list=by_list
        )  # fmt: skip


def come_in(client: Client, token: str, **typed: Any) -> Any:
    """Opens the link and sends its form."""
    page = client.page(f"/join/{token}")
    return client.submit(page, f"/join/{token}", **({"pin": PIN} | typed))


def person_of(city: City, phone: str = PHONE) -> Person | None:
    """Who has that number now."""
    with city.database.reading() as db:
        return db.exec(select(Person).where(col(Person.phone) == phone)).first()


def stored(city: City, invitation_id: uuid.UUID) -> Invitation:
    """The invitation as it stands."""
    with city.database.reading() as db:
        return db.get_one(Invitation, invitation_id)


def trail(city: City) -> list[str]:
    """The actions in the trails of all wards, as they were written."""
    with city.database.reading() as db:
        return list(db.exec(select(AuditEntry.action).order_by(col(AuditEntry.at), col(AuditEntry.seq))))
