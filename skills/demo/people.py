"""The people of the demonstration: those who can sign in, and the teams of every ward."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from random import Random
from typing import Any
from uuid import UUID

from skills.areas.models import FOREVER
from skills.db import Session, insert_many
from skills.demo.chance import at, new_id
from skills.demo.names import full_name
from skills.demo.places import GROUPS, TEAMS, Group, Places, Stay
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
_FIRST_NUMBER = 905_100_000  # of all others; nobody can sign in by it
_MEMBERS = 24_303  # of 3 766 teams
_SIZES, _SIZE_WEIGHTS = (
    (4, 5, 6, 7, 8, 9),
    (2, 3, 5, 10, 3, 1),
)  # seven is asked for, and many teams have fewer
_STOPPED = 0.15  # of the members go out for a while and then no more


@dataclass(frozen=True)
class Crew:
    """A team with what the visits need of it: its members, and when who stopped going out."""

    id: UUID
    members: tuple[UUID, ...]
    stopped: dict[UUID, date]

    def going(self, day: date) -> list[UUID]:
        """Who goes out on that day: everybody who has not stopped by then."""
        stopped = self.stopped
        return [member for member in self.members if member not in stopped or day <= stopped[member]]


@dataclass
class _Lists:
    """The rows of the people's tables, as they come together."""

    chance: Random
    people: list[dict[str, Any]] = field(default_factory=list)
    postings: list[dict[str, Any]] = field(default_factory=list)
    teams: list[dict[str, Any]] = field(default_factory=list)
    members: list[dict[str, Any]] = field(default_factory=list)
    groups: list[dict[str, Any]] = field(default_factory=list)
    accounts: dict[str, UUID] = field(default_factory=dict)

    def person(self, name: str, role: Role, stays: Sequence[Stay], phone: str = "") -> UUID:
        """Somebody with a role in an area, or in one area after another; only who has a number to sign in by has a password."""
        since = stays[0].first
        person_id = new_id(self.chance, at(since, 8))
        number = parse_phone(phone) or f"+84{_FIRST_NUMBER + len(self.people)}"
        self.people.append(
            {"id": person_id, "full_name": name, "phone": number, "password_hash": hash_password(PASSWORD) if phone else None,
             "language": "vi", "created_at": at(since, 8), "dismissed_at": None}
        )  # fmt: skip
        self.postings += [
            {"id": new_id(self.chance, at(stay.first, 8)), "person_id": person_id, "role": role.value, "area_id": stay.ward_id,
             "valid_from": stay.first, "valid_to": stay.last}
            for stay in stays
        ]  # fmt: skip
        return person_id


def add_people(db: Session, chance: Random, places: Places, since: date, until: date) -> dict[int, Crew]:
    """Writes the accounts, a lead for every ward, and the teams. Returns the team of each residential group, by the group's id."""
    lists = _Lists(chance)
    offices = {"district": places.district.id, "city": places.city.id}
    for phone, name, role, where in _FIXED:
        area_id = offices.get(where) or places.wards[where].id
        lists.accounts[phone] = lists.person(name, role, [Stay(area_id, since, FOREVER)], phone)
    led = {where for _phone, _name, role, where in _FIXED if role is Role.WARD_LEAD}
    for ward in dict.fromkeys(group.ward_name for group in places.groups):
        if ward not in led:
            day = max(since, places.wards[ward].valid_from)
            lists.person(full_name(chance), Role.WARD_LEAD, [Stay(places.wards[ward].id, day, FOREVER)])
    beats = _beats(chance, places.groups)
    crews: dict[int, Crew] = {}
    for groups, size in zip(beats, _sizes(chance, len(beats)), strict=True):
        crew = _add_team(lists, groups, size, until)
        crews |= {group.id: crew for group in groups}
    for table, rows in (
        (Person, lists.people), (Posting, lists.postings), (Team, lists.teams), (TeamMember, lists.members), (TeamGroup, lists.groups),
    ):  # fmt: skip
        insert_many(db, table, rows)
    return crews


def _add_team(lists: _Lists, groups: Sequence[Group], size: int, until: date) -> Crew:
    """A team of so many people, the accounts among them where it is theirs, as its decision set it up."""
    chance, first = lists.chance, groups[0]
    since = first.since
    team_id = new_id(chance, at(since, 8))
    lists.teams.append(
        {"id": team_id, "area_id": first.ward_id, "name": f"Tổ công nghệ số cộng đồng {first.name}",
         "decision_no": f"{chance.randrange(40, 900)}/QĐ-UBND", "decision_date": since - timedelta(days=chance.randrange(5, 90)),
         "dissolved_on": None}
    )  # fmt: skip
    own = [lists.accounts[phone] for phone in _accounts_of(groups)]
    accounts = frozenset(own)
    for place in range(len(own), max(size, len(own) + 1)):
        role = Role.TEAM_LEADER if place == 0 else Role.VOLUNTEER
        own.append(lists.person(full_name(chance), role, first.stays))
    stopped: dict[UUID, date] = {}
    for place, person_id in enumerate(own):
        rank = TeamRole.LEADER if place == 0 else TeamRole.DEPUTY if place == 1 else TeamRole.MEMBER
        lists.members.append(
            {"team_id": team_id, "person_id": person_id, "valid_from": since, "valid_to": FOREVER, "role": rank.value}
        )  # fmt: skip
        if place > 1 and chance.random() < _STOPPED and person_id not in accounts:
            stopped[person_id] = since + (until - since) * chance.uniform(0.15, 0.7)
    lists.groups += [
        {"team_id": team_id, "group_id": group.id, "valid_from": group.since, "valid_to": FOREVER} for group in groups
    ]  # fmt: skip
    return Crew(team_id, tuple(own), stopped)


def _accounts_of(groups: Sequence[Group]) -> tuple[str, ...]:
    """The accounts that belong to the team of these groups: its leader first."""
    names = {(group.ward_name, group.name) for group in groups}
    if ("Hải Châu", "Tổ 12") in names:
        return ("0905000002", "0905000001")
    return ("0905000011",) if ("An Hải", "Tổ 1") in names else ()


def _beats(chance: Random, groups: Sequence[Group]) -> list[list[Group]]:
    """The groups of each team: one, or two neighbours that lay in the same wards; Tổ 12 has a team of its own."""
    pairs = round(len(groups) * (1 - TEAMS / GROUPS))
    free = [
        place
        for place, (group, beside) in enumerate(pairwise(groups))
        if group.stays == beside.stays and not (group.is_own or beside.is_own)
    ]
    chance.shuffle(free)
    joined: set[int] = set()
    for place in free:
        if len(joined) < pairs and not {place - 1, place + 1} & joined:
            joined.add(place)
    beats: list[list[Group]] = []
    for place, group in enumerate(groups):
        if place - 1 in joined:
            beats[-1].append(group)
        else:
            beats.append([group])
    return beats


def _sizes(chance: Random, teams: int) -> list[int]:
    """How many people each team has: all together in proportion to the city's 24 303 in 3 766."""
    sizes = chance.choices(_SIZES, _SIZE_WEIGHTS, k=teams)
    off = round(_MEMBERS * teams / TEAMS) - sum(sizes)
    while off:
        step = 1 if off > 0 else -1
        place = chance.randrange(teams)
        if sizes[place] + step in _SIZES:
            sizes[place] += step
            off -= step
    return sizes
