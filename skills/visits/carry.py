"""Carry doors into another block: what a finer cut of the map does to where their visits count."""

from collections.abc import Callable, Sequence

from sqlmodel import Session

from skills.errors import NotFound
from skills.households.count import count_door
from skills.households.lock import lock_wards
from skills.households.models import Household
from skills.totals import ledger
from skills.visits import tally
from skills.visits.receive import follow
from skills.visits.tally import Door


def carry_doors(db: Session, block_id: int, doors: Sequence[Door]) -> None:
    """Puts the doors (stored ward, id) into the block, with all they count for. The stored ward stays as it is.

    Raises NotFound when a door is not there.
    """
    there = [follow(db, ward_id, household_id) for ward_id, household_id in doors]
    with ledger.difference(db, [ward_id for ward_id, _ in there], lambda: tally.amounts_of(db, there)):
        for place in there:
            door = db.get(Household, place)
            if door is None:
                raise NotFound("household")
            if door.block_id != block_id:
                count_door(db, door.ward_id, door.block_id, -1)
                count_door(db, door.ward_id, block_id, +1)
                door.block_id = block_id


def lock_doors(db: Session, doors: Sequence[Door]) -> None:
    """Takes the locks of all wards that store these doors. Who carries doors several times in one transaction begins with this,
    for all of them: locks are taken in ascending order, before anything is read that they guard."""
    lock_wards(db, [follow(db, ward_id, household_id)[0] for ward_id, household_id in doors])


def blocks_of(db: Session) -> Callable[[Sequence[Door]], dict[Door, int]]:
    """A function that says in which block each door (stored ward, id) lies now; doors that are not there are left out."""

    def lies_in(doors: Sequence[Door]) -> dict[Door, int]:
        found = {door: db.get(Household, follow(db, *door)) for door in doors}
        return {door: household.block_id for door, household in found.items() if household is not None}

    return lies_in
