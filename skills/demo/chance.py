"""Ids and moments out of the seed, so that the same seed makes the same city; and whole numbers shared out fairly."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID

from skills.clock import VIETNAM
from skills.db import uuid7


def at(day: date, hour: float) -> datetime:
    """A moment of a day on Vietnam's wall clock."""
    return datetime.combine(day, time(0), VIETNAM) + timedelta(hours=hour)


def new_id(chance: Random, moment: datetime) -> UUID:
    """An id as if it had been minted then."""
    return uuid7(moment, chance.randbytes(10))


def shared(total: int, weights: Sequence[float], least: int = 0) -> list[int]:
    """Whole numbers in proportion to the weights, none below `least`, that add up to `total` (largest remainders).

    Raises ValueError when there is not enough for everybody's least.
    """
    rest = total - least * len(weights)
    if rest < 0:
        raise ValueError(f"{total} is too little to give {least} to each of {len(weights)}")
    whole = sum(weights) or 1
    exact = [rest * weight / whole for weight in weights]
    numbers = [int(part) for part in exact]
    by_remainder = sorted(range(len(weights)), key=lambda place: numbers[place] - exact[place])
    for place in by_remainder[: rest - sum(numbers)]:
        numbers[place] += 1
    return [least + number for number in numbers]
