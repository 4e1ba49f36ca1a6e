"""The rows of a sheet become invitations, all in one transaction, and can be taken back as a whole."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from skills import clock
from skills.admin.people.models import PeopleImport, PeopleImportInvitation
from skills.admin.people.sheet import Shown, check_rows, ward_to_fill
from skills.areas.models import Area
from skills.audit import trail
from skills.db import insert_many
from skills.errors import NotFound
from skills.households.lock import lock_wards
from skills.invitations.many import Wanted, invite_many, revoke_many
from skills.invitations.models import Invitation
from skills.people.models import Person
from skills.people.viewer import Viewer


@dataclass(frozen=True)
class Import:
    """A sheet that was taken in, and what has become of its invitations since."""

    id: uuid.UUID
    row: PeopleImport
    area: Area
    by: str
    waiting: Sequence[Invitation]  # open, run out or not
    came_in: Sequence[Invitation]

    @property
    def can_be_undone(self) -> bool:
        """Whether there is still something to take back."""
        return self.row.undone_at is None and bool(self.waiting)


def take_in(db: Session, viewer: Viewer, shown: Shown) -> uuid.UUID:
    """Invites whoever of the preview can still be invited; the others are counted and left out. Taken twice, it is taken once.

    Raises NotFound when the ward is out of reach by now.
    """
    area = ward_to_fill(db, viewer, shown.area_id)
    lock_wards(db, [area.id])
    if db.get(PeopleImport, shown.import_id):
        return shown.import_id
    wanted = [
        Wanted(each.typed.full_name, each.phone, each.role, each.team.id if each.team else None)
        for each in check_rows(db, viewer, area, shown.rows, to_take=True)
        if each.is_new and each.role is not None
    ]
    made = invite_many(db, viewer, area.id, wanted)
    db.add(
        PeopleImport(
            id=shown.import_id, made_by=viewer.person_id, made_at=clock.now(), area_id=area.id,
            left_out=len(shown.rows) - len(made),
        )
    )  # fmt: skip
    insert_many(
        db, PeopleImportInvitation, [{"import_id": shown.import_id, "invitation_id": each} for each in made]
    )
    trail.write(db, area.id, viewer.person_id, "people.imported", shown.import_id, ["invitation"])
    return shown.import_id


def find_import(db: Session, viewer: Viewer, import_id: uuid.UUID) -> Import:
    """A sheet that was taken into a ward within reach. NotFound for any other."""
    row = db.get(PeopleImport, import_id)
    if row is None:
        raise NotFound("import")
    area = ward_to_fill(db, viewer, row.area_id)
    invitations = list(
        db.scalars(
            select(Invitation)
            .join(PeopleImportInvitation, col(PeopleImportInvitation.invitation_id) == col(Invitation.id))
            .where(col(PeopleImportInvitation.import_id) == import_id)
            .order_by(col(Invitation.id))
        )
    )
    by = db.get(Person, row.made_by)
    return Import(
        id=row.id,
        row=row,
        area=area,
        by=by.short_name if by else "",
        waiting=[each for each in invitations if each.used_at is None and each.revoked_at is None],
        came_in=[each for each in invitations if each.used_at is not None],
    )


def undo(db: Session, viewer: Viewer, import_id: uuid.UUID) -> None:
    """Takes back every invitation of a sheet that nobody has used; whoever has come in stays. Undone twice, it is undone once."""
    found = find_import(db, viewer, import_id)
    lock_wards(db, [found.area.id])
    if not found.can_be_undone:
        return
    revoke_many(db, [each.id for each in found.waiting])
    found.row.undone_at = clock.now()
    db.add(found.row)
    db.flush()
    trail.write(db, found.area.id, viewer.person_id, "people.import_undone", import_id, ["invitation"])
