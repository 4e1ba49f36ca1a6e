"""Visits for the reports: a few written by the cast, at doors of the cast."""

import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from skills.visits.forms import VisitForm
from skills.visits.record import record_visit
from tests.cast import City

Log = Callable[..., None]


@pytest.fixture
def log(city: City) -> Log:
    """`log("Hoài", "K45/12", date(2026, 8, 3), people=2, skills={1: 3})`: a meeting, unless another outcome is given."""
    return logging_in(city)


def logging_in(city: City) -> Log:
    """The same for any copy of the cast."""

    def record(name: str, door: str, day: date, **said: Any) -> None:
        home = city.doors[door]
        said = {"outcome": "met", "people": 1} | said if said.get("outcome", "met") == "met" else said
        form = VisitForm(
            ward=home.ward_id,
            household=home.id,
            item=uuid.uuid4(),
            id=uuid.uuid4(),
            visited_on=day,
            sure=True,
            **said,
        )
        with city.database.writing() as db:
            record_visit(db, city.viewer(name), form)

    return record
