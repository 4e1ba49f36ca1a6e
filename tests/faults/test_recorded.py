"""What phones of every schema that was ever released have sent: taken for ever as it was recorded (recorded/README.md)."""

import hashlib
import json
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import func
from sqlmodel import col, select

from skills.group_counts.models import GroupCount
from skills.households.models import Household
from skills.people.models import UploadTicket
from skills.sync.models import SealingKey
from skills.sync.verbs import VERBS
from skills.totals.check import check
from skills.visits.models import Visit
from skills.visits.tally import recount
from tests.cast import City
from tests.client import Client

RECORDED = Path(__file__).with_name("recorded")
BODIES = sorted(path for path in RECORDED.glob("schema*/*.json") if path.name != "ground.json")


def test_every_kind_of_item_is_recorded() -> None:
    """Nobody adds a thing that phones hand in without recording it."""
    items = [item for path in BODIES for item in _read(path)["body"]["items"]]
    assert {item["op"] for item in items if "op" in item} == set(VERBS)
    assert any("sealed" in item for item in items)


@pytest.mark.parametrize("path", BODIES, ids=lambda path: f"{path.parent.name} {path.stem}")
def test_it_is_taken_as_on_the_day_it_was_recorded(city: City, app: FastAPI, path: Path) -> None:
    """Each item is told the same, counts for the same, and sent again changes nothing."""
    ground, recording = _read(path.with_name("ground.json")), _read(path)
    ticket = _give(city, ground)
    phone = Client(app)
    with time_machine.travel(datetime.fromisoformat(ground["recorded"])):
        for expected in (recording["expect"], [_again(told) for told in recording["expect"]]):
            answer = phone.post(
                "/api/v1/sync", json=recording["body"], headers={"Authorization": f"Bearer {ticket}"}
            )
            assert answer.status_code == 200, answer.text
            results = answer.json()["results"]
            assert [[told["status"], told.get("code", "")] for told in results] == expected
            assert _stored(city, recording["stored"].keys()) == recording["stored"]
    with city.database.reading() as db:
        assert check(db, recount) == []


def _again(told: list[str]) -> list[str]:
    return ["already", ""] if told == ["accepted", ""] else told


def _stored(city: City, names: Any) -> dict[str, int]:
    """As `stored` of a recording counts."""
    standing = col(Visit.voided_at).is_(None)
    counts = {
        "visits": select(func.count()).select_from(Visit).where(standing),
        "people": select(func.coalesce(func.sum(Visit.people), 0)).where(standing),
        "doors": select(func.count() - len(city.doors)).select_from(Household),
        "group_counts": select(func.count()).select_from(GroupCount),
    }
    with city.database.reading() as db:
        return {name: int(db.execute(counts[name]).scalar_one()) for name in names}


def _give(city: City, ground: dict[str, Any]) -> str:
    """Puts the ticket and the sealing key of the recording into the database; gives the ticket as the phone shows it."""
    moment = datetime.fromisoformat(ground["recorded"])
    ticket, seal = ground["ticket"], ground["seal"]
    with city.database.writing() as db:
        db.add(
            UploadTicket(
                id=uuid.UUID(ticket["id"]),
                token_hash=hashlib.sha256(ticket["token"].encode()).hexdigest(),
                person_id=city.people[ground["person"]].id,
                device_id=uuid.UUID(ticket["device"]),
                issued_at=datetime.fromisoformat(ticket["issued_at"]),
                expires_at=datetime.fromisoformat(ticket["expires_at"]),
            )
        )
        db.add(SealingKey(id=seal["id"], public=seal["public"], wrapped=seal["wrapped"], made_at=moment))
    token: str = ticket["token"]
    return token


def _read(path: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(path.read_text())
    return told
