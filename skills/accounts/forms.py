"""What the pages of signing in send."""

from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field

from skills.forms import N_, Form

LONGEST_ADDRESS = 2000

Next = Annotated[str, BeforeValidator(lambda typed: typed if len(typed) <= LONGEST_ADDRESS else "/")]
"""The page to go on to; the first page when its address is too long to be kept."""

Code = Annotated[str, Field(max_length=40)]
"""Six digits out of a phone or twelve from paper, with spaces or dashes as somebody types them."""

_NO_CODE = N_("Ghi mã 6 chữ số trong ứng dụng, hoặc mã dự phòng 12 chữ số.")
_OLD_PAGE = N_("Trang này đã cũ, nay đã được làm mới. Ghi lại rồi gửi lần nữa.")


class SignInForm(Form):
    """`tel` as somebody types it."""

    sentences: ClassVar[dict[str, str]] = {
        "tel:missing": N_("Ghi số điện thoại, ví dụ 0905 123 456."),
        "tel:string_too_long": N_("Số này dài quá. Ghi số điện thoại, ví dụ 0905 123 456."),
        "pw:missing": N_("Ghi mật khẩu."),
        "pw:string_too_long": N_("Mật khẩu dài nhất là 200 ký tự. Ghi lại mật khẩu."),
        "extra_forbidden": N_("Trang này đã cũ, nay đã được làm mới. Ghi mật khẩu rồi đăng nhập lại."),
    }

    tel: Annotated[str, Field(max_length=40)]
    pw: Annotated[str, Field(max_length=200)]
    next: Next = "/"


class CodeForm(Form):
    """The code after the password."""

    sentences: ClassVar[dict[str, str]] = {"code:*": _NO_CODE, "extra_forbidden": _OLD_PAGE}

    code: Code
    next: Next = "/"


class SetUpForm(Form):
    """The first code of a phone, with the sealed secret of the page that showed it."""

    sentences: ClassVar[dict[str, str]] = {
        "code:*": N_("Ghi mã 6 chữ số mà ứng dụng đang hiện."),
        "extra_forbidden": _OLD_PAGE,
    }
    unseen: ClassVar[frozenset[str]] = frozenset({"sealed"})

    code: Code
    sealed: Annotated[str, Field(max_length=200)]
    next: Next = "/"


class ConfirmForm(Form):
    """The password, the code or the PIN, with where to go on and what a form had brought: `typed` holds it as JSON."""

    sentences: ClassVar[dict[str, str]] = {
        "pw:*": N_("Mật khẩu dài nhất là 200 ký tự. Ghi lại mật khẩu."),
        "code:*": _NO_CODE,
        "pin:*": N_("Ghi mã PIN 6 chữ số của máy này."),
        "extra_forbidden": _OLD_PAGE,
    }

    pw: Annotated[str, Field(max_length=200)] = ""
    code: Code = ""
    pin: Annotated[str, Field(max_length=6)] = ""
    next: Next = "/"
    typed: str = ""
    again: str = ""
