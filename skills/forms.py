"""What somebody typed, checked: a form of the domain, or a sentence beside each field with what was typed still there.

Forms validate, tables don't. A form class lists its fields; anything else that is sent is refused. Nothing here knows HTTP:
the web kit hands over the fields as a mapping of names to lists of strings.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, ClassVar, TypeVar, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from skills.language import gettext as _

Typed = Mapping[str, Sequence[str]]
F = TypeVar("F", bound="Form")


class Form(BaseModel):
    """Base of every form. `sentences` maps the codes that its validators raise as ValueError to what the person reads."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    sentences: ClassVar[dict[str, str]] = {}


@dataclass
class FormErrors:
    """A form that can't be taken: what was typed by field name, and one sentence by field name ("" for the form as a whole)."""

    values: dict[str, Any]
    errors: dict[str, str] = field(default_factory=dict)


def read(form: type[F], typed: Typed) -> F | FormErrors:
    """The form out of what was typed ("" counts as not typed; a repeated name gives its list or its last value), or the errors."""
    values: dict[str, Any] = {}
    for name, given in typed.items():
        told = [text for text in given if text.strip()]
        if told:
            values[name] = told if _is_list(form, name) else told[-1]
    try:
        return form.model_validate(values)
    except ValidationError as error:
        return FormErrors(values, sentences(form, error.errors()))


def sentences(form: type[Form], errors: Sequence[ErrorDetails]) -> dict[str, str]:
    """One sentence a field out of pydantic's errors, the first of each."""
    told: dict[str, str] = {}
    for error in errors:
        known = error["loc"] and error["type"] != "extra_forbidden"
        told.setdefault(str(error["loc"][0]) if known else "", _sentence(form, error))
    return told


def _is_list(form: type[Form], name: str) -> bool:
    declared = form.model_fields.get(name)
    return declared is not None and get_origin(declared.annotation) in (list, set, tuple)


def _sentence(form: type[Form], error: ErrorDetails) -> str:
    """What is wrong and how to put it right, in the current language."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error":
        code = str(context.get("error", ""))
        told = form.sentences.get(code) or _COMMON.get(code, _COMMON["unreadable"])
        return _(told)
    if kind == "string_too_long":
        return _("Không quá %(n)s ký tự.") % {"n": context["max_length"]}
    if kind in ("greater_than_equal", "greater_than"):
        return _("Ít nhất là %(n)s.") % {"n": context.get("ge", context.get("gt"))}
    if kind in ("less_than_equal", "less_than"):
        return _("Nhiều nhất là %(n)s.") % {"n": context.get("le", context.get("lt"))}
    told = _COMMON.get(kind, _COMMON["unreadable"])
    return _(told)


def sentence(code: str) -> str:
    """One of the common sentences, for what a form finds wrong after it was read, in the current language."""
    return _(_COMMON[code])


def N_(message: str) -> str:
    """Marks a sentence for the catalogue where it is written; it is translated where it is said."""
    return message


_COMMON = {
    "missing": N_("Chưa ghi."),
    "int_parsing": N_("Ghi bằng số, ví dụ 2."),
    "int_from_float": N_("Ghi bằng số, ví dụ 2."),
    "int_parsing_size": N_("Số này quá lớn."),
    "enum": N_("Chọn một trong các mục."),
    "literal_error": N_("Chọn một trong các mục."),
    "date": N_("Ghi ngày theo thứ tự ngày/tháng/năm, ví dụ 28/8/2026."),
    "extra_forbidden": N_("Biểu mẫu này đã cũ. Mở lại trang rồi ghi tiếp."),
    "uuid_parsing": N_("Biểu mẫu này đã cũ. Mở lại trang rồi ghi tiếp."),
    "not_yet": N_("Ngày %(day)s chưa tới."),
    "which_day": N_("Chọn ngày hẹn."),
    "before_visit": N_("Ngày hẹn phải từ ngày thăm trở đi."),
    "more_than_all": N_("Lần đầu ghi %(n)s, tổng là %(all)s người."),
    "group_more_than_all": N_("Nhóm này ghi %(n)s, tổng là %(all)s người."),
    "unreadable": N_("Không đọc được mục này. Ghi lại, ví dụ như gợi ý."),
}


# A year has two digits or four: with one or three a finger slipped, and no year can be guessed.
_DAY = re.compile(r"(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{2}|\d{4})")


def _read_date(value: object) -> object:
    """ISO as a date field sends it, or day/month/year as people write it; never month first."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    try:
        if len(text) == 10 and text[4] == "-" == text[7] and text.isascii():
            found = date.fromisoformat(text)
        elif written := _DAY.fullmatch(text):
            day, month, year = map(int, written.groups())
            found = date(year + 2000 if year < 100 else year, month, day)
        else:
            raise ValueError("date")
    except ValueError:
        raise ValueError("date") from None
    if not 2000 <= found.year <= 2199:
        raise ValueError("date")
    return found


TypedDate = Annotated[date, BeforeValidator(_read_date)]
"""A day as a phone or a person writes it: 2026-08-28, 28/8/2026, 28-8-26, 28.8.2026."""
