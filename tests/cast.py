"""The cast of every test: people of two wards of Đà Nẵng, their teams and residential groups, and a lane with twelve doors.

Phường Hải Châu
  Lê Thị Hoài      volunteer, team of Tổ 12 and Tổ 13
  Phạm Quốc Bảo    volunteer of the same team
  Trần Văn Lộc     its leader
  Đỗ Thị Mai       volunteer of the other team, which goes to Tổ 40
  Nguyễn Thị Thu   ward lead
Phường An Hải
  Võ Thị Ngân      volunteer, team of Tổ 3
  Hồ Văn Phúc      ward lead
Above them
  Đặng Minh Tâm    officer of the former district Hải Châu
  Huỳnh Ngọc Khánh city administrator
  Bùi Thanh Yến    auditor
Outside
  Ngô Văn Lạ       has an account and no posting
"""

import uuid
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from passlib.context import CryptContext
from sqlmodel import Session, select

from skills import clock
from skills.areas import load as areas
from skills.areas.blocks import block_ids
from skills.areas.find import city as city_on
from skills.areas.find import former_districts
from skills.areas.groups import list_groups
from skills.areas.models import Area, Level
from skills.catalogue import load as catalogue
from skills.db import Database, Row
from skills.households.address import address
from skills.households.count import count_door
from skills.households.lock import lock_wards
from skills.households.models import Household
from skills.people.models import Person, Posting, Role, Team, TeamGroup, TeamMember, TeamRole
from skills.people.viewer import Viewer, find_viewer
from skills.settings import Settings
from skills.tables import FEATURES

PASSWORD = "tungnha-demo"
SINCE = date(2025, 7, 1)  # the day the two wards came into being
CHEAP = CryptContext(schemes=["argon2"], argon2__memory_cost=8, argon2__time_cost=1, argon2__parallelism=1)

HAI_CHAU, AN_HAI, OFFICES = "Hải Châu", "An Hải", ""
_PEOPLE = (  # full name, telephone number, role, ward, team (as its number among the teams below)
    ("Lê Thị Hoài", "+84905000001", Role.VOLUNTEER, HAI_CHAU, 0),
    ("Trần Văn Lộc", "+84905000002", Role.TEAM_LEADER, HAI_CHAU, 0),
    ("Nguyễn Thị Thu", "+84905000003", Role.WARD_LEAD, HAI_CHAU, None),
    ("Đặng Minh Tâm", "+84905000004", Role.OFFICER, OFFICES, None),
    ("Huỳnh Ngọc Khánh", "+84905000005", Role.CITY_ADMIN, OFFICES, None),
    ("Bùi Thanh Yến", "+84905000006", Role.AUDITOR, OFFICES, None),
    ("Phạm Quốc Bảo", "+84905000007", Role.VOLUNTEER, HAI_CHAU, 0),
    ("Đỗ Thị Mai", "+84905000008", Role.VOLUNTEER, HAI_CHAU, 1),
    ("Ngô Văn Lạ", "+84905000009", None, OFFICES, None),
    ("Võ Thị Ngân", "+84905000011", Role.VOLUNTEER, AN_HAI, 2),
    ("Hồ Văn Phúc", "+84905000013", Role.WARD_LEAD, AN_HAI, None),
)
_TEAMS = (  # name, ward, groups
    ("Tổ công nghệ số cộng đồng số 5", HAI_CHAU, ("Tổ 12", "Tổ 13")),
    ("Tổ công nghệ số cộng đồng số 9", HAI_CHAU, ("Tổ 40",)),
    ("Tổ công nghệ số cộng đồng số 2", AN_HAI, ("Tổ 3",)),
)
_DOORS = (  # group, street, number
    ("Tổ 12", "Hàng Dừa", "2"),
    ("Tổ 12", "Hàng Dừa", "4"),
    ("Tổ 12", "Hàng Dừa", "6"),
    ("Tổ 12", "Hàng Dừa", "7"),
    ("Tổ 12", "Hàng Dừa", "7A"),
    ("Tổ 12", "Hàng Dừa", "7/2"),
    ("Tổ 12", "Hàng Dừa", "12"),
    ("Tổ 12", "Hàng Dừa", "K45/2"),
    ("Tổ 12", "Hàng Dừa", "K45/12"),
    ("Tổ 13", "Hàng Dừa", "K61/1"),
    ("Tổ 40", "Lý Thường Kiệt", "31"),
    ("Tổ 3", "Nguyễn Thông", "8"),
)


@dataclass(frozen=True)
class City:
    """One test's own copy of the cast. People are found by given name, doors by number, wards and groups by name."""

    database: Database
    url: str
    people: dict[str, Person]
    wards: dict[str, Area]
    groups: dict[str, Area]
    doors: dict[str, Household]
    teams: dict[str, Team]  # by name
    district: Area  # the former district Hải Châu
    whole: Area  # the city

    @property
    def settings(self) -> Settings:
        """What an application over this copy is made with."""
        return Settings(env="test", database_url=self.url, base_url="http://testserver", trusted_proxy="")

    def viewer(self, name: str, today: date | None = None) -> Viewer:
        """The viewer behind a given name, as the gate would find it."""
        with self.database.reading() as db:
            viewer = find_viewer(db, self.people[name].id, today or clock.today())
        assert viewer is not None
        return viewer


def build(database: Database) -> None:
    """Makes the tables and puts the cast into an empty database."""
    assert FEATURES  # every table is known by now
    Row.metadata.create_all(database.writer)
    with database.writing() as db:
        areas.load(db)
        catalogue.load(db)
        wards = {name: _ward(db, name) for name in (HAI_CHAU, AN_HAI)}
        groups = {
            group.name: group
            for name, names in ((HAI_CHAU, ("Tổ 12", "Tổ 13", "Tổ 40")), (AN_HAI, ("Tổ 3",)))
            for group in list_groups(db, wards[name].id, [(each, None) for each in names], SINCE)
        }
        people = _add_people(db, wards)
        _add_teams(db, wards, groups, people)
        _add_doors(db, wards, groups, people[0])


def meet(database: Database, url: str) -> City:
    """The city of a database in which the cast was built."""
    with database.reading() as db:
        found = City(
            database=database,
            url=url,
            people={person.full_name.split()[-1]: person for person in db.exec(select(Person))},
            wards={name: _ward(db, name) for name in (HAI_CHAU, AN_HAI)},
            groups={area.name: area for area in db.exec(select(Area).where(Area.level == Level.GROUP))},
            doors={door.number: door for door in db.exec(select(Household))},
            teams={team.name: team for team in db.exec(select(Team))},
            district=_district(db),
            whole=city_on(db, clock.today()),
        )
        db.expunge_all()
    return found


def template(folder: Path) -> Path:
    """A SQLite file with the cast in it, to be copied for each test."""
    file = folder / "cast.db"
    database = Database(f"sqlite:///{file}")
    build(database)
    with database.writer.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return file


def _ward(db: Session, name: str) -> Area:
    return db.exec(
        select(Area).where(Area.level == Level.WARD, Area.short_name == name, Area.valid_from == SINCE)
    ).one()


def _district(db: Session) -> Area:
    return next(area for area in former_districts(db, clock.today()) if area.short_name == HAI_CHAU)


def _add_people(db: Session, wards: dict[str, Area]) -> list[Person]:
    password_hash = CHEAP.hash(PASSWORD)
    above = {
        Role.OFFICER: _district(db).id,
        Role.CITY_ADMIN: city_on(db, clock.today()).id,
        Role.AUDITOR: city_on(db, clock.today()).id,
    }
    people = []
    for place, (full_name, phone, role, ward, _team) in enumerate(_PEOPLE):
        person = Person(
            id=_id("a", place), full_name=full_name, phone=phone, password_hash=password_hash,
            created_at=clock.now(),
        )  # fmt: skip
        db.add(person)
        db.flush()
        people.append(person)
        if role is not None:
            area_id = wards[ward].id if ward else above[role]
            db.add(
                Posting(id=_id("b", place), person_id=person.id, role=role, area_id=area_id, valid_from=SINCE)
            )
    db.flush()
    return people


def _add_teams(db: Session, wards: dict[str, Area], groups: dict[str, Area], people: list[Person]) -> None:
    for place, (name, ward, going_to) in enumerate(_TEAMS):
        team = Team(id=_id("c", place), area_id=wards[ward].id, name=name)
        db.add(team)
        db.flush()
        for group in going_to:
            db.add(TeamGroup(team_id=team.id, group_id=groups[group].id, valid_from=SINCE))
        for person, (*_rest, role, _ward, belongs_to) in zip(people, _PEOPLE, strict=True):
            if belongs_to == place:
                rank = TeamRole.LEADER if role is Role.TEAM_LEADER else TeamRole.MEMBER
                db.add(TeamMember(team_id=team.id, person_id=person.id, valid_from=SINCE, role=rank))
    db.flush()


def _add_doors(db: Session, wards: dict[str, Area], groups: dict[str, Area], author: Person) -> None:
    lock_wards(db, [ward.id for ward in wards.values()])
    for place, (group, street, number) in enumerate(_DOORS):
        ward_id = wards[AN_HAI if group == "Tổ 3" else HAI_CHAU].id
        wanted: dict[str, Any] = dict(address(street, number))
        block_id = min(block_ids(db, groups[group].id, clock.today()))
        db.add(
            Household(
                ward_id=ward_id,
                id=_id("d", place),
                block_id=block_id,
                created_at=clock.now(),
                created_by=author.id,
                **wanted,
            )
        )
        db.flush()
        count_door(db, ward_id, block_id, 1)


def _id(kind: str, place: int) -> uuid.UUID:
    """The same in every run, and readable in a failing test."""
    return uuid.UUID(f"{kind * 8}-0000-7000-8000-{place:012d}")
