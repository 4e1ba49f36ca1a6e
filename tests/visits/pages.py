"""What the stories about visits share: reading the form that records an outcome off a page, and counting what is stored."""

from typing import Any

from sqlalchemy import func, select

from skills.db import Database, Row
from skills.households.models import Household
from tests.client import Client, Page


def form_of(page: Page, outcome: str) -> dict[str, Any]:
    """The fields that the page's form for this outcome would send as it stands."""
    for form in page.all("form", action="/visits"):
        fields: dict[str, Any] = {}
        for element in form.walk():
            given = element.attrs
            if (
                element.tag == "input"
                and given.get("name")
                and given.get("type", "text") in ("hidden", "text")
            ):
                fields[given["name"]] = given.get("value", "")
        if fields.get("outcome") == outcome or (
            outcome in ("absent", "declined") and "outcome" not in fields
        ):
            return fields | {"outcome": outcome}
    raise AssertionError(f"no form on the page records {outcome!r}")


def open_door(client: Client, door: Household) -> Page:
    """The form of a visit at this door."""
    return client.page(f"/visits/new?ward={door.ward_id}&household={door.id}")


def log(client: Client, door: Household, outcome: str = "met", **values: Any) -> str:
    """Logs a visit as the page would and gives its address."""
    answer = client.post("/visits", form_of(open_door(client, door), outcome) | values)
    assert answer.status_code == 303, answer.text[:3000]
    location: str = answer.headers["location"]
    return location


def count(database: Database, table: type[Row]) -> int:
    """How many rows a table has."""
    with database.reading() as db:
        return int(db.execute(select(func.count()).select_from(table)).scalar_one())
