"""What the pages of phones send."""

import uuid
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field

from skills.forms import N_, Form
from skills.people.pins import SIX_DIGITS

LONGEST_ADDRESS = 2000
Next = Annotated[str, BeforeValidator(lambda typed: typed if len(typed) <= LONGEST_ADDRESS else "/")]


class SwitchForm(Form):
    """Who takes the phone, and their PIN. `next`: the page to go on to."""

    sentences: ClassVar[dict[str, str]] = {
        "person:*": N_("Chọn tên mình trong danh sách."),
        "pin:*": SIX_DIGITS,
    }

    person: uuid.UUID
    pin: Annotated[str, Field(max_length=20)]
    next: Next = "/"


class PinForm(Form):
    """A new PIN, typed twice because nobody sees what they type. `present`: the one so far, where it is asked for."""

    sentences: ClassVar[dict[str, str]] = {
        "pin:*": SIX_DIGITS,
        "present:*": SIX_DIGITS,
        "again:*": N_("Ghi lại mã PIN lần nữa, giống ô trên."),
        "differs": N_("Hai lần ghi chưa giống nhau. Ghi lại cả hai ô."),
    }

    pin: Annotated[str, Field(max_length=20)]
    again: Annotated[str, Field(max_length=20)]
    present: Annotated[str, Field(max_length=20)] = ""
    next: Next = "/"


class PhoneForm(Form):
    """Which phone of the list."""

    phone: Annotated[str, Field(max_length=24)]
