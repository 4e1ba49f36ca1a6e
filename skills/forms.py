"""What somebody typed, checked: a form of the domain, or a sentence beside each field with what was typed still there.

Forms validate, tables don't. A form class lists its fields; anything else that is sent is refused. Nothing here knows HTTP:
the web kit hands over the fields as a mapping of names to lists of strings.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, ClassVar, TypeVar, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from skills.language import gettext as _

Typed = Mapping[str, Sequence[str]]
F = TypeVar("F", bound="Form")


class Form(BaseModel):
    """Base of every form.

    `sentences`: what the person reads for a code that a validator raises as ValueError, for an error in one field
    ("group:missing", or "group:*" for all of them), or instead of a common sentence ("extra_forbidden").
    `beside`: the field at which the sentence of a code stands that is about several.
    `unseen`: fields that a page sends and nobody types; what is wrong with them is said of the form as a whole.
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    sentences: ClassVar[dict[str, str]] = {}
    beside: ClassVar[dict[str, str]] = {}
    unseen: ClassVar[frozenset[str]] = frozenset()


@dataclass
class FormErrors:
    """A form that can't be taken: what was typed by field name, and one sentence by field name ("" for the form as a whole).

    Values of unseen fields that can't be read are left out: the page that shows the form again has better ones.
    """

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
        wrong = error.errors()
        unreadable = {str(each["loc"][0]) for each in wrong if each["loc"]} & form.unseen
        kept = {name: value for name, value in values.items() if name not in unreadable}
        return FormErrors(kept, sentences(form, wrong))


def sentences(form: type[Form], errors: Sequence[ErrorDetails]) -> dict[str, str]:
    """One sentence a field out of pydantic's errors, the first of each."""
    told: dict[str, str] = {}
    for error in errors:
        name = str(error["loc"][0]) if error["loc"] else form.beside.get(_code(error), "")
        if error["type"] == "extra_forbidden" or name in form.unseen:
            told.setdefault("", _(form.sentences.get("extra_forbidden", _COMMON["extra_forbidden"])))
        else:
            told.setdefault(name, _sentence(form, name, error))
    return told


def by_name(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Fields as they were sent, in their order, by name: text in form NFC, without control characters except the line break.

    Raises ValueError for text that is no text.
    """
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(_clean(name), []).append(_clean(value))
    return fields


def area_number(text: str) -> int | None:
    """The id of an area as a field holds it, or None for what can be none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


MOST_MARKS = 30  # on one letter, as in Unicode's stream-safe text (UAX #15, 13); Vietnamese needs two
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"  # what is left of bytes that are no UTF-8


def _clean(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    if _REPLACEMENT in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("unreadable text")
    text = unicodedata.normalize("NFC", _few_marks(text.replace("\r\n", "\n").replace("\t", " ")))
    return "".join(c for c in text if c == "\n" or unicodedata.category(c) != "Cc")


def _few_marks(text: str) -> str:
    """The text without what is piled onto a letter beyond `MOST_MARKS`: composing takes quadratic time on a long pile, which
    three hundred kilobytes turned into a minute in which nobody was answered."""
    if text.isascii():
        return text
    kept, pile = [], 0
    for character in text:
        pile = pile + 1 if unicodedata.combining(character) else 0
        if pile <= MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def _is_list(form: type[Form], name: str) -> bool:
    declared = form.model_fields.get(name)
    return declared is not None and get_origin(declared.annotation) in (list, set, tuple)


def _code(error: ErrorDetails) -> str:
    """The code that a validator raised, or pydantic's own word for what is wrong."""
    return str(error.get("ctx", {}).get("error", "")) if error["type"] == "value_error" else error["type"]


def _sentence(form: type[Form], name: str, error: ErrorDetails) -> str:
    """What is wrong and how to put it right, in the current language."""
    code, context = _code(error), error.get("ctx", {})
    own = next(
        (form.sentences[key] for key in (code, f"{name}:{code}", f"{name}:*") if key in form.sentences), None
    )
    if own is not None:
        return _(own)
    if code == "string_too_long":
        given = {"given": len(str(error["input"]).strip()), "n": context["max_length"]}
        return _("Đang dài %(given)s ký tự, nhiều nhất là %(n)s. Viết ngắn lại.") % given
    if code == "greater_than_equal":
        return _("Ghi số từ %(n)s trở lên.") % {"n": context["ge"]}
    if code == "less_than_equal":
        return _("Ghi số không quá %(n)s.") % {"n": context["le"]}
    told = _COMMON.get(code, _COMMON["unreadable"])
    return _(told)


def sentence(form: type[Form], code: str) -> str:
    """A sentence for what a form finds wrong after it was read, in the current language."""
    told = form.sentences.get(code) or _COMMON[code]
    return _(told)


def N_(message: str) -> str:
    """Marks a sentence for the catalogue where it is written; it is translated where it is said."""
    return message


_COMMON = {
    "missing": N_("Mục này còn trống. Ghi rồi lưu lại."),
    "int_parsing": N_("Chỉ ghi chữ số, không có dấu chấm hay phẩy, ví dụ 2."),
    "int_parsing_size": N_("Số này quá lớn. Ghi lại, ví dụ 2."),
    "bool_parsing": N_("Chọn một trong các mục."),
    "enum": N_("Chọn một trong các mục."),
    "literal_error": N_("Chọn một trong các mục."),
    "date": N_("Ngày này không có hoặc không đọc được. Ghi theo thứ tự ngày/tháng/năm, ví dụ 28/8/2026."),
    "extra_forbidden": N_(
        "Biểu mẫu này đã cũ, nay đã được làm mới. Xem lại những gì đã ghi rồi lưu lần nữa."
    ),
    "unreadable": N_("Không đọc được mục này. Xóa rồi ghi lại."),
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


def _read_whole(value: object) -> object:
    """Digits, perhaps with a sign: "1.000" is a thousand to whoever types it and one to Python, so it is asked for again."""
    if isinstance(value, str) and not re.fullmatch(r"[+-]?\d+", value.strip(), re.ASCII):
        raise ValueError("int_parsing")
    return value


Whole = Annotated[int, BeforeValidator(_read_whole)]
"""A number as a person types it: digits alone."""

TypedDate = Annotated[date, BeforeValidator(_read_date)]
"""A day as a phone or a person writes it: 2026-08-28, 28/8/2026, 28-8-26, 28.8.2026."""
