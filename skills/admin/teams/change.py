"""Set up a team and change it: its decision, who is in it, where it goes, its end. Each change leaves a line in the trail.

A change holds from a day on, and for everybody from their next request. Nobody's visits are touched: a visit keeps the team that
its author went out with.
"""

import secrets
import uuid
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from skills import clock
from skills.admin.teams.dated import NotThen, alter, begin, end
from skills.admin.teams.find import (
    going_to,
    groups_to_give,
    may_join,
    member_of,
    team_for,
    teams_beside,
    wards_to_manage,
)
from skills.admin.teams.forms import (
    FIRST,
    DissolutionForm,
    EndForm,
    GroupsForm,
    JoinForm,
    PlaceForm,
    TeamForm,
    fits,
)
from skills.areas.models import FOREVER
from skills.audit import trail
from skills.db import uuid7
from skills.errors import Conflict, NotFound
from skills.forms import Form, FormErrors, sentence
from skills.households.lock import lock_wards
from skills.people.models import Team, TeamGroup, TeamMember, TeamRole
from skills.people.permissions import Permission
from skills.people.viewer import Viewer
from skills.text import fold, tidy
from skills.visits.follow_ups import hand_on, open_follow_ups


def create(db: Session, viewer: Viewer, form: TeamForm) -> Team | FormErrors:
    """A new team in a ward where the viewer changes teams; or what to correct."""
    if form.ward not in {ward.id for ward in wards_to_manage(db, viewer)} or form.ward is None:
        return _wrong(form, "ward", "ward:*")
    lock_wards(db, [form.ward])
    team = Team(id=uuid7(clock.now(), secrets.token_bytes(10)), area_id=form.ward, name="")
    wrong = _describe(db, viewer, team, form)
    if wrong:
        return wrong
    db.add(team)
    db.flush()
    note(db, viewer, team, "team.created", ["name", "decision_no", "decision_date"])
    return team


def correct(db: Session, viewer: Viewer, team_id: uuid.UUID, form: TeamForm) -> Team | FormErrors:
    """Another name, or another decision; or what to correct. Raises as `to_change`."""
    team = to_change(db, viewer, team_id)
    before = {name: getattr(team, name) for name in ("name", "decision_no", "decision_date")}
    wrong = _describe(db, viewer, team, form)
    if wrong:
        return wrong
    changed = [name for name, value in before.items() if getattr(team, name) != value]
    if changed:
        db.add(team)
        note(db, viewer, team, "team.corrected", changed)
    return team


def join(db: Session, viewer: Viewer, team_id: uuid.UUID, form: JoinForm) -> Team | FormErrors:
    """Somebody of the ward belongs to the team from a day on; or what to correct.

    Both ends are asked: the team lies where the viewer changes teams, and the person is posted in that very ward.
    """
    team = to_change(db, viewer, team_id)
    wrong = _not_on(viewer, team, form, form.since)
    if wrong:
        return wrong
    if form.person not in may_join(db, team, form.since):
        return _wrong(form, "person", "person:*")
    try:
        with db.begin_nested():
            _place(db, team, form.person, form, new=True)
    except NotThen as clash:
        return _wrong(form, "role" if clash.code == "no_leader" else "since", clash.code)
    note(db, viewer, team, "team.joined", [f"member {form.person}", "role"])
    return team


def place(
    db: Session, viewer: Viewer, team_id: uuid.UUID, person_id: uuid.UUID, form: PlaceForm
) -> Team | FormErrors:
    """A member leads, stands in for the leader, or is a plain member from a day on; or what to correct."""
    team = to_change(db, viewer, team_id)
    member_of(db, team, person_id, viewer.today)
    wrong = _not_on(viewer, team, form, form.since)
    if wrong:
        return wrong
    try:
        with db.begin_nested():
            _place(db, team, person_id, form, new=False)
    except NotThen as clash:
        return _wrong(form, "role" if clash.code == "no_leader" else "since", clash.code)
    note(db, viewer, team, "team.place_changed", [f"member {person_id}", "role"])
    return team


def leave(
    db: Session, viewer: Viewer, team_id: uuid.UUID, person_id: uuid.UUID, form: EndForm
) -> Team | FormErrors:
    """From that day on somebody is no member any more; or what to correct. What they wrote down stays theirs."""
    team = to_change(db, viewer, team_id)
    member_of(db, team, person_id, viewer.today)
    wrong = _not_on(viewer, team, form, form.since) or _end(
        db, viewer, form, TeamMember, {"team_id": team.id, "person_id": person_id}
    )
    if wrong:
        return wrong
    note(db, viewer, team, "team.left", [f"member {person_id}"])
    return team


def give_groups(db: Session, viewer: Viewer, team_id: uuid.UUID, form: GroupsForm) -> Team | FormErrors:
    """The team goes to these residential groups of its ward from a day on; or what to correct."""
    team = to_change(db, viewer, team_id)
    wrong = _not_on(viewer, team, form, form.since)
    if wrong:
        return wrong
    wanted = sorted(set(form.group))
    if not set(wanted) <= {group.id for group in groups_to_give(db, team, form.since)}:
        return _wrong(form, "group", "group:*")
    try:
        with db.begin_nested():
            for group in wanted:
                begin(db, TeamGroup, {"team_id": team.id, "group_id": group}, form.since)
    except NotThen as clash:
        return _wrong(form, "group", clash.code)
    note(db, viewer, team, "team.groups_given", *([f"group {group}"] for group in wanted))
    return team


def take_group(
    db: Session, viewer: Viewer, team_id: uuid.UUID, group_id: int, form: EndForm
) -> Team | FormErrors:
    """From that day on the team does not go to the residential group any more; or what to correct."""
    team = to_change(db, viewer, team_id)
    key = {"team_id": team.id, "group_id": group_id}
    if group_id not in {going.group.id for going in going_to(db, team, viewer.today)}:
        raise NotFound(str(group_id))
    wrong = _not_on(viewer, team, form, form.since) or _end(db, viewer, form, TeamGroup, key)
    if wrong:
        return wrong
    note(db, viewer, team, "team.group_taken", [f"group {group_id}"])
    return team


def dissolve(db: Session, viewer: Viewer, team_id: uuid.UUID, form: DissolutionForm) -> Team | FormErrors:
    """From that day on there is no such team; another one may go to its residential groups then. Or what to correct."""
    team = team_for(db, viewer, team_id, Permission.MANAGE_TEAMS)
    held = {going.group.id for going in going_to(db, team, viewer.today)}
    lock_wards(db, {team.area_id, *(each.ward_id for each in open_follow_ups(db, held, viewer.today))})
    team = to_change(db, viewer, team_id)
    wrong = _not_on(viewer, team, form, form.since)
    if wrong:
        return wrong
    to = next((one for one in teams_beside(db, team, form.since) if one.id == form.to), None)
    if form.to is not None and to is None:
        return _wrong(form, "to", "to:*")
    members = sorted(set(db.exec(select(TeamMember.person_id).where(*_from(TeamMember, team, form)))))
    groups = sorted(set(db.exec(select(TeamGroup.group_id).where(*_from(TeamGroup, team, form)))))
    try:
        with db.begin_nested():
            for person_id in members:
                end(db, TeamMember, {"team_id": team.id, "person_id": person_id}, form.since, viewer.today)
            move_groups(db, team, to, groups, form.since, viewer.today)
    except NotThen as clash:
        return _wrong(form, "to" if clash.code == "there_already" else "since", clash.code)
    if (
        to is not None and form.since <= viewer.today
    ):  # of a day to come, who keeps what is seen when it has come
        hand_on(db, open_follow_ups(db, groups, viewer.today), to.id, None, viewer.person_id)
    team.dissolved_on = form.since
    db.add(team)
    given = [(to, "team.groups_given", [[f"group {group}"] for group in groups])] if to else []
    note_all(db, viewer, [(team, "team.dissolved", [["dissolved_on"]]), *given])
    return team


def move_groups(
    db: Session, team: Team, to: Team | None, groups: Collection[int], since: date, today: date
) -> None:
    """The groups leave the team on that day, and go on with another one that does not go there yet. NotThen where days clash."""
    for group in sorted(groups):
        end(db, TeamGroup, {"team_id": team.id, "group_id": group}, since, today)
        if to is not None and not _goes_there(db, to, group, since):
            begin(db, TeamGroup, {"team_id": to.id, "group_id": group}, since)


def _goes_there(db: Session, team: Team, group_id: int, since: date) -> bool:
    """Whether the team goes to that group on the day already, without an end."""
    rows = select(TeamGroup.team_id).where(
        TeamGroup.team_id == team.id,
        TeamGroup.group_id == group_id,
        col(TeamGroup.valid_from) <= since,
        col(TeamGroup.valid_to) == FOREVER,
    )
    return db.exec(rows).first() is not None


def to_change(db: Session, viewer: Viewer, team_id: uuid.UUID) -> Team:
    """The team, its ward locked. Raises NotFound outside the reach, NotAllowed for who only reads, Conflict when it is dissolved."""
    team = team_for(db, viewer, team_id, Permission.MANAGE_TEAMS)
    lock_wards(db, [team.area_id])
    db.refresh(team)
    if team.dissolved_on is not None and team.dissolved_on <= viewer.today:
        raise Conflict("dissolved", location=f"/admin/teams/{team.id}")
    return team


def _describe(db: Session, viewer: Viewer, team: Team, form: TeamForm) -> FormErrors | None:
    """Writes name and decision into the team; or what to correct."""
    name = tidy(form.name)
    if not name:
        return _wrong(form, "name", "name:missing")
    beside = db.exec(select(Team).where(Team.area_id == team.area_id, Team.id != team.id))
    if any(fold(other.name) == fold(name) and other.dissolved_on is None for other in beside):
        return _wrong(form, "name", "same_name")
    decided = form.decision_date
    if decided is not None and decided > viewer.today:
        return _wrong(form, "decision_date", "decision_late")
    if decided is not None and decided < FIRST:
        return _wrong(form, "decision_date", "decision_early")
    if decided is not None and any(start < decided for start in _starts(db, team)):
        return _wrong(form, "decision_date", "decision_after")
    team.name, team.decision_no, team.decision_date = name, tidy(form.decision_no), decided
    return None


def _starts(db: Session, team: Team) -> list[date]:
    """Since when people and residential groups belonged to the team."""
    members = select(col(TeamMember.valid_from)).where(TeamMember.team_id == team.id)
    groups = select(col(TeamGroup.valid_from)).where(TeamGroup.team_id == team.id)
    return [*db.exec(members), *db.exec(groups)]


def _place(db: Session, team: Team, person_id: uuid.UUID, form: JoinForm | PlaceForm, new: bool) -> None:
    """Writes the place of one person. A team has one leader: who led it until then is a plain member from that day on."""
    key = {"team_id": team.id, "person_id": person_id}
    if form.role is TeamRole.LEADER:
        if person_id not in may_join(db, team, form.since, leads=True):
            raise NotThen("no_leader")
        rows = select(TeamMember.person_id).where(
            *_from(TeamMember, team, form),
            TeamMember.role == TeamRole.LEADER,
            TeamMember.person_id != person_id,
        )
        for former in db.exec(rows).all():
            alter(db, {"team_id": team.id, "person_id": former}, TeamRole.MEMBER.value, form.since)
    if new:
        begin(db, TeamMember, key, form.since, role=form.role.value)
    else:
        alter(db, key, form.role.value, form.since)


def _from(
    table: type[TeamMember] | type[TeamGroup], team: Team, form: JoinForm | PlaceForm | DissolutionForm
) -> tuple[Any, ...]:
    """The rows of the team that hold on the day of the form or later."""
    return table.team_id == team.id, col(table.valid_to) >= form.since


def _end(
    db: Session,
    viewer: Viewer,
    form: EndForm,
    table: type[TeamMember] | type[TeamGroup],
    key: dict[str, object],
) -> FormErrors | None:
    try:
        end(db, table, key, form.since, viewer.today)
    except NotThen as clash:
        return _wrong(form, "since", clash.code)
    return None


def _not_on(viewer: Viewer, team: Team, form: Form, since: date) -> FormErrors | None:
    """What is said of a day on which nothing of this team can begin or end."""
    code = fits(since, viewer.today, team.decision_date, team.dissolved_on)
    return _wrong(form, "since", code) if code else None


def _wrong(form: Form, name: str, code: str) -> FormErrors:
    return FormErrors(form.model_dump(mode="json"), {name: sentence(type(form), code)})


def note_all(db: Session, viewer: Viewer, told: Sequence[tuple[Team, str, Sequence[Sequence[str]]]]) -> None:
    """What happened to two teams at once: of two wards' chains the lower one is written first."""
    for team, action, changes in sorted(told, key=lambda each: each[0].area_id):
        note(db, viewer, team, action, *changes)


def note(db: Session, viewer: Viewer, team: Team, action: str, *changes: Sequence[str]) -> None:
    """Lines in the trail of the team's ward, one for each change. A change: names of what changed, and ids; never a value."""
    for fields in changes:
        trail.write(db, team.area_id, viewer.person_id, action, team.id, fields)
