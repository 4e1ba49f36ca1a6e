"""Ids and moments out of the seed, so that the same seed makes the same city."""

from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID

from skills.clock import VIETNAM
from skills.db import uuid7


def at(day: date, hour: float) -> datetime:
    """A moment of a day on Vietnam's wall clock."""
    return datetime.combine(day, time(0), VIETNAM) + timedelta(hours=hour)


def new_id(chance: Random, day: date, hour: float = 8) -> UUID:
    """An id as if it had been minted then."""
    return uuid7(at(day, hour), chance.randbytes(10))
