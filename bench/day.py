"""The day on which the city was made is today for everything that is measured.

The program asks one function what time it is (`skills/clock.py`), so that one is replaced, in this process and in the
server that it starts. The program itself has no setting for it, and needs none.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from unittest.mock import patch

from skills import clock

_MORNING = time(6)  # a run may last for hours and still end on the same day


@contextmanager
def on_the_day(day: date) -> Iterator[None]:
    """Within the block it is that day, from six in the morning on, and the clock runs."""
    begun = datetime.now(UTC)
    morning = datetime.combine(day, _MORNING, clock.VIETNAM).astimezone(UTC)
    with patch.object(clock, "now", lambda: morning + (datetime.now(UTC) - begun)):
        yield
