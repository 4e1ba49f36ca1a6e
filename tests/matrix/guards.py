"""Every guard, and what is left when it is taken out: a proof that has never failed proves nothing.

A gate is taken out by letting in whoever is signed in, and by letting in everybody as if they were the volunteer. Any other guard is
a few words in a function, replaced by words that let everything through.
"""

import importlib
import inspect
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from fastapi import Request

from skills import clock
from skills.people.half_signed_in import Half
from skills.people.tickets import Bearer
from skills.people.viewer import Viewer, find_viewer
from skills.web import gate
from tests.matrix.walk import Walk


@dataclass(frozen=True)
class Guard:
    """Words in a function that keep somebody out, and words in their place that don't. `routes`: where each line is asked for which
    this matters, by the beginning of its path."""

    function: str  # "skills.visits.find:_is_own", or "skills.people.viewer:Viewer.areas"
    words: str
    instead: str
    routes: tuple[str, ...] = ("/",)

    @property
    def name(self) -> str:
        """For a line of the report."""
        return f"{self.function}: {' '.join(self.words.split())} -> {' '.join(self.instead.split()) or 'nothing'}"


_FIND, _SEEN, _TRAY, _ANSWER = (
    "skills.households.find",
    "skills.visits.find",
    "skills.coverage.tray",
    "skills.coverage.answer",
)
_BLOCKS = "blocks_on(viewer.areas(Permission.SEE_DOORS), viewer.today)"
_EVERY_BLOCK = "select(col(AreaBlock.block_id))"
_DOORS, _VISITS, _AT_TRAY, _COUNTS = (
    ("/households", "/visits"),
    ("/visits",),
    ("/coverage",),
    ("/group-counts",),
)

_CARDS, _PHONES, _PEOPLE, _TEAMS = (
    ("/invitations", "/join"),
    ("/devices",),
    ("/admin/people",),
    ("/admin/teams",),
)

# fmt: off
GUARDS = (
    # Where doors may be seen
    Guard(f"{_FIND}:door_for", "if _lies_in(db, door.block_id, viewer.areas(permission), viewer.today):", "if True:", _DOORS),
    Guard(f"{_FIND}:door_for", "if _lies_in(db, door.block_id, anywhere, viewer.today):", "if True:", _DOORS),
    Guard(f"{_FIND}:door_for", "viewer.areas(permission)", "frozenset(range(200_000))", _DOORS),
    Guard(f"{_FIND}:doors_for", "if block_id in reached", "", ("/visits", "/api/v1/sync")),
    Guard(f"{_FIND}:_lies_in", "return bool(areas) and", "return True or", _DOORS),
    Guard(f"{_FIND}:_reached", _BLOCKS, _EVERY_BLOCK, ("/", "/households", "/api/v1/package")),
    Guard(f"{_FIND}:_groups", "col(AreaBlock.block_id).in_(blocks_on(areas, day)),", "", ("/",)),
    Guard(f"{_FIND}:_groups", "_valid(Area, day),\n_valid(AreaBlock, day),", "", ("/",)),
    Guard(f"{_FIND}:stored_door", "if not 0 <= ward_id <= _MOST:", "if True:", _DOORS),
    Guard("skills.households.add:_place", "if group_id not in {group.id for group in groups_of(db, viewer, Permission.ADD_DOORS)}:", "if False:", ("/households", "/coverage")),
    Guard("skills.areas.blocks:blocks_on", ".where(AreaBlock.valid_from <= day, AreaBlock.valid_to >= day)", "", ("/",)),
    # Whose visits may be read and changed
    Guard(f"{_SEEN}:stored_visit", "door_for(db, viewer, visit.ward_id, visit.household_id)", "db.get(Household, (visit.ward_id, visit.household_id))", _VISITS),
    Guard(f"{_SEEN}:visit_to_change", "if not (_is_own(viewer, visit) or _over(db, viewer, door)):", "if False:", _VISITS),
    Guard(f"{_SEEN}:_is_own", "visit.author_id == viewer.person_id", "True", _VISITS),
    Guard(f"{_SEEN}:_is_own", "visit.team_id in viewer.led_team_ids", "True", _VISITS),
    Guard(f"{_SEEN}:_is_own", "and viewer.may(Permission.CHANGE_TEAM_VISITS)", "", _VISITS),
    Guard(f"{_SEEN}:_is_own", "return own or team", "return True", _VISITS),
    Guard(f"{_SEEN}:_over", "return reaches(db, viewer, door, Permission.CHANGE_ANY_VISITS)", "return True", _VISITS),
    Guard(f"{_SEEN}:_over", "Permission.CHANGE_ANY_VISITS", "Permission.SEE_DOORS", _VISITS),
    Guard(f"{_SEEN}:_seen", "if over or _is_own(viewer, visit) else None", "", _VISITS),
    Guard(f"{_SEEN}:_seen", "viewer.role is Role.WARD_LEAD", "True", _DOORS),
    Guard(f"{_SEEN}:own_visits", "\n.where(col(Visit.author_id) == viewer.person_id)", "", ("/visits", "/sync")),
    Guard("skills.visits.correct:correct_visit", "visit, old_door = visit_to_change(db, viewer, old_ward, stored_id)", "visit, old_door = stored_visit(db, viewer, old_ward, stored_id)", _VISITS),
    Guard("skills.visits.correct:correct_visit", "door_for(db, viewer, new_ward, household_id, Permission.LOG_VISITS)", "(db.get(Household, (new_ward, household_id)) or old_door)", _VISITS),
    Guard("skills.visits.page:visit_page", "door_for(db, viewer, ward_id, household_id, Permission.LOG_VISITS)", "stored_door(db, ward_id, household_id)", _VISITS),
    Guard("skills.visits.routes:at_a_door", "door_for(db, viewer, ward_id, household_id)", "stored_door(db, ward_id, household_id)", _DOORS),
    Guard("skills.visits.routes:ask_void", "visit_to_change(db, viewer, ward_id, visit_id)", "", _VISITS),
    Guard("skills.visits.routes:edit", "visit, _door = visit_to_change(db, viewer, ward_id, visit_id)\nif visit.voided_at is not None:", "if False:", _VISITS),
    # What was told of a group
    Guard("skills.group_counts.find:group_to_tell", "if group.id == group_id:", "if True:", _COUNTS),
    Guard("skills.group_counts.find:group_to_tell", "groups_of(db, viewer, Permission.LOG_VISITS)", "db.exec(select(Area))", _COUNTS),
    Guard("skills.group_counts.find:told_once", "group_to_tell(db, viewer, told.group_id)", "", _COUNTS),
    Guard("skills.group_counts.find:counts_of", "if sum(visits.values()) >= ENOUGH else None", "", ("/reports",)),
    Guard("skills.reports.counts:counts_beside", "or not viewer.may(Permission.ANSWER_TRAY)", "", ("/reports",)),
    Guard("skills.group_counts.page:count_page", "groups_of(db, viewer, Permission.LOG_VISITS)", "list(db.exec(select(Area)))", _COUNTS),
    # Figures
    Guard("skills.reports.area:readable", "return area_id in", "return True or area_id in", ("/reports", "/api/v1/totals")),
    Guard("skills.reports.area:area_for", "or not readable(db, viewer, area_id)", "", ("/reports", "/api/v1/totals")),
    Guard("skills.areas.find:lies_within", "if area is None or not reach:\nreturn False", "return True", ("/reports", "/api/v1/totals")),
    Guard("skills.areas.find:lies_within", "and db.exec(outside).first() is None", "", ("/reports", "/api/v1/totals")),
    Guard("skills.reports.own:own_report", "viewer.may(Permission.READ_TEAM_FIGURES) and", "", ("/reports",)),
    Guard("skills.reports.own:own_report", "select(Team).where(col(Team.id).in_(viewer.led_team_ids))", "select(Team)", ("/reports",)),
    # The tray
    Guard(f"{_TRAY}:trays_of", "tray_ids(viewer.areas(Permission.ANSWER_TRAY), viewer.today)", "select(col(Area.id))", _AT_TRAY),
    Guard(f"{_TRAY}:find_held", "held is None or not (held.tray_id in trays_of(db, viewer) or held.answered_by == viewer.person_id)", "held is None", _AT_TRAY),
    Guard(f"{_TRAY}:find_held", "held.answered_by == viewer.person_id", "held.answered_by is not None", _AT_TRAY),
    Guard(f"{_TRAY}:find_tray", "col(HeldItem.tray_id).in_(trays_of(db, viewer)), ", "", _AT_TRAY),
    Guard("skills.coverage.routes:index", "viewer.areas(Permission.ANSWER_TRAY)", "frozenset(db.scalars(select(col(Area.id))))", _AT_TRAY),
    Guard(f"{_ANSWER}:accept", "door_for(db, viewer, *form.door, Permission.ANSWER_TRAY)", "stored_door(db, *form.door)", _AT_TRAY),
    Guard(f"{_ANSWER}:move", "if form.ward not in {ward.id for ward in wards_of_city(db, viewer.today)}:", "if False:", _AT_TRAY),
    Guard(f"{_ANSWER}:move", "if form.ward == held.tray_id:", "if False:", _AT_TRAY),
    # The phone
    Guard("skills.sync.package:_own_visits", "visit.author_id == viewer.person_id,", "", ("/api/v1/package",)),
    Guard("skills.sync.mine:not_counted", "col(HeldItem.author_id) == viewer.person_id,", "", ("/sync",)),
    # Whom somebody brings in, and back in
    Guard("skills.invitations.find:_within_reach", "col(Invitation.role).in_(below), ", "", _CARDS),
    Guard("skills.invitations.find:_within_reach", ", col(Invitation.area_id).in_(here)", "", _CARDS),
    Guard("skills.invitations.find:_within_reach", "if posted.role is Role.TEAM_LEADER:", "if False:", _CARDS),
    Guard("skills.invitations.find:choices", "if area_id not in offered:", "if False:", _CARDS),
    Guard("skills.invitations.invite:invite", "if not reaches(db, viewer, area_id):", "if False:", _CARDS),
    Guard("skills.invitations.invite:invite", "if not may_invite(db, viewer, role, area_id, team_id):", "if False:", _CARDS),
    Guard("skills.invitations.invite:invite", "if team_id is not None and not team_fits(db, viewer, team_id, role, area_id):", "if False:", _CARDS),
    Guard("skills.invitations.reach:may_invite", "team_id in viewer.led_team_ids and ", "", _CARDS),
    Guard("skills.invitations.reach:team_fits", "team.area_id != area_id or ", "", _CARDS),
    Guard("skills.invitations.bring_back:find_known", "or not sees_person(db, viewer, person)", "", _CARDS),
    Guard("skills.invitations.bring_back:find_known", "if not may_return(db, viewer, person):", "if False:", _CARDS),
    Guard("skills.invitations.accept:look", "if found.revoked_at is not None:", "if False:", ("/join",)),
    Guard("skills.invitations.accept:look", "if found.expires_at <= clock.now():", "if False:", ("/join",)),
    Guard("skills.invitations.accept:look", "if viewer is not None and viewer.person_id != found.person_id:", "if False:", ("/join",)),
    # Phones
    Guard("skills.devices.reach:person_in_reach", "if viewer.led_team_ids & set(teams_of(db, person_id, viewer.today)):", "if True:", _PHONES),
    Guard("skills.devices.reach:person_in_reach", "if _works_in(db, viewer, person_id, Permission.INVITE):", "if _works_in(db, viewer, person_id, Permission.SEE_PEOPLE):", _PHONES),
    Guard("skills.devices.reach:person_in_reach", " and _was_here(db, viewer, person_id)", "", _PHONES),
    Guard("skills.devices.reach:_works_in", "return any(", "return True or any(", _PHONES),
    Guard("skills.devices.routes:sign_out_phone", "person_in_reach(db, viewer, person_id)", "", _PHONES),
    Guard("skills.devices.routes:lose_phone", "person_in_reach(db, viewer, person_id)", "", _PHONES),
    Guard("skills.devices.routes:_pin_page", "if not may_use_pin(viewer.role):", "if False:", _PHONES),
    # People in the office
    Guard("skills.admin.people.find:find_person", "col(Person.id) == person_id, seen_by(reach, viewer)", "col(Person.id) == person_id", _PEOPLE),
    Guard("skills.admin.people.find:find_people", "if asked.area is not None and asked.area not in reach.areas:", "if False:", _PEOPLE),
    Guard("skills.admin.people.find:find_people", "if asked.team is not None and not _sees_team(db, reach, asked.team):", "if False:", _PEOPLE),
    Guard("skills.admin.people.find:_persons", "seen_by(reach, viewer, None if asked.area is None else inside, asked.role),", "literal(True),", _PEOPLE),
    Guard("skills.admin.people.find:_invited", "invitations_seen_by(reach), ", "", _PEOPLE),
    Guard("skills.admin.people.reach:Reach.phone", "if areas & self.wards or teams & self.teams:", "if True:", _PEOPLE),
    Guard("skills.admin.people.reach:reach_of", " and posted.role is not Role.TEAM_LEADER", "", _PEOPLE),
    Guard("skills.admin.people.reach:reach_of", "of(Role.WARD_LEAD)", "of()", _PEOPLE),
    Guard("skills.admin.people.reach:areas_within", ".having(func.count() == func.count(here.c.block_id))", "", _PEOPLE),
    Guard("skills.admin.people.change:find_to_change", "if not may_change(db, viewer, seen):", "if False:", _PEOPLE),
    Guard("skills.admin.people.change:find_to_change", "if (seen.person.dismissed_at is not None) is not dismissed:", "if False:", _PEOPLE),
    Guard("skills.admin.people.change:change_posting", "if form.area not in {area.id for area in offered(db, viewer, None).areas}:", "if False:", _PEOPLE),
    Guard("skills.admin.people.change:change_posting", "if not may_manage(db, viewer, form.role, form.area):", "if False:", _PEOPLE),
    Guard("skills.admin.people.sheet:ward_to_fill", "if area.id == area_id:", "if True:", _PEOPLE),
    Guard("skills.admin.people.sheet:wards_to_fill", "viewer.areas(Permission.IMPORT_PEOPLE)", "frozenset(db.scalars(select(col(Area.id))))", _PEOPLE),
    Guard("skills.admin.people.take_in:find_import", "ward_to_fill(db, viewer, row.area_id)", "db.get_one(Area, row.area_id)", _PEOPLE),
    Guard("skills.people.grants:may_grant", "role in GRANTABLE[posted.role] and ", "", _CARDS),
    Guard("skills.people.grants:may_grant", " and lies_within(db, area_id, frozenset({posted.area_id}), viewer.today)", "", _CARDS),
    Guard("skills.people.grants:may_manage", "and role in GRANTABLE[posted.role]\n", "", _PEOPLE),
    # Teams
    Guard("skills.admin.teams.find:team_for", "if lies_within(db, team.area_id, viewer.areas(permission), viewer.today):", "if True:", _TEAMS),
    Guard("skills.admin.teams.find:team_for", "and team.id in viewer.led_team_ids", "", _TEAMS),
    Guard("skills.admin.teams.find:find_teams", "if ward_id is not None and (ward is None or ward.id != ward_id):", "if False:", _TEAMS),
    Guard("skills.admin.teams.find:find_teams", "_wards(db, viewer.areas(Permission.SEE_PEOPLE), viewer.today)", "in_force(db, Level.WARD, viewer.today)", _TEAMS),
    Guard("skills.admin.teams.find:member_of", "if member.person_id == person_id and member.valid_to >= today:", "if member.person_id == person_id:", _TEAMS),
    Guard("skills.admin.teams.change:create", "if form.ward not in {ward.id for ward in wards_to_manage(db, viewer)} or form.ward is None:", "if form.ward is None:", _TEAMS),
    Guard("skills.admin.teams.change:join", "if form.person not in may_join(db, team, form.since):", "if False:", _TEAMS),
    Guard("skills.admin.teams.change:dissolve", "if form.to is not None and to is None:", "if False:", _TEAMS),
    # Catalogue and trail
    Guard("skills.admin.audit.scope:scope_of", "frozenset({viewer.person_id, *own})", "None", ("/admin/audit",)),
    Guard("skills.admin.audit.scope:scope_of", "tuple(ward for ward in chains if ward in within), None", "tuple(chains), None", ("/admin/audit",)),
    # Who it is that asks
    Guard("skills.people.viewer:Viewer.areas", "if permission in PERMISSIONS[posted.role]:", "if True:", ("/",)),
    Guard("skills.people.viewer:Viewer.areas", "self.group_ids if posted.role in _BY_TEAM else {posted.area_id}", "{posted.area_id}", ("/",)),
    Guard("skills.people.viewer:Viewer.may", "return permission in self.permissions", "return True", ("/",)),
    Guard("skills.people.teams:groups_of_teams", 'db.connection().execute(_GROUPS, {"teams": list(team_ids), "day": day})', "db.execute(select(col(TeamGroup.group_id)).where(col(TeamGroup.team_id).in_(team_ids), col(TeamGroup.valid_from) <= day))", ("/",)),
    Guard("skills.people.viewer:find_viewer", "if role == TeamRole.LEADER", "", _VISITS),
    Guard("skills.web.gate:_permitted", "if not any(viewer.may(permission) for permission in permissions):", "if False:", ("/",)),
)
# fmt: on


@contextmanager
def without(guard: Guard) -> Iterator[None]:
    """The program without that guard, everywhere where it is called by its name. Raises ValueError when the words are not there."""
    module_name, _, path = guard.function.partition(":")
    module: Any = importlib.import_module(module_name)
    owner: Any = module
    *outer, name = path.split(".")
    for part in outer:
        owner = getattr(owner, part)
    whole = inspect.unwrap(getattr(owner, name))
    source = textwrap.dedent(inspect.getsource(whole))
    changed = _replaced(
        source[source.index("def ") :], guard
    )  # without what stands above it: a route is added once
    made: dict[str, Any] = {}
    exec(compile(changed, module_name, "exec"), dict(vars(module)), made)  # noqa: S102 - our own words, a few taken out
    code, beside = (
        whole.__code__,
        {each: value for each, value in _beside().items() if not hasattr(module, each)},
    )
    vars(module).update(beside)
    whole.__code__ = made[name].__code__  # wherever the function was imported to, it is this one
    try:
        yield
    finally:
        whole.__code__ = code
        for each in beside:
            delattr(module, each)


def _replaced(source: str, guard: Guard) -> str:
    """The words may stand on several lines, indented as they like."""
    squeezed = [line.strip() for line in guard.words.strip("\n").split("\n")]
    if len(squeezed) == 1:
        if guard.words.strip("\n") not in source:
            raise ValueError(f"not in {guard.function}: {guard.words}")
        return source.replace(guard.words.strip("\n"), guard.instead, 1)
    lines = source.split("\n")
    for start in range(len(lines)):
        if [line.strip() for line in lines[start : start + len(squeezed)]] == squeezed:
            indent = lines[start][: len(lines[start]) - len(lines[start].lstrip())]
            lines[start : start + len(squeezed)] = [indent + guard.instead] if guard.instead else []
            return "\n".join(lines)
    raise ValueError(f"not in {guard.function}: {guard.words}")


def _beside() -> dict[str, Any]:
    """What the words put in place of others need."""
    from sqlmodel import col, select

    from skills.areas.models import Area, AreaBlock
    from skills.households.find import stored_door
    from skills.households.models import Household
    from skills.people.permissions import Permission
    from skills.visits.find import stored_visit

    return {
        "col": col, "select": select, "Area": Area, "AreaBlock": AreaBlock, "stored_door": stored_door, "Household": Household,
        "stored_visit": stored_visit, "Permission": Permission,
    }  # fmt: skip


# Gates

Rule = Callable[[Request], Any]


def weakened(walk: Walk, name: str) -> dict[str, Rule]:
    """What may stand in place of a gate's rule, by what it lets in."""

    def as_volunteer(request: Request) -> Viewer | None:
        found = gate._anyone(request)
        if found is not None:
            return found
        with walk.world.database.reading() as db:
            return find_viewer(db, walk.world.people["Hoài"], clock.today())

    def any_phone(_request: Request) -> Bearer:
        assert walk.world.phone is not None
        return Bearer(
            walk.world.phone.ticket_id, walk.world.people["Hoài"], walk.world.phone.device_id, over=False
        )

    def any_half(_request: Request) -> Half:
        return Half(walk.world.people["Hoài"], "+84900000000")

    if name == "anyone":
        return {}
    if name == "half signed in":
        return {"anybody, as the volunteer after the password": any_half}
    if name == "phone":
        return {"anybody, as the volunteer's phone": any_phone}
    weak: dict[str, Rule] = {"anybody, as the volunteer": as_volunteer}
    if name != "signed in":
        weak["whoever is signed in"] = gate._signed_in
    if name.endswith(", confirmed"):
        weak["whoever proved themselves at any time"] = _unproven(name)
    return weak


def _unproven(name: str) -> Rule:
    """The same gate without the question for a new proof."""
    [whole] = [
        one.__metadata__[0].dependency
        for one in vars(gate).values()
        if getattr(one, "__metadata__", None) and getattr(one.__metadata__[0].dependency, "name", "") == name
    ]
    inner: Rule = inspect.getclosurevars(whole.rule).nonlocals["rule"]
    return inner


@contextmanager
def with_rule(route: Any, rule: Rule) -> Iterator[None]:
    """Another rule in the gate of this route, and of every other one that has the same: only this one is asked meanwhile."""
    [dependency] = [each for each in route.dependant.dependencies if getattr(each.call, "is_gate", False)]
    whole = dependency.call
    assert whole is not None
    with patch.object(whole, "rule", rule):
        yield
