"""Writing a door down, once, however often the form is sent; and asking first when it seems to exist."""

from sqlmodel import Session, col

from skills import clock
from skills.areas.blocks import block_ids
from skills.areas.find import ancestors
from skills.areas.models import Level
from skills.db import upsert
from skills.errors import Conflict, NotAllowed, NotFound
from skills.households.address import address, same_street
from skills.households.count import count_door
from skills.households.find import DoorRow, doors_of, groups_of, stored_door
from skills.households.forms import NewDoor
from skills.households.lock import lock_wards
from skills.households.models import Household
from skills.people.permissions import Permission
from skills.people.viewer import Viewer
from skills.text import fold


def add_door(db: Session, viewer: Viewer, form: NewDoor) -> Household:
    """Writes the door into its group's ward and lowest block of today; sent again, gives back what is stored.

    Raises NotFound for a group outside the viewer's areas, NotAllowed when doors may be seen there but not
    added, Conflict("door_id_reused") when another door was sent under the same id.
    """
    ward_id, blocks = _place(db, viewer, form.group)
    wanted = address(form.street, form.number, form.room) | {"is_business": form.is_business}
    lock_wards(db, [ward_id])
    written = db.execute(
        upsert(db, Household)
        .values(
            ward_id=ward_id,
            id=form.id,
            block_id=min(blocks),
            created_at=clock.now(),
            created_by=viewer.person_id,
            version=1,
            **wanted,
        )
        .on_conflict_do_nothing()
        .returning(col(Household.id))
    ).first()
    door = stored_door(db, ward_id, form.id)
    if door is None:
        raise NotFound(str(form.id))
    if written:
        count_door(db, ward_id, door.block_id, 1)
    elif door.block_id not in blocks or any(getattr(door, name) != value for name, value in wanted.items()):
        raise Conflict("door_id_reused", ward_id=ward_id, household_id=str(form.id))
    return door


def doors_alike(db: Session, viewer: Viewer, form: NewDoor) -> list[DoorRow]:
    """The viewer's doors that this one may be: same street and number, and same room if one was typed.

    Empty when somebody has said of this plate that it is another door, and when this very door is stored.
    """
    if form.confirmed == form.plate:
        return []
    rows = doors_of(db, viewer, query=form.number)
    if any(row.id == form.id for row in rows):
        return []
    return [
        row
        for row in rows
        if fold(row.number) == fold(form.number)
        and same_street(row.street, form.street)
        and (not form.room or fold(row.room) == fold(form.room))
    ]


def _place(db: Session, viewer: Viewer, group_id: int) -> tuple[int, set[int]]:
    """The ward and the blocks of a residential group today, if the viewer may add doors there."""
    if group_id not in {group.id for group in groups_of(db, viewer, Permission.ADD_DOORS)}:
        if group_id in {group.id for group in groups_of(db, viewer)}:
            raise NotAllowed(Permission.ADD_DOORS)
        raise NotFound(str(group_id))
    wards = [area.id for area in ancestors(db, group_id, viewer.today) if area.level == Level.WARD]
    blocks = block_ids(db, group_id, viewer.today)
    if not wards or not blocks:
        raise NotFound(str(group_id))
    return wards[0], blocks
