"""What a report may be asked for: an area, a period of a calendar or some days, a lens, an order."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, ClassVar, Literal, TypeVar
from urllib.parse import urlencode

from pydantic import Field, ValidationInfo, field_validator, model_validator

from skills.forms import N_, Form, FormErrors, Typed, TypedDate, read, sentence
from skills.totals.periods import Calendar, Kind, Period, containing, day_range, parse

LONGEST = 366  # days of a range: it is counted visit by visit
MOST_DAYS = 92  # days told one by one

Lens = Literal["then", "today"]
SORTS = ("name", "reached", "helped", "visits", "change", "people", "people_new", "core_5")


class PeriodQuery(Form):
    """Which days, of which area, on which map. A default is left out of every address."""

    sentences: ClassVar[dict[str, str]] = {
        "period": N_(
            "Không có kỳ này. Ghi lại, ví dụ 2026, 2026-H1, 2026-Q3, 2026-08, 2026-W33, 2026-08-28."
        ),
        "nd09": N_("Lịch Nghị định 09 không có ngày và tuần. Chọn tháng, quý, nửa năm hoặc năm."),
        "both": N_("Ghi một kỳ, hoặc từ ngày và đến ngày, không ghi cả hai."),
        "no_first": N_("Ghi thêm từ ngày."),
        "no_last": N_("Ghi thêm đến ngày."),
        "order": N_("Đến ngày đang trước từ ngày. Sửa một trong hai ngày."),
        "long": N_("Khoảng ngày dài nhất là 366 ngày. Chọn năm để xem lâu hơn."),
        "not_yet": N_("Kỳ này chưa tới. Chọn kỳ đang chạy hoặc kỳ đã qua."),
        "days_not_yet": N_("Những ngày này chưa tới. Ghi từ hôm nay trở về trước."),
        "area:*": N_("Không đọc được số hiệu địa bàn. Chọn lại địa bàn từ báo cáo."),
        "lens:*": N_("Không đọc được địa giới. Ghi then (lúc đó) hoặc today (hiện nay)."),
        "calendar:*": N_("Không đọc được lịch. Ghi civil (lịch thường) hoặc nd09 (Nghị định 09)."),
        "sort:*": N_("Không xếp được theo cột này. Chọn lại cột ở bảng."),
        "desc:*": N_("Không đọc được thứ tự xếp. Chọn lại cột ở bảng."),
        "extra_forbidden": N_("Địa chỉ có phần thừa. Bỏ phần đó hoặc chọn lại kỳ."),
    }
    beside: ClassVar[dict[str, str]] = {
        "both": "period",
        "no_first": "from",
        "no_last": "to",
        "order": "to",
        "long": "to",
    }

    calendar: Calendar = Calendar.CIVIL
    area: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    period: str | None = None
    first: TypedDate | None = Field(default=None, alias="from")
    last: TypedDate | None = Field(default=None, alias="to")
    lens: Lens = "then"

    @field_validator("period")
    @classmethod
    def _named(cls, name: str | None, info: ValidationInfo) -> str | None:
        """A period that the calendar has."""
        calendar = info.data.get("calendar", Calendar.CIVIL)
        if name is None:
            return None
        try:
            return parse(name, calendar).name
        except ValueError:
            raise ValueError("nd09" if _is_civil(name) and calendar is Calendar.ND09 else "period") from None

    @model_validator(mode="after")
    def _one_way_to_say_it(self) -> "PeriodQuery":
        if self.first is None and self.last is None:
            return self
        if self.period is not None:
            raise ValueError("both")
        if self.first is None:
            raise ValueError("no_first")
        if self.last is None:
            raise ValueError("no_last")
        if self.last < self.first:
            raise ValueError("order")
        if (self.last - self.first).days >= LONGEST:
            raise ValueError("long")
        return self

    def chosen(self, today: date) -> Period:
        """The period asked for; the running month of the calendar when none is."""
        if self.first and self.last:
            return day_range(self.first, self.last)
        if self.period:
            return parse(self.period, self.calendar)
        return containing(today, Kind.MONTH, self.calendar)

    def lens_day(self, today: date) -> date:
        """The day whose map is read: the period's last (today while it runs), or today."""
        return today if self.lens == "today" else min(self.chosen(today).end, today)


class ReportQuery(PeriodQuery):
    """A report on the screen."""

    sort: Literal[SORTS] = "name"  # type: ignore[valid-type]
    desc: bool = False


class FileQuery(ReportQuery):
    """A report as a file: a line for each area, or for each skill."""

    sentences: ClassVar[dict[str, str]] = PeriodQuery.sentences | {
        "by:*": N_("Tệp chỉ ghi theo area (địa bàn) hoặc skill (kỹ năng). Chọn một trong hai.")
    }

    by: Literal["area", "skill"] = "area"


class TotalsQuery(PeriodQuery):
    """The totals for another program, taken apart in one way."""

    sentences: ClassVar[dict[str, str]] = PeriodQuery.sentences | {
        "by:*": N_("Không tách được theo cách này. Ghi area, skill, audience, ladder hoặc day."),
        "days": N_("Theo từng ngày thì nhiều nhất một quý. Chọn kỳ ngắn hơn."),
    }

    by: Literal["area", "skill", "audience", "ladder", "day"] = "area"


Q = TypeVar("Q", bound=PeriodQuery)


def read_query(form: type[Q], typed: Typed, today: date) -> Q | FormErrors:
    """What was asked for, or one sentence a field; a period that has not begun can't be reported on."""
    if issubclass(form, TotalsQuery) and (padded := _padded(typed)):
        return FormErrors(_as_typed(typed), padded)
    query = read(form, typed)
    if isinstance(query, FormErrors):
        return query
    if query.chosen(today).start > today:
        field, code = ("period", "not_yet") if query.period else ("from", "days_not_yet")
        return FormErrors(_as_typed(typed), {field: sentence(form, code)})
    if isinstance(query, TotalsQuery) and query.by == "day" and _length(query.chosen(today)) > MOST_DAYS:
        return FormErrors(_as_typed(typed), {"by": sentence(form, "days")})
    return query


def _padded(typed: Typed) -> dict[str, str]:
    """The names with spaces around what was given. A person's are overlooked; a program that sends them means something else."""
    return {
        name: sentence(TotalsQuery, "unreadable")
        for name, given in typed.items()
        if any(text != text.strip() for text in given)
    }


def _as_typed(typed: Typed) -> dict[str, str]:
    return {name: given[-1] for name, given in typed.items() if given}


def address(query: PeriodQuery, path: str = "/reports", **changes: Any) -> str:
    """The address of a report that differs from this one in the fields named; None takes a field away."""
    named: dict[str, Any] = {
        "area": query.area,
        "period": query.period,
        "from": query.first,
        "to": query.last,
        "lens": query.lens,
        "calendar": query.calendar,
    }
    if isinstance(query, ReportQuery):
        named |= {"sort": query.sort, "desc": query.desc}
    return _join(path, named | changes)


def address_of(query: PeriodQuery, period: Period, path: str = "/reports", **changes: Any) -> str:
    """The same report of another period."""
    if period.kind is Kind.RANGE:
        return address(query, path, **{"period": None, "from": period.start, "to": period.end} | changes)
    return address(query, path, **{"period": period.name, "from": None, "to": None} | changes)


def _join(path: str, named: Mapping[str, Any]) -> str:
    default = {"lens": "then", "calendar": Calendar.CIVIL, "sort": "name", "desc": False, "by": "area"}
    told = {
        name: "1" if value is True else str(value)
        for name, value in named.items()
        if value is not None and value != default.get(name)
    }
    return f"{path}?{urlencode(told)}" if told else path


def _length(period: Period) -> int:
    return (period.end - period.start).days + 1


def _is_civil(name: str) -> bool:
    try:
        parse(name, Calendar.CIVIL)
    except ValueError:
        return False
    return True
