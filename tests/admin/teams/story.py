"""What the stories about teams share: the addresses, a day as it is typed, who is in a team."""

import uuid
from datetime import date, timedelta
from typing import Any

from sqlmodel import col, select

from skills import clock
from skills.audit.models import AuditEntry
from skills.people.models import TeamGroup, TeamMember
from tests.cast import City
from tests.client import Client

FIVE, NINE, TWO = (f"Tổ công nghệ số cộng đồng số {n}" for n in (5, 9, 2))


def day(offset: int = 0) -> str:
    """A day as people type it, so many days from today."""
    return f"{clock.today() + timedelta(days=offset):%d/%m/%Y}"


def address(city: City, team: str = FIVE, rest: str = "") -> str:
    """The page of a team, or an address below it."""
    return f"/admin/teams/{city.teams[team].id}{rest}"


def change(client: Client, city: City, rest: str, team: str = FIVE, **fields: Any) -> Any:
    """Posts a form; the answer."""
    return client.post(address(city, team, rest), fields)


def changed(client: Client, city: City, rest: str, team: str = FIVE, **fields: Any) -> None:
    """The same, and it must be taken."""
    answer = change(client, city, rest, team, **fields)
    assert answer.status_code == 303, answer.text[:3000]


def rows(city: City, team: str = FIVE, who: str | None = None) -> list[tuple[date, date, str]]:
    """Since when, until when and as what the members of a team, or one of them, belonged to it."""
    with city.database.reading() as db:
        query = select(TeamMember).where(TeamMember.team_id == city.teams[team].id)
        if who:
            query = query.where(TeamMember.person_id == city.people[who].id)
        found = db.exec(query.order_by(col(TeamMember.valid_from)))
        return [(row.valid_from, row.valid_to, row.role) for row in found]


def group_rows(city: City, team: str = FIVE) -> list[tuple[int, date, date]]:
    """Where a team goes, since when and until when."""
    with city.database.reading() as db:
        query = select(TeamGroup).where(TeamGroup.team_id == city.teams[team].id)
        return sorted((row.group_id, row.valid_from, row.valid_to) for row in db.exec(query))


def trail(city: City) -> list[tuple[str, str, str]]:
    """What the trail says: action, subject, names of fields."""
    with city.database.reading() as db:
        found = db.exec(select(AuditEntry).order_by(col(AuditEntry.ward_id), col(AuditEntry.seq)))
        return [(entry.action, entry.subject, entry.fields) for entry in found]


def person(city: City, name: str) -> str:
    """The id of somebody of the cast, as a form sends it."""
    return str(city.people[name].id)


def nobody() -> str:
    """An id that nobody has."""
    return str(uuid.uuid4())
