"""The residential groups of the demonstration, on the real map and through its three eras, and what is shared out among them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random

from sqlmodel import col, select

from skills.areas.blocks import block_ids, ward_rows
from skills.areas.find import city, former_districts, wards_of_city
from skills.areas.groups import list_groups
from skills.areas.models import Area, AreaBlock, Block
from skills.db import Session
from skills.demo.chance import shared
from skills.demo.names import hamlets, streets

# Đà Nẵng at the end of 2025: 3 766 teams, 24 303 members (the city, 12/2025), two thirds of them in the city as it was before
TEAMS, GROUPS, DOORS = 3_766, 4_105, 40_000
OWN_DOORS = 84  # of Tổ 12, phường Hải Châu
MERGED = date(2025, 7, 1)  # Quảng Nam joined the city; before that the program did not go there
# The communes of the hills in the west and south-west, by code: quiet, far apart, few doors.
_HILLS = {*range(20443, 20495), *range(20695, 20753), *range(20900, 20960)}
_OLD_CITY, _TOWN, _COUNTRY, _IN_THE_HILLS = 168, 22, 16, 8  # groups of a ward, when all are there
_CLOSED = 0.08  # of the groups nobody ever went to


@dataclass(frozen=True)
class Road:
    """A stretch of a street that is one group's own: so many doors from a number on."""

    street: str
    first: int
    doors: int


@dataclass(frozen=True)
class Stay:
    """Days on which a group lay in a ward, both counted."""

    ward_id: int
    first: date
    last: date


@dataclass
class Group:
    """A residential group. Weight: how much of the work falls to it; 0: nobody ever went. `stays` are its wards, from `since` on."""

    id: int
    name: str
    ward_id: int  # of today
    ward_name: str
    block_id: int
    town: bool
    since: date
    weight: float
    stays: Sequence[Stay]
    roads: Sequence[Road] = field(default_factory=list)

    @property
    def is_own(self) -> bool:
        """Whether it is the group of the accounts: Tổ 12, phường Hải Châu."""
        return (self.ward_name, self.name) == ("Hải Châu", "Tổ 12")

    @property
    def doors(self) -> int:
        """How many doors it has."""
        return sum(road.doors for road in self.roads)


@dataclass
class Places:
    """Where everything is."""

    city: Area
    district: Area
    wards: dict[str, Area]
    groups: list[Group]


def list_places(db: Session, chance: Random, households: int, since: date, until: date) -> Places:
    """Lists residential groups in every ward and commune, each in the ward of its first day, and gives them their doors."""
    wards = {ward.short_name: ward for ward in wards_of_city(db, until)}
    lived_in = [ward for ward in wards.values() if ward.kind != "Đặc khu"]
    wanted = max(len(lived_in), round(GROUPS * min(households / DOORS, 1)))
    blocks = _blocks_of(db, lived_in, until)
    old_city = _old_city(db, blocks)
    counts = shared(wanted, [_share(ward, old_city) for ward in lived_in], least=1)
    plans = [
        plan
        for ward, n in zip(lived_in, counts, strict=True)
        for plan in _plans(ward, n, blocks[ward.id], since, since if ward.id in old_city else MERGED)
    ]
    groups = _listed(db, chance, plans)
    _give_doors(chance, groups, households)
    return Places(
        city=city(db, until),
        district=next(area for area in former_districts(db, until) if area.short_name == "Hải Châu"),
        wards=wards,
        groups=groups,
    )


@dataclass(frozen=True)
class _Plan:
    """A group that is still to be listed: its ward of today, its name, its first ward and day, and the block it is taken from."""

    ward: Area
    name: str  # as numbered; a hamlet gets a name instead
    stay: tuple[int, date]  # the ward on its first day, and that day
    block_id: int


@dataclass(frozen=True)
class _Piece:
    """A block that groups can be taken out of, and the wards that it lay in."""

    block_id: int
    stays: Sequence[tuple[int, date, date]]


def _blocks_of(db: Session, wards: Sequence[Area], day: date) -> dict[int, list[_Piece]]:
    """The blocks of each ward that groups can be taken out of; those cut before are only what remains."""
    found: dict[int, list[_Piece]] = {}
    taken_apart = {origin for origin in db.exec(select(Block.refined_from)).all() if origin is not None}
    for ward in wards:
        own = sorted(block_ids(db, ward.id, day) - taken_apart)
        rows = ward_rows(db, own)
        found[ward.id] = [_Piece(block, rows[block]) for block in own]
    return found


def _old_city(db: Session, blocks: Mapping[int, Sequence[_Piece]]) -> set[int]:
    """The wards of today that lay in Đà Nẵng before Quảng Nam joined it."""
    then = {ward.id for ward in wards_of_city(db, date(2024, 1, 1))}
    return {
        ward for ward, own in blocks.items() if any(stay[0] in then for piece in own for stay in piece.stays)
    }


def _share(ward: Area, old_city: set[int]) -> float:
    if ward.id in old_city:
        return _OLD_CITY
    return _IN_THE_HILLS if int(ward.code) in _HILLS else _TOWN if ward.kind == "Phường" else _COUNTRY


def _plans(ward: Area, n: int, pieces: Sequence[_Piece], since: date, program_since: date) -> Iterator[_Plan]:
    """The groups of one ward, numbered from the first old ward to the last, each from the day the program came there."""
    start = max(since, program_since)
    numbers = list(range(1, n + 1))
    if ward.short_name == "Hải Châu":
        numbers[-1] = max(numbers[-1], 12)  # the group of the accounts is there however few there are
    for place, number in enumerate(numbers):
        piece = pieces[place * len(pieces) // n]
        ward_id, _first, _last = next(stay for stay in piece.stays if stay[1] <= start <= stay[2])
        yield _Plan(ward, f"Tổ {number}", (ward_id, start), piece.block_id)


def _listed(db: Session, chance: Random, plans: Sequence[_Plan]) -> list[Group]:
    """The groups as areas of the map. No two of a ward, of today or of then, are called alike: Tổ 5, Tổ 5A."""
    by_ward: dict[tuple[int, date], list[tuple[_Plan, str]]] = defaultdict(list)
    taken: set[tuple[int, str]] = set()
    called: dict[int, Iterator[str]] = {}
    rural = {area.id for area in db.exec(select(Area).where(Area.kind == "Xã"))}
    for plan in plans:
        wards = {plan.stay[0], plan.ward.id}
        name = plan.name
        if plan.stay[0] in rural:
            name = next(called.setdefault(plan.ward.id, hamlets(chance)))
        while any((ward, name) in taken for ward in wards):
            name += "A"
        taken |= {(ward, name) for ward in wards}
        by_ward[plan.stay].append((plan, name))
    found: list[tuple[_Plan, Area]] = []
    for (ward_id, start), own in by_ward.items():
        areas = list_groups(db, ward_id, [(name, plan.block_id) for plan, name in own], start)
        found += zip((plan for plan, _name in own), areas, strict=True)
    lies = select(AreaBlock.area_id, AreaBlock.block_id).where(col(AreaBlock.is_given).is_(True))
    listed = {area.id for _plan, area in found}
    blocks = {area: block for area, block in db.exec(lies) if area in listed}
    stays = ward_rows(db, list(blocks.values()))
    return [
        Group(
            area.id, area.name, plan.ward.id, plan.ward.short_name, blocks[area.id], plan.stay[0] not in rural, plan.stay[1],
            _weight(chance, plan, area.name),
            [Stay(ward, max(first, plan.stay[1]), last) for ward, first, last in stays[blocks[area.id]] if last >= plan.stay[1]],
        )
        for plan, area in found
    ]  # fmt: skip


def _weight(chance: Random, plan: _Plan, name: str) -> float:
    """How much work falls to a group; nobody ever went to one in twelve, but to those of the accounts somebody did."""
    if chance.random() < _CLOSED and name not in ("Tổ 1", "Tổ 12"):
        return 0.0
    base = 0.25 if int(plan.ward.code) in _HILLS else 1.0 if plan.ward.kind == "Phường" else 0.6
    return base * chance.uniform(0.5, 1.5)


def _give_doors(chance: Random, groups: Sequence[Group], households: int) -> None:
    """So many doors in all, more where more work is; each group has its own stretch of its ward's streets."""
    others = [group for group in groups if not group.is_own]
    counts = shared(households - OWN_DOORS, [0.4 + 3 * (group.weight or 0.3) for group in others])
    numbers: dict[tuple[int, str], int] = defaultdict(lambda: chance.randrange(1, 8))
    for group, n in [
        *((group, OWN_DOORS) for group in groups if group.is_own),
        *zip(others, counts, strict=True),
    ]:
        called = ("Hoàng Diệu",) if group.is_own else streets(group.ward_name)
        roads = chance.sample(called, min(len(called), 1 + (n > 12) + (n > 40) + (n > 150)))
        lengths = shared(n, [chance.uniform(0.6, 1.4) for _road in roads])
        group.roads = []
        for street, doors in zip(roads, lengths, strict=True):
            if doors:
                first = numbers[group.ward_id, street]
                numbers[group.ward_id, street] += 2 * doors + chance.randrange(2, 9)
                group.roads.append(Road(street, first, doors))
