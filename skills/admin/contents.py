"""What the first page of the office leads to: a line for each subject that the person may open."""

from dataclasses import dataclass

from skills.forms import N_
from skills.language import gettext as _
from skills.people.permissions import Permission
from skills.people.viewer import Viewer


@dataclass(frozen=True)
class Entry:
    """A line: where it leads, what it is called, what one does there, its mark."""

    href: str
    title: str
    said: str
    icon: str


_ENTRIES = (
    (Permission.INVITE, "/invitations", N_("Thẻ mời"), N_("Thẻ có mã QR, mã ngắn, ai chưa vào"), "i-plus"),
    (Permission.SEE_PEOPLE, "/admin/people", N_("Con người"), N_("Mời, vai trò, máy, giúp vào lại, cho nghỉ"), "i-person"),
    (Permission.SEE_PEOPLE, "/admin/teams", N_("Tổ công nghệ số"), N_("Thành viên, tổ dân phố, bàn giao"), "i-people"),
    (Permission.SEE_AREAS, "/admin/areas", N_("Địa bàn"), N_("Phường, xã qua từng thời kỳ, tổ dân phố"), "i-flag"),
    (Permission.SEE_CATALOGUE, "/admin/catalogue", N_("Danh mục"), N_("Kỹ năng, nhóm đối tượng, câu chữ"), "i-note"),
    (Permission.READ_AUDIT, "/admin/audit", N_("Nhật ký"), N_("Ai đã đổi gì, đã xem gì, lúc nào"), "i-review"),
    (Permission.READ_OWN_AUDIT, "/admin/audit", N_("Nhật ký"), N_("Ai đã đổi gì, đã xem gì, lúc nào"), "i-review"),
)  # fmt: skip


def contents(viewer: Viewer) -> list[Entry]:
    """The lines for whatever some posting of the viewer allows somewhere, each once."""
    allowed = {
        href: Entry(href, _(title), _(said), icon)
        for permission, href, title, said, icon in _ENTRIES
        if viewer.may(permission)
    }
    return list(allowed.values())
