"""The trail in plain words: a sentence for each action, in the language of whoever reads."""

import uuid
from collections.abc import Mapping

from skills.accounts.told import NOBODY
from skills.forms import N_
from skills.language import gettext as _

# %(who)s did something to %(what)s. Whoever adds an action to the trail adds its sentence here; a test looks for it.
CHANGES: dict[str, str] = {
    "areas.reorganised": N_("%(who)s sắp xếp lại địa bàn (%(what)s bước)"),
    "audit.exported": N_("%(who)s tải nhật ký về máy, mã tệp %(what)s"),
    "catalogue.audience_added": N_("%(who)s thêm nhóm đối tượng %(what)s vào danh mục"),
    "catalogue.audience_dated": N_("%(who)s đổi thời hạn của nhóm đối tượng %(what)s"),
    "catalogue.audience_ended": N_("%(who)s kết thúc nhóm đối tượng %(what)s"),
    "catalogue.audience_reworded": N_("%(who)s sửa câu chữ của nhóm đối tượng %(what)s"),
    "catalogue.skill_added": N_("%(who)s thêm kỹ năng %(what)s vào danh mục"),
    "catalogue.skill_dated": N_("%(who)s đổi thời hạn của kỹ năng %(what)s"),
    "catalogue.skill_ended": N_("%(who)s kết thúc kỹ năng %(what)s"),
    "catalogue.skill_reworded": N_("%(who)s sửa câu chữ của kỹ năng %(what)s"),
    "device.revoked": N_("%(who)s thu hồi quyền gửi của máy (%(what)s)"),
    "epoch.renewed": N_("%(who)s mở đời dữ liệu mới sau khi khôi phục"),
    "group_count.told": N_("%(who)s ghi số theo tháng của tổ %(what)s"),
    "invitation.code_used": N_("Mã ngắn của thẻ mời %(what)s đã được dùng"),
    "invitation.made": N_("%(who)s làm thẻ mời %(what)s"),
    "invitation.reissued": N_("%(who)s làm lại thẻ mời %(what)s"),
    "invitation.revoked": N_("%(who)s thu hồi thẻ mời %(what)s"),
    "invitation.used": N_("%(who)s dùng thẻ mời %(what)s"),
    "people.import_undone": N_("%(who)s hoàn tác danh sách người %(what)s"),
    "people.imported": N_("%(who)s đưa vào danh sách người %(what)s"),
    "person.added": N_("%(who)s thêm %(what)s"),
    "person.changed": N_("%(who)s đổi vai trò của %(what)s"),
    "person.dismissed": N_("%(who)s cho %(what)s nghỉ"),
    "person.joined": N_("%(who)s bắt đầu dùng tài khoản"),
    "person.moved": N_("%(who)s chuyển địa bàn của %(what)s"),
    "person.reinstated": N_("%(who)s nhận lại %(what)s"),
    "person.reset": N_("%(who)s đặt lại mật khẩu của %(what)s và đăng xuất mọi máy"),
    "person.returned": N_("%(who)s vào lại được sau khi gặp người phụ trách"),
    "pin.changed": N_("%(who)s đổi mã PIN trên một máy"),
    "pin.set": N_("%(who)s đặt mã PIN trên một máy"),
    "pin.turned_off": N_("Mã PIN của %(what)s trên một máy đã tắt sau 5 lần sai"),
    "recovery_code.used": N_("%(who)s đăng nhập bằng mã dự phòng"),
    "recovery_codes.renewed": N_("%(who)s tạo mã dự phòng mới"),
    "sealing_key.made": N_("%(who)s tạo khóa niêm phong số %(what)s"),
    "second_factor.removed": N_("%(who)s bỏ bước xác nhận thứ hai của %(what)s"),
    "second_factor.set_up": N_("%(who)s cài bước xác nhận thứ hai"),
    "session.ended": N_("%(who)s kết thúc phiên đăng nhập của %(what)s"),
    "session.ended_everywhere": N_("%(who)s đăng xuất %(what)s trên mọi máy"),
    "session.refused": N_("Có người thử sai quá nhiều lần để vào tài khoản %(what)s"),
    "session.started": N_("%(who)s đăng nhập"),
    "team.corrected": N_("%(who)s sửa thông tin tổ %(what)s"),
    "team.created": N_("%(who)s lập tổ %(what)s"),
    "team.dissolved": N_("%(who)s giải thể tổ %(what)s"),
    "team.group_taken": N_("%(who)s lấy lại tổ dân phố của tổ %(what)s"),
    "team.groups_given": N_("%(who)s giao tổ dân phố cho tổ %(what)s"),
    "team.handed_over": N_("%(who)s bàn giao việc trong tổ %(what)s"),
    "team.joined": N_("%(who)s thêm thành viên vào tổ %(what)s"),
    "team.left": N_("%(who)s cho thành viên rời tổ %(what)s"),
    "team.place_changed": N_("%(who)s đổi vai trò của thành viên trong tổ %(what)s"),
    "token.issued": N_("%(who)s cấp mã đọc số liệu cho chương trình khác, đứng tên %(what)s"),
    "totals.rebuilt": N_("%(who)s tính lại toàn bộ số liệu (%(what)s số)"),
    "tray.accepted": N_("%(who)s cho tính lượt %(what)s trong khay của phường"),
    "tray.moved": N_("%(who)s chuyển lượt %(what)s sang khay của phường khác"),
    "tray.recalled": N_("%(who)s lấy lại lượt %(what)s vừa trả"),
    "tray.returned": N_("%(who)s trả lại lượt %(what)s cho người ghi"),
    "tray.settled": N_("%(who)s giữ bản đang lưu, bỏ bản mới gửi %(what)s"),
    "visit.corrected": N_("%(who)s sửa lượt thăm %(what)s do người khác ghi"),
    "visit.voided": N_("%(who)s hủy lượt thăm %(what)s do người khác ghi"),
}
READS: dict[str, str] = {
    "visit.note": N_("%(who)s đọc ghi chú ở nhà %(what)s"),
}
_OTHER = N_("%(who)s: việc %(action)s, %(what)s")
_FIELDS: dict[str, str] = {
    "area_id": N_("địa bàn"),
    "audiences": N_("nhóm đối tượng"),
    "come_back_on": N_("ngày hẹn"),
    "devices": N_("các máy"),
    "dismissed_at": N_("ngày nghỉ"),
    "five_by_one": N_("một người làm được cả năm"),
    "full_name": N_("họ tên"),
    "household_id": N_("nhà"),
    "note": N_("ghi chú"),
    "odd": N_("điều lạ"),
    "outcome": N_("kết quả"),
    "password": N_("mật khẩu"),
    "people": N_("số người"),
    "people_new": N_("số người lần đầu"),
    "phone": N_("số điện thoại"),
    "pin": N_("mã PIN"),
    "role": N_("vai trò"),
    "skills": N_("kỹ năng"),
    "tray_id": N_("khay"),
    "visited_on": N_("ngày thăm"),
    "voided_at": N_("đã hủy"),
}


def sentence(action: str, who: str, what: str) -> str:
    """What happened, as a sentence; of an action that has none yet, its own name."""
    known = CHANGES.get(action) or READS.get(action)
    return _(known or _OTHER) % {"who": who, "what": what, "action": action}


def choices(reads: bool) -> list[tuple[str, str]]:
    """What the list can be narrowed to: actions with their sentences, without who and what."""
    told = READS if reads else CHANGES
    named = [(action, _(text) % {"who": "…", "what": "…"}) for action, text in told.items()]
    return [("", _("Mọi việc")), *sorted(named, key=lambda each: each[1])]


def who(person_id: uuid.UUID | None, names: Mapping[uuid.UUID, str]) -> str:
    """Who did it: by name where the viewer may see the person, else that it is somebody from elsewhere."""
    if person_id is None:
        return _("Máy chủ")
    return names.get(person_id) or _("Người ngoài địa bàn (%(code)s)") % {"code": short(str(person_id))}


def thing(subject: str, names: Mapping[uuid.UUID, str]) -> str:
    """What it was done to: a name where the viewer may see it, else the end of its id."""
    if subject == str(NOBODY):
        return _("của một số không ai dùng")
    try:
        found = names.get(uuid.UUID(subject)) if len(subject) == 36 else None
    except ValueError:
        found = None
    return found or short(subject)


def short(text: str) -> str:
    """The end of an id: enough to tell two of them apart on a page."""
    return f"…{text[-6:]}" if len(text) == 36 else text


def place(name: str | None) -> str:
    """The ward of a chain."""
    return name or _("Cả thành phố")


def detail(more: str) -> str:
    """The names of the fields that changed, in words where there are some."""
    told = [each for each in more.split(",") if each]
    return ", ".join(_(_FIELDS[each]) if each in _FIELDS else each.replace("_", " ") for each in told)
