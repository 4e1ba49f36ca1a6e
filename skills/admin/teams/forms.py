"""What an office types about a team. Whose team it is and where comes from the address and the viewer, never from here."""

import uuid
from datetime import date, timedelta
from typing import Annotated, ClassVar

from pydantic import Field

from skills.forms import N_, Form, TypedDate
from skills.people.models import TeamRole

FIRST = date(2020, 1, 1)  # nobody had such a team earlier
AHEAD = timedelta(days=366)  # so far ahead a change may be planned

_DAYS = {
    "too_early": N_("Ngày này quá sớm. Ghi từ năm 2020, và không trước ngày quyết định."),
    "after_end": N_("Ngày đó tổ đã giải thể. Ghi ngày trước đó."),
    "too_late": N_("Ngày này quá xa. Ghi trong vòng một năm tới."),
}
_PERSON = N_("Chọn một người trong danh sách.")
_GROUP = N_("Chọn tổ dân phố trong danh sách.")


class TeamForm(Form):
    """A team as its decision sets it up. `ward` only when it is new."""

    sentences: ClassVar[dict[str, str]] = {
        "ward:*": N_("Chọn phường, xã trong danh sách."),
        "name:missing": N_("Ghi tên tổ, như trong quyết định."),
        "decision_late": N_("Ngày quyết định chưa tới. Ghi ngày đã ký."),
        "decision_early": N_("Ngày này quá sớm. Ghi từ năm 2020."),
        "decision_after": N_("Tổ đã có người hoặc tổ dân phố từ trước ngày này. Xem lại ngày quyết định."),
        "same_name": N_("Phường, xã này đã có tổ tên như vậy. Ghi tên khác."),
    }

    ward: Annotated[int | None, Field(ge=1, le=2_147_483_647)] = None
    name: Annotated[str, Field(max_length=120)]
    decision_no: Annotated[str, Field(max_length=60)] = ""
    decision_date: TypedDate | None = None


class JoinForm(Form):
    """Who joins, in which place, from which day on."""

    sentences: ClassVar[dict[str, str]] = _DAYS | {
        "person:*": _PERSON,
        "role:*": N_("Chọn tổ trưởng, tổ phó hoặc thành viên."),
        "there_already": N_("Người này đã ở tổ vào ngày đó, hoặc đã có ngày vào sau đó. Xem lại ở trang của tổ."),
        "no_leader": N_("Tổ trưởng cần có vai trò tổ trưởng ở phường này. Đổi vai trò ở trang của người đó trước."),
    }  # fmt: skip

    person: uuid.UUID
    role: TeamRole = TeamRole.MEMBER
    since: TypedDate


class PlaceForm(Form):
    """Another place in the team, from a day on."""

    sentences: ClassVar[dict[str, str]] = JoinForm.sentences | {
        "not_there": N_("Ngày đó người này không ở tổ. Ghi ngày còn ở tổ."),
        "planned": N_("Đã có thay đổi định sẵn sau ngày đó. Cho thôi từ ngày đó rồi thêm lại."),
    }

    role: TeamRole
    since: TypedDate


class EndForm(Form):
    """From which day on something does not hold any more."""

    sentences: ClassVar[dict[str, str]] = _DAYS | {
        "not_there": N_("Từ ngày đó không còn gì để kết thúc. Ghi ngày sớm hơn."),
        "before_start": N_("Ngày này không sau ngày bắt đầu. Ghi ngày sau đó."),
    }

    since: TypedDate


class GroupsForm(Form):
    """Residential groups that the team goes to from a day on."""

    sentences: ClassVar[dict[str, str]] = _DAYS | {
        "group:*": _GROUP,
        "there_already": N_(
            "Tổ đã được giao một tổ dân phố trong số đó vào ngày này hoặc sau đó. Bỏ chọn tổ dân phố ấy."
        ),
    }

    group: Annotated[list[int], Field(min_length=1, max_length=300)]
    since: TypedDate


class DissolutionForm(Form):
    """From which day on there is no such team, and which team goes to its residential groups then."""

    sentences: ClassVar[dict[str, str]] = _DAYS | {
        "to:*": N_("Chọn một tổ trong danh sách."),
        "before_start": N_("Có người hoặc tổ dân phố mới thuộc tổ từ ngày đó trở đi. Ghi ngày sau đó."),
        "there_already": N_("Tổ nhận sẽ có một tổ dân phố trong số đó từ ngày khác. Chọn tổ khác."),
    }

    to: uuid.UUID | None = None
    since: TypedDate


class HandOverForm(Form):
    """Who keeps what somebody agreed at the doors from now on: `member:…` or `team:…`; with a team, which groups go along."""

    sentences: ClassVar[dict[str, str]] = {
        "to:*": N_("Chọn người hoặc tổ nhận."),
        "person:*": _PERSON,
        "group:*": _GROUP,
        "group_to_person": N_("Tổ dân phố chỉ giao được cho một tổ. Chọn tổ nhận, hoặc bỏ chọn tổ dân phố."),
        "nothing": N_("Không có gì để bàn giao. Chọn tổ dân phố, hoặc cho thôi ở tổ."),
        "not_there": N_("Người này nay không còn ở tổ. Bấm Bàn giao lần nữa."),
        "there_already": N_("Tổ nhận sẽ có một tổ dân phố trong số đó từ ngày khác. Xem lại ở trang của tổ đó."),
    }  # fmt: skip

    person: uuid.UUID
    to: Annotated[str, Field(pattern=r"^(member|team):[0-9a-f-]{36}$")]
    group: Annotated[list[int], Field(max_length=300)] = []
    leaves: bool = False


def fits(since: date, today: date, decided: date | None, dissolved: date | None) -> str:
    """Why a change of a team can't begin on that day, as the code of a sentence; "" when it can."""
    if dissolved is not None and since >= dissolved:
        return "after_end"
    if since < (decided or FIRST):
        return "too_early"
    return "too_late" if since > today + AHEAD else ""
