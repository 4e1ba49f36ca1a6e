"""What the office's pages about people send, and what is said when it is wrong."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from skills.forms import N_, Form, Whole
from skills.people.models import Role


class Reposting(Form):
    """Another role or another area for somebody, in place of one posting."""

    sentences: ClassVar[dict[str, str]] = {
        "role:*": N_("Chọn một vai trò trong danh sách."),
        "area:*": N_("Chọn một địa bàn trong danh sách."),
        "team:*": N_("Chọn một tổ trong danh sách."),
        "level": N_("Vai trò này không thuộc cấp địa bàn đã chọn. Chọn lại vai trò hoặc địa bàn."),
        "team": N_("Không có tổ này trong địa bàn đã chọn. Chọn lại tổ."),
    }
    unseen: ClassVar[frozenset[str]] = frozenset({"posting"})

    posting: UUID
    role: Role
    area: Annotated[Whole, Field(ge=1, le=2_147_483_647)]
    team: UUID | None = None


class PostingOf(Form):
    """Which posting it is about, when the rest of the form can't be read."""

    posting: UUID


class SheetOf(Form):
    """To which ward the people of a sheet come."""

    sentences: ClassVar[dict[str, str]] = {"area:*": N_("Chọn phường, xã của danh sách này.")}

    area: Annotated[Whole, Field(ge=1, le=2_147_483_647)]


class TakenIn(Form):
    """The preview that somebody read, as the page gave it out."""

    unseen: ClassVar[frozenset[str]] = frozenset({"seen"})

    seen: Annotated[str, Field(max_length=700_000)]
