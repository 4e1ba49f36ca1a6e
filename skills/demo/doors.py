"""The doors of a residential group: along its stretch of a street with gaps and letters, then into the lanes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from random import Random
from uuid import UUID

from skills.demo.chance import at, new_id
from skills.demo.places import Group, Road

_FEW = 8  # doors of a stretch that needs no lanes
_A_LANE = 40  # doors


@dataclass(slots=True)
class Door:
    """A door, and what the visits made of it."""

    ward_id: int  # the ward in which it was first written
    id: UUID
    street: str
    number: str
    room: str
    since: date
    keen: bool  # somebody here wants to learn it all, and is visited often
    is_business: bool
    levels: dict[int, int] = field(default_factory=dict)
    met: int = 0
    declined: bool = False
    five_by_one: bool = False


def doors_of(chance: Random, group: Group, since: date, until: date) -> list[Door]:
    """The doors of a group, those written down first before the others: most in its first days, the rest as they were found."""
    doors = [
        Door(
            0, UUID(int=0), road.street, number, room, _found_on(chance, since, until),
            keen=chance.random() < 0.07, is_business=chance.random() < 0.08,
        )
        for road in group.roads
        for number, room in _plates(chance, group, road)
    ]  # fmt: skip
    doors.sort(key=lambda door: door.since)
    if doors:
        doors[0].since = since
    for door in doors:
        door.ward_id = next(stay.ward_id for stay in group.stays if stay.first <= door.since <= stay.last)
        door.id = new_id(chance, at(door.since, chance.uniform(8, 18)))
    return doors


def _found_on(chance: Random, since: date, until: date) -> date:
    days = (until - since).days
    if chance.random() < 0.7 or days < 30:
        return since
    return since + timedelta(days=chance.randrange(days))


def _plates(chance: Random, group: Group, road: Road) -> Iterator[tuple[str, str]]:
    """Number and room of each door along a stretch, each once."""
    own = group.is_own
    lanes = _lanes(chance, group, road)
    where = [chance.choice(("", *lanes)) for _door in range(road.doors)]
    for lane in ("", *lanes):
        n = where.count(lane)
        first = 1 if lane else road.first
        numbers = sorted(chance.sample(range(first, first + 2 * n + 1), n))
        before = [0, *numbers]
        for earlier, number in pairwise(before):
            text = str(number)
            if earlier and chance.random() < 0.06:
                text = f"{earlier}{chance.choice('AB')}"
            elif lane and chance.random() < 0.1:
                text = f"H{chance.randrange(1, 4)}/{number}"
            elif not lane and group.town and chance.random() < 0.08:
                text = f"{number}/{chance.randrange(1, 9)}"
            room = ""
            if group.town and not lane and not own and chance.random() < 0.03:
                room = f"P.{chance.randrange(1, 6)}0{chance.randrange(1, 9)}"
            yield (f"{lane}/{text}" if lane else text), room


def _lanes(chance: Random, group: Group, road: Road) -> Sequence[str]:
    """The lanes (kiệt) that leave a stretch, by the numbers at which they leave it."""
    if group.is_own:
        return ("K45", "K61", "K83")
    if not group.town or road.doors <= _FEW:
        return ()
    beside = range(road.first, road.first + 2 * road.doors)
    return [f"K{number}" for number in sorted(chance.sample(beside, 2 + road.doors // _A_LANE))]
