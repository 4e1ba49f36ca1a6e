"""What may be typed about a door, and what we say when it can't be read."""

import uuid
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from skills.forms import Form
from skills.text import N_, door_number, tidy

LONGEST_NUMBER = 40  # as painted or tidied; the columns of number and room hold no more


def _number(typed: str) -> str:
    """As it is painted on the plate. Raises ValueError for a number without a digit or a letter, or too long to be one.

    The plate may say more than was typed: "k1h2" is K1/H2.
    """
    number = door_number(typed)
    if not any(letter.isalnum() for letter in number) or len(number) > LONGEST_NUMBER:
        raise ValueError("number")
    return number


def _street(typed: str) -> str:
    street = tidy(typed)
    if not any(letter.isalnum() for letter in street):
        raise ValueError("street")
    return street


class NewDoor(Form):
    """A door that nobody has written down yet. `id` comes with the form: sent twice, it makes one door."""

    sentences: ClassVar[dict[str, str]] = {
        "number": N_("Ghi số nhà như trên biển, ví dụ K45/12."),
        "street": N_("Ghi tên đường, ví dụ Hàng Dừa."),
    }

    id: uuid.UUID
    group: int
    street: Annotated[str, Field(max_length=80), AfterValidator(_street)]
    number: Annotated[str, Field(max_length=30), AfterValidator(_number)]
    room: Annotated[str, Field(max_length=30), AfterValidator(tidy), Field(max_length=LONGEST_NUMBER)] = ""
    is_business: bool = False
    confirmed: str = ""  # the `plate` for which somebody said that it is another door than those shown

    @property
    def plate(self) -> str:
        """Number, room and street in a line: what a yes to "add it all the same" is about."""
        return " ".join(part for part in (self.number, self.room, self.street) if part)
