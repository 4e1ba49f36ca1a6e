"""When somebody leaves: the days they agreed at doors, and the residential groups, go on with somebody else in one step.

Doors are reached by the groups of the team, so no door is ever anybody's own. What moves is who keeps an agreed day, and which team
goes to a group. What was written down stays its author's.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from skills.admin.teams.change import move_groups, note_all
from skills.admin.teams.dated import NotThen, end
from skills.admin.teams.find import Going, Member, going_to, team_for, team_page, teams_beside
from skills.admin.teams.forms import HandOverForm
from skills.areas.models import Area, AreaBlock
from skills.errors import NotFound
from skills.forms import FormErrors, sentence
from skills.households.lock import lock_wards
from skills.households.models import Household
from skills.people.models import Person, Team, TeamMember
from skills.people.permissions import Permission
from skills.people.viewer import Viewer
from skills.visits.follow_ups import FollowUp, hand_on, open_follow_ups


@dataclass(frozen=True)
class Keeps:
    """How many agreed days somebody keeps in the groups of a team. `person_id` None: the whole team does."""

    person_id: uuid.UUID | None
    name: str
    days: int
    late: int
    member: bool  # belongs to the team today


@dataclass(frozen=True)
class GroupCount:
    """A residential group of the team, with its doors, and the agreed days that are handed over in it."""

    group: Area
    doors: int
    days: int
    late: int


@dataclass(frozen=True)
class HandOverPage:
    """What the page shows before anything is done. `person_id` None while nobody has been chosen."""

    team: Team
    keepers: Sequence[Keeps]
    members: Sequence[Member]
    person_id: uuid.UUID | None
    name: str
    is_member: bool
    groups: Sequence[GroupCount]
    receivers: Sequence[tuple[str, Sequence[tuple[str, str]]]]

    @property
    def days(self) -> int:
        """All agreed days that the person keeps here."""
        return sum(group.days for group in self.groups)

    @property
    def late(self) -> int:
        """How many of them are over."""
        return sum(group.late for group in self.groups)


def keepers(db: Session, viewer: Viewer, team: Team) -> list[Keeps]:
    """Who keeps agreed days at the doors of the team, most first; who does not belong to it any more before all others."""
    found = open_follow_ups(db, _groups(db, viewer, team), viewer.today)
    days = Counter(each.keeper_id for each in found)
    late = Counter(each.keeper_id for each in found if each.on < viewer.today)
    here = {member.person_id for member in team_page(db, viewer, team).members if member.now}
    names = _names(db, [person for person in days if person is not None])
    told = [
        Keeps(person, names.get(person, "") if person else "", n, late[person], person is None or person in here)
        for person, n in days.items()
    ]  # fmt: skip
    return sorted(told, key=lambda each: (each.member, -each.days, each.name))


def hand_over_page(
    db: Session, viewer: Viewer, team_id: uuid.UUID, person_id: uuid.UUID | None
) -> HandOverPage:
    """What one person would hand over, counted. Raises NotFound for somebody who neither belongs to the team nor keeps anything."""
    team = team_for(db, viewer, team_id, Permission.MANAGE_TEAMS)
    page = team_page(db, viewer, team)
    kept = keepers(db, viewer, team)
    here = [member for member in page.members if member.now]
    concerned = {member.person_id for member in here} | {each.person_id for each in kept} - {None}
    if person_id is not None and person_id not in concerned:
        raise NotFound(str(person_id))
    members = [(f"member:{one.person_id}", one.name) for one in here if one.person_id != person_id]
    teams = [(f"team:{one.id}", one.name) for one in teams_beside(db, team, viewer.today)]
    return HandOverPage(
        team=team,
        keepers=kept,
        members=here,
        person_id=person_id,
        name=_names(db, [person_id]).get(person_id, "") if person_id else "",
        is_member=person_id in {member.person_id for member in here},
        groups=_counts(db, viewer, team, person_id) if person_id else [],
        receivers=[(word, some) for word, some in (("member", members), ("team", teams)) if some],
    )


def hand_over(db: Session, viewer: Viewer, team_id: uuid.UUID, form: HandOverForm) -> int | FormErrors:
    """Does it, from today on; returns how many agreed days went to somebody else, or what to correct.

    Both ends are asked: a member of this team, or another team of the same ward, which the viewer changes too.
    """
    page = hand_over_page(db, viewer, team_id, None)
    team = page.team
    kind, _colon, named = form.to.partition(":")
    receiver = _uuid(named)
    others = [member.person_id for member in page.members if member.person_id != form.person]
    to = next(
        (one for one in teams_beside(db, team, viewer.today) if kind == "team" and one.id == receiver), None
    )
    if to is None and not (kind == "member" and receiver in others):
        return _wrong(form, "to", "to:*")
    own = _groups(db, viewer, team)
    groups = set(form.group)
    if not groups <= own:
        return _wrong(form, "group", "group:*")
    if to is None and groups:
        return _wrong(form, "group", "group_to_person")
    going = own if to is None else groups | (own & _groups(db, viewer, to))
    concerned = {member.person_id for member in page.members} | {each.person_id for each in page.keepers}
    if form.person not in concerned:
        return _wrong(form, "person", "person:*")
    given = _of(open_follow_ups(db, going, viewer.today), form.person)
    lock_wards(db, {team.area_id, *(each.ward_id for each in given), *([to.area_id] if to else [])})
    given = _of(
        open_follow_ups(db, going, viewer.today), form.person
    )  # as they are now that nobody else writes
    if not given and not groups and not form.leaves:
        return _wrong(form, "to", "nothing")
    try:
        with db.begin_nested():
            move_groups(db, team, to, groups, viewer.today, viewer.today)
            if form.leaves:
                end(
                    db, TeamMember, {"team_id": team.id, "person_id": form.person}, viewer.today, viewer.today
                )
    except NotThen as clash:
        return _wrong(form, "leaves" if clash.code == "not_there" else "group", clash.code)
    hand_on(db, given, to.id if to else team.id, None if to else receiver, viewer.person_id)
    moved = [[f"group {group}"] for group in sorted(groups)]
    handed = [[f"from {form.person}", f"to {receiver}", "follow_up"]] if given else []
    left = [[f"member {form.person}"]] if form.leaves else []
    told = [(team, "team.handed_over", handed), (team, "team.group_taken", moved), (team, "team.left", left)]
    note_all(db, viewer, [*told, (to or team, "team.groups_given", moved)])
    return len(given)


def _groups(db: Session, viewer: Viewer, team: Team) -> set[int]:
    """The ids of the residential groups that the team goes to today."""
    return {going.group.id for going in _now(db, viewer, team)}


def _now(db: Session, viewer: Viewer, team: Team) -> list[Going]:
    return [going for going in going_to(db, team, viewer.today) if going.now]


def _counts(db: Session, viewer: Viewer, team: Team, person_id: uuid.UUID) -> list[GroupCount]:
    """Doors, and what the person keeps, in each group of the team."""
    groups = [going.group for going in _now(db, viewer, team)]
    lies = select(AreaBlock.area_id, AreaBlock.block_id).where(
        col(AreaBlock.area_id).in_([group.id for group in groups]),
        col(AreaBlock.valid_from) <= viewer.today,
        col(AreaBlock.valid_to) >= viewer.today,
    )
    blocks: dict[int, set[int]] = defaultdict(set)
    for area_id, block_id in db.exec(lies):
        blocks[area_id].add(block_id)
    counted = select(Household.block_id, func.count()).where(
        col(Household.block_id).in_(set().union(*blocks.values()))
    )
    doors = dict(db.execute(counted.group_by(col(Household.block_id))).all())
    kept = _of(open_follow_ups(db, [group.id for group in groups], viewer.today), person_id)
    told = []
    for group in groups:
        here = [each for each in kept if each.block_id in blocks[group.id]]
        number = sum(doors.get(block, 0) for block in blocks[group.id])
        told.append(GroupCount(group, number, len(here), sum(each.on < viewer.today for each in here)))
    return told


def _of(found: Collection[FollowUp], person_id: uuid.UUID) -> list[FollowUp]:
    return [each for each in found if each.keeper_id == person_id]


def _names(db: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    rows = db.execute(select(col(Person.id), col(Person.full_name)).where(col(Person.id).in_(ids)))
    return {person_id: name for person_id, name in rows}  # noqa: C416


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _wrong(form: HandOverForm, name: str, code: str) -> FormErrors:
    return FormErrors(form.model_dump(mode="json"), {name: sentence(HandOverForm, code)})
