"""Follow-ups that somebody could still be keeping: the others were kept, or let go."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from skills.demo.knocking import Told
from skills.visits.models import Outcome

_LET_GO = timedelta(days=10)


def settle(visits: Sequence[Told], until: date) -> None:
    """Lets go of what was agreed more than ten days ago and never kept, until what waits at each door is younger."""
    by_door: dict[UUID, list[Told]] = defaultdict(list)
    for told in visits:
        if not told.voided:
            by_door[told.form.household].append(told)
    for own in by_door.values():
        own.sort(key=lambda told: (str(told.form.visited_on), str(told.form.saved_at)))
        while (latest := _latest_told(own)) is not None:
            agreed = latest.form.come_back_on
            if agreed is None or agreed >= until - _LET_GO:
                break
            _let_go(latest)  # if that was nothing but a promise, the one before it counts again


def _latest_told(visits: Sequence[Told]) -> Told | None:
    """The visit that decides what waits at a door: the latest at which somebody answered."""
    return next((told for told in reversed(visits) if told.form.outcome is not Outcome.ABSENT), None)


def _let_go(told: Told) -> None:
    """Nothing was agreed; where nothing but that had happened, nobody was home."""
    for form in (told.form, told.corrected):
        if form is not None:
            form.come_back_on = None
            form.outcome = Outcome.MET if form.outcome is Outcome.MET else Outcome.ABSENT
