"""What a sheet of names says: which column is what, and for each row what would become of it. Nothing is stored here."""

import base64
import hmac
import io
import json
import re
import secrets
import uuid
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

import xlsxwriter
from sqlalchemy import select
from sqlmodel import Session, col

from skills import clock
from skills.admin.people.reach import reach_of, seen_by
from skills.admin.people.read_file import Cells, Unreadable
from skills.areas.find import picker
from skills.areas.models import Area, Level
from skills.db import uuid7
from skills.errors import NotFound
from skills.forms import N_
from skills.invitations.invite import left_today, still_open
from skills.invitations.models import Invitation, Kind
from skills.invitations.reach import may_invite
from skills.language import gettext as _
from skills.people.models import Person, Role, Team
from skills.people.permissions import Permission
from skills.people.phones import parse_phone
from skills.people.viewer import Viewer
from skills.text import fold, tidy

MOST = 500  # names in a sheet
LIFE = timedelta(hours=1)  # of a preview
_LOOKED_AT = 10  # rows in which the headings are looked for: a title or two stand above them

HEADINGS = {
    "full_name": ("ho ten", "ho va ten", "ho va ten dem", "ten", "full name", "name"),
    "phone": (
        "so dien thoai", "dien thoai", "sdt", "so dt", "dt", "so di dong", "di dong", "phone", "phone number", "telephone",
        "mobile",
    ),
    "role": ("vai tro", "role"),
    "team": ("to", "ten to", "to cong nghe so", "to cong nghe so cong dong", "to cnscd", "team"),
}  # fmt: skip
ROLES = {
    Role.VOLUNTEER: ("", "tinh nguyen vien", "tnv", "thanh vien", "volunteer", "member"),
    Role.TEAM_LEADER: ("to truong", "team leader", "leader"),
    Role.WARD_LEAD: ("nguoi phu trach phuong", "phu trach phuong", "phu trach xa", "nguoi phu trach xa", "ward lead"),
    Role.OFFICER: ("can bo khu vuc", "officer"),
    Role.CITY_ADMIN: ("quan tri thanh pho", "city administrator", "city admin"),
    Role.AUDITOR: ("nguoi xem", "auditor"),
}  # fmt: skip
_ROLE_OF = {word: role for role, words in ROLES.items() for word in words}

SENTENCES = {
    "new": N_("Sẽ được mời."),
    "new_without_number": N_("Sẽ được mời; số điện thoại người đó tự ghi khi vào."),
    "account": N_("Đã có tài khoản, không mời lại."),
    "waiting": N_("Đã được mời và thẻ còn hạn, không mời lại."),
    "name": N_("Chưa có họ tên, hoặc dài hơn 120 ký tự."),
    "phone": N_("Số điện thoại không đọc được."),
    "twice": N_("Trùng với dòng %(number)s của chính danh sách này."),
    "role": N_("Không rõ vai trò này."),
    "level": N_("Vai trò này không thuộc phường, xã."),
    "above": N_("Vai trò này không thấp hơn vai trò của người mời."),
    "team": N_("Phường, xã không có tổ này."),
    "limit": N_("Quá số người được mời trong một ngày. Gửi lại phần này vào ngày mai."),
}


@dataclass(frozen=True)
class Typed:
    """A row as somebody typed it, cut to what may be taken."""

    number: int  # of the row in the sheet
    full_name: str
    phone: str
    role: str
    team: str


@dataclass(frozen=True)
class Sheet:
    """The rows of a sheet, and the headings of the columns that are not read."""

    rows: list[Typed]
    ignored: list[str]


@dataclass(frozen=True)
class Checked:
    """What would become of a row; `code` is one of SENTENCES."""

    typed: Typed
    code: str
    role: Role | None = None
    team: Team | None = None
    phone: str | None = None  # E.164
    twin: int = 0

    @property
    def is_new(self) -> bool:
        """Whether somebody would be invited."""
        return self.code.startswith("new")

    @property
    def sentence(self) -> str:
        """In the current language."""
        told = SENTENCES[self.code]
        return _(told) % {"number": self.twin} if self.code == "twice" else _(told)


@dataclass(frozen=True)
class Shown:
    """A preview as it travels through the browser of who looked at it."""

    import_id: uuid.UUID
    area_id: int
    rows: list[Typed]


def read_sheet(cells: Cells) -> Sheet:
    """Finds the headings, in Vietnamese or English and any order, and the rows under them. Raises Unreadable."""
    for at, (_number, head) in enumerate(cells.rows[:_LOOKED_AT]):
        columns = _columns(head)
        if {"full_name", "phone"} <= columns.keys():
            rows = [_typed(number, row, columns) for number, row in cells.rows[at + 1 :]]
            rows = [row for row in rows if row.full_name or row.phone]
            if not rows:
                raise Unreadable("no_rows")
            if cells.more or len(rows) > MOST:
                raise Unreadable("many")
            return Sheet(
                rows,
                [
                    tidy(text)[:60]
                    for place, text in enumerate(head)
                    if text and place not in columns.values()
                ],
            )
    raise Unreadable("headings")


def _columns(head: Sequence[str]) -> dict[str, int]:
    """The place of each column that a row of headings names."""
    found: dict[str, int] = {}
    for place, text in enumerate(head):
        words = " ".join(re.findall(r"[a-z0-9]+", fold(text)))
        for name, known in HEADINGS.items():
            if words in known:
                found.setdefault(name, place)
    return found


def _typed(number: int, row: Sequence[str], columns: dict[str, int]) -> Typed:
    def cell(name: str, most: int) -> str:
        place = columns.get(name, len(row))
        return tidy(row[place])[:most] if place < len(row) else ""

    return Typed(number, cell("full_name", 121), cell("phone", 41), cell("role", 60), cell("team", 121))


# What would become of each row


def wards_to_fill(db: Session, viewer: Viewer) -> list[Area]:
    """The wards into which the viewer may bring in a sheet, by name."""
    found = picker(db, viewer.areas(Permission.IMPORT_PEOPLE), viewer.today)
    return [area for area, _depth in found if area.level == Level.WARD]


def ward_to_fill(db: Session, viewer: Viewer, area_id: int) -> Area:
    """One of them. NotFound for any other area."""
    for area in wards_to_fill(db, viewer):
        if area.id == area_id:
            return area
    raise NotFound("area")


def check_rows(
    db: Session, viewer: Viewer, area: Area, rows: Sequence[Typed], to_take: bool = False
) -> list[Checked]:
    """What would become of each row today. As many statements for five hundred as for five. `to_take`: they are invited next, so
    nobody else may take the day's room meanwhile."""
    numbers = {row.phone: parse_phone(row.phone) for row in rows if row.phone}
    known = _accounts(db, viewer, [number for number in numbers.values() if number])
    waiting = _waiting(db, area, [number for number in numbers.values() if number])
    teams = list(
        db.scalars(select(Team).where(col(Team.area_id) == area.id, col(Team.dissolved_on).is_(None)))
    )
    may = cache(lambda role, team_id: may_invite(db, viewer, role, area.id, team_id))
    room = left_today(db, viewer, by_list=True, hold=to_take)
    first: dict[str, int] = {}
    checked = []
    for row in rows:
        number = numbers.get(row.phone) if row.phone else None
        role, team = _ROLE_OF.get(fold(row.role)), _team(teams, row.team)
        twin = first.setdefault(number or f"{fold(row.full_name)} {row.phone}", row.number)
        if not row.full_name or len(row.full_name) > 120:
            code = "name"
        elif row.phone and number is None:
            code = "phone"
        elif twin != row.number:
            code = "twice"
        elif role is None:
            code = "role"
        elif row.team and team is None:
            code = "team"
        elif role not in (Role.VOLUNTEER, Role.TEAM_LEADER, Role.WARD_LEAD):
            code = "level"
        elif not may(role, team.id if team else None):
            code = "above"
        elif number in known:
            code = "account"
        elif number in waiting:
            code = "waiting"
        elif room < 1:
            code = "limit"
        else:
            code, room = "new" if number else "new_without_number", room - 1
        checked.append(Checked(row, code, role, team if role is not Role.WARD_LEAD else None, number, twin))
    return checked


def counted(checked: Iterable[Checked]) -> Counter[bool]:
    """How many rows would be taken (True), and how many not."""
    return Counter(each.is_new for each in checked)


def _accounts(db: Session, viewer: Viewer, numbers: Collection[str]) -> set[str]:
    """The numbers of people within the viewer's reach. Of anybody else nothing is said, here as where one person is invited."""
    seen = seen_by(reach_of(db, viewer), viewer)
    return set(db.scalars(select(col(Person.phone)).where(col(Person.phone).in_(numbers), seen)))


def _waiting(db: Session, area: Area, numbers: Collection[str]) -> set[str | None]:
    """The numbers of those who hold a card into this ward that is still good."""
    return set(
        db.scalars(
            select(col(Invitation.phone)).where(
                col(Invitation.phone).in_(numbers),
                col(Invitation.area_id) == area.id,
                col(Invitation.kind) == Kind.JOIN,
                col(Invitation.expires_at) > clock.now(),
                *still_open(),
            )
        )
    )


def _team(teams: Sequence[Team], typed: str) -> Team | None:
    """The team that is meant: by its name, or by its number where only one has that."""
    named = [team for team in teams if fold(team.name) == fold(typed)]
    if not named and (numbers := re.findall(r"[0-9]+", typed)) and len(numbers) == 1:
        named = [
            team
            for team in teams
            if [int(n) for n in re.findall(r"[0-9]+", team.name)][-1:] == [int(numbers[0][:9])]
        ]
    return named[0] if len(named) == 1 else None


# Through the browser and back


def seal(viewer: Viewer, area: Area, rows: Sequence[Typed], secret: str) -> str:
    """The preview as the page carries it: for this person, for an hour, changed by nobody. It is covered, not hidden: whoever sent
    the sheet knows what stands in it."""
    now = clock.now()
    told = {
        "id": str(uuid7(now, secrets.token_bytes(10))), "by": str(viewer.person_id), "area": area.id,
        "until": (now + LIFE).timestamp(), "rows": [[row.number, row.full_name, row.phone, row.role, row.team] for row in rows],
    }  # fmt: skip
    packed = zlib.compress(json.dumps(told, ensure_ascii=False).encode())
    return base64.urlsafe_b64encode(_mac(secret, packed) + packed).decode()


def unseal(viewer: Viewer, sealed: str, secret: str) -> Shown | None:
    """The preview that this person looked at within the hour; None for anything else."""
    try:
        whole = base64.urlsafe_b64decode(sealed.encode("ascii"))
    except ValueError:
        return None
    mac, packed = whole[:32], whole[32:]
    if not hmac.compare_digest(mac, _mac(secret, packed)):
        return None
    told = json.loads(zlib.decompress(packed))  # sealed here, so of a size that was looked at
    if told["by"] != str(viewer.person_id) or told["until"] < clock.now().timestamp():
        return None
    return Shown(uuid.UUID(told["id"]), told["area"], [Typed(*row) for row in told["rows"]])


def _mac(secret: str, packed: bytes) -> bytes:
    return hmac.digest(secret.encode(), b"sheet of people" + packed, "sha256")


def template() -> bytes:
    """An empty sheet to fill in, with headings in the current language; every cell is text, so that a number keeps its zero."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False}) as book:
        page = book.add_worksheet(_("Danh sách"))
        text, bold = book.add_format({"num_format": "@"}), book.add_format({"bold": True, "num_format": "@"})
        for place, heading in enumerate((_("Họ tên"), _("Số điện thoại"), _("Vai trò"), _("Tổ"))):
            page.set_column(place, place, 28, text)
            page.write_string(0, place, heading, bold)
        page.freeze_panes(1, 0)
    return made.getvalue()
