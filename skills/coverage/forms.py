"""What a ward lead may answer about an item in the tray."""

import uuid
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator

from skills.forms import N_, Form, TypedDate, area_number

Door = tuple[int, uuid.UUID]  # stored ward and id


def _door(value: object) -> object:
    """A door as the buttons of the page name it: "1234/0190…"."""
    typed, _slash, door = str(value).partition("/")
    ward = area_number(typed)
    if ward is None:
        raise ValueError("door")
    try:
        return ward, uuid.UUID(door)
    except ValueError:
        raise ValueError("door") from None


class Acceptance(Form):
    """That it counts: as it is, at another door, or on another day."""

    sentences: ClassVar[dict[str, str]] = {"door:*": N_("Chọn lại nhà trong danh sách.")}

    door: Annotated[Door | None, BeforeValidator(_door)] = None
    visited_on: TypedDate | None = None


class Choice(Form):
    """Which of two versions stands from now on."""

    sentences: ClassVar[dict[str, str]] = {"keep:*": N_("Chọn một trong hai bản.")}

    keep: Literal["stored", "sent"]


class Move(Form):
    """To which ward's tray it goes."""

    sentences: ClassVar[dict[str, str]] = {
        "ward:*": N_("Chọn phường, xã để chuyển đến."),
        "same_ward": N_("Lượt này đang ở phường, xã đó rồi. Chọn phường, xã khác."),
    }

    ward: int


class Return(Form):
    """Why it goes back to its author: one of a few words, never free text."""

    sentences: ClassVar[dict[str, str]] = {"reason:*": N_("Chọn vì sao trả lại, người ghi sẽ thấy lý do.")}

    reason: Literal["not_ours", "twice", "wrong_door", "wrong_day", "ask"]


class Recall(Form):
    """That what was given back a moment ago waits again. It says nothing more."""


REASONS = {
    "not_ours": N_("Không phải việc của phường này"),
    "twice": N_("Trùng với lượt khác"),
    "wrong_door": N_("Ghi nhầm nhà"),
    "wrong_day": N_("Ghi nhầm ngày"),
    "ask": N_("Cần hỏi lại người ghi"),
}
