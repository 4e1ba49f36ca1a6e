"""What the trail may be asked for."""

import re
import uuid
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Literal, NamedTuple
from urllib.parse import urlencode

from pydantic import BeforeValidator, Field

from skills.forms import N_, Form, TypedDate

_KEY = re.compile(r"(\d{8}T\d{12})-(\d{1,9})-(\d{1,10})")
_WHEN = "%Y%m%dT%H%M%S%f"


class Key(NamedTuple):
    """The place of a line in the list, the newest first: moment, chain, number within the chain."""

    at: datetime
    ward_id: int
    n: int

    def __str__(self) -> str:
        return f"{self.at.astimezone(UTC).strftime(_WHEN)}-{self.ward_id}-{self.n}"


def _read_key(value: object) -> object:
    if not isinstance(value, str):
        return value
    found = _KEY.fullmatch(value)
    try:
        if found:
            at = datetime.strptime(found[1], _WHEN).replace(tzinfo=UTC)
            return Key(at, int(found[2]), int(found[3]))
    except ValueError:
        pass
    raise ValueError("before")


def _read_id(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return uuid.UUID(value)
    except ValueError:
        raise ValueError("person") from None


class TrailQuery(Form):
    """Changes or reads; of one person, about one thing, of one kind, on one day; from a place in the list on."""

    sentences: ClassVar[dict[str, str]] = {
        "person": N_("Không có người này. Bấm vào tên người trong danh sách để lọc."),
        "before": N_("Không đọc được trang này. Mở lại từ đầu danh sách."),
        "what:*": N_("Chọn thay đổi hoặc lượt xem."),
        "action:*": N_("Không có việc này. Chọn lại trong danh sách."),
        "subject:*": N_("Ghi đúng mã như trong danh sách, không có dấu cách."),
        "extra_forbidden": N_("Địa chỉ có phần thừa. Mở lại từ đầu danh sách."),
    }

    what: Literal["changes", "reads"] = "changes"
    actor: Annotated[uuid.UUID, BeforeValidator(_read_id)] | None = None
    subject: Annotated[str, Field(max_length=60, pattern=r"^[A-Za-z0-9._:/-]+$")] | None = None
    action: Annotated[str, Field(max_length=40, pattern=r"^[a-z][a-z0-9_.]*$")] | None = None
    day: TypedDate | None = None
    before: Annotated[Key, BeforeValidator(_read_key)] | None = None

    def address(self, path: str = "/admin/audit", **other: Any) -> str:
        """The address of the same list with something else asked for; from its beginning, unless `before` is given."""
        asked = {**self.asked(), **other}
        told = {name: str(value) for name, value in asked.items() if value}
        return path + ("?" + urlencode(told) if told else "")

    def asked(self) -> dict[str, Any]:
        """What the list is narrowed to."""
        return {
            "what": self.what if self.what != "changes" else None,
            "actor": self.actor,
            "subject": self.subject,
            "action": self.action,
            "day": self.day,
        }


class ExportForm(TrailQuery):
    """The list as a file."""

    file: Literal["csv", "xlsx"]
