"""What people save: visits of every kind, corrections, voids, new doors, counts of groups, and what nobody should save but somebody does.

Everything saved is written into a ledger of its own, which the phones don't see: what was said to be saved is what the oracle asks for.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from skills import clock
from skills.sync.verbs import VERBS
from tests.faults.items import Fields, sealed
from tests.faults.phone import Phone, Record
from tests.faults.town import Door, Town, Worker

ACCEPTED = frozenset({"accepted"})
HELD = frozenset({"held"})
REJECTED = frozenset({"rejected"})
WAITS = frozenset({"pending"})  # for ever: a server that knows more will take it
COUNTED_OR_HELD = ACCEPTED | HELD
DECIDED = ACCEPTED | {"conflict"}
NOTES = (
    "", "", "hẹn sau giờ làm", "=1+1", "<b>đã cài VNeID</b>", "nhà có chó, gọi trước", "đi làm tới tối\r\nghé lại sau", "“Bà Tư” & cháu",
    "ổ khóa 🔒 ngoài", "'; DROP TABLE visit; --",
)  # fmt: skip


@dataclass(frozen=True)
class Saved:
    """One thing that somebody was told is saved. `expect`: where it may end; `says`: what must be stored of it, by field."""

    kind: str
    phone: str
    person: str
    item: str
    hash: str
    op: str
    ward: int
    id: str
    base: int
    fields: Fields
    expect: frozenset[str]
    says: dict[str, Any]
    signed: bool = True
    seq: int = 0
    note: str | None = None


@dataclass(frozen=True)
class Known:
    """A visit that everybody has on the phone since the last good day: as it was then, at version 1."""

    author: str
    author_name: str
    door: Door
    id: str
    says: dict[str, Any]
    note: str


@dataclass
class Life:
    """One worker after the other on one phone. What is chosen depends on `chance` alone, so that a seed tells the same story again."""

    town: Town
    phone: Phone
    workers: list[Worker]
    chance: random.Random
    ledger: list[Saved]
    known: list[Known]
    turn: int = 0
    own: list[Saved] = field(default_factory=list)  # visits of this phone
    doors: list[tuple[str, Door, str]] = field(default_factory=list)  # author, door, its item

    @property
    def worker(self) -> Worker:
        """Who holds the phone."""
        return self.workers[self.turn % len(self.workers)]

    def save_something(self) -> str:
        """One thing, of a kind by chance; gives the kind."""
        kinds = list(KINDS)
        kind = self.chance.choices(kinds, [KINDS[kind][0] for kind in kinds])[0]
        KINDS[kind][1](self, kind)
        return kind

    def save(
        self, kind: str, op: str, ward: int, fact: str, base: int, fields: Fields, expect: frozenset[str],
        says: dict[str, Any] | None = None, note: str | None = None, **how: Any,
    ) -> Saved:  # fmt: skip
        """Puts it on the phone, and into the ledger."""
        if how.get("needs") and self.phone.clock_off:
            expect |= HELD  # saved long ago, by its clock: it is not waited for what it needs
        kept = self.phone.save(op, ward, fact, base, fields, **how)
        saved = Saved(
            kind, self.phone.name, self.worker.id, kept.item, kept.hash, op, ward, fact, base, kept.wire["fields"], expect,
            says or {}, how.get("sign", True), kept.seq, note,
        )  # fmt: skip
        self.ledger.append(saved)
        return saved

    def visit(
        self, kind: str, door: Door | None = None, expect: frozenset[str] = ACCEPTED, **how: Any
    ) -> Saved:
        """A visit, by default at a door in reach."""
        door = door or self.chance.choice(self.worker.reach)
        says, more, note = self.content()
        fact = how.pop("fact", None) or self.phone.mint()
        saved = self.save(
            kind, "visit", door.ward, fact, 0, visit_fields(door, says, note, more), expect, says | {"household": door.id}, note, **how
        )  # fmt: skip
        if expect == ACCEPTED:
            self.own.append(saved)
        return saved

    def content(self) -> tuple[dict[str, Any], Fields, str]:
        """What is said of a visit, fields that say nothing of their own, and the note."""
        chance = self.chance
        outcome = chance.choices(["met", "absent", "declined", "come_back"], [6, 2, 1, 1])[0]
        says: dict[str, Any] = {
            "outcome": outcome,
            "people": 0,
            "people_new": 0,
            "skills": {},
            "audiences": {},
        }
        if outcome == "met":
            people = chance.randint(1, 6)
            taught = chance.sample(self.town.skills, chance.randint(0, 3))
            says |= {
                "people": people, "people_new": chance.randint(0, people),
                "skills": {str(skill): chance.randint(1, 3) for skill in taught},
                "audiences": {str(chance.choice(self.town.audiences)): people} if chance.random() < 0.3 else {},
            }  # fmt: skip
        more: Fields = [["come_back_in", "7"]] if outcome == "come_back" else []
        return says, more, chance.choice(NOTES)


def visit_fields(door: Door, says: dict[str, Any], note: str, more: Fields) -> Fields:
    """As the form of the page posts them. "…" stands for what is known only at Save."""
    fields = [
        ["ward", str(door.ward)],
        ["household", door.id],
        ["item", "…"],
        ["id", "…"],
        ["base", "…"],
        ["outcome", says["outcome"]],
    ]
    if says["outcome"] == "met":
        fields += [["people", str(says["people"])], ["people_new", str(says["people_new"])]]
        fields += [[f"audience-{group}", str(n)] for group, n in says["audiences"].items()]
        for skill, level in says["skills"].items():
            fields += [["skill", skill], [f"level-{skill}", str(level)]]
        fields += [["note", note]]
    return [*fields, *more, ["saved_at", "…"]]


def met(town: Town, chance: random.Random) -> dict[str, Any]:
    """A meeting in which there is room for corrections."""
    return {
        "outcome": "met", "people": 5, "people_new": 1, "audiences": {},
        "skills": {str(skill): 1 for skill in sorted(chance.sample(town.skills, 2))},
    }  # fmt: skip


# The kinds


def _visit(life: Life, kind: str) -> None:
    life.visit(kind)


def _correction(life: Life, kind: str) -> None:
    """Of a visit that others correct as well (fault 22)."""
    mine = [known for known in life.known if may_change(life.worker, known)]
    if not mine:
        life.visit("visit")
        return
    known = life.chance.choice(mine)
    if life.chance.random() < 0.06:
        _void_of(life, "void_known", known.door.ward, known.id, 1)
        return
    says = {**known.says, "skills": dict(known.says["skills"])}
    what = life.chance.choice(["people", "people_new", "skill", "another skill", "note"])
    note = known.note
    if what == "people":
        says["people"] = life.chance.randint(6, 9)
    elif what == "people_new":
        says["people_new"] = life.chance.randint(2, 5)
    elif what == "skill":
        says["skills"][life.chance.choice(list(says["skills"]))] = life.chance.randint(2, 3)
    elif what == "another skill":
        says["skills"][
            str(life.chance.choice([one for one in life.town.skills if str(one) not in says["skills"]]))
        ] = 2
    else:
        note = "ghi chú mới"
    fields = visit_fields(known.door, says, note, [])
    whole = says | {"household": known.door.id}
    life.save(kind, "correction", known.door.ward, known.id, 1, fields, DECIDED, whole, note)


def _own_correction(life: Life, kind: str) -> None:
    """Of a visit of this phone, which may not have been sent yet."""
    own = [saved for saved in life.own if saved.person == life.worker.id and saved.says["outcome"] == "met"]
    if not own:
        life.visit("visit")
        return
    saved = life.chance.choice(own)
    says = saved.says | {"people": life.chance.randint(7, 9)}
    door = Door(saved.ward, saved.says["household"])
    fields = visit_fields(door, says, saved.note or "", [])
    life.save(
        kind, "correction", saved.ward, saved.id, 1, fields, DECIDED, says, saved.note, needs=saved.item
    )


def _void(life: Life, kind: str) -> None:
    own = [saved for saved in life.own if saved.person == life.worker.id]
    if not own:
        life.visit("visit")
        return
    saved = life.chance.choice(own)
    _void_of(life, kind, saved.ward, saved.id, 1, needs=saved.item)


def _void_of(life: Life, kind: str, ward: int, visit: str, base: int, **how: Any) -> None:
    fields = [
        ["item", "…"],
        ["base", "…"],
        ["reason", life.chance.choice(["undo", "twice", "practice"])],
        ["saved_at", "…"],
    ]
    life.save(kind, "void", ward, visit, base, fields, ACCEPTED, {}, **how)


def _door(life: Life, kind: str, poison: bool = False) -> None:
    """A door nobody has written down yet, and a visit there (fault 27 shuffles them)."""
    ward, group = life.chance.choice(life.worker.groups)
    fact = life.phone.mint()
    number = "" if poison else f"{life.chance.randint(1, 899)}/{life.chance.randint(1, 99)}"
    fields = [["id", "…"], ["group", str(group)], ["street", "Hàng Dừa"], ["number", number], ["room", ""]]
    expect = REJECTED if poison else ACCEPTED
    door = life.save(
        kind,
        "door",
        ward,
        fact,
        0,
        fields,
        expect,
        {} if poison else {"street": "Hàng Dừa", "number": number},
    )
    life.visit("visit of " + kind, Door(ward, fact), expect, needs=door.item)


def _poison_door(life: Life, kind: str) -> None:
    _door(life, kind, poison=True)


def _group_count(life: Life, kind: str) -> None:
    ward, group = life.chance.choice(life.worker.groups)
    counts = {name: life.chance.randint(0, 9) for name in ("disabled", "minority", "poor")}
    told = [
        ["item", "…"],
        ["id", "…"],
        ["base", "…"],
        ["group", str(group)],
        ["month", f"{clock.today():%Y-%m}"],
    ]
    fields = [*told, *([name, str(n)] for name, n in counts.items()), ["saved_at", "…"]]
    life.save(kind, "group_count", ward, life.phone.mint(), 0, fields, ACCEPTED, counts)


def _poison(life: Life, kind: str) -> None:
    door = life.chance.choice(life.worker.reach)
    says, _more, _note = life.content()
    wrong = life.chance.choice(
        [["people", "-1"], ["people", "nhiều"], ["colour", "red"], ["visited_on", "31/02/2026"]]
    )
    fields = [
        *visit_fields(door, says | {"outcome": "met", "people": 1, "people_new": 0, "audiences": {}}, "", []),
        wrong,
    ]
    life.save(kind, "visit", door.ward, life.phone.mint(), 0, fields, REJECTED)


def _foreign(life: Life, kind: str) -> None:
    life.visit(kind, life.town.foreign(life.worker), HELD)


def _newer_schema(life: Life, kind: str) -> None:
    life.visit(kind, expect=WAITS, schema=9)


def _unsigned(life: Life, kind: str) -> None:
    life.visit(kind, expect=HELD, sign=False)


def _reused_item(life: Life, kind: str) -> None:
    """Two things under one item id: the first that comes is taken, the other is told so and kept."""
    own = [saved for saved in life.own if saved.person == life.worker.id]
    if not own:
        life.visit("visit")
        return
    first = life.chance.choice(own)
    life.own.remove(first)
    at = life.ledger.index(first)
    life.ledger[at] = Saved(**{**vars(first), "kind": "reused_first", "expect": ACCEPTED | REJECTED})
    door = Door(first.ward, first.says["household"])
    life.visit(kind, door, ACCEPTED | REJECTED, item=first.item)


def _two_homes(life: Life, kind: str) -> None:
    """One visit, saved again under another item: only one of the two counts."""
    own = [saved for saved in life.own if saved.person == life.worker.id]
    if not own:
        life.visit("visit")
        return
    first = life.chance.choice(own)
    life.own.remove(first)
    at = life.ledger.index(first)
    life.ledger[at] = Saved(**{**vars(first), "kind": "two_homes_first", "expect": COUNTED_OR_HELD})
    life.visit(kind, Door(first.ward, first.says["household"]), COUNTED_OR_HELD, fact=first.id)


def _wrong_clock(life: Life, kind: str) -> None:
    """The clock jumps, and what is saved then says the phone's own day, or none."""
    before = life.phone.clock_off
    years = life.chance.choice([-20, 20, -55])
    life.phone.clock_off = timedelta(days=365 * years)
    door = life.chance.choice(life.worker.reach)
    says, more, note = life.content()
    expect = ACCEPTED | HELD
    if life.chance.random() < 0.4:
        more = [*more, ["visited_on", f"{life.phone.clock():%Y-%m-%d}"]]
        expect |= REJECTED  # a day that can't be, said by a clock that nobody knew to be wrong
    fields = visit_fields(door, says, note, more)
    life.save(
        kind, "visit", door.ward, life.phone.mint(), 0, fields, expect, says | {"household": door.id}, note
    )
    if life.chance.random() < 0.5:
        life.phone.clock_off = before  # it jumps back


def _seal_moved(life: Life, kind: str) -> None:
    """Somebody copies a sealed item under another id. It is nobody's item, and must never be taken."""
    kept = life.visit("visit")
    seat = life.phone.seats[life.worker.id]
    with life.phone.lock:
        life.phone.counter += 1
        life.phone.turns += 1
        record = life.phone.disk[kept.seq]
        moved = sealed(record.wire, seat.seal, seat.public) | {"item": life.phone.mint()}
        life.phone.disk[life.phone.counter] = Record(
            life.phone.counter, moved["item"], seat.person, seat.person, "", moved, turn=life.phone.turns
        )
    life.ledger.append(
        Saved(kind, life.phone.name, seat.person, moved["item"], "", "", 0, "", 0, [], WAITS, {}, seq=life.phone.counter)
    )  # fmt: skip


KINDS: dict[str, tuple[int, Callable[[Life, str], None]]] = {
    "visit": (40, _visit),
    "correction": (12, _correction),
    "own_correction": (6, _own_correction),
    "void": (4, _void),
    "door": (8, _door),
    "poison_door": (2, _poison_door),
    "group_count": (4, _group_count),
    "poison": (5, _poison),
    "foreign": (4, _foreign),
    "newer_schema": (2, _newer_schema),
    "unsigned": (2, _unsigned),
    "reused_item": (3, _reused_item),
    "two_homes": (2, _two_homes),
    "wrong_clock": (5, _wrong_clock),
    "seal_moved": (2, _seal_moved),
}

if "group_count" not in VERBS:
    del KINDS["group_count"]


def may_change(worker: Worker, known: Known) -> bool:
    """One's own; the leader's team's; the ward lead's ward's."""
    if worker.name == "Lộc" and known.author_name not in ("Hoài", "Bảo"):
        return worker.id == known.author  # what a ward lead saved is no team's
    return worker.id == known.author or (worker.name in ("Lộc", "Thu") and known.door in worker.reach)
