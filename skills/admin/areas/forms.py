"""What is asked of the map: a day, a name."""

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from skills.forms import N_, Form, FormErrors, Typed, TypedDate, read


class AreaQuery(Form):
    """On which day, and what a place is called. Neither has to be given."""

    sentences: ClassVar[dict[str, str]] = {
        "day:*": N_("Ngày này không có hoặc không đọc được. Ghi theo thứ tự ngày/tháng/năm, ví dụ 28/8/2026."),
        "extra_forbidden": N_("Địa chỉ có phần thừa. Chọn lại từ trang Địa bàn."),
    }  # fmt: skip

    day: TypedDate | None = None
    q: Annotated[str, Field(max_length=80)] = ""


def read_query(typed: Typed, today: date) -> tuple[date, str, dict[str, str]]:
    """The day (today when none was typed, or none that can be read), the name, and what to correct by field."""
    form = read(AreaQuery, typed)
    if isinstance(form, FormErrors):
        return today, "", form.errors
    return form.day or today, form.q, {}
