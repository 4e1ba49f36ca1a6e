"""The disk is lost and an older copy of the database takes its place: what phones had handed in since comes back, every item once."""

import random
from pathlib import Path

from tests.faults.items import hash_of
from tests.faults.life import visit_fields
from tests.faults.oracle import gather
from tests.faults.phone import Phone, Record
from tests.faults.run import Run
from tests.faults.server import Server
from tests.faults.town import Town, Worker, settle
from tests.faults.wire import Wire

SINCE = 50  # handed in after the copy


def save_visits(phone: Phone, worker: Worker, n: int) -> list[Record]:
    """So many visits of this worker, saved."""
    said = {"outcome": "absent"}
    return [
        phone.save("visit", door.ward, phone.mint(), 0, visit_fields(door, said, "", []))
        for door in (worker.reach[each % len(worker.reach)] for each in range(n))
    ]


def bring_in(phone: Phone) -> None:
    """Until nothing waits."""
    for _round in range(20):
        if not phone.pending():
            return
        phone.wait(700)
        phone.hand_in()
    raise AssertionError(f"{len(phone.pending())} wait")


def receipts(town: Town, server: Server, wire: Wire) -> dict[str, list[dict[str, object]]]:
    """What the database has, by item."""
    return gather(Run(0, town, server, wire, [])).receipts


def test_every_item_since_the_copy_comes_back_once(cast_file: Path, tmp_path: Path) -> None:
    """A copy by VACUUM INTO; fifty more are accepted; the copy put back with a new epoch; the phones offer what they had sent."""
    town = settle(f"sqlite:///{tmp_path / 'run.db'}", tmp_path, 3, cast_file)
    with Server(town.url, tmp_path) as server:
        wire = Wire(server.port)
        phones = [Phone(f"phone {n}", wire.send, random.Random(n)) for n in range(2)]
        saved: list[Record] = []
        for phone, worker in zip(phones, town.workers, strict=False):
            assert phone.enrol(town.cookie(worker.id))
            saved += save_visits(phone, worker, 10)
            bring_in(phone)
        copied = town.copy()
        for phone, worker in zip(phones, town.workers, strict=False):
            saved += save_visits(phone, worker, SINCE // 2)
            bring_in(phone)
        assert receipts(town, server, wire).keys() == {record.item for record in saved}
        server.stop()
        town.put_back(copied)
        assert len(receipts(town, server, wire)) == len(saved) - SINCE
        server.start()
        for phone, worker in zip(phones, town.workers, strict=False):
            saved += save_visits(
                phone, worker, 1
            )  # the first that is saved afterwards tells the phone of the new epoch
            phone.wait(700)
            phone.hand_in()
            bring_in(phone)
        found = receipts(town, server, wire)
    assert found.keys() == {record.item for record in saved}
    assert {len(rows) for rows in found.values()} == {1}
    assert all(record.hash == hash_of(record.wire) for record in saved)
    assert town.totals_differ() == []
    assert "0 differences" in town.command("totals", "check")
    town.database.dispose()
