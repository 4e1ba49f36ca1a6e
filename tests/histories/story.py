"""A random history of a small part of the real map: visits, corrections and voids, and a map that is reorganised meanwhile.

Everything is done twice: in the database, by the program's own verbs, and to the oracle, which knows nothing of them. What the
program refuses is rolled back and not told to the oracle. A seed gives the same history every time.
"""

import random
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, select

from skills import clock
from skills.areas import load as areas
from skills.areas import reorganise
from skills.areas.blocks import block_ids
from skills.areas.groups import list_groups
from skills.areas.models import Block
from skills.areas.reorganise import Door as StoredDoor
from skills.areas.reorganise import NewArea, Part, ReorganiseError
from skills.catalogue import load as catalogue
from skills.db import Database, Row
from skills.households.address import address
from skills.households.count import count_door
from skills.households.lock import lock_wards
from skills.households.models import Household
from skills.people.models import Person, Role
from skills.people.viewer import Posted, Viewer
from skills.tables import FEATURES
from skills.visits.carry import blocks_of, carry_doors, lock_doors
from skills.visits.correct import correct_visit
from skills.visits.forms import VisitForm, VoidForm
from skills.visits.record import record_visit
from skills.visits.void import void_visit
from tests.histories.oracle import NEVER, Door, Oracle, Told, on_day

TODAY = date(2026, 11, 24)
FIRST = date(2024, 6, 1)
NEW_WARDS = date(2025, 7, 1)
AUTHOR = uuid.UUID("a0000000-0000-7000-8000-000000000001")
GROUP = "residential_group"


def prepare(database: Database) -> None:
    """Makes the tables in an empty database, and puts in the map, the catalogue and the one person who writes."""
    assert FEATURES  # every table is known by now
    Row.metadata.create_all(database.writer)
    with database.writing() as db:
        areas.load(db)
        catalogue.load(db)
        db.add(Person(id=AUTHOR, full_name="Lê Thị Hoài", phone="+84905000001", created_at=clock.now()))


@dataclass
class Written:
    """A visit that stands in the database: its latest version, and an address at which it can be found."""

    ward_id: int
    form: VisitForm


@dataclass
class Story:
    """One history in the making. `steps` tells it; `done` counts what was done, `refused` what the map didn't allow."""

    database: Database
    seed: int
    oracle: Oracle = field(default_factory=Oracle)
    steps: list[str] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    written: list[Written] = field(default_factory=list)
    pieces: list[int] = field(default_factory=list)  # on which doors may stand
    wards: set[int] = field(
        default_factory=set
    )  # the part of the map that is reorganised, as it is at the end
    latest: date = NEW_WARDS  # the last day on which the map changed

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.names = 0
        self._choose_wards()
        for _ in range(self.dice.randint(2, 4)):
            self.reorganise(self._list)
        self._add_doors(self.dice.randint(40, 80))

    def go_on(self, changes: int) -> None:
        """So many changes more: visits mostly, the map now and then."""
        for _ in range(changes):
            kind = self.dice.choices(("record", "correct", "void", "carry", "map"), (56, 18, 7, 5, 14))[0]
            if kind == "record" or (kind in ("correct", "void") and not self.written):
                self._record()
            elif kind == "correct":
                self._correct()
            elif kind == "void":
                self._void()
            elif kind == "carry":
                self._carry()
            else:
                self.change_map()

    def change_map(self) -> None:
        """One reorganisation, whichever is possible."""
        tasks = [
            self._list,
            self._merge_wards,
            self._merge_groups,
            self._cut_ward,
            self._cut_group,
            self._rename,
            self._regroup,
        ]
        weights = (3, 5, 7, 3, 5, 3, 3)
        while not self.reorganise(self.dice.choices(tasks, weights)[0]):
            pass

    # The beginning

    def _choose_wards(self) -> None:
        """A few wards of two former districts, with all that they were made of; often ones whose land was cut before."""
        districts = sorted(
            {on_day(spans, TODAY) or 0 for ward, spans in self.oracle.above.items() if self._is_ward(ward)}
            - {0}
        )
        for district in self.dice.sample(districts, 2):
            own = [
                ward
                for ward, spans in self.oracle.above.items()
                if self._is_ward(ward) and on_day(spans, TODAY) == district
            ]
            self.wards.update(self.dice.sample(sorted(own), min(len(own), self.dice.randint(2, 3))))
        whole = [piece for ward in sorted(self.wards) for piece in self.oracle.pieces_in(ward, TODAY)]
        self.pieces = self.dice.sample(whole, min(len(whole), 10))
        self.pieces += sorted({origin for piece, origin in self.oracle.cut_from.items() if piece in whole})
        self.steps.append(f"wards {sorted(self.wards)}, pieces {self.pieces}")

    def _is_ward(self, area: int) -> bool:
        return self.oracle.level[area] == "ward" and self.oracle.life[area][1] >= TODAY

    def _add_doors(self, many: int) -> None:
        """Doors in groups and outside, each stored under the ward that its place lay in on some day."""
        groups = [piece for piece in self.pieces if piece in self.oracle.for_groups]
        for _ in range(many):
            piece = self.dice.choice(groups if groups and self.dice.random() < 0.5 else self.pieces)
            ward_id = on_day(self.oracle.ward[self.dice.choice(self.oracle.atoms(piece))], self._day())
            assert ward_id is not None
            self.oracle.doors[ward_id, str(self._uuid())] = piece
        with self.database.writing() as db:
            lock_wards(db, [ward_id for ward_id, _door in self.oracle.doors])
            for number, (door, piece) in enumerate(self.oracle.doors.items(), start=1):
                ward_id, door_id = _stored(door)
                wanted: dict[str, Any] = {"created_at": clock.now(), "created_by": AUTHOR} | address(
                    "Hàng Dừa", str(number)
                )
                db.add(Household(ward_id=ward_id, id=door_id, block_id=piece, **wanted))
                db.flush()
                count_door(db, ward_id, piece, 1)
        self.steps.append(f"{many} doors")

    # Visits

    def _record(self) -> None:
        form, typed_on = self._form(self._uuid(), 0), self._typed_on
        with self.database.writing() as db:
            taken = record_visit(db, self._viewer(typed_on), form)
        assert taken.status == "accepted"
        self.written.append(Written(taken.ward_id, form))
        self._tell("record", form, typed_on)

    def _correct(self) -> None:
        """Says something else, and perhaps of another day and at another door; addressed as it was or as it is."""
        old = self.dice.choice(self.written)
        form, typed_on = self._form(old.form.id, old.form.base + 1), self._typed_on
        with self.database.writing() as db:
            taken = correct_visit(db, self._viewer(typed_on), old.ward_id, form.id, form)
        assert taken.status == "accepted"
        old.form = form
        if self.dice.random() < 0.5:
            old.ward_id = taken.ward_id
        self._tell("correct", form, typed_on)

    def _void(self) -> None:
        old = self.written.pop(self.dice.randrange(len(self.written)))
        form = VoidForm(item=self._uuid(), base=old.form.base + 1, reason="twice")
        with self.database.writing() as db:
            assert void_visit(db, self._viewer(TODAY), old.ward_id, old.form.id, form).status == "accepted"
        del self.oracle.visits[str(old.form.id)]
        self.done["void"] += 1
        self.steps.append(f"void {old.form.id}")

    def _form(self, visit: uuid.UUID, base: int) -> VisitForm:
        dice = self.dice
        doors = sorted(self.oracle.doors)
        ward_id, door = dice.choice(doors[:6] if dice.random() < 0.4 else doors)
        day = self._day()
        self._typed_on = min(TODAY, day + timedelta(days=dice.choice([0, 0, 1, 59, 60, 61, 300])))
        outcome = dice.choice(["met", "met", "met", "met", "absent", "declined", "come_back"])
        people = dice.choice([0, 1, 1, 2, 3, 20, 21])
        levels = (1, 2, 3, 3) if dice.random() < 0.8 else (1,)
        return VisitForm.model_validate(
            {
                "ward": ward_id,
                "household": door,
                "item": self._uuid(),
                "id": visit,
                "base": base,
                "outcome": outcome,
                "people": people,
                "people_new": dice.randint(0, people),
                "skills": {
                    skill: dice.choice(levels)
                    for skill in dice.sample(range(1, 31), dice.choice([0, 1, 2, 4, 12]))
                },
                "audiences": {
                    group: dice.randint(0, people) for group in dice.sample(range(1, 10), dice.randint(0, 2))
                },
                "come_back_on": day + timedelta(days=3) if outcome == "come_back" else None,
                "five_by_one": dice.choice([None, None, True, False]),
                "visited_on": day,
                "sure": dice.random() < 0.5,
            }
        )

    def _tell(self, verb: str, form: VisitForm, typed_on: date) -> None:
        """What was typed, in plain values."""
        assert form.visited_on is not None
        door = (form.ward, str(form.household))
        told = Told(
            door, form.visited_on, str(form.outcome), form.people or 0, form.people_new,
            {skill: int(level) for skill, level in form.skills.items()}, dict(form.audiences), form.five_by_one is True,
        )  # fmt: skip
        self.oracle.tell(str(form.id), told, typed_on)
        self.done[verb] += 1
        self.steps.append(f"{verb} {form.id} typed {typed_on}: {told}")

    def _carry(self) -> None:
        """A door turns out to stand elsewhere."""
        door, piece = self.dice.choice(sorted(self.oracle.doors)), self.dice.choice(self.pieces)
        with self.database.writing() as db:
            carry_doors(db, piece, [_stored(door)])
        self.oracle.doors[door] = piece
        self.done["carry"] += 1
        self.steps.append(f"carry {door} to {piece}")

    # The map

    def reorganise(self, task: Callable[[Session, date], str]) -> bool:
        """Tries the task on some day: mostly after all that happened, sometimes long before. Tells whether it was done."""
        room = (TODAY - self.latest).days
        day = self.latest + timedelta(days=self.dice.randint(1, max(1, room // 5))) if room else TODAY
        if self.dice.random() < 0.5:
            day = NEW_WARDS + timedelta(days=self.dice.randint(1, (TODAY - NEW_WARDS).days))
        try:
            with self.database.writing() as db:
                told = task(db, day)
        except ReorganiseError:
            self.done["refused"] += 1
            return False
        if not told:
            return False
        self.done[task.__name__.strip("_")] += 1
        self.done["late"] += day < self.latest
        self.latest = max(self.latest, day)
        self.steps.append(f"{task.__name__.strip('_')} on {day}: {told}")
        return True

    def _list(self, db: Session, day: date) -> str:
        """Groups of a ward of today, or of one long gone."""
        if self.dice.random() < 0.3:
            day = self._day()
        atom = self.dice.choice([atom for piece in self.pieces for atom in self.oracle.atoms(piece)])
        ward = on_day(self.oracle.ward[atom], day)
        assert ward is not None
        lowest: dict[int, int] = {}
        for piece in self.oracle.pieces_in(ward, day):
            lowest.setdefault(self._before_groups(piece), piece)
        named = self.dice.choice([None, *sorted(lowest)])
        origin = min(lowest) if named is None else named
        made = list_groups(db, ward, [(self._name("Tổ"), named) for _ in range(self.dice.randint(1, 3))], day)
        new = {group.id: min(block_ids(db, group.id, day)) for group in made}
        like = None if lowest[origin] == origin else lowest[origin]
        self.oracle.cut_piece(origin, sorted(new.values()), like, for_groups=True)
        for group, piece in new.items():
            self.oracle.born(group, GROUP, day)
            self.oracle.move([piece], group, day, group=True)
        self.pieces += sorted({origin, *new.values()} - set(self.pieces))
        return f"ward {ward}, out of {origin}: {new}"

    def _before_groups(self, piece: int) -> int:
        while piece in self.oracle.for_groups:
            piece = self.oracle.cut_from[piece]
        return piece

    def _merge_wards(self, db: Session, day: date) -> str:
        if len(self.wards) < 3:
            return ""
        first, *others = self.dice.sample(sorted(self.wards), self.dice.choice([2, 2, 3]))
        into = self._either(first, "Phường")
        ending = others if into == first else [first, *others]
        target = reorganise.merge(db, self.dice.choice([ending, [first, *others]]), into, day).id
        if target != first:
            self.oracle.born(target, "ward", day, self.oracle.above[first])
        self._put_together(ending, target, day, group=False)
        self.wards = self.wards - set(ending) | {target}
        return f"{ending} into {target}"

    def _merge_groups(self, db: Session, day: date) -> str:
        groups = self._groups_of(self.dice.choice(sorted(self.wards)))
        if len(groups) < 2:
            return ""
        first, *others = self.dice.sample(groups, self.dice.randint(2, min(3, len(groups))))
        into = self._either(first, "Tổ")
        ending = others if into == first else [first, *others]
        target = reorganise.merge(db, ending, into, day).id
        if target != first:
            self.oracle.born(target, GROUP, day)
        self._put_together(ending, target, day, group=True)
        return f"{ending} into {target}"

    def _put_together(self, ending: Sequence[int], target: int, day: date, group: bool) -> None:
        for area in ending:
            self.oracle.move(self.oracle.pieces_in(area, day), target, day, group)
            self.oracle.died(area, day)

    def _cut_ward(self, db: Session, day: date) -> str:
        """By its groups and by what was never listed; a piece without groups may be shared between both parts."""
        ward = self.dice.choice(sorted(self.wards))
        if len(self.wards) > 8:
            return ""
        own = self.oracle.pieces_in(ward, day)
        units: dict[tuple[str, int], list[int]] = {}
        for piece in own:
            group = self._group_from(piece, day)
            units.setdefault(("groups", group) if group else ("blocks", piece), []).append(piece)
        if len(units) < 2:
            return ""
        parts = [Part(area=self._new("Phường")), Part(area=self._new("Phường"))]
        if self.dice.random() < 0.3 and len(self.wards) > 1:
            parts[1].area = self.dice.choice(sorted(self.wards - {ward}))
        pieces: list[set[int]] = [set(), set()]
        shared = 0
        for place, ((kind, unit), of_it) in enumerate(self.dice.sample(sorted(units.items()), len(units))):
            side = place if place < 2 else self.dice.randrange(2)
            getattr(parts[side], kind).append(unit)
            if kind == "blocks" and not shared and self.dice.random() < 0.3:
                shared = unit
                parts[1 - side].blocks.append(unit)
            else:
                pieces[side].update(of_it)
        targets = [area.id for area in reorganise.cut(db, ward, parts, day)]
        if shared:
            new = [min(self._parts_of(db, shared) & block_ids(db, target, day)) for target in targets]
            self.oracle.cut_piece(shared, new)
            self.pieces += new
            for held, piece in zip(pieces, new, strict=True):
                held.add(piece)
        for part, target, held in zip(parts, targets, pieces, strict=True):
            if isinstance(part.area, NewArea):
                self.oracle.born(target, "ward", day, self.oracle.above[ward])
            self.oracle.move(held, target, day, group=False)
        self.oracle.died(ward, day)
        self.wards = self.wards - {ward} | set(targets)
        return f"{ward} into {dict(zip(targets, pieces, strict=True))}, shared {shared}"

    def _group_from(self, piece: int, day: date) -> int | None:
        """The group that the piece is in from that day on, or will be in."""
        return next((group for _first, last, group in self.oracle.group[piece] if last >= day), None)

    def _cut_group(self, db: Session, day: date) -> str:
        """By doors; some are listed for neither part."""
        groups = [group for ward in sorted(self.wards) for group in self._groups_of(ward)]
        inside = {group: self.oracle.doors_in(group, day) for group in groups}
        with_doors = [group for group in groups if len(inside[group]) > 1]
        if not with_doors:
            return ""
        group = self.dice.choice(with_doors)
        doors = self.dice.sample(inside[group], len(inside[group]))
        middle = self.dice.randint(1, len(doors) - 1)
        end = self.dice.randint(middle + 1, len(doors))
        lists = [doors[:middle], doors[middle:end]]
        parts = [(self._new("Tổ"), [_stored(door) for door in listed]) for listed in lists]
        lock_doors(db, [door for _new, listed in parts for door in listed])
        before = self.oracle.pieces_in(group, day)
        several = len(before) > 1 or self.dice.random() < 0.5
        targets = [
            area.id
            for area in reorganise.cut_group(
                db,
                group,
                parts,
                day,
                lambda piece, listed: carry_doors(db, piece, listed),
                blocks_of(db) if several else None,
            )
        ]
        held = {target: sorted(block_ids(db, target, day)) for target in targets}
        origins: dict[int, list[int]] = {}
        for piece in sorted({piece for own in held.values() for piece in own}):
            origin = db.get_one(Block, piece).refined_from
            if origin is not None and piece not in self.oracle.cut_from:
                origins.setdefault(origin, []).append(piece)
        for origin, new in origins.items():
            like = None if origin in before else min(self.oracle.atoms(origin))
            self.oracle.cut_piece(origin, new, like, for_groups=True)
            self.pieces += new
        self.oracle.move(self.oracle.pieces_in(group, day), None, day, group=True)
        for (target, own), listed in zip(held.items(), lists, strict=True):
            self.oracle.born(target, GROUP, day)
            self.oracle.move(own, target, day, group=True)
            for door in listed:
                stood_on = self.oracle.doors[door]
                self.oracle.doors[door] = next(
                    piece for piece in own if self.oracle.cut_from[piece] == stood_on
                )
        self.oracle.died(group, day)
        return f"{group} into {held}, doors {lists} of {inside[group]}"

    def _rename(self, db: Session, day: date) -> str:
        """A ward, a group, a district or cluster; once in a while the city."""
        groups = {group for ward in self.wards for group in self._groups_of(ward)}
        districts = {on_day(self.oracle.above[ward], NEVER) or 0 for ward in self.wards}
        cities = {on_day(self.oracle.above[district], NEVER) or 0 for district in districts}
        kinds = [sorted(kind) for kind in (self.wards, groups, districts) if kind]
        old = self.dice.choice(sorted(cities) if self.dice.random() < 0.05 else self.dice.choice(kinds))
        new = reorganise.rename(db, old, self._name("Nơi"), "", day).id
        self.oracle.rename(old, new, day)
        if old in self.wards:
            self.wards = self.wards - {old} | {new}
        return f"{old} into {new}"

    def _regroup(self, db: Session, day: date) -> str:
        wards = self.dice.sample(sorted(self.wards), self.dice.randint(1, min(3, len(self.wards))))
        districts = sorted({on_day(self.oracle.above[ward], NEVER) or 0 for ward in self.wards})
        into = self._either(self.dice.choice(districts), "Cụm")
        target = reorganise.regroup(db, wards, into, day).id
        if isinstance(into, NewArea):
            district = on_day(self.oracle.above[wards[0]], day)
            assert district is not None
            self.oracle.born(target, "cluster", day, self.oracle.above[district])
        self.oracle.count_in(wards, target, day)
        return f"{wards} into {target}"

    # What these are made of

    def _groups_of(self, ward: int) -> list[int]:
        """The groups that are in the ward for good."""
        groups = {on_day(self.oracle.group[piece], NEVER) for piece in self.oracle.pieces_in(ward, NEVER)}
        return sorted(group for group in groups if group is not None)

    def _parts_of(self, db: Session, piece: int) -> set[int]:
        return set(db.exec(select(Block.id).where(Block.refined_from == piece)))

    def _viewer(self, day: date) -> Viewer:
        """A ward lead of the whole city, and of the province that it was two of."""
        tops = [area for area, level in self.oracle.level.items() if level in ("city", "province")]
        return Viewer(
            AUTHOR, "Lê Thị Hoài", "Hoài L.", "vi", tuple(Posted(Role.WARD_LEAD, top) for top in tops), (), frozenset(), day
        )  # fmt: skip

    def _day(self) -> date:
        """Any day, or one of a few weeks in which much happens."""
        if self.dice.random() < 0.3:
            return date(2026, 2, 10) + timedelta(days=self.dice.randrange(12))
        return FIRST + timedelta(days=self.dice.randrange((TODAY - FIRST).days + 1))

    def _uuid(self) -> uuid.UUID:
        return uuid.UUID(int=self.dice.getrandbits(128))

    def _either(self, area: int, kind: str) -> int | NewArea:
        return area if self.dice.random() < 0.5 else self._new(kind)

    def _new(self, kind: str) -> NewArea:
        return NewArea(name=self._name(kind))

    def _name(self, kind: str) -> str:
        self.names += 1
        return f"{kind} {self.names}"


def _stored(door: Door) -> StoredDoor:
    return door[0], uuid.UUID(door[1])
