"""What an office may say of the catalogue. `sensitive` is no field of any form, nor is what a skill counts for once it is there."""

import re
from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from skills.catalogue.models import Core, Pillar
from skills.forms import N_, Form, TypedDate, Whole
from skills.text import fold, tidy

Kind = Literal["skills", "audiences"]

# Health, origin, belief (Nghị định 356/2025/NĐ-CP) and poverty (our choice): never asked at a door, whatever a group is called.
_OFF_THE_DOOR = re.compile(
    r"\b(khuyet tat|tan tat|dan toc|ho ngheo|nguoi ngheo|can ngheo|hiv|benh|ton giao|tin nguong|disab\w*|ethnic\w*|minorit\w*|poor|poverty|religio\w*)\b"
)
_SECOND_SENTENCE = re.compile(r"[.?!…]\s+\S")


def _code(typed: object) -> object:
    """A code in capitals: two letters or more, then digits."""
    code = str(typed).strip().upper()
    if not re.fullmatch(r"[A-Z]{2,5}[0-9]{0,3}", code, re.ASCII):
        raise ValueError("code")
    return code


def _words(text: str) -> str:
    """One line of words, not shouted."""
    line = tidy(text)
    if not line:
        raise ValueError("missing")
    if "!" in line:
        raise ValueError("shouted")
    return line


def _one_sentence(text: str) -> str:
    """Exactly one sentence, with its full stop: what has to be seen must be one thing."""
    line = _words(text)
    if _SECOND_SENTENCE.search(line):
        raise ValueError("two_sentences")
    return line if line.endswith(".") else line + "."


def off_the_door(*names: str) -> bool:
    """Whether some name says a sensitive group, with or without accents."""
    return any(_OFF_THE_DOOR.search(fold(name)) for name in names)


Name = Annotated[str, Field(max_length=120), AfterValidator(_words)]
Short = Annotated[str, Field(max_length=22), AfterValidator(_words)]
Sentence = Annotated[str, Field(max_length=199), AfterValidator(_one_sentence)]

_SENTENCES = {
    "missing": N_("Mục này còn trống. Ghi rồi lưu lại."),
    "shouted": N_("Bỏ dấu chấm than."),
    "two_sentences": N_("Ghi đúng một câu: một việc nhìn thấy được."),
    "code": N_("Ghi mã gồm 2 đến 5 chữ cái rồi đến số, ví dụ DP01."),
    "code_taken": N_("Mã này đã có, và mã không dùng lại, kể cả của mục đã thôi. Ghi mã khác."),
    "same_words": N_("Tên này đang dùng cho mục khác. Ghi tên khác."),
    "sensitive": N_("Nhóm về sức khỏe, dân tộc, tôn giáo, hộ nghèo không hỏi ở cửa. Ghi tên nhóm khác."),
    "past": N_("Ngày này đã qua. Ghi từ hôm nay trở đi."),
    "not_today": N_("Kỹ năng thay bắt đầu sau ngày cuối của kỹ năng cũ. Ghi sớm nhất là ngày mai."),
    "far": N_("Ngày này quá xa. Ghi trong vòng năm năm tới."),
    "begun": N_("Mục này đã bắt đầu, ngày bắt đầu không đổi được. Xóa ngày này rồi lưu lại."),
    "over": N_("Mục này đã thôi. Muốn dạy lại thì thêm mục mới."),
    "order": N_("Ngày cuối đang trước ngày bắt đầu. Sửa một trong hai ngày."),
    "last_of_core": N_("Nhóm cốt lõi này sẽ không còn kỹ năng nào. Thêm kỹ năng thay trước."),
    "instead_of:*": N_("Kỹ năng được thay không còn trong danh mục. Mở lại từ trang Danh mục."),
    "digcomp:*": N_("Chọn một trong các mục."),
}  # fmt: skip


class WordingForm(Form):
    """How an audience group is called, and where it stands. English that is left empty is said in Vietnamese."""

    sentences: ClassVar[dict[str, str]] = _SENTENCES

    name_vi: Name
    name_en: Name | None = None
    short_vi: Short
    short_en: Short | None = None
    sort: Annotated[Whole, Field(ge=0, le=9_999)]

    def texts(self) -> dict[str, str]:
        """The words by column, English filled in."""
        told = {"name_vi": self.name_vi, "name_en": self.name_en or self.name_vi}
        return told | {"short_vi": self.short_vi, "short_en": self.short_en or self.short_vi}


class SkillWordingForm(WordingForm):
    """How a skill is called, and what has to be seen before it is managed alone."""

    check_vi: Sentence
    check_en: Sentence | None = None

    def texts(self) -> dict[str, str]:
        """The words by column, English filled in."""
        return super().texts() | {"check_vi": self.check_vi, "check_en": self.check_en or self.check_vi}


class AudienceForm(WordingForm):
    """A new audience group, from a day on. It is never a sensitive one."""

    code: Annotated[str, BeforeValidator(_code)]
    valid_from: TypedDate


class SkillForm(SkillWordingForm):
    """A new skill, from a day on, perhaps instead of another one. What it counts for never changes afterwards."""

    code: Annotated[str, BeforeValidator(_code)]
    pillar: Pillar
    digcomp: Annotated[Whole, Field(ge=1, le=5)]
    core: Core | None = None
    valid_from: TypedDate
    instead_of: Annotated[int | None, Field(ge=1, le=2_147_483_647)] = None


class DatesForm(Form):
    """The first day, as long as it has not come, and the last; no last day: without end."""

    sentences: ClassVar[dict[str, str]] = _SENTENCES

    valid_from: TypedDate | None = None
    valid_to: TypedDate | None = None


FAR = 5 * 366  # days ahead


def fits(day: date, today: date) -> str:
    """Why nothing of the catalogue can begin or end on that day, as the code of a sentence; "" when it can."""
    if day < today:
        return "past"
    return "far" if (day - today).days > FAR else ""
