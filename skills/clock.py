"""The only place that asks what time it is: Vietnam's wall clock for days, UTC for moments."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The day it is in Vietnam (UTC+7, no daylight saving)."""
    return local(now()).date()


def local(moment: datetime) -> datetime:
    """An aware moment on Vietnam's wall clock."""
    return moment.astimezone(VIETNAM)
