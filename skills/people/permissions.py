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
    SEE_PEOPLE = "see_people"  # the lists of people and teams, in the office's pages
    INVITE = "invite"  # bring people in and help them back in; whom is said by `grants`
    MANAGE_PEOPLE = "manage_people"  # dismiss, move, change the role of whoever `grants` lets one invite
    IMPORT_PEOPLE = "import_people"  # bring in many at once, out of a sheet
    MANAGE_TEAMS = "manage_teams"  # teams, their members and residential groups
    SEE_AREAS = "see_areas"
    SEE_CATALOGUE = "see_catalogue"
    MANAGE_CATALOGUE = "manage_catalogue"
    READ_AUDIT = "read_audit"
    READ_OWN_AUDIT = (
        "read_own_audit"  # what one did oneself, and what was done to oneself; a leader's team too
    )


_AT_THE_DOOR = frozenset({Permission.SEE_DOORS, Permission.ADD_DOORS, Permission.LOG_VISITS})

_IN_OFFICE = frozenset(
    {
        Permission.READ_REPORTS,
        Permission.SEE_PEOPLE,
        Permission.SEE_AREAS,
        Permission.SEE_CATALOGUE,
        Permission.READ_AUDIT,
    }
)
_OVER_PEOPLE = frozenset({Permission.INVITE, Permission.MANAGE_PEOPLE})

OFFICE = (
    Permission.SEE_PEOPLE,
    Permission.SEE_AREAS,
    Permission.SEE_CATALOGUE,
    Permission.READ_AUDIT,
)  # any of these opens `/admin`

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.VOLUNTEER: _AT_THE_DOOR
    | {Permission.CHANGE_OWN_VISITS, Permission.READ_OWN_FIGURES, Permission.READ_OWN_AUDIT},
    Role.TEAM_LEADER: _AT_THE_DOOR
    | {
        Permission.CHANGE_OWN_VISITS,
        Permission.READ_OWN_FIGURES,
        Permission.CHANGE_TEAM_VISITS,
        Permission.READ_TEAM_FIGURES,
        Permission.READ_OWN_AUDIT,
        Permission.SEE_PEOPLE,
        Permission.INVITE,
    },
    Role.WARD_LEAD: _AT_THE_DOOR
    | _IN_OFFICE
    | _OVER_PEOPLE
    | {
        Permission.CHANGE_ANY_VISITS,
        Permission.ANSWER_TRAY,
        Permission.IMPORT_PEOPLE,
        Permission.MANAGE_TEAMS,
    },
    Role.OFFICER: _IN_OFFICE | _OVER_PEOPLE,
    Role.CITY_ADMIN: _IN_OFFICE
    | _OVER_PEOPLE
    | {Permission.IMPORT_PEOPLE, Permission.MANAGE_TEAMS, Permission.MANAGE_CATALOGUE},
    Role.AUDITOR: _IN_OFFICE,
}
