"""What the pages of bringing people in send, and what is said when it is wrong."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BeforeValidator, Field

from skills.forms import N_, Form, FormErrors, Typed, Whole, read
from skills.invitations.accept import Chosen, Open
from skills.language import current
from skills.language import gettext as _
from skills.people import pins
from skills.people.models import Role
from skills.people.phones import parse_phone
from skills.text import tidy

SHORTEST_PASSWORD = 8


class NewInvitation(Form):
    """Who is to come in, and as what. `tel` may be left out: whoever comes in says it."""

    sentences: ClassVar[dict[str, str]] = {
        "full_name:missing": N_("Ghi họ và tên."),
        "tel:string_too_long": N_("Số này dài quá. Ghi số điện thoại, ví dụ 0905 123 456."),
        "role:*": N_("Chọn một trong các mục."),
        "area:*": N_("Chọn một trong các mục."),
        "team:*": N_("Chọn một trong các mục."),
    }

    full_name: Annotated[str, Field(max_length=120)]
    tel: Annotated[str | None, Field(max_length=40)] = None
    role: Role
    area: Annotated[Whole, Field(ge=1, le=2_147_483_647)]
    team: UUID | None = None


class TypedCode(Form):
    """A short code, with the number that it was made for."""

    sentences: ClassVar[dict[str, str]] = {
        "tel:missing": N_("Ghi số điện thoại, ví dụ 0905 123 456."),
        "tel:string_too_long": N_("Số này dài quá. Ghi số điện thoại, ví dụ 0905 123 456."),
        "code:missing": N_("Ghi mã 8 ký tự mà người phụ trách đọc cho."),
        "code:string_too_long": N_("Mã gồm 8 ký tự. Ghi lại mã."),
    }

    tel: Annotated[str, Field(max_length=40)]
    code: Annotated[str, Field(max_length=40)]


class ComingBack(Form):
    """What opens the phone from now on: six digits, or a password, or both."""

    sentences: ClassVar[dict[str, str]] = {
        "pw:string_too_long": N_("Mật khẩu dài nhất là 200 ký tự. Ghi lại mật khẩu."),
        "pin:string_too_long": pins.SIX_DIGITS,
    }

    pin: Annotated[str | None, Field(max_length=40)] = None
    pw: Annotated[str | None, Field(max_length=200)] = None


class ComingIn(ComingBack):
    """The same, with the name as it is to be written and, where the invitation has none, the telephone number."""

    sentences: ClassVar[dict[str, str]] = ComingBack.sentences | {
        "full_name:missing": N_("Ghi họ và tên."),
        "tel:string_too_long": N_("Số này dài quá. Ghi số điện thoại, ví dụ 0905 123 456."),
    }

    full_name: Annotated[str, BeforeValidator(lambda typed: tidy(typed) or None), Field(max_length=120)]
    tel: Annotated[str | None, Field(max_length=40)] = None


class Ticked(Form):
    """The invitations whose cards are to be printed."""

    sentences: ClassVar[dict[str, str]] = {"which:missing": N_("Chọn ít nhất một người để in thẻ.")}

    which: Annotated[list[UUID], Field(max_length=500)]


def read_chosen(typed: Typed, seen: Open) -> Chosen | FormErrors:
    """What somebody sets as they come in, or what is wrong with it. PIN and password are never among the values given back."""
    form = read(ComingIn if seen.is_new else ComingBack, typed)
    if isinstance(form, FormErrors):
        return FormErrors(_without_secrets(form.values), form.errors)
    full_name, tel = (form.full_name, form.tel) if isinstance(form, ComingIn) else ("", None)
    phone = seen.invitation.phone or (parse_phone(tel) if tel else None)
    errors = _wrong(form, phone, seen)
    if errors:
        return FormErrors({"full_name": full_name, "tel": tel or ""}, errors)
    pin = None if seen.in_office else form.pin
    return Chosen(pin, form.pw, current(), full_name, phone)


def _wrong(form: ComingBack, phone: str | None, seen: Open) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if seen.is_new and phone is None:
        wrong["tel"] = _("Số này không đúng. Ghi số điện thoại, ví dụ 0905 123 456.")
    if form.pin and not seen.in_office and (flaw := pins.flaw(form.pin, phone or "")):
        wrong["pin"] = _(flaw)
    if form.pw and len(form.pw) < SHORTEST_PASSWORD:
        wrong["pw"] = _("Mật khẩu ngắn nhất là 8 ký tự. Ghi dài hơn.")
    if seen.in_office and not form.pw:
        wrong["pw"] = _("Ghi mật khẩu, ngắn nhất là 8 ký tự.")
    elif not form.pin and not form.pw:
        wrong["pin"] = _("Chọn mã PIN 6 số để mở máy này.")
    return wrong


def _without_secrets(values: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if name not in ("pin", "pw")}
