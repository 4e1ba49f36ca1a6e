"""How roles are called on a page, in the language of the request."""

from skills.language import gettext as _
from skills.people.models import Role
from skills.text import N_

_ROLES = {
    Role.VOLUNTEER: N_("Tình nguyện viên"),
    Role.TEAM_LEADER: N_("Tổ trưởng"),
    Role.WARD_LEAD: N_("Người phụ trách phường"),
    Role.OFFICER: N_("Cán bộ khu vực"),
    Role.CITY_ADMIN: N_("Quản trị thành phố"),
    Role.AUDITOR: N_("Người xem"),
}


def role_name(role: Role | str) -> str:
    """The role as people call it: "Tổ trưởng", "Team leader"."""
    return _(_ROLES[Role(role)])
