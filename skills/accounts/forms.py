"""What the sign-in page sends."""

from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field

from skills.forms import N_, Form

LONGEST_ADDRESS = 2000


class SignInForm(Form):
    """`tel` as somebody types it; `next`: the page to go on to, the first page when its address is too long to be kept."""

    sentences: ClassVar[dict[str, str]] = {
        "tel:missing": N_("Ghi số điện thoại, ví dụ 0905 123 456."),
        "tel:string_too_long": N_("Số này dài quá. Ghi số điện thoại, ví dụ 0905 123 456."),
        "pw:missing": N_("Ghi mật khẩu."),
        "pw:string_too_long": N_("Mật khẩu dài nhất là 200 ký tự. Ghi lại mật khẩu."),
        "extra_forbidden": N_("Trang này đã cũ, nay đã được làm mới. Ghi mật khẩu rồi đăng nhập lại."),
    }

    tel: Annotated[str, Field(max_length=40)]
    pw: Annotated[str, Field(max_length=200)]
    next: Annotated[str, BeforeValidator(lambda typed: typed if len(typed) <= LONGEST_ADDRESS else "/")] = "/"
