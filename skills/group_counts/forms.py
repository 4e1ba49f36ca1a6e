"""What a team may tell of a residential group and month: counts, never names."""

import json
import re
import uuid
from datetime import date, datetime
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field

from skills.forms import N_, Form, FormErrors, Typed, Whole, read, sentence
from skills.visits.forms import read_moment

Count = Annotated[Whole | None, Field(ge=0, le=9_999)]
NUMBERS = ("disabled", "minority", "poor")


def _month(value: object) -> object:
    """A month as 2026-08. Raises ValueError for anything else."""
    if not re.fullmatch(r"2[01]\d\d-(0[1-9]|1[0-2])", str(value)):
        raise ValueError("month")
    return value


class CountForm(Form):
    """The counts of one group and month. What is left empty was not told; 0 says that there was nobody."""

    sentences: ClassVar[dict[str, str]] = {
        "month:*": N_("Chọn lại tháng trong danh sách."),
        "not_yet": N_("Tháng này chưa tới. Chọn tháng này hoặc một tháng đã qua."),
        "nothing": N_("Ghi ít nhất một số. Không có ai thì ghi 0."),
    }
    unseen: ClassVar[frozenset[str]] = frozenset({"item", "id", "base", "saved_at", "group"})

    group: Annotated[int, Field(ge=1, le=2_147_483_647)]
    month: Annotated[str, BeforeValidator(_month)]
    disabled: Count = None
    minority: Count = None
    poor: Count = None
    item: uuid.UUID
    id: uuid.UUID
    base: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    saved_at: Annotated[datetime | None, BeforeValidator(read_moment)] = None

    def canonical(self) -> str:
        """What it says, as the text whose hash tells whether an item came with other content."""
        said = {name: getattr(self, name) for name in ("group", "month", *NUMBERS)}
        return json.dumps({"group_count": str(self.id), **said}, sort_keys=True)


def read_counts(typed: Typed, today: date) -> CountForm | FormErrors:
    """The counts out of the fields of a page, or what to correct."""
    form = read(CountForm, typed)
    if isinstance(form, FormErrors):
        return form
    if form.month > month_of(today):
        return FormErrors(_values(typed), {"month": sentence(CountForm, "not_yet")})
    if all(getattr(form, name) is None for name in NUMBERS):
        return FormErrors(_values(typed), {NUMBERS[0]: sentence(CountForm, "nothing")})
    return form


def month_of(day: date) -> str:
    """The month of a day as it is stored: 2026-08."""
    return f"{day:%Y-%m}"


def _values(typed: Typed) -> dict[str, str]:
    return {name: given[-1] for name, given in typed.items() if given}
