"""All that happened in one residential group: its doors, the visits to them, and what they come to. Needs no database."""

import gc
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from multiprocessing import get_context
from random import Random
from typing import Any
from uuid import UUID

from skills.demo import bulk
from skills.demo.chance import at
from skills.demo.doors import Door, doors_of
from skills.demo.first_page import first_page_visits
from skills.demo.follow_ups import settle
from skills.demo.knocking import Taught, visits_of
from skills.demo.people import Crew
from skills.demo.places import Group
from skills.demo.rows import Counted, Rows, add_states, add_visit
from skills.households.address import address
from skills.households.models import Household, WardBlock

_A_YEAR = timedelta(days=365)
_AHEAD = 6  # groups of each process that may wait to be written, so that memory stays small


@dataclass(frozen=True)
class Beat:
    """A residential group, its team, and how often they went there. `of_seed` makes its chances its own."""

    group: Group
    crew: Crew
    visits: int
    of_seed: str


@dataclass(frozen=True)
class Lived:
    """Rows ready for the driver by table, and what the visits count for in their stored wards as a whole."""

    rows: dict[str, list[list[Any]]]
    whole: dict[int, dict[Counted, int]]
    visits: int


def live(beat: Beat, taught: Taught, until: date, dialect: str) -> Lived:
    """The life of one group, from the day the program came there to the day before `until`."""
    chance = Random(beat.of_seed)
    since = _since(beat.group, until)
    doors = doors_of(chance, beat.group, since, since if beat.group.is_own else until)
    if beat.group.is_own:
        told = first_page_visits(chance, beat.crew, doors, beat.crew.members[1], taught, since, until)
    else:
        told = visits_of(chance, beat.crew, doors, taught, beat.visits, since, until)
    settle(told, until)
    rows = Rows()
    _add_doors(rows, beat, doors)
    for visit in told:
        add_visit(rows, chance, visit, until)
    whole = add_states(rows, beat.group.block_id, told, taught)
    return Lived(
        {table: bulk.ready(table, own, dialect) for table, own in rows.by_table.items()}, whole, len(told)
    )


def live_all(
    beats: Iterable[Beat], taught: Taught, until: date, dialect: str, processes: int
) -> Iterator[Lived]:
    """The lives of all groups, in their order, worked out in so many processes besides this one; 0: in this one."""
    one = partial(live, taught=taught, until=until, dialect=dialect)
    if processes == 0:
        yield from map(one, beats)
        return
    # nothing that a group leaves behind is a cycle, so looking for cycles would only take time
    with ProcessPoolExecutor(processes, get_context("spawn"), initializer=gc.disable) as pool:
        yield from _in_order(pool.submit, one, beats, processes * _AHEAD)


def _in_order(
    submit: Callable[..., Future[Lived]], one: Callable[[Beat], Lived], beats: Iterable[Beat], ahead: int
) -> Iterator[Lived]:
    waiting: list[Future[Lived]] = []
    for beat in beats:
        waiting.append(submit(one, beat))
        if len(waiting) > ahead:
            yield waiting.pop(0).result()
    for future in waiting:
        yield future.result()


def _since(group: Group, until: date) -> date:
    """The group of the accounts has the last year only: so it has its marks on whatever day the city is made."""
    return max(group.since, until - _A_YEAR) if group.is_own else group.since


def _add_doors(rows: Rows, beat: Beat, doors: list[Door]) -> None:
    """The doors as entered by people of the team, and how many of them each stored ward has in this block."""
    stored: dict[int, int] = {}
    for place, door in enumerate(doors):
        author: UUID = beat.crew.members[place % len(beat.crew.members)]
        stored[door.ward_id] = stored.get(door.ward_id, 0) + 1
        rows.add(
            Household, ward_id=door.ward_id, id=door.id, block_id=beat.group.block_id, is_business=door.is_business,
            version=1, created_at=at(door.since, 9), created_by=author, **address(door.street, door.number, door.room),
        )  # fmt: skip
    for ward_id, n in stored.items():
        rows.add(WardBlock, ward_id=ward_id, block_id=beat.group.block_id, households=n)
