"""The residential groups and doors of the demonstration, on the real map."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from skills.areas.blocks import block_ids
from skills.areas.find import city, former_districts, wards_of_city
from skills.areas.groups import list_groups
from skills.areas.models import Area, Block
from skills.db import Session, insert_many
from skills.demo.chance import at, new_id
from skills.demo.names import hamlets, streets
from skills.households.address import address
from skills.households.models import Household

# The communes of the hills in the west and south-west, by code: quiet, far apart, few doors.
_HILLS = {*range(20443, 20495), *range(20695, 20753), *range(20900, 20960)}
_OWN_GROUPS = {"Hải Châu": 6, "An Hải": 4}
OWN_DOORS = 84  # of Tổ 12, phường Hải Châu


@dataclass
class Door:
    """A door, and what the visits of the year made of it."""

    ward_id: int
    id: UUID
    number: str
    keen: bool  # somebody here wants to learn it all, and is visited often
    levels: dict[int, int] = field(default_factory=dict)
    met: int = 0
    declined: bool = False
    five_by_one: bool = False


@dataclass
class Group:
    """A residential group with its doors. Weight: how much of the year's work falls to it; 0: nobody ever went."""

    area: Area
    ward: Area
    weight: float
    doors: list[Door] = field(default_factory=list)


@dataclass
class Places:
    """Where everything is."""

    city: Area
    district: Area
    wards: dict[str, Area]
    groups: list[Group]


def list_places(db: Session, chance: Random, since: date, until: date) -> Places:
    """Lists residential groups in every ward and commune, as yet without doors."""
    wards = {ward.short_name: ward for ward in wards_of_city(db, until)}
    return Places(
        city=city(db, until),
        district=next(area for area in former_districts(db, until) if area.short_name == "Hải Châu"),
        wards=wards,
        groups=[
            group
            for ward in wards.values()
            if ward.kind != "Đặc khu"
            for group in _groups(db, chance, ward, since, until)
        ],
    )


def add_doors(
    db: Session, chance: Random, places: Places, households: int, author: UUID, since: date, until: date
) -> None:
    """Writes so many doors into the groups, as entered by one person."""
    own = next(group for group in places.groups if group.area.name == "Tổ 12")
    others = [group for group in places.groups if group is not own]
    share = [0.4 + 3 * (group.weight or 0.3) for group in others]
    rest = households - OWN_DOORS
    counts = [int(rest * part / sum(share)) for part in share]
    for place in range(rest - sum(counts)):  # what rounding left over
        counts[place % len(counts)] += 1
    taken: dict[int, set[tuple[str, str, str]]] = defaultdict(set)
    rows: list[dict[str, Any]] = []
    for group, n in [(own, OWN_DOORS), *zip(others, counts, strict=True)]:
        block_id = min(block_ids(db, group.area.id, until))
        for street, number, room in _addresses(chance, group, n, taken[group.ward.id]):
            door = Door(group.ward.id, new_id(chance, since), number, keen=chance.random() < 0.07)
            group.doors.append(door)
            rows.append(
                {"ward_id": door.ward_id, "id": door.id, "block_id": block_id, "is_business": chance.random() < 0.08,
                 "version": 1, "created_at": at(since, 9), "created_by": author, **address(street, number, room)}
            )  # fmt: skip
    insert_many(db, Household, rows)


def _groups(db: Session, chance: Random, ward: Area, since: date, until: date) -> list[Group]:
    town, hills = ward.kind == "Phường", int(ward.code) in _HILLS
    n = _OWN_GROUPS.get(ward.short_name) or (
        chance.randrange(2, 5) if town else chance.randrange(1, 3) if hills else chance.randrange(1, 4)
    )
    names = [f"Tổ {number}" for number in range(1, n + 1)] if town else hamlets(chance, n)
    if ward.short_name == "Hải Châu":
        names = ["Tổ 3", "Tổ 7", "Tổ 12", "Tổ 21", "Tổ 28", "Tổ 40"]
    own = block_ids(db, ward.id, until)
    taken_apart = set(
        db.execute(select(Block.refined_from).where(col(Block.refined_from).in_(own))).scalars()
    )
    blocks: list[int | None] = [*sorted(own - taken_apart)] or [None]
    listed = list_groups(
        db,
        ward.id,
        [(name, blocks[place % len(blocks)]) for place, name in enumerate(names)],
        max(since, ward.valid_from),
    )
    base = 1.0 if town else 0.25 if hills else 0.6
    return [Group(area, ward, _weight(chance, area.name, base)) for area in listed]


def _weight(chance: Random, name: str, base: float) -> float:
    """How much work falls to a group; nobody ever went to one in twelve, but to those of the accounts somebody did."""
    closed = chance.random() < 0.08 and name != "Tổ 1"
    return 0.0 if closed else base * chance.uniform(0.5, 1.5)


def _addresses(
    chance: Random, group: Group, n: int, taken: set[tuple[str, str, str]]
) -> list[tuple[str, str, str]]:
    """So many addresses, none of them `taken` in the ward: along a street with gaps and letters, then into its lanes;
    sometimes a room."""
    town = group.ward.kind == "Phường"
    own = group.area.name == "Tổ 12"
    roads = ["Hoàng Diệu"] if own else streets(chance, group.ward.short_name, 1 + (n > 12) + (n > 40))
    found: dict[tuple[str, str, str], None] = {}
    lanes = (
        ("K45", "K61", "K83")
        if own
        else tuple(f"K{number}" for number in sorted(chance.sample(range(5, 240), 3)))
    )
    number = {
        (road, lane): chance.randrange(1, 60) if not lane else 0 for road in roads for lane in ("", *lanes)
    }
    while len(found) < n:
        road = chance.choice(roads)
        lane = chance.choice(("", *lanes)) if town and n > 8 else ""
        number[road, lane] += chance.choice((1, 1, 2, 2, 2, 4))
        text = f"{number[road, lane]}{chance.choice(('A', 'B')) if chance.random() < 0.06 else ''}"
        if not lane and chance.random() < 0.08:
            text += f"/{chance.randrange(1, 9)}"
        if lane and chance.random() < 0.1:
            text = f"H{chance.randrange(1, 4)}/{text}"
        room = (
            f"P.{chance.randrange(1, 6)}0{chance.randrange(1, 9)}"
            if town and not lane and chance.random() < 0.03
            else ""
        )
        plate = (road, f"{lane}/{text}" if lane else text, room)
        if plate not in taken:
            found[plate] = None
            taken.add(plate)
    return list(found)
