"""The people of the demonstration: those who can sign in, and the teams of every ward."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

from skills.areas.models import FOREVER
from skills.db import Session, insert_many
from skills.demo.chance import at, new_id
from skills.demo.names import full_name
from skills.demo.places import Group, Places
from skills.people.models import Person, Posting, Role, Team, TeamGroup, TeamMember, TeamRole
from skills.people.passwords import hash_password
from skills.people.phones import parse_phone

PASSWORD = "tungnha-demo"  # noqa: S105 - written on the sign-in page of the demonstration
_FIXED = (  # number, name, role, where: a ward, or the office above it
    ("0905000001", "Lê Thị Hoài", Role.VOLUNTEER, "Hải Châu"),
    ("0905000002", "Trần Văn Lộc", Role.TEAM_LEADER, "Hải Châu"),
    ("0905000003", "Nguyễn Thị Thu", Role.WARD_LEAD, "Hải Châu"),
    ("0905000004", "Đặng Minh Tâm", Role.OFFICER, "district"),
    ("0905000005", "Huỳnh Ngọc Khánh", Role.CITY_ADMIN, "city"),
    ("0905000006", "Bùi Thanh Yến", Role.AUDITOR, "city"),
    ("0905000011", "Võ Thị Ngân", Role.VOLUNTEER, "An Hải"),
    ("0905000013", "Hồ Văn Phúc", Role.WARD_LEAD, "An Hải"),
)
ACCOUNTS = {phone: f"{name}, {role.value}, {where}" for phone, name, role, where in _FIXED}
_FIRST_NUMBER = 905_100_000  # of the people of the teams; nobody can sign in by it


@dataclass
class Crew:
    """A team with what the visits need of it: its members, when who stopped going out, and its groups."""

    id: UUID
    groups: list[Group]
    members: list[UUID] = field(default_factory=list)
    stopped: dict[UUID, date] = field(default_factory=dict)

    def going(self, day: date) -> list[UUID]:
        """Who goes out on that day: everybody who has not stopped by then."""
        return [
            member for member in self.members if member not in self.stopped or day <= self.stopped[member]
        ]


def add_people(db: Session, chance: Random, places: Places, since: date, until: date) -> list[Crew]:
    """Writes the accounts, and for every one or two residential groups a team of four to nine people. Returns the teams."""
    people: list[dict[str, Any]] = []
    postings: list[dict[str, Any]] = []
    crews: list[Crew] = []
    rows: dict[type, list[dict[str, Any]]] = {Team: [], TeamMember: [], TeamGroup: []}

    def add(name: str, phone: str, role: Role, area_id: int, password_hash: str | None) -> UUID:
        person_id = new_id(chance, since)
        number = parse_phone(phone)
        people.append(
            {"id": person_id, "full_name": name, "phone": number, "password_hash": password_hash, "language": "vi",
             "created_at": at(since, 8), "dismissed_at": None}
        )  # fmt: skip
        postings.append(
            {"id": new_id(chance, since), "person_id": person_id, "role": role.value, "area_id": area_id,
             "valid_from": since, "valid_to": FOREVER}
        )  # fmt: skip
        return person_id

    above = {"district": places.district.id, "city": places.city.id}
    fixed = {
        phone: add(name, phone, role, above.get(where) or places.wards[where].id, hash_password(PASSWORD))
        for phone, name, role, where in _FIXED
    }
    for number, groups in enumerate(_beats(chance, places)):
        ward = groups[0].ward
        crew = Crew(new_id(chance, since), groups)
        rows[Team].append(
            {"id": crew.id, "area_id": ward.id, "name": f"Tổ công nghệ số cộng đồng {groups[0].area.name}",
             "decision_no": f"{chance.randrange(40, 900)}/QĐ-UBND", "decision_date": since - timedelta(days=chance.randrange(5, 90)),
             "dissolved_on": None}
        )  # fmt: skip
        own = [fixed[phone] for phone in _members_of(groups)]
        size = chance.choices((4, 5, 6, 7, 8, 9), (1, 2, 4, 8, 3, 2))[0]
        for place in range(len(own), max(size, len(own) + 1)):
            phone = f"0{_FIRST_NUMBER + number * 20 + place}"
            role = Role.TEAM_LEADER if place == 0 else Role.VOLUNTEER
            own.append(add(full_name(chance), phone, role, ward.id, None))
        crew.members = own
        for place, person_id in enumerate(own):
            rank = TeamRole.LEADER if place == 0 else TeamRole.DEPUTY if place == 1 else TeamRole.MEMBER
            rows[TeamMember].append(
                {
                    "team_id": crew.id,
                    "person_id": person_id,
                    "valid_from": since,
                    "valid_to": FOREVER,
                    "role": rank.value,
                }
            )
            if place > 1 and chance.random() < 0.15 and person_id not in fixed.values():
                crew.stopped[person_id] = since + (until - since) * chance.uniform(0.15, 0.7)
        rows[TeamGroup] += [
            {"team_id": crew.id, "group_id": group.area.id, "valid_from": since, "valid_to": FOREVER}
            for group in groups
        ]
        crews.append(crew)
    insert_many(db, Person, people)
    insert_many(db, Posting, postings)
    for table in (Team, TeamMember, TeamGroup):
        insert_many(db, table, rows[table])
    return crews


def _members_of(groups: list[Group]) -> tuple[str, ...]:
    """The accounts that belong to the team of these groups: its leader first."""
    names = {(group.ward.short_name, group.area.name) for group in groups}
    if ("Hải Châu", "Tổ 12") in names:
        return ("0905000002", "0905000001")
    return ("0905000011",) if ("An Hải", "Tổ 1") in names else ()


def _beats(chance: Random, places: Places) -> list[list[Group]]:
    """The groups of each team: one or two neighbours of a ward; Tổ 12 has a team of its own."""
    beats: list[list[Group]] = []
    for group in places.groups:
        joined = beats and beats[-1][0].ward.id == group.ward.id and len(beats[-1]) == 1
        alone = group.area.name == "Tổ 12" or (beats and beats[-1][0].area.name == "Tổ 12")
        if joined and not alone and chance.random() < 0.3:
            beats[-1].append(group)
        else:
            beats.append([group])
    return beats
