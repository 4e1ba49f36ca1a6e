"""Too many tries, said: when it opens again, to the second and never too early."""

from skills import clock
from skills.accounts.limits import TooMany
from skills.language import gettext as _


def closed_sentence(too_many: TooMany) -> str:
    """From when on one may try again."""
    opens = clock.local(too_many.opens_at).strftime("%H:%M:%S")
    return _("Thử quá nhiều lần. Thử lại được từ %(moment)s.") % {"moment": opens}


def retry_after(too_many: TooMany) -> dict[str, str]:
    """The same for programs, as the header that they know (RFC 9110, 10.2.3), in seconds."""
    seconds = max(1, round((too_many.opens_at - clock.now()).total_seconds()) + 1)
    return {"Retry-After": str(seconds)}
