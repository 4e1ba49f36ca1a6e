"""Teams in the office: the list, one team, and an address for each change."""

import uuid
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BeforeValidator
from sqlmodel import Session

from skills.admin.teams.change import correct, create, dissolve, give_groups, join, leave, place, take_group
from skills.admin.teams.find import (
    ENOUGH,
    find_teams,
    groups_to_give,
    may_join,
    member_of,
    team_for,
    team_page,
    teams_beside,
    wards_to_manage,
)
from skills.admin.teams.forms import (
    DissolutionForm,
    EndForm,
    GroupsForm,
    HandOverForm,
    JoinForm,
    PlaceForm,
    TeamForm,
)
from skills.admin.teams.hand_over import hand_over, hand_over_page, keepers
from skills.errors import NotFound
from skills.forms import FormErrors, read
from skills.language import gettext as _
from skills.people.models import Team, TeamRole
from skills.people.permissions import Permission
from skills.people.viewer import Viewer
from skills.visits.page import Shown
from skills.web.answers import see_other
from skills.web.forms import Fields
from skills.web.gate import MayManageTeams, MaySeePeople
from skills.web.render import render
from skills.web.transaction import Db, ReadDb

router = APIRouter()

Number = Annotated[int, Path(ge=1, le=2_147_483_647)]
Ward = Annotated[Number | None, BeforeValidator(lambda typed: typed or None), Query()]
_TEAM = "/admin/teams/{team_id}"
_MEMBER = _TEAM + "/members/{person_id}"


@router.get("/admin/teams")
def index(
    request: Request, viewer: MaySeePeople, db: ReadDb, ward: Ward = None, q: Annotated[str, Query(max_length=80)] = ""
) -> Response:  # fmt: skip
    """The teams of a ward, the wards of who has several, or what is called so."""
    return render(
        request, viewer, "admin/teams/index.html", found=find_teams(db, viewer, ward, q), enough=ENOUGH,
        may_add=viewer.may(Permission.MANAGE_TEAMS),
    )  # fmt: skip


@router.get("/admin/teams/new")
def new(request: Request, viewer: MayManageTeams, db: ReadDb, ward: Ward = None) -> Response:
    """The form for a team that a decision has just set up."""
    return _team_form(request, viewer, db, None, {"ward": str(ward or "")})


@router.post("/admin/teams")
def add(request: Request, viewer: MayManageTeams, db: Db, fields: Fields) -> Response:
    """A new team."""
    form = read(TeamForm, fields)
    came = form if isinstance(form, FormErrors) else create(db, viewer, form)
    if isinstance(came, Team):
        return see_other(request, f"/admin/teams/{came.id}")
    return _team_form(request, viewer, db, None, _typed(fields), came.errors)


@router.get(_TEAM)
def show(request: Request, viewer: MaySeePeople, db: ReadDb, team_id: uuid.UUID) -> Response:
    """One team: who is in it, where it goes, which agreed days wait and with whom."""
    team = team_for(db, viewer, team_id)
    return render(
        request, viewer, "admin/teams/show.html", page=team_page(db, viewer, team), keepers=keepers(db, viewer, team),
        enough=ENOUGH, places=_places(),
    )  # fmt: skip


@router.get(_TEAM + "/correction")
def show_correction(request: Request, viewer: MayManageTeams, db: ReadDb, team_id: uuid.UUID) -> Response:
    """The form with name and decision as they stand."""
    team = team_for(db, viewer, team_id, Permission.MANAGE_TEAMS)
    decided = f"{team.decision_date:%d/%m/%Y}" if team.decision_date else ""
    values = {"name": team.name, "decision_no": team.decision_no, "decision_date": decided}
    return _team_form(request, viewer, db, team, values)


@router.post(_TEAM + "/correction")
def save_correction(
    request: Request, viewer: MayManageTeams, db: Db, fields: Fields, team_id: uuid.UUID
) -> Response:
    """Another name or decision."""
    form = read(TeamForm, fields)
    team = team_for(db, viewer, team_id, Permission.MANAGE_TEAMS)
    came = form if isinstance(form, FormErrors) else correct(db, viewer, team_id, form)
    if isinstance(came, Team):
        return see_other(request, f"/admin/teams/{team_id}")
    return _team_form(request, viewer, db, team, _typed(fields), came.errors)


@router.get(_TEAM + "/members/new")
def choose_member(request: Request, viewer: MayManageTeams, db: ReadDb, team_id: uuid.UUID) -> Response:
    """The form for who joins."""
    return _join_form(request, viewer, db, team_id, {"since": _day(viewer), "role": TeamRole.MEMBER.value})


@router.post(_TEAM + "/members")
def add_member(
    request: Request, viewer: MayManageTeams, db: Db, fields: Fields, team_id: uuid.UUID
) -> Response:
    """Somebody joins."""
    form = read(JoinForm, fields)
    came = form if isinstance(form, FormErrors) else join(db, viewer, team_id, form)
    if isinstance(came, Team):
        return see_other(request, f"/admin/teams/{team_id}")
    return _join_form(request, viewer, db, team_id, _typed(fields), came.errors)


@router.get(_MEMBER)
def show_member(
    request: Request, viewer: MayManageTeams, db: ReadDb, team_id: uuid.UUID, person_id: uuid.UUID
) -> Response:
    """One member: another place in the team, or the end of it."""
    return _member_form(request, viewer, db, team_id, person_id, {})


@router.post(_MEMBER + "/place")
def change_place(
    request: Request, viewer: MayManageTeams, db: Db, fields: Fields, team_id: uuid.UUID, person_id: uuid.UUID
) -> Response:
    """Leader, deputy or member from a day on."""
    form = read(PlaceForm, fields)
    came = form if isinstance(form, FormErrors) else place(db, viewer, team_id, person_id, form)
    if isinstance(came, Team):
        return see_other(request, f"/admin/teams/{team_id}")
    return _member_form(request, viewer, db, team_id, person_id, _typed(fields), came.errors, "place")


@router.post(_MEMBER + "/end")
def end_membership(
    request: Request, viewer: MayManageTeams, db: Db, fields: Fields, team_id: uuid.UUID, person_id: uuid.UUID
) -> Response:
    """No member any more from a day on."""
    form = read(EndForm, fields)
    came = form if isinstance(form, FormErrors) else leave(db, viewer, team_id, person_id, form)
    if isinstance(came, Team):
        return see_other(request, f"/admin/teams/{team_id}")
    return _member_form(request, viewer, db, team_id, person_id, _typed(fields), came.errors, "end")


@router.get(_TEAM + "/groups/new")
def choose_groups(request: Request, viewer: MayManageTeams, db: ReadDb, team_id: uuid.UUID) -> Response:
    """The residential groups of the ward, to be ticked."""
    return _groups_form(request, viewer, db, team_id, {"since": _day(viewer)}, set())


@router.post(_TEAM + "/groups")
def add_groups(
    request: Request, viewer: MayManageTeams, db: Db, fields: Fields, team_id: uuid.UUID
) -> Response:
    """The team goes there too."""
    form = read(GroupsForm, fields)
    came = form if isinstance(form, FormErrors) else give_groups(db, viewer, team_id, form)
    if isinstance(came, Team):
        return see_other(request, f"/admin/teams/{team_id}")
    ticked = set(fields.get("group", []))
    return _groups_form(request, viewer, db, team_id, _typed(fields), ticked, came.errors)


@router.get(_TEAM + "/groups/{group_id}")
def show_group(
    request: Request, viewer: MayManageTeams, db: ReadDb, team_id: uuid.UUID, group_id: Number
) -> Response:
    """One residential group that the team goes to, to end that."""
    return _group_form(request, viewer, db, team_id, group_id, {"since": _day(viewer)})


@router.post(_TEAM + "/groups/{group_id}/end")
def end_group(
    request: Request, viewer: MayManageTeams, db: Db, fields: Fields, team_id: uuid.UUID, group_id: Number
) -> Response:
    """The team does not go there any more from a day on."""
    form = read(EndForm, fields)
    came = form if isinstance(form, FormErrors) else take_group(db, viewer, team_id, group_id, form)
    if isinstance(came, Team):
        return see_other(request, f"/admin/teams/{team_id}")
    return _group_form(request, viewer, db, team_id, group_id, _typed(fields), came.errors)


@router.get(_TEAM + "/dissolution")
def show_dissolution(request: Request, viewer: MayManageTeams, db: ReadDb, team_id: uuid.UUID) -> Response:
    """The form for the end of a team, with what would be left without one."""
    return _dissolution_form(request, viewer, db, team_id, {"since": _day(viewer)})


@router.post(_TEAM + "/dissolution")
def end_team(
    request: Request, viewer: MayManageTeams, db: Db, fields: Fields, team_id: uuid.UUID
) -> Response:
    """There is no such team any more from a day on."""
    form = read(DissolutionForm, fields)
    came = form if isinstance(form, FormErrors) else dissolve(db, viewer, team_id, form)
    if isinstance(came, Team):
        return see_other(request, f"/admin/teams/{team_id}")
    return _dissolution_form(request, viewer, db, team_id, _typed(fields), came.errors)


@router.get(_TEAM + "/hand-over")
def show_hand_over(
    request: Request, viewer: MayManageTeams, db: ReadDb, team_id: uuid.UUID, person: uuid.UUID | None = None
) -> Response:
    """What somebody keeps, counted by residential group, and who may take it."""
    return _hand_over_form(request, viewer, db, team_id, person, {}, set())


@router.post(_TEAM + "/hand-over")
def do_hand_over(
    request: Request, viewer: MayManageTeams, db: Db, fields: Fields, team_id: uuid.UUID
) -> Response:
    """It goes to somebody else in one step."""
    form = read(HandOverForm, fields)
    came = form if isinstance(form, FormErrors) else hand_over(db, viewer, team_id, form)
    if not isinstance(came, FormErrors):
        return see_other(request, f"/admin/teams/{team_id}")
    person = None if isinstance(form, FormErrors) and "person" in form.errors else _uuid(fields, "person")
    return _hand_over_form(
        request, viewer, db, team_id, person, _typed(fields), set(fields.get("group", [])), came.errors
    )


def _team_form(
    request: Request, viewer: Viewer, db: Session, team: Team | None, values: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    wards = [(str(ward.id), ward.name) for ward in wards_to_manage(db, viewer)]
    return _form(request, viewer, "edit", values, errors, team=team, wards=wards)


def _join_form(
    request: Request, viewer: Viewer, db: Session, team_id: uuid.UUID, values: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    team = team_for(db, viewer, team_id, Permission.MANAGE_TEAMS)
    here = {member.person_id for member in team_page(db, viewer, team).members}
    people = [
        (str(person), name)
        for person, name in may_join(db, team, viewer.today).items()
        if person not in here or str(person) == values.get("person")
    ]
    return _form(request, viewer, "join", values, errors, team=team, people=people, places=_places())


def _member_form(
    request: Request, viewer: Viewer, db: Session, team_id: uuid.UUID, person_id: uuid.UUID, values: Mapping[str, str],
    errors: Mapping[str, str] | None = None, failed: str = "",
) -> Response:  # fmt: skip
    team = team_for(db, viewer, team_id, Permission.MANAGE_TEAMS)
    member = member_of(db, team, person_id, viewer.today)
    return _form(
        request, viewer, "member", {"since": _day(viewer), "role": member.role, **values}, errors, team=team, member=member,
        places=_places(), failed=failed, today=_day(viewer),
    )  # fmt: skip


def _groups_form(
    request: Request, viewer: Viewer, db: Session, team_id: uuid.UUID, values: Mapping[str, str], ticked: set[str],
    errors: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    team = team_for(db, viewer, team_id, Permission.MANAGE_TEAMS)
    taken = {going.group.id for going in team_page(db, viewer, team).groups}
    groups = [group for group in groups_to_give(db, team, viewer.today) if group.id not in taken]
    return _form(request, viewer, "groups", values, errors, team=team, groups=groups, ticked=ticked)


def _group_form(
    request: Request, viewer: Viewer, db: Session, team_id: uuid.UUID, group_id: int, values: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    team = team_for(db, viewer, team_id, Permission.MANAGE_TEAMS)
    going = next((one for one in team_page(db, viewer, team).groups if one.group.id == group_id), None)
    if going is None:
        raise NotFound(str(group_id))
    return _form(request, viewer, "group", values, errors, team=team, going=going)


def _dissolution_form(
    request: Request, viewer: Viewer, db: Session, team_id: uuid.UUID, values: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    team = team_for(db, viewer, team_id, Permission.MANAGE_TEAMS)
    teams = [(str(one.id), one.name) for one in teams_beside(db, team, viewer.today)]
    return _form(
        request, viewer, "dissolution", values, errors, team=team, page=team_page(db, viewer, team), teams=teams,
        days=sum(each.days for each in keepers(db, viewer, team)),
    )  # fmt: skip


def _hand_over_form(
    request: Request, viewer: Viewer, db: Session, team_id: uuid.UUID, person: uuid.UUID | None, values: Mapping[str, str],
    ticked: set[str], errors: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    page = hand_over_page(db, viewer, team_id, person)
    words = {"member": _("Người cùng tổ"), "team": _("Tổ khác trong phường")}
    receivers = [(words[kind], some) for kind, some in page.receivers]
    return _form(
        request,
        viewer,
        "hand_over",
        values,
        errors,
        team=page.team,
        page=page,
        receivers=receivers,
        ticked=ticked,
    )


def _form(
    request: Request, viewer: Viewer, template: str, values: Mapping[str, str], errors: Mapping[str, str] | None,
    **context: Any,
) -> Response:  # fmt: skip
    """A form, empty, as it stands, or as it was typed with what to correct (422)."""
    return render(
        request, viewer, f"admin/teams/{template}.html", status=422 if errors else 200, values=Shown(values),
        errors=Shown(errors or {}), **context,
    )  # fmt: skip


def _places() -> dict[str, str]:
    return {
        TeamRole.LEADER.value: _("Tổ trưởng"),
        TeamRole.DEPUTY.value: _("Tổ phó"),
        TeamRole.MEMBER.value: _("Thành viên"),
    }


def _day(viewer: Viewer) -> str:
    return f"{viewer.today:%d/%m/%Y}"


def _typed(fields: Mapping[str, list[str]]) -> dict[str, str]:
    return {name: given[-1] for name, given in fields.items() if given}


def _uuid(fields: Mapping[str, list[str]], name: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(_typed(fields).get(name, ""))
    except ValueError:
        return None
