"""The people within reach: a page of a list, and one of them. What a role may not see of them is not there at all."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, func, literal, or_, select
from sqlmodel import Session, col

from skills.admin.people.reach import (
    Reach,
    areas_within,
    invitations_seen_by,
    member,
    reach_of,
    seen_by,
    standing,
)
from skills.areas.find import label
from skills.areas.models import Area
from skills.errors import NotFound
from skills.invitations.invite import still_open
from skills.invitations.models import Invitation, Kind
from skills.language import gettext as _
from skills.people.models import Device, Enrolment, LoginSession, Person, Posting, Role, Team, TeamMember
from skills.people.phones import national
from skills.people.viewer import Viewer
from skills.text import fold, sort_key

AT_ONCE = 50  # people on a page
SHORTEST = 3  # letters or digits that somebody has to know of whom they look for
State = Literal["active", "invited", "dismissed"]


@dataclass(frozen=True)
class Asked:
    """What the list was asked for. `query`: parts of a name, or the last digits of a number."""

    query: str = ""
    role: Role | None = None
    area: int | None = None
    team: uuid.UUID | None = None
    state: State = "active"
    page: int = 1

    @property
    def is_too_short(self) -> bool:
        """Whether less was typed than anybody is looked for by."""
        return bool(self.query.strip()) and len(fold(self.query).replace(" ", "")) < SHORTEST

    def address(self, **changed: object) -> str:
        """The list with something else asked."""
        asked: dict[str, object] = {
            "q": self.query, "role": self.role or "", "area": self.area or "", "team": self.team or "",
            "state": "" if self.state == "active" else self.state, "page": self.page if self.page > 1 else "",
        }  # fmt: skip
        kept = {name: value for name, value in (asked | {"page": ""} | changed).items() if value}
        return "/admin/people" + ("?" + urlencode(kept) if kept else "")


@dataclass(frozen=True)
class Place:
    """A role in an area since a day, with the names for both."""

    id: uuid.UUID
    role: Role
    area_id: int
    area: str
    since: date
    until: date


@dataclass(frozen=True)
class Row:
    """Somebody in the list. `phone`: whole, its last digits, or "" where it is not for the viewer."""

    id: uuid.UUID
    full_name: str
    phone: str
    places: Sequence[Place]
    teams: Sequence[str]
    until: datetime | None = None  # of an invitation: until when it holds


@dataclass(frozen=True)
class PeopleList:
    """A page of the list, what else could be chosen, and how many there are."""

    asked: Asked
    rows: Sequence[Row]
    found: int
    areas: Sequence[tuple[str, str]]
    teams: Sequence[tuple[str, str]]
    roles: Sequence[Role]

    def role_choices(self, words: Mapping[Role, str]) -> list[tuple[str, str]]:
        """The roles to choose from, with what they are called."""
        return [(role.value, words[role]) for role in self.roles]

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.found // AT_ONCE))


@dataclass(frozen=True)
class Seen:
    """One person, as far as the viewer sees them."""

    person: Person
    phone: str
    places: Sequence[Place]
    teams: Sequence[Team]
    waiting: Sequence[Invitation]  # to come back in
    last_contact: datetime | None


def find_people(db: Session, viewer: Viewer, asked: Asked) -> PeopleList:
    """A page of those within reach that were asked for, by given name. A handful of statements, however many people there are.

    NotFound for an area or a team that is not within reach.
    """
    reach = reach_of(db, viewer)
    areas, teams = _areas(db, reach.areas, viewer.today), _teams(db, reach, asked.area)
    if asked.area is not None and asked.area not in reach.areas:
        raise NotFound("area")
    if asked.team is not None and not _sees_team(db, reach, asked.team):
        raise NotFound("team")
    inside = areas_within(db, frozenset({asked.area}), viewer) if asked.area is not None else reach.areas
    rows: list[Row] = []
    found = 0
    if asked.is_too_short:
        pass
    elif asked.state == "invited":
        rows, found = _invited(db, viewer, reach, asked, inside)
    else:
        rows, found = _persons(db, viewer, reach, asked, inside)
    roles = [role for role in Role if role is not Role.CITY_ADMIN or reach.city]
    return PeopleList(asked, rows, found, areas, teams, roles)


def find_person(db: Session, viewer: Viewer, person_id: uuid.UUID) -> Seen:
    """One person within reach. NotFound for everybody else."""
    reach = reach_of(db, viewer)
    person = db.scalars(select(Person).where(col(Person.id) == person_id, seen_by(reach, viewer))).first()
    if person is None:
        raise NotFound("person")
    [row] = _rows(db, viewer, reach, [person])
    return Seen(
        person=person,
        phone=row.phone,
        places=row.places,
        teams=_teams_of(db, viewer, [person.id])[person.id],
        waiting=list(
            db.scalars(
                select(Invitation).where(col(Invitation.person_id) == person_id, col(Invitation.kind) == Kind.RETURN, *still_open())
            )
        ),
        last_contact=_last_contact(db, person_id),
    )  # fmt: skip


def place_names(db: Session, area_ids: Iterable[int], day: date) -> dict[int, str]:
    """How areas are called on a day, by id."""
    found = db.scalars(select(Area).where(col(Area.id).in_(set(area_ids))))
    return {area.id: label(area, day, _("Khu vực")) for area in found}


# The list


def _persons(
    db: Session, viewer: Viewer, reach: Reach, asked: Asked, inside: frozenset[int]
) -> tuple[list[Row], int]:
    gone = col(Person.dismissed_at)
    conditions = [
        seen_by(reach, viewer, None if asked.area is None else inside, asked.role),
        gone.is_not(None) if asked.state == "dismissed" else gone.is_(None),
    ]
    if asked.team is not None:
        members = select(col(TeamMember.person_id)).where(
            *member(viewer), col(TeamMember.team_id) == asked.team
        )
        conditions.append(col(Person.id).in_(members))
    if asked.query.strip():
        conditions.append(_like(viewer, reach, asked.query))
    page = db.execute(
        select(col(Person.id), func.count().over())
        .where(*conditions)
        .order_by(col(Person.name_key), col(Person.id))
        .limit(AT_ONCE)
        .offset((asked.page - 1) * AT_ONCE)
    ).all()
    if not page:  # behind the last page nobody tells how many there are
        return [], db.scalar(select(func.count()).select_from(Person).where(*conditions)) or 0
    people = {
        each.id: each
        for each in db.scalars(select(Person).where(col(Person.id).in_([id for id, _found in page])))
    }
    return _rows(db, viewer, reach, [people[id] for id, _found in page]), page[0][1]


def _like(viewer: Viewer, reach: Reach, query: str) -> ColumnElement[bool]:
    """Every word begins a word of the name; digits are the last ones of the number, all of them only where all are shown."""
    digits = query.replace(" ", "").replace(".", "")
    if digits.isascii() and digits.isdecimal():
        # where the whole number is shown any ending may be asked for, where its last three are, those
        whole = _seen_where(reach.wards, reach.teams, viewer)
        last = _seen_where(reach.city, frozenset(), viewer) if len(digits) == SHORTEST else literal(False)
        tail = digits.lstrip("0") if len(digits) > 6 else digits
        return or_(whole, last) & col(Person.phone).like(f"%{tail}")
    words = [
        (literal(" ") + col(Person.fold)).contains(" " + word, autoescape=True)
        for word in fold(query).split()
    ]
    condition: ColumnElement[bool] = literal(True)
    for word in words:
        condition = condition & word
    return condition


def _seen_where(areas: frozenset[int], teams: frozenset[uuid.UUID], viewer: Viewer) -> ColumnElement[bool]:
    return seen_by(Reach(areas, areas, frozenset(), teams), viewer)


def _invited(
    db: Session, viewer: Viewer, reach: Reach, asked: Asked, inside: frozenset[int]
) -> tuple[list[Row], int]:
    """Those who were invited and have not come in; few enough to be searched here."""
    query = select(Invitation).where(
        invitations_seen_by(reach), col(Invitation.kind) == Kind.JOIN, *still_open()
    )
    if asked.role is not None:
        query = query.where(col(Invitation.role) == asked.role)
    if asked.area is not None:
        query = query.where(col(Invitation.area_id).in_(inside))
    if asked.team is not None:
        query = query.where(col(Invitation.team_id) == asked.team)
    words = [f" {word}" for word in fold(asked.query).split()]
    found = [each for each in db.scalars(query) if all(word in f" {fold(each.full_name)}" for word in words)]
    found.sort(key=lambda each: (sort_key(each.full_name.split()[-1]), sort_key(each.full_name), each.id))
    shown = found[(asked.page - 1) * AT_ONCE : asked.page * AT_ONCE]
    areas = place_names(db, {each.area_id for each in shown}, viewer.today)
    teams = _team_names(db, {each.team_id for each in shown if each.team_id})
    return [
        Row(
            each.id, each.full_name, _shown(reach, each.phone, {each.area_id}, {each.team_id} if each.team_id else set()),
            [Place(each.id, Role(each.role), each.area_id, areas[each.area_id], viewer.today, viewer.today)],
            [teams[each.team_id]] if each.team_id else [], each.expires_at,
        )
        for each in shown
    ], len(found)  # fmt: skip


def _rows(db: Session, viewer: Viewer, reach: Reach, people: Sequence[Person]) -> list[Row]:
    """With what is within reach of their postings and teams, in a few statements for all."""
    ids = [person.id for person in people]
    query = (
        select(Posting)
        .where(col(Posting.person_id).in_(ids), *standing(viewer))
        .order_by(col(Posting.valid_from), col(Posting.id))
    )
    postings: dict[uuid.UUID, list[Posting]] = defaultdict(list)
    for posting in db.scalars(query):
        postings[posting.person_id].append(posting)
    names = place_names(db, {p.area_id for held in postings.values() for p in held}, viewer.today)
    teams = _teams_of(db, viewer, ids)
    rows = []
    for person in people:
        held, belongs = postings[person.id], teams[person.id]
        here = reach.areas | {team.area_id for team in belongs if team.id in reach.teams}
        shown = [posting for posting in held if posting.area_id in here]
        rows.append(
            Row(
                person.id, person.full_name,
                _shown(reach, person.phone, {p.area_id for p in held}, {team.id for team in belongs}),
                [Place(p.id, Role(p.role), p.area_id, names[p.area_id], p.valid_from, p.valid_to) for p in shown],
                [team.name for team in belongs if team.area_id in reach.areas or team.id in reach.teams],
            )
        )  # fmt: skip
    return rows


def _shown(reach: Reach, phone: str | None, areas: set[int], teams: set[uuid.UUID]) -> str:
    shown = reach.phone(phone, areas, teams) if phone else ""
    return national(shown) if shown.startswith("+") else shown


def _teams_of(db: Session, viewer: Viewer, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Team]]:
    found: dict[uuid.UUID, list[Team]] = defaultdict(list)
    query = (
        select(col(TeamMember.person_id), Team)
        .join(Team, col(Team.id) == col(TeamMember.team_id))
        .where(col(TeamMember.person_id).in_(ids), *member(viewer))
    )
    for person_id, team in db.execute(query):
        found[person_id].append(team)
    return found


def _team_names(db: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    return {team.id: team.name for team in db.scalars(select(Team).where(col(Team.id).in_(ids)))}


def _areas(db: Session, ids: frozenset[int], day: date) -> list[tuple[str, str]]:
    """The areas within reach in which people are posted or invited, by name."""
    found = db.scalars(select(Area).where(col(Area.id).in_(ids)).order_by(col(Area.sort_key), col(Area.id)))
    return [(str(area.id), label(area, day, _("Khu vực"))) for area in found]


def _teams(db: Session, reach: Reach, area_id: int | None) -> list[tuple[str, str]]:
    """The teams to choose from: those led, and those of the area chosen or of the only one within reach; a city has too many."""
    areas = {area_id} if area_id else reach.areas if len(reach.areas) == 1 else set()
    wanted = or_(col(Team.area_id).in_(areas), col(Team.id).in_(reach.teams))
    teams = db.scalars(select(Team).where(col(Team.dissolved_on).is_(None), wanted))
    return [(str(team.id), team.name) for team in sorted(teams, key=lambda team: sort_key(team.name))]


def _sees_team(db: Session, reach: Reach, team_id: uuid.UUID) -> bool:
    team = db.get(Team, team_id)
    return team is not None and (team.area_id in reach.areas or team.id in reach.teams)


def _last_contact(db: Session, person_id: uuid.UUID) -> datetime | None:
    """When a phone or browser of theirs was last heard of."""
    moments = [
        db.scalar(select(func.max(col(moment))).where(col(whose) == person_id))
        for moment, whose in (
            (LoginSession.seen_at, LoginSession.person_id),
            (Device.last_seen_at, Device.person_id),
            (Enrolment.last_used_at, Enrolment.person_id),
        )
    ]
    return max((moment for moment in moments if moment is not None), default=None)
