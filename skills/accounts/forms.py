"""What the sign-in page sends."""

from typing import Annotated

from pydantic import Field

from skills.forms import Form


class SignInForm(Form):
    """`tel` as somebody types it; `next`: the page to go on to."""

    tel: Annotated[str, Field(max_length=40)]
    pw: Annotated[str, Field(max_length=200)]
    next: Annotated[str, Field(max_length=2000)] = "/"
