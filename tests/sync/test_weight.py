"""What a morning's work weighs on its way up: data is dear at the end of the month."""

import gzip
import json

from tests.cast import City
from tests.conftest import AsPerson
from tests.phone import Phone

MORNING = 20  # visits
MOST = 15 * 1024  # bytes


def test_twenty_visits_are_at_most_fifteen_kilobytes(city: City, as_person: AsPerson) -> None:
    """Compressed as a phone sends them, with three skills, two groups and a note each; and the server takes them."""
    phone = Phone(as_person("Hoài"))
    doors = [number for number, door in city.doors.items() if door.ward_id == city.wards["Hải Châu"].id]
    items = [
        phone.visit(
            city, doors[n % 9], people=3, people_new=1, skill=[1, 4, 7],
            **{"level-1": 1, "level-4": 2, "level-7": 3, "audience-1": 2, "audience-2": 1, "note": f"Ghé lại sau {n + 9} giờ sáng"},
        )
        for n in range(MORNING)
    ]  # fmt: skip
    body = json.dumps({"items": items}, ensure_ascii=False).encode()
    assert len(body) > MOST  # in clear it would be too much
    assert len(gzip.compress(body)) <= MOST
    told = phone.send({"items": items}, compressed=True).json()["results"]
    assert [each["status"] for each in told] == ["accepted"] * MORNING
