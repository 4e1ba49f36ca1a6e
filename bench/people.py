"""Who asks for the pages: volunteers of many wards out of the city, and the offices above them.

The demonstration has two ward leads and one officer. So the bench adds a ward lead to each of some wards, an officer to each
former district, and a class that learns to sign in. Run again over the same database, it finds them there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from random import Random
from uuid import UUID

from sqlmodel import Session, col, func, select

from skills.areas.blocks import blocks_on
from skills.areas.find import children, city, former_districts
from skills.areas.models import Area
from skills.db import Database
from skills.households.models import Household, WardBlock
from skills.people import sessions
from skills.people.add import add_person, find_person
from skills.people.models import Person, Posting, Role, Team, TeamMember
from skills.people.passwords import hash_password
from skills.people.viewer import Viewer, find_viewer

PASSWORD = "tungnha-demo"  # noqa: S105 - that of the demonstration
_OWN_NUMBERS = {Role.WARD_LEAD: 909_100_000, Role.OFFICER: 909_200_000, Role.VOLUNTEER: 909_300_000}
_DOORS = 40  # of each volunteer that are asked for

Door = tuple[int, UUID]


@dataclass(frozen=True)
class Goer:
    """Somebody who is signed in, with some of the doors within reach, each with its folded words."""

    viewer: Viewer
    cookie: str
    doors: tuple[Door, ...]
    words: tuple[str, ...]
    groups: tuple[int, ...]


@dataclass(frozen=True)
class Cast:
    """Everybody who takes part."""

    volunteers: tuple[Goer, ...]
    leaders: tuple[Goer, ...]
    ward_leads: tuple[Goer, ...]
    officers: tuple[tuple[str, int], ...]  # cookie, and the id of the former district
    city: tuple[str, int]  # the administrator's cookie, and the id of the city
    token: str
    students: tuple[str, ...]  # telephone numbers of a class


def meet(database: Database, day: date, volunteers: int, wards: int, students: int) -> Cast:
    """Signs everybody in. The same city gives the same people."""
    chance = Random("who asks")
    with database.writing() as db:
        districts = former_districts(db, day)
        administrator = find_person(db, "0905000005")
        if administrator is None:
            raise ValueError("nobody of the demonstration is here: this is no made city")
        return Cast(
            volunteers=_goers(db, _of_teams(db, chance, Role.VOLUNTEER), volunteers, day),
            leaders=_goers(db, _of_teams(db, chance, Role.TEAM_LEADER), volunteers // 2, day),
            ward_leads=_goers(db, _ward_leads(db, chance, wards, day), wards, day),
            officers=tuple(
                (sessions.create(db, _own(db, Role.OFFICER, place, area.id, day).id), area.id)
                for place, area in enumerate(districts)
            ),
            city=(sessions.create(db, administrator.id), city(db, day).id),
            token=sessions.issue_api_token(db, administrator.id, "bench"),
            students=_class(db, students, day),
        )


def carriers(database: Database, day: date, most: int) -> tuple[Goer, ...]:
    """Volunteers who carry phones that hand in: others than the first, so that nobody brings in more than a day's most."""
    with database.writing() as db:
        return _goers(db, reversed(_of_teams(db, Random("who asks"), Role.VOLUNTEER)), most, day)


def _of_teams(db: Session, chance: Random, role: Role) -> list[UUID]:
    """People of that role in an order that goes from ward to ward."""
    rows = db.execute(
        select(col(TeamMember.person_id), col(Team.area_id))
        .join(Team, col(Team.id) == col(TeamMember.team_id))
        .join(Posting, (col(Posting.person_id) == col(TeamMember.person_id)) & (col(Posting.role) == role.value))
        .order_by(col(TeamMember.person_id))
    ).all()  # fmt: skip
    chance.shuffle(rows := list(rows))
    seen: dict[int, int] = {}
    turns: list[tuple[int, UUID]] = []
    for person_id, ward in rows:
        seen[ward] = seen.get(ward, 0) + 1
        turns.append((seen[ward], person_id))
    return [person_id for _turn, person_id in sorted(turns, key=lambda pair: pair[0])]


def _ward_leads(db: Session, chance: Random, wards: int, day: date) -> list[UUID]:
    """Of half the largest wards and as many others."""
    stored = (
        select(col(WardBlock.ward_id))
        .group_by(col(WardBlock.ward_id))
        .order_by(func.sum(WardBlock.households).desc(), col(WardBlock.ward_id))
    )
    by_size = list(db.execute(stored).scalars())
    largest, others = by_size[: wards // 2], by_size[wards // 2 :]
    chosen = largest + chance.sample(others, min(wards - len(largest), len(others)))
    return [_own(db, Role.WARD_LEAD, ward, ward, day).id for ward in chosen]


def _goers(db: Session, people: Iterable[UUID], most: int, day: date) -> tuple[Goer, ...]:
    """The first of these people who have doors to go to."""
    found: list[Goer] = []
    for person_id in people:
        viewer = find_viewer(db, person_id, day)
        if viewer is None or len(found) == most:
            continue
        areas = viewer.group_ids or {posted.area_id for posted in viewer.postings}
        rows = db.execute(
            select(col(Household.ward_id), col(Household.id), col(Household.fold))
            .where(col(Household.block_id).in_(blocks_on(areas, day)))
            .limit(_DOORS * 5)
        ).all()
        some = Random(str(person_id)).sample(rows, min(len(rows), _DOORS))
        if some:
            found.append(
                Goer(
                    viewer,
                    sessions.create(db, person_id),
                    tuple((ward, door) for ward, door, _fold in some),
                    tuple(fold for _ward, _door, fold in some),
                    tuple(sorted(viewer.group_ids)) or _groups(db, areas, day),
                )
            )
    return tuple(found)


def _groups(db: Session, wards: Iterable[int], day: date) -> tuple[int, ...]:
    """The residential groups of wards."""
    found: list[int] = []
    for ward in sorted(wards):
        area = db.get(Area, ward)
        found += [group.id for group in children(db, area, day)] if area else []
    return tuple(found)


def _class(db: Session, students: int, day: date) -> tuple[str, ...]:
    """A class of volunteers, all with the password of the demonstration. One hash for all: making sixty is not measured."""
    ward = db.execute(select(func.min(Household.ward_id))).scalar_one()
    password_hash = hash_password(PASSWORD)
    phones = []
    for place in range(students):
        person = _own(db, Role.VOLUNTEER, place, ward, day)
        person.password_hash = password_hash
        db.add(person)
        phones.append(_phone(Role.VOLUNTEER, place))
    db.flush()
    return tuple(phones)


def _own(db: Session, role: Role, place: int, area_id: int, day: date) -> Person:
    """A person of the bench, found or added."""
    phone = _phone(role, place)
    return find_person(db, phone) or add_person(db, f"Người Đo {place}", phone, role, area_id, valid_from=day)


def _phone(role: Role, place: int) -> str:
    return f"0{_OWN_NUMBERS[role] + place}"
