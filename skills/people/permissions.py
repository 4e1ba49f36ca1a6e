"""Who may do what: one table, read by `Viewer` and by nothing else. Where it may be done is the posting's area."""

from enum import StrEnum

from skills.people.models import Role


class Permission(StrEnum):
    """Something a role may do, inside the area of its posting."""

    SEE_DOORS = "see_doors"
    ADD_DOORS = "add_doors"
    LOG_VISITS = "log_visits"
    CHANGE_OWN_VISITS = "change_own_visits"
    CHANGE_TEAM_VISITS = "change_team_visits"
    CHANGE_ANY_VISITS = "change_any_visits"  # of anybody, within reach
    READ_OWN_FIGURES = "read_own_figures"
    READ_TEAM_FIGURES = "read_team_figures"
    READ_REPORTS = "read_reports"
    ANSWER_TRAY = "answer_tray"  # say whose and where it is, what waits in the ward's tray


_AT_THE_DOOR = frozenset({Permission.SEE_DOORS, Permission.ADD_DOORS, Permission.LOG_VISITS})

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.VOLUNTEER: _AT_THE_DOOR | {Permission.CHANGE_OWN_VISITS, Permission.READ_OWN_FIGURES},
    Role.TEAM_LEADER: _AT_THE_DOOR
    | {
        Permission.CHANGE_OWN_VISITS,
        Permission.READ_OWN_FIGURES,
        Permission.CHANGE_TEAM_VISITS,
        Permission.READ_TEAM_FIGURES,
    },
    Role.WARD_LEAD: _AT_THE_DOOR
    | {Permission.CHANGE_ANY_VISITS, Permission.READ_REPORTS, Permission.ANSWER_TRAY},
    Role.OFFICER: frozenset({Permission.READ_REPORTS}),
    Role.CITY_ADMIN: frozenset({Permission.READ_REPORTS}),
    Role.AUDITOR: frozenset({Permission.READ_REPORTS}),
}
