"""Teams within reach: a leader reads the own team, offices those of their areas. Outside it there is no such team."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, case, col, func, or_, select

from skills.areas.blocks import blocks_on
from skills.areas.find import children, in_force, lies_within, successors
from skills.areas.models import Area, AreaBlock, Level
from skills.errors import NotAllowed, NotFound
from skills.people.models import Person, Posting, Role, Team, TeamGroup, TeamMember, TeamRole
from skills.people.permissions import Permission
from skills.people.viewer import Viewer
from skills.text import fold, sort_key

ENOUGH = 7  # members; a team with fewer is pointed out
_RANK = {TeamRole.LEADER: 0, TeamRole.DEPUTY: 1, TeamRole.MEMBER: 2}
_MAY_JOIN = (Role.VOLUNTEER, Role.TEAM_LEADER, Role.WARD_LEAD)
_MAY_LEAD = (Role.TEAM_LEADER, Role.WARD_LEAD)


@dataclass(frozen=True)
class Member:
    """Somebody in the team from a day to another; `now`: today."""

    person_id: uuid.UUID
    name: str
    role: str  # a TeamRole
    valid_from: date
    valid_to: date
    now: bool


@dataclass(frozen=True)
class Going:
    """A residential group that the team goes to, from a day to another."""

    group: Area
    valid_from: date
    valid_to: date
    now: bool


@dataclass(frozen=True)
class TeamPage:
    """A team as its page shows it. `members` and `groups` hold today or later; `former` people belonged to it once."""

    team: Team
    ward: Area
    members: Sequence[Member]
    former: Sequence[Member]
    groups: Sequence[Going]
    may_change: bool
    today: date

    @property
    def size(self) -> int:
        """How many people belong to it today."""
        return sum(member.now for member in self.members)

    @property
    def dissolved(self) -> bool:
        """Whether there is no such team any more today."""
        return self.team.dissolved_on is not None and self.team.dissolved_on <= self.today


@dataclass(frozen=True)
class TeamLine:
    """A team in the list."""

    team: Team
    ward: Area
    size: int
    leader: str  # "" without one
    groups: Sequence[str]
    gone: bool


@dataclass(frozen=True)
class WardLine:
    """A ward in the list of who has several."""

    ward: Area
    teams: int
    small: int  # teams with fewer than seven


@dataclass(frozen=True)
class TeamList:
    """The wards to choose from, or the teams of one, or those found by name."""

    wards: Sequence[WardLine]
    ward: Area | None
    teams: Sequence[TeamLine]
    left_alone: Sequence[Area]  # residential groups of the ward that no team goes to
    query: str
    more: int  # found and not shown


MOST_FOUND = 60


def team_for(
    db: Session, viewer: Viewer, team_id: uuid.UUID, permission: Permission = Permission.SEE_PEOPLE
) -> Team:
    """The team. Raises NotFound outside the viewer's reach, NotAllowed where only reading is allowed."""
    team = db.get(Team, team_id)
    if team is None:
        raise NotFound(str(team_id))
    if lies_within(db, team.area_id, viewer.areas(permission), viewer.today):
        return team
    reads = viewer.may(Permission.SEE_PEOPLE) and team.id in viewer.led_team_ids
    if reads and permission is Permission.SEE_PEOPLE:
        return team
    if reads or lies_within(db, team.area_id, viewer.areas(Permission.SEE_PEOPLE), viewer.today):
        raise NotAllowed(permission)
    raise NotFound(str(team_id))


def wards_to_manage(db: Session, viewer: Viewer) -> list[Area]:
    """The wards in force in which the viewer changes teams, by name."""
    return _wards(db, viewer.areas(Permission.MANAGE_TEAMS), viewer.today)


def teams_to_manage(db: Session, viewer: Viewer, teams: Iterable[Team]) -> list[Team]:
    """Those of these teams that the viewer changes."""
    areas = viewer.areas(Permission.MANAGE_TEAMS)
    return [team for team in teams if lies_within(db, team.area_id, areas, viewer.today)]


def team_page(db: Session, viewer: Viewer, team: Team) -> TeamPage:
    """What the page of a team within reach shows."""
    everybody = _members(db, team.id, viewer.today)
    here = {member.person_id for member in everybody if member.valid_to >= viewer.today}
    latest = {member.person_id: member for member in sorted(everybody, key=lambda one: one.valid_to)}
    return TeamPage(
        team=team,
        ward=ward_of(db, team, viewer.today),
        members=[member for member in everybody if member.valid_to >= viewer.today],
        former=[member for person, member in latest.items() if person not in here],
        groups=going_to(db, team, viewer.today),
        may_change=lies_within(db, team.area_id, viewer.areas(Permission.MANAGE_TEAMS), viewer.today),
        today=viewer.today,
    )


def going_to(db: Session, team: Team, today: date) -> list[Going]:
    """The residential groups that the team goes to today or will, by name."""
    rows = db.execute(
        select(Area, col(TeamGroup.valid_from), col(TeamGroup.valid_to))
        .join(TeamGroup, col(TeamGroup.group_id) == col(Area.id))
        .where(TeamGroup.team_id == team.id, col(TeamGroup.valid_to) >= today)
        .order_by(col(Area.sort_key), col(Area.id), col(TeamGroup.valid_from))
    )
    return [Going(group, since, until, since <= today) for group, since, until in rows]


def member_of(db: Session, team: Team, person_id: uuid.UUID, today: date) -> Member:
    """Somebody who belongs to the team today, or will. Raises NotFound for anybody else."""
    for member in _members(db, team.id, today):
        if member.person_id == person_id and member.valid_to >= today:
            return member
    raise NotFound(str(person_id))


def find_teams(db: Session, viewer: Viewer, ward_id: int | None, query: str = "") -> TeamList:
    """The list. Raises NotFound for a ward outside the reach."""
    wards = _wards(db, viewer.areas(Permission.SEE_PEOPLE), viewer.today)
    ward = next((one for one in wards if one.id == ward_id), wards[0] if len(wards) == 1 else None)
    if ward_id is not None and (ward is None or ward.id != ward_id):
        raise NotFound(str(ward_id))
    words = fold(query).split()
    teams = _teams(db, viewer, [ward] if ward and not words else wards)
    still_to_choose = ward is None and not words and len(wards) > 1
    found = [] if still_to_choose else _called(teams, words) if words else teams
    shown = sorted(
        found[:MOST_FOUND] if words else found,
        key=lambda team: (_gone(team, viewer.today), sort_key(team.name), team.id),
    )
    return TeamList(
        wards=_counted(db, viewer, wards, teams) if still_to_choose else [],
        ward=ward,
        teams=_lines(db, viewer, shown),
        left_alone=_left_alone(db, ward, viewer.today) if ward and not words else [],
        query=query,
        more=len(found) - len(shown),
    )


def ward_of(db: Session, team: Team, day: date) -> Area:
    """The ward that the team belongs to on that day: its own, or what became of that."""
    now = [area for area in successors(db, team.area_id, day) if area.level == Level.WARD]
    stored = db.get(Area, team.area_id)
    if stored is None:
        raise NotFound(str(team.area_id))
    return now[0] if now else stored


def may_join(db: Session, team: Team, since: date, leads: bool = False) -> dict[uuid.UUID, str]:
    """The names of those who may be in the team from that day on, by id: posted in its ward then, at the doors of it.

    `leads`: only those whose role lets them lead. In dictionary order of the given name, as people are called.
    """
    ward = ward_of(db, team, since)
    people = db.execute(
        select(col(Person.id), col(Person.full_name))
        .join(Posting, col(Posting.person_id) == col(Person.id))
        .where(
            _within(col(Posting.area_id), ward, team, since),
            col(Posting.role).in_(_MAY_LEAD if leads else _MAY_JOIN),
            col(Posting.valid_from) <= since,
            col(Posting.valid_to) >= since,
            col(Person.dismissed_at).is_(None),
        )
        .distinct()
    )
    named = {person_id: name for person_id, name in people}  # noqa: C416
    return dict(sorted(named.items(), key=lambda each: (sort_key(each[1].split()[-1]), sort_key(each[1]))))


def groups_to_give(db: Session, team: Team, since: date) -> list[Area]:
    """The residential groups of the team's ward on that day, by name."""
    return children(db, ward_of(db, team, since), since)


def teams_beside(db: Session, team: Team, since: date) -> list[Team]:
    """The other teams of the same ward that are there on that day, by name."""
    ward = ward_of(db, team, since)
    teams = db.exec(
        select(Team).where(
            _within(col(Team.area_id), ward, team, since), col(Team.id) != team.id, *_there_on(since)
        )
    )
    return sorted(teams, key=lambda one: (sort_key(one.name), one.id))


def _within(area_id: Any, ward: Area, team: Team, day: date) -> Any:
    """Whether something belongs to that ward: stored there, in a ward that went into it, or where the team is stored."""
    return or_(area_id.in_({ward.id, team.area_id}), area_id.in_(_whole_wards(frozenset({ward.id}), day)))


def _wards(db: Session, reach: frozenset[int], day: date) -> list[Area]:
    """The wards in force that lie whole within the reach, by name."""
    if not reach:
        return []
    whole = set(db.exec(_whole_wards(reach, day)))
    return [ward for ward in in_force(db, Level.WARD, day) if ward.id in whole]


def _whole_wards(reach: frozenset[int], day: date) -> Any:
    """A query for the wards, in force or not, all of which lay on their last day in what is within the reach today."""
    here = blocks_on(reach, day).subquery()
    last = case((col(Area.valid_to) < day, col(Area.valid_to)), else_=day)
    return (
        select(AreaBlock.area_id)
        .join(Area, col(Area.id) == col(AreaBlock.area_id))
        .outerjoin(here, col(AreaBlock.block_id) == here.c.block_id)
        .where(Area.level == Level.WARD, col(AreaBlock.valid_from) <= last, col(AreaBlock.valid_to) >= last)
        .group_by(col(AreaBlock.area_id))
        .having(func.count() == func.count(here.c.block_id))
    )


def _teams(db: Session, viewer: Viewer, wards: Sequence[Area]) -> list[Team]:
    """The teams of these wards and of those that went into them, and the ones that the viewer leads."""
    own = viewer.led_team_ids if viewer.may(Permission.SEE_PEOPLE) else frozenset()
    somewhere: Any = col(Team.id).in_(own)
    if wards:
        within = _whole_wards(frozenset(ward.id for ward in wards), viewer.today)
        somewhere = or_(somewhere, col(Team.area_id).in_(within))
    return list(db.exec(select(Team).where(somewhere)))


def _called(teams: Sequence[Team], words: Sequence[str]) -> list[Team]:
    """Those with all these words in their name. In the order of the folded names, which is quickly told of thousands."""
    named = [(fold(team.name), team.id, team) for team in teams]
    return [team for name, _, team in sorted(named) if all(word in name for word in words)]


def _counted(db: Session, viewer: Viewer, wards: Sequence[Area], teams: Sequence[Team]) -> list[WardLine]:
    sizes = _sizes(db, viewer.today)
    by_ward: dict[int, list[Team]] = defaultdict(list)
    now: dict[int, int] = {}
    for team in teams:
        if team.area_id not in now:
            now[team.area_id] = ward_of(db, team, viewer.today).id
        if not _gone(team, viewer.today):
            by_ward[now[team.area_id]].append(team)
    return [
        WardLine(ward, len(by_ward[ward.id]), sum(sizes[team.id] < ENOUGH for team in by_ward[ward.id]))
        for ward in wards
    ]


def _lines(db: Session, viewer: Viewer, teams: Sequence[Team]) -> list[TeamLine]:
    day, ids = viewer.today, [team.id for team in teams]
    sizes = _sizes(db, day, ids)
    leading = (
        select(col(TeamMember.team_id), col(Person.full_name))
        .join(Person, col(Person.id) == col(TeamMember.person_id))
        .where(col(TeamMember.team_id).in_(ids), TeamMember.role == TeamRole.LEADER, *_valid(TeamMember, day))
    )
    leaders: dict[uuid.UUID, str] = dict(db.execute(leading).all())
    groups: dict[uuid.UUID, list[str]] = defaultdict(list)
    for team_id, name in db.execute(
        select(col(TeamGroup.team_id), col(Area.short_name))
        .join(Area, col(Area.id) == col(TeamGroup.group_id))
        .where(col(TeamGroup.team_id).in_(ids), *_valid(TeamGroup, day))
        .order_by(col(Area.sort_key))
    ):
        groups[team_id].append(name)
    wards: dict[int, Area] = {}
    for team in teams:
        if team.area_id not in wards:
            wards[team.area_id] = ward_of(db, team, day)
    return [
        TeamLine(
            team,
            wards[team.area_id],
            sizes[team.id],
            leaders.get(team.id, ""),
            groups[team.id],
            _gone(team, day),
        )
        for team in teams
    ]


def _left_alone(db: Session, ward: Area, day: date) -> list[Area]:
    """The residential groups of the ward to which no team goes on that day."""
    groups = children(db, ward, day)
    taken = set(
        db.exec(
            select(TeamGroup.group_id)
            .join(Team, col(Team.id) == col(TeamGroup.team_id))
            .where(
                col(TeamGroup.group_id).in_([group.id for group in groups]),
                *_valid(TeamGroup, day),
                *_there_on(day),
            )
        )
    )
    return [group for group in groups if group.id not in taken]


def _sizes(db: Session, day: date, team_ids: Sequence[uuid.UUID] | None = None) -> Counter[uuid.UUID]:
    query = select(col(TeamMember.team_id), func.count()).where(*_valid(TeamMember, day))
    if team_ids is not None:
        query = query.where(col(TeamMember.team_id).in_(team_ids))
    return Counter(dict(db.execute(query.group_by(col(TeamMember.team_id))).all()))


def _members(db: Session, team_id: uuid.UUID, today: date) -> list[Member]:
    """Everybody who ever belonged to the team: leader, deputy, members by given name."""
    rows = db.exec(
        select(TeamMember, Person.full_name)
        .join(Person, col(Person.id) == col(TeamMember.person_id))
        .where(TeamMember.team_id == team_id, col(TeamMember.valid_to) >= col(TeamMember.valid_from))
    )
    members = [
        Member(
            row.person_id,
            name,
            row.role,
            row.valid_from,
            row.valid_to,
            row.valid_from <= today <= row.valid_to,
        )
        for row, name in rows
    ]
    return sorted(
        members,
        key=lambda one: (
            _RANK[TeamRole(one.role)],
            sort_key(one.name.split()[-1]),
            sort_key(one.name),
            one.valid_from,
        ),
    )


def _gone(team: Team, day: date) -> bool:
    return team.dissolved_on is not None and team.dissolved_on <= day


def _there_on(day: date) -> tuple[Any, ...]:
    return (or_(col(Team.dissolved_on).is_(None), col(Team.dissolved_on) > day),)


def _valid(table: type[TeamMember] | type[TeamGroup], day: date) -> tuple[Any, ...]:
    return col(table.valid_from) <= day, col(table.valid_to) >= day
