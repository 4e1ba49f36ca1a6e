"""What a phone may send about a visit, and what we say when it can't be read or can't be true.

An error is only what cannot be: a day that has not come, a group larger than the total, letters for a number. What is
merely unlikely is taken, flagged, and asked about after it is saved (DESIGN, rule 6).
"""

import json
import uuid
from collections.abc import Container, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field

from skills.catalogue.models import SkillLevel
from skills.forms import N_, Form, FormErrors, Typed, TypedDate, Whole, read, sentence
from skills.visits.models import Outcome
from skills.visits.notes import masked

MANY_PEOPLE = 20  # more than this in one home is asked about
LONG_AGO = timedelta(days=60)  # a visit typed in later than this is flagged

_CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))

Count = Annotated[Whole, Field(ge=0, le=999_999)]
WardId = Annotated[int, Field(ge=1, le=2_147_483_647)]
Version = Annotated[int, Field(ge=0, le=1_000_000)]


def read_moment(value: object) -> datetime | None:
    """The phone's clock when it is readable; a clock that isn't never costs a visit."""
    try:
        moment = datetime.fromisoformat(str(value))
        return moment if moment.tzinfo and 2000 <= moment.year <= 2199 else None
    except (ValueError, OverflowError):
        return None


class VisitForm(Form):
    """A visit as it is sent: the same for a plain form, the outbox, and whatever a phone brings in later."""

    sentences: ClassVar[dict[str, str]] = {
        "outcome:*": N_("Chọn kết quả: Gặp, Vắng nhà, Từ chối hoặc Hẹn lại."),
        "people:missing": N_("Ghi số người được hướng dẫn, ví dụ 1. Chưa hướng dẫn ai thì ghi 0."),
        "come_back_in:*": N_("Chọn lại ngày hẹn."),
        "skill": N_("Có kỹ năng hoặc mức không còn trong danh sách. Chọn lại kỹ năng đã dạy."),
        "not_yet": N_("Ngày %(day)s chưa tới. Ghi hôm nay hoặc một ngày đã qua."),
        "which_day": N_("Chọn ngày hẹn."),
        "before_visit": N_("Ngày hẹn đang trước ngày thăm. Chọn từ ngày thăm trở đi."),
        "more_than_all": N_("Lần đầu ghi %(n)s, tổng là %(all)s người. Sửa một trong hai số."),
        "group_more_than_all": N_("Nhóm này ghi %(n)s, tổng là %(all)s người. Sửa một trong hai số."),
    }
    unseen: ClassVar[frozenset[str]] = frozenset(
        {"ward", "household", "item", "id", "base", "saved_at", "skills", "audiences", "five_by_one", "sure"}
    )

    ward: WardId  # the stored ward of the household, as the phone knew it
    household: uuid.UUID
    item: uuid.UUID  # id of this change: sending it again changes nothing
    id: uuid.UUID  # id of the visit
    base: Version = 0  # the version a correction was made on
    saved_at: Annotated[datetime | None, BeforeValidator(read_moment)] = None
    outcome: Outcome
    people: Count | None = None
    people_new: Count = 0
    skills: dict[int, SkillLevel] = {}
    audiences: dict[int, Count] = {}
    come_back_in: Annotated[int, Field(ge=0, le=366)] | None = None  # days after the visit, from a chip
    come_back_on: TypedDate | None = None
    five_by_one: bool | None = None
    note: Annotated[str, Field(max_length=500)] = ""
    visited_on: TypedDate | None = None
    sure: bool = False  # the unlikely number was asked about and confirmed

    @property
    def agreed_on(self) -> date | None:
        """The day to come back: the one written, else so many days after the visit."""
        if self.come_back_on is not None or self.come_back_in is None or self.visited_on is None:
            return self.come_back_on
        return self.visited_on + timedelta(days=self.come_back_in)

    def body(self) -> dict[str, Any]:
        """What the visit says, in one canonical shape; nothing in it depends on how or when it was sent."""
        met = self.outcome is Outcome.MET
        agreed = self.agreed_on if self.outcome in (Outcome.MET, Outcome.COME_BACK) else None
        return {
            "household": str(self.household),
            "outcome": str(self.outcome),
            "visited_on": str(self.visited_on),
            "people": self.people or 0 if met else 0,
            "people_new": self.people_new if met else 0,
            "skills": {str(key): int(level) for key, level in sorted(self.skills.items())} if met else {},
            "audiences": {str(key): n for key, n in sorted(self.audiences.items()) if n} if met else {},
            "come_back_on": agreed and str(agreed),
            "five_by_one": self.five_by_one if met else None,
            "sure": self.sure,
            "note": self.note,
        }

    def canonical(self, body: Mapping[str, Any] | None = None) -> str:
        """The body as the text whose hash tells whether an item came with other content; `body` when it is at hand."""
        return _CANONICAL.encode({"id": str(self.id), "base": self.base, **(body or self.body())})

    def odd(self, today: date) -> str:
        """What is unlikely about it, as a code; "" when nothing is."""
        if self.outcome is Outcome.MET and (self.people or 0) > MANY_PEOPLE:
            return "people_sure" if self.sure else "people"
        return "long_ago" if self.visited_on and self.visited_on < today - LONG_AGO else ""


class VoidForm(Form):
    """That a visit should not count. The reason is one of a few words, never free text."""

    sentences: ClassVar[dict[str, str]] = {"reason:*": N_("Chọn vì sao hủy lượt này.")}
    unseen: ClassVar[frozenset[str]] = frozenset({"item", "base", "saved_at"})

    item: uuid.UUID
    base: Version
    reason: Literal["undo", "wrong_door", "twice", "wrong_day", "practice"]
    saved_at: Annotated[datetime | None, BeforeValidator(read_moment)] = None

    def canonical(self, visit_id: uuid.UUID) -> str:
        """What the item says of that visit, as the text whose hash tells whether it came with other content."""
        return json.dumps({"void": str(visit_id), "base": self.base, "reason": self.reason}, sort_keys=True)


REASONS = {
    "undo": N_("Hoàn tác ngay sau khi lưu"),
    "wrong_door": N_("Ghi nhầm nhà"),
    "twice": N_("Ghi trùng lượt khác"),
    "wrong_day": N_("Ghi nhầm ngày"),
    "practice": N_("Chỉ là ghi thử"),
}


def read_visit(
    typed: Typed, skills: Container[int], audiences: Container[int], today: date
) -> VisitForm | FormErrors:
    """The visit out of the fields of a page, or what to correct. `skills` and `audiences` hold the ids that may be sent today."""
    plain = {name: list(given) for name, given in typed.items() if not _numbered(name)}
    ticked = plain.pop("skill", [])
    form = read(VisitForm, plain)
    errors: dict[str, str] = dict(form.errors) if isinstance(form, FormErrors) else {}
    levels = _levels(typed, ticked, skills, errors)
    groups = _groups(typed, audiences, errors)
    if isinstance(form, VisitForm):
        form.skills, form.audiences = levels, groups
        form.note = masked(form.note)
        form.visited_on = form.visited_on or today
        _contradictions(form, today, errors)
    return FormErrors(typed_values(typed), errors) if errors else form


def _numbered(name: str) -> bool:
    return name.startswith(("level-", "audience-"))


def _levels(
    typed: Typed, ticked: Sequence[str], skills: Container[int], errors: dict[str, str]
) -> dict[int, SkillLevel]:
    """The ticked skills with their levels; a ticked skill without a level is "introduced", a level without a tick is nothing."""
    found: dict[int, SkillLevel] = {}
    for text in ticked:
        given = [value for value in typed.get(f"level-{text}", []) if value.strip()] or ["1"]
        if not _small_number(text) or int(text) not in skills or given[-1] not in ("1", "2", "3"):
            errors["skill"] = sentence(VisitForm, "skill")
        else:
            found[int(text)] = SkillLevel(int(given[-1]))
    return found


def _groups(typed: Typed, audiences: Container[int], errors: dict[str, str]) -> dict[int, int]:
    """How many people of each audience group; only groups that may be asked at a door."""
    found: dict[int, int] = {}
    for name, given in typed.items():
        text = given[-1].strip() if given else ""
        if not name.startswith("audience-") or not text:
            continue
        group = name.removeprefix("audience-")
        if not _small_number(group) or int(group) not in audiences:
            errors[""] = sentence(VisitForm, "extra_forbidden")
        elif not _small_number(text):
            errors[name] = sentence(VisitForm, "int_parsing")
        else:
            found[int(group)] = int(text)
    return found


def _small_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 6


def _contradictions(form: VisitForm, today: date, errors: dict[str, str]) -> None:
    """What can be read, but cannot be true."""
    assert form.visited_on is not None  # noqa: S101 - set by the caller
    if form.visited_on > today:
        errors["visited_on"] = sentence(VisitForm, "not_yet") % {"day": f"{form.visited_on:%d/%m/%Y}"}
    if form.outcome is Outcome.COME_BACK and form.agreed_on is None:
        errors["come_back_on"] = sentence(VisitForm, "which_day")
    if form.agreed_on is not None and form.agreed_on < form.visited_on:
        errors["come_back_on"] = sentence(VisitForm, "before_visit")
    if form.outcome is not Outcome.MET:
        return
    if form.people is None:
        errors.setdefault("people", sentence(VisitForm, "people:missing"))
        return
    if form.people_new > form.people:
        errors["people_new"] = sentence(VisitForm, "more_than_all") % {
            "n": form.people_new,
            "all": form.people,
        }
    for group, n in form.audiences.items():
        if n > form.people:
            errors[f"audience-{group}"] = sentence(VisitForm, "group_more_than_all") % {
                "n": n,
                "all": form.people,
            }


def typed_values(typed: Typed) -> dict[str, Any]:
    """What was typed, by field, for showing it again: a list for skills, the last value for all else."""
    return {name: list(given) if name == "skill" else given[-1] for name, given in typed.items() if given}
