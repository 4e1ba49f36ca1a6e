"""What must hold after every run, whatever went wrong in it. Each invariant is a function that gives its violations.

It reads the database by plain SQL and knows nothing of how the program does what it does: what it compares with is the ledger of what
people were told is saved, what the phones still have, and what the server was heard to say.
"""

import hashlib
import json
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, create_engine, text

from tests.faults.items import hash_of
from tests.faults.life import Saved
from tests.faults.phone import HERE, Record
from tests.faults.run import SETTLED_WITHIN, Run

Row = dict[str, Any]
COUNTED = ("accepted", "already")


@dataclass
class Evidence:
    """A finished run, and everything in its database that is about items."""

    run: Run
    rows: dict[str, list[Row]]

    @cached_property
    def receipts(self) -> dict[str, list[Row]]:
        """By item."""
        return _by(self.rows["receipt"], "item")

    @cached_property
    def versions(self) -> dict[str, list[Row]]:
        """Of visits, by item."""
        return _by(self.rows["visit_version"], "item")

    @cached_property
    def held(self) -> dict[str, list[Row]]:
        """By item."""
        return _by(self.rows["held_item"], "item")

    @cached_property
    def visits(self) -> dict[str, list[Row]]:
        """By id."""
        return _by(self.rows["visit"], "id")

    @cached_property
    def ledger(self) -> dict[tuple[str, str], Saved]:
        """What was saved, by item and hash."""
        return {(saved.item, saved.hash): saved for saved in self.run.ledger}

    @cached_property
    def kept(self) -> dict[tuple[str, str], list[Record]]:
        """What phones still have, by item and hash. What was handed over lies on two."""
        found: dict[tuple[str, str], list[Record]] = defaultdict(list)
        for phone in self.run.phones:
            for record in phone.disk.values():
                found[record.item, record.hash].append(record)
        return found

    def receipt_of(self, saved: Saved) -> Row | None:
        """The receipt that says that exactly this was taken in; under an id of its own when it came sealed and its id was taken."""
        names = [saved.item] + ([str(uuid.uuid5(uuid.UUID(saved.item), saved.hash))] if saved.hash else [])
        found = [row for name in names for row in self.receipts.get(name, []) if _says(row, saved.hash)]
        return found[0] if found else None

    def was_sealed(self, saved: Saved) -> bool:
        """Whether its author signed out before it was told of."""
        return any("sealed" in record.wire for record in self.kept[saved.item, saved.hash])


def gather(run: Run) -> Evidence:
    """Reads the database of a run that has ended."""
    engine = create_engine(run.town.url)
    with engine.connect() as connection:
        rows = {
            name: _rows(connection, name)
            for name in (
                "receipt",
                "visit_version",
                "held_item",
                "visit",
                "household",
                "group_count",
                "visit_skill",
                "rejected_item",
            )
        }
    engine.dispose()
    return Evidence(run, rows)


def I1_acknowledged_is_on_the_server(seen: Evidence) -> list[str]:
    """What the server was heard to say it has is there, and counts when it said that it counts."""
    wrong = []
    last_epoch = seen.run.phones[0].epoch
    mine: dict[str, list[Saved]] = defaultdict(list)
    for saved in seen.run.ledger:
        mine[saved.item].append(saved)
    for told in set(seen.run.wire.told):
        if told.status not in HERE:
            continue
        receipts = [row for saved in mine[told.item] if (row := seen.receipt_of(saved)) is not None]
        if not receipts:
            wrong.append(f"{told.item} was told {told.status} {told.code} and has no receipt")
        elif (
            told.status in COUNTED
            and told.epoch == last_epoch
            and not any(_counts(seen, row) for row in receipts)
        ):
            wrong.append(f"{told.item} was told {told.status} and does not count")
        elif (
            told.status in ("held", "conflict")
            and told.epoch == last_epoch
            and not any(seen.held.get(row["item"]) for row in receipts)
        ):
            wrong.append(f"{told.item} was told {told.status} and lies in no tray")
    for phone in seen.run.phones:
        for record in phone.disk.values():
            if record.state in ("sent", "held", "conflict", "returned") and record.item not in mine:
                wrong.append(f"{phone.name} thinks that {record.item} is there, which nobody saved")
    return wrong


def I2_each_item_once(seen: Evidence) -> list[str]:
    """No item twice, in no table; and nothing that nobody saved."""
    wrong = [f"{item} has {len(rows)} receipts" for item, rows in seen.receipts.items() if len(rows) > 1]
    wrong += [f"{item} made {len(rows)} versions" for item, rows in seen.versions.items() if len(rows) > 1]
    wrong += [
        f"visit {visit} is stored {len(rows)} times" for visit, rows in seen.visits.items() if len(rows) > 1
    ]
    for name, key in (("household", "id"), ("group_count", "item"), ("held_item", "item")):
        wrong += [
            f"{name} {one} is stored {len(rows)} times"
            for one, rows in _by(seen.rows[name], key).items()
            if len(rows) > 1
        ]
    known = {saved.item for saved in seen.run.ledger if saved.hash}
    known |= {str(uuid.uuid5(uuid.UUID(saved.item), saved.hash)) for saved in seen.run.ledger if saved.hash}
    for table, rows in (
        ("receipt", seen.receipts),
        ("visit_version", seen.versions),
        ("held_item", seen.held),
    ):
        wrong += [f"{table} has {item}, which nobody saved" for item in rows if item not in known]
    facts = {saved.id for saved in seen.run.ledger if saved.op == "visit"}
    wrong += [f"visit {visit} was saved by nobody" for visit in seen.visits if visit not in facts]
    wrong += [
        f"{item} is in the history and in the tray" for item in seen.versions if seen.held.get(item, [{"state": "accepted"}])[0]["state"] != "accepted"
    ]  # fmt: skip
    return wrong


def I3_nothing_changed(seen: Evidence) -> list[str]:
    """What is stored says what was saved: by the hash that the phone made, and field by field."""
    wrong = []
    for item, rows in seen.receipts.items():
        if not any(
            (item, saved.hash) in seen.ledger or _alias(saved, item)
            for saved in seen.run.ledger
            if _says(rows[0], saved.hash)
        ):
            wrong.append(f"the receipt of {item} is of something else than was saved")
    for saved in seen.run.ledger:
        receipt = seen.receipt_of(saved)
        if receipt is None:
            continue
        for row in seen.held.get(receipt["item"], []):
            if row["state"] in ("held", "conflict") and json.loads(row["fields"]) != saved.fields:
                wrong.append(f"{saved.item} lies in the tray with other fields")
        if receipt["status"] != "accepted":
            continue
        wrong += [f"{saved.kind} {saved.item}: {each}" for each in _stored_otherwise(seen, saved)]
    for phone in seen.run.phones:
        for record in phone.disk.values():
            if "sealed" not in record.wire and hash_of(record.wire) != record.hash:
                wrong.append(f"{phone.name} has {record.item} with other content than was saved")
    return wrong


def I4_everything_is_somewhere(seen: Evidence) -> list[str]:
    """Saved = waiting + counted + held + in conflict + refused and kept; each where it belongs, and each kind of item only where it may be."""
    wrong = []
    for saved in seen.run.ledger:
        places = _places(seen, saved)
        if not places:
            wrong.append(f"{saved.kind} {saved.item} of {saved.phone} is nowhere")
            continue
        allowed = set(saved.expect)
        if saved.person in seen.run.town.disturbed or seen.run.restored or seen.run.town.ward_merged:
            allowed |= {"held"} if saved.kind != "seal_moved" else set()
        if saved.kind == "foreign" and seen.run.town.ward_merged:
            allowed |= {"accepted"}
        if seen.was_sealed(saved) and "rejected" in allowed:
            allowed |= {"held"}
        if not places <= allowed:
            codes = {record.code for record in seen.kept[saved.item, saved.hash]}
            wrong.append(
                f"{saved.kind} {saved.item} of {saved.phone} is {sorted(places)} {sorted(codes)}, not {sorted(allowed)}"
            )
    wrong += [
        f"{phone.name} was told {record.code} of the sealed {record.item}"
        for phone in seen.run.phones for record in phone.disk.values()
        if record.state == "rejected" and "sealed" in record.wire
    ]  # fmt: skip
    return wrong


def I5_the_author_is_who_saved_it(seen: Evidence) -> list[str]:
    """Whoever handed it in, it is the one's whose key signed it. A key that a restored copy has never heard of says nothing: what was
    handed over by somebody else then lies in the tray as unsigned, uncounted, under the name of who brought it."""
    wrong = []
    for saved in seen.run.ledger:
        receipt = seen.receipt_of(saved)
        if receipt is None or not saved.signed:
            continue
        in_tray = seen.held.get(receipt["item"], [])
        if seen.run.restored and any(row["code"] == "unsigned" for row in in_tray):
            continue
        rows = [receipt, *seen.versions.get(saved.item, []), *in_tray]
        if receipt["status"] == "accepted" and saved.op == "visit":
            rows += seen.visits.get(saved.id, [])
        if any(row["author_id"] != saved.person for row in rows):
            wrong.append(
                f"{saved.kind} {saved.item} of {saved.person} is said to be {sorted({row['author_id'] for row in rows})}'s"
            )
    return wrong


def I6_nothing_silently_overwritten(seen: Evidence) -> list[str]:
    """Every version a step from the last: it changes what its author changed and nothing else, and never what changed in between."""
    wrong = []
    by_visit: dict[str, list[Row]] = _by(seen.rows["visit_version"], "visit_id")
    by_item = {saved.item: saved for saved in seen.run.ledger}
    for visit, steps in by_visit.items():
        steps.sort(key=lambda row: int(row["version"]))
        if [row["version"] for row in steps] != list(range(1, len(steps) + 1)):
            wrong.append(f"visit {visit} has the versions {[row['version'] for row in steps]}")
            continue
        bodies = [_flat(json.loads(row["body"])) if row["op"] != "void" else None for row in steps]
        for at, row in enumerate(steps[1:], start=1):
            saved, body, before = by_item.get(row["item"]), bodies[at], bodies[at - 1]
            if saved is None or body is None or before is None:
                continue
            base = bodies[saved.base - 1]
            changed = {name for name in body.keys() | before.keys() if body.get(name) != before.get(name)}
            between = (
                {name for name in before.keys() | base.keys() if before.get(name) != base.get(name)}
                if base
                else set()
            )
            if changed & between:
                wrong.append(f"{row['item']} overwrote {sorted(changed & between)} of visit {visit}")
        current = seen.visits.get(visit, [{}])[0]
        last = next((body for body in reversed(bodies) if body is not None), None)
        if last and (current.get("people"), current.get("outcome")) != (last["people"], last["outcome"]):
            wrong.append(f"visit {visit} does not say what its last version says")
        if current.get("version") != len(steps):
            wrong.append(f"visit {visit} is at version {current.get('version')} of {len(steps)}")
    return wrong


def I7_nothing_blocks_the_queue(seen: Evidence) -> list[str]:
    """Behind what can't be taken, everything else went on."""
    wrong = [
        f"{phone.name} still has {len(stuck)} waiting: {Counter(record.code for record in stuck)}"
        for phone in seen.run.phones
        if (stuck := [record for record in phone.pending() if not _may_wait(seen, record)])
    ]
    longest = max((len(phone.disk) for phone in seen.run.phones), default=0)
    if seen.run.settle_rounds > 20 + longest:  # one a round would be a queue behind its first item
        wrong.append(f"it took {seen.run.settle_rounds} rounds to bring in {longest} items a phone")
    return wrong


def I8_totals_are_what_the_facts_come_to(seen: Evidence) -> list[str]:
    """`totals check` finds no difference; and as many visits stand as were counted and not voided."""
    wrong = seen.run.town.totals_differ()
    counted = {
        saved.id
        for saved in seen.run.ledger
        if saved.op == "visit" and (row := seen.receipt_of(saved)) and row["status"] == "accepted"
    }
    voided = {row["visit_id"] for row in seen.rows["visit_version"] if row["op"] == "void"}
    standing = {row["id"] for row in seen.rows["visit"] if row["voided_at"] is None}
    if standing != counted - voided:
        wrong.append(f"{len(standing)} visits stand, {len(counted - voided)} were counted and not voided")
    return wrong


def I9_the_database_is_whole(seen: Evidence) -> list[str]:
    """PRAGMA integrity_check and foreign_key_check; on PostgreSQL every foreign key is the server's own affair."""
    if not seen.run.town.database.is_sqlite:
        return []
    engine = create_engine(seen.run.town.url)
    with engine.connect() as connection:
        told = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check")]
        broken = list(connection.exec_driver_sql("PRAGMA foreign_key_check"))
    engine.dispose()
    return [each for each in told if each != "ok"] + [f"foreign key: {tuple(row)}" for row in broken]


def I10_the_queue_ends(seen: Evidence) -> list[str]:
    """A minute after the faults ended nothing waits but what a newer server will take."""
    wrong = [
        f"{phone.name}: {record.item} waits"
        for phone in seen.run.phones
        for record in phone.pending()
        if not _may_wait(seen, record)
    ]
    if seen.run.settle_seconds >= SETTLED_WITHIN:
        wrong.append(f"it took {seen.run.settle_seconds:.0f} s")
    return wrong


def I11_nothing_unforeseen(seen: Evidence) -> list[str]:
    """No 500 but those that were injected, no item that failed unforeseen, and a harness that ran to its end."""
    wrong = list(seen.run.failed)
    wrong += [
        f"{told.item}: {told.status} {told.code}"
        for told in set(seen.run.wire.told)
        if told.code in ("error", "unforeseen")
    ]
    if seen.run.wire.unforeseen:
        wrong.append(f"{seen.run.wire.unforeseen} answers of 500 that nobody asked for")
    return wrong


INVARIANTS: dict[str, Callable[[Evidence], list[str]]] = {
    "I1": I1_acknowledged_is_on_the_server,
    "I2": I2_each_item_once,
    "I3": I3_nothing_changed,
    "I4": I4_everything_is_somewhere,
    "I5": I5_the_author_is_who_saved_it,
    "I6": I6_nothing_silently_overwritten,
    "I7": I7_nothing_blocks_the_queue,
    "I8": I8_totals_are_what_the_facts_come_to,
    "I9": I9_the_database_is_whole,
    "I10": I10_the_queue_ends,
    "I11": I11_nothing_unforeseen,
}


def judge(run: Run) -> dict[str, list[str]]:
    """Every invariant with its violations."""
    seen = gather(run)
    return {name: holds(seen) for name, holds in INVARIANTS.items()}


def _places(seen: Evidence, saved: Saved) -> set[str]:
    """Where one saved thing is: on the server, else on a phone."""
    receipt = seen.receipt_of(saved) if saved.hash else None
    if receipt is not None:
        return {str(receipt["status"])}
    records = [each for each in seen.kept[saved.item, saved.hash] if each.state in ("pending", "rejected")]
    return {record.state for record in records[:1]}


def _may_wait(seen: Evidence, record: Record) -> bool:
    saved = seen.ledger.get((record.item, record.hash))
    return saved is not None and "pending" in saved.expect


def _counts(seen: Evidence, receipt: Row) -> bool:
    """Whether the fact stands behind a receipt that says so."""
    if receipt["status"] != "accepted":
        return False
    if receipt["op"] == "door":
        return any(row["id"] == receipt["visit_id"] for row in seen.rows["household"])
    if receipt["op"] == "group_count":
        return any(row["item"] == receipt["item"] for row in seen.rows["group_count"])
    if receipt["op"] == "void":  # of two voids the second changes nothing
        return any(row["voided_at"] is not None for row in seen.visits.get(receipt["visit_id"], []))
    return receipt["item"] in seen.versions and receipt["visit_id"] in seen.visits


def _stored_otherwise(seen: Evidence, saved: Saved) -> list[str]:
    if saved.op == "door":
        rows = [row for row in seen.rows["household"] if row["id"] == saved.id]
        return [
            f"{name} is {row[name]!r}"
            for row in rows
            for name, value in saved.says.items()
            if row[name] != value
        ]
    if saved.op == "group_count":
        rows = [row for row in seen.rows["group_count"] if row["item"] == saved.item]
        return [
            f"{name} is {row[name]!r}"
            for row in rows
            for name, value in saved.says.items()
            if row[name] != value
        ]
    rows = seen.versions.get(saved.item, [])
    if saved.op == "void" or not rows:
        return []
    body = json.loads(rows[0]["body"])
    wrong = []
    if saved.op == "visit":
        wrong = [
            f"{name} is {body.get(name)!r}, not {value!r}"
            for name, value in saved.says.items()
            if body.get(name) != value
        ]
        stored = seen.visits.get(saved.id, [{}])[0]
        note = (saved.note or "").replace("\r\n", "\n").strip() if saved.says["outcome"] == "met" else ""
        if stored.get("version") == 1 and (stored.get("note") or "") != note:
            wrong.append(f"the note is {stored.get('note')!r}, not {note!r}")
        return wrong
    # of a correction that was put together with another: what its author changed
    known = next((each for each in seen.run.known if each.id == saved.id), None)
    first = (
        known.says
        if known
        else next(
            (each.says for each in seen.run.ledger if each.op == "visit" and each.id == saved.id), saved.says
        )
    )
    mine, was, now = _flat(saved.says), _flat(first), _flat(body)
    return [
        f"{name} is {now.get(name)!r}, not {mine[name]!r}"
        for name in mine
        if mine[name] != was.get(name) and now.get(name) != mine[name]
    ]


def _flat(body: dict[str, Any]) -> dict[str, Any]:
    """Each skill and each group is a thing of its own."""
    flat = {
        name: value
        for name, value in body.items()
        if name not in ("skills", "audiences", "note", "id", "base")
    }
    return flat | {
        f"{kind}.{key}": value for kind in ("skills", "audiences") for key, value in body[kind].items()
    }


def _says(receipt: Row, phone_hash: str) -> bool:
    return (
        str(receipt["sent_hash"]) == hashlib.sha256(f"{receipt['salt']}\n{phone_hash}".encode()).hexdigest()
    )


def _alias(saved: Saved, item: str) -> bool:
    return bool(saved.hash) and item == str(uuid.uuid5(uuid.UUID(saved.item), saved.hash))


def _by(rows: list[Row], name: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[name]].append(row)
    return dict(found)


def _rows(connection: Connection, table: str) -> list[Row]:
    """All of a table, ids as text in the one way of writing them."""
    return [
        {name: _plain(name, value) for name, value in row.items()}
        for row in connection.execute(text(f"SELECT * FROM {table}")).mappings()
    ]


def _plain(name: str, value: Any) -> Any:
    if value is not None and (name in ("item", "id") or name.endswith("_id")) and not isinstance(value, int):
        return str(uuid.UUID(str(value)))
    return value
