"""Record visits: each once, however many times the phone sends it, all counted in the same transaction.

One visit of a page and twenty that a phone brings in go the same way: everything is read for all of them at once, each is
looked at in its turn, and everything is written for all of them at once. So a set takes as many statements as a single visit.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlmodel import Session

from skills import clock
from skills.areas.models import AreaBlock
from skills.catalogue.find import core_groups
from skills.db import among, table_of, within, write_dicts
from skills.errors import Conflict
from skills.households.find import door_for, doors_for
from skills.households.lock import lock_wards
from skills.people.models import TeamGroup
from skills.people.permissions import Permission
from skills.people.viewer import Viewer
from skills.totals import ledger
from skills.visits import receive, state, tally
from skills.visits.forms import VisitForm
from skills.visits.models import Outcome, Visit, VisitAudience, VisitSkill, VisitVersion
from skills.visits.receive import PLAINLY, Brought, Taken
from skills.visits.state import AtDoor, Door, Lesson, Standing

_VISIT, _VERSION = table_of(Visit), table_of(VisitVersion)
_SKILL, _AUDIENCE = table_of(VisitSkill), table_of(VisitAudience)
_ADD_VISIT, _ADD_VERSION = _VISIT.insert(), _VERSION.insert()
_ADD_SKILL, _ADD_AUDIENCE = _SKILL.insert(), _AUDIENCE.insert()
_AUTHORS = select(_VISIT.c.ward_id, _VISIT.c.id, _VISIT.c.author_id).where(
    *among(_VISIT.c.ward_id, _VISIT.c.id)
)
_GOES, _LIES = table_of(TeamGroup), table_of(AreaBlock)
_GOING = (
    select(_LIES.c.block_id, _GOES.c.team_id)
    .join_from(_GOES, _LIES, _LIES.c.area_id == _GOES.c.group_id)
    .where(
        _GOES.c.team_id.in_(bindparam("teams", expanding=True)),
        _LIES.c.block_id.in_(bindparam("blocks", expanding=True)),
        _GOES.c.valid_from <= bindparam("day"), _GOES.c.valid_to >= bindparam("day"),
        _LIES.c.valid_from <= bindparam("day"), _LIES.c.valid_to >= bindparam("day"),
    )
    .order_by(_GOES.c.team_id)
)  # fmt: skip


def record_visit(db: Session, viewer: Viewer, form: VisitForm, brought: Brought = PLAINLY) -> Taken:
    """Stores a new visit by the viewer at a door in reach, and counts it. Sent again, it changes nothing.

    Raises NotFound for a door outside the viewer's reach, NotAllowed where the viewer may only look, Conflict("item_reused")
    when the item came before with other content, and Conflict("visit_exists") when a form that was saved already is saved
    again under another item.
    """
    return record_visits(db, viewer, [form], [brought])[0]


def record_visits(
    db: Session, viewer: Viewer, forms: Sequence[VisitForm], brought: Sequence[Brought]
) -> list[Taken]:
    """The same for several visits of one person, in their order, in as many statements as for one. All or none: raises what
    the first that can't be taken raises, with nothing written. An item that stands twice among them is taken once."""
    if not forms:
        return []
    places = receive.follow_all(db, [(form.ward, form.household) for form in forms])
    lock_wards(db, {ward_id for pair in places.items() for ward_id, _ in pair})
    asked = [
        (form.ward, form.item)
        for form, how in zip(forms, brought, strict=True)
        if how.waited_since is None and not how.new
    ]
    receipts = receive.receipts_of(db, asked)
    moved = receive.follow_all(db, [(told["to_ward_id"], told["visit_id"]) for told in receipts.values()])
    homes = [places[form.ward, form.household] for form in forms if (form.ward, form.item) not in receipts]
    blocks = doors_for(db, viewer, homes, Permission.LOG_VISITS)
    authors = (
        _authors(db, [(places[form.ward, form.household][0], form.id) for form in forms]) if homes else {}
    )
    now = clock.now()
    answers: list[Taken] = []
    new: list[_New] = []
    given: list[dict[str, Any]] = []
    for form, how in zip(forms, brought, strict=True):
        body = form.body()
        canonical = form.canonical(body)
        receipt = receipts.get((form.ward, form.item))
        if receipt is not None:
            stored = (receipt["to_ward_id"], receipt["visit_id"])
            answers.append(receive.answered(viewer, receipt, canonical, moved.get(stored, stored)))
            continue
        place = places[form.ward, form.household]
        if place not in blocks:  # says why, unless it came into reach this very moment
            blocks[place] = door_for(db, viewer, *place, Permission.LOG_VISITS).block_id
        author = authors.get((place[0], form.id))
        if author is not None:
            mine = author == viewer.person_id
            raise Conflict(
                "visit_exists", ward_id=place[0] if mine else None, visit_id=form.id if mine else None
            )
        authors[place[0], form.id] = viewer.person_id
        new.append(_New(form, body, how, place))
        taken = Taken(form.item, "accepted", place[0], form.id, 1)
        answers.append(taken)
        if how.waited_since is None:  # what waited in a tray has its receipt
            receipt = receive.receipt(viewer, form.ward, canonical, taken, now, "visit", how)
            receipts[form.ward, form.item] = receipt
            given.append(receipt)
    if new:
        _keep(db, viewer, new, blocks, now)
        receive.keep_receipts(db, given)
    return answers


@dataclass(frozen=True, slots=True)
class _New:
    """A visit that is taken in: its form and what it says, how it came, and the door it is stored at."""

    form: VisitForm
    body: dict[str, Any]
    brought: Brought
    door: Door


def _authors(
    db: Session, visits: Collection[tuple[int, uuid.UUID]]
) -> dict[tuple[int, uuid.UUID], uuid.UUID]:
    """Whose those of these visits are that are stored already."""
    return {
        (ward_id, visit_id): author_id
        for ward_id, visit_id, author_id in db.connection().execute(_AUTHORS, within(visits))
    }


def _keep(
    db: Session, viewer: Viewer, new: Sequence[_New], blocks: Mapping[Door, int], now: datetime
) -> None:
    """Writes the visits, what their doors come to, and what they count for."""
    cores = core_groups(db)
    at = state.at_doors(db, {each.door for each in new}, cores)
    teams = _teams(db, viewer, {blocks[door] for door in at})
    stood = {door: _told(here) for door, here in at.items()}
    counted: dict[Door, list[tally.Told]] = defaultdict(list)
    visits: list[dict[str, Any]] = []
    for each in new:
        form, (ward_id, household_id) = each.form, each.door
        row = {
            "ward_id": ward_id,
            "id": form.id,
            "household_id": household_id,
            "version": 1,
            "author_id": viewer.person_id,
            "team_id": teams.get(blocks[each.door], next(iter(viewer.team_ids), None)),
            "device_id": each.brought.device_id,
            "saved_at": form.saved_at or now,
            "received_at": each.brought.waited_since or now,
            "voided_at": None,
            **columns(form, each.body, viewer),
        }
        visits.append(row)
        skills = [(int(skill), level) for skill, level in each.body["skills"].items()]
        audiences = [(int(group), people) for group, people in each.body["audiences"].items()]
        counted[each.door].append(
            tally.Told(
                row["visited_on"], row["outcome"], row["people"], row["people_new"], bool(row["odd"]), skills, audiences
            )
        )  # fmt: skip
        at[each.door].add(
            Standing(
                form.id, row["outcome"], row["visited_on"], row["saved_at"], row["come_back_on"], row["five_by_one"],
                row["people"],
            ),
            [Lesson(form.id, skill, level, cores.get(skill), row["visited_on"]) for skill, level in skills],
        )  # fmt: skip
    write_dicts(db, _ADD_VISIT, visits)
    keep_lists(db, [(each.door[0], each.form.id, each.body) for each in new])
    write_dicts(
        db, _ADD_VERSION,
        [version(each.door[0], each.form, each.body, 1, "record", viewer, each.brought.waited_since or now) for each in new],
    )  # fmt: skip
    was = {door: here.ladder for door, here in at.items()}
    ladders = state.keep(db, at)
    ledger.change(
        db,
        tally.growth(
            tally.Grown(door[0], blocks[door], stood[door], counted[door], was[door], ladders[door])
            for door in at
        ),
    )


def _told(here: AtDoor) -> list[tally.Told]:
    """The meetings that stood at a door, as far as a new visit changes what they count for."""
    taught: dict[uuid.UUID, list[tuple[int, int]]] = defaultdict(list)
    for lesson in here.lessons:
        taught[lesson.visit_id].append((lesson.skill_id, lesson.level))
    return [
        tally.Told(visit.visited_on, visit.outcome, visit.people, 0, odd=False, skills=taught[visit.id])
        for visit in here.visits
        if visit.outcome == Outcome.MET
    ]


def _teams(db: Session, viewer: Viewer, blocks: Collection[int]) -> dict[int, uuid.UUID]:
    """For each block the viewer's team that goes there today, the first by id; blocks to which none goes are left out."""
    if not viewer.team_ids:
        return {}
    asked = {"teams": viewer.team_ids, "blocks": sorted(blocks), "day": viewer.today}
    found: dict[int, uuid.UUID] = {}
    for block_id, team_id in db.connection().execute(_GOING, asked):
        found.setdefault(block_id, team_id)
    return found


def columns(form: VisitForm, body: Mapping[str, Any], viewer: Viewer) -> dict[str, Any]:
    """The columns of a visit that its form decides; what doesn't go with the outcome is left out, as in the canonical body."""
    return {
        "outcome": body["outcome"],
        "people": body["people"],
        "people_new": body["people_new"],
        "visited_on": form.visited_on,
        "come_back_on": form.agreed_on if body["come_back_on"] else None,
        "five_by_one": body["five_by_one"],
        "odd": form.odd(viewer.today),
        "note": form.note or None,
    }


def keep_lists(db: Session, visits: Iterable[tuple[int, uuid.UUID, Mapping[str, Any]]]) -> None:
    """Adds the skills and audience groups of visits that have none yet: stored ward, id, and what each says."""
    skills: list[dict[str, Any]] = []
    groups: list[dict[str, Any]] = []
    for ward_id, visit_id, body in visits:
        whose: dict[str, Any] = {"ward_id": ward_id, "visit_id": visit_id}
        skills += [{**whose, "skill_id": int(key), "level": level} for key, level in body["skills"].items()]
        groups += [{**whose, "audience_id": int(key), "people": n} for key, n in body["audiences"].items()]
    write_dicts(db, _ADD_SKILL, skills)
    write_dicts(db, _ADD_AUDIENCE, groups)


def version(
    ward_id: int, form: VisitForm, body: Mapping[str, Any], number: int, op: str, viewer: Viewer, received_at: datetime
) -> dict[str, Any]:  # fmt: skip
    """The columns of this step in a visit's history, without the note: that stands in a column which can be erased."""
    return {
        "ward_id": ward_id,
        "visit_id": form.id,
        "version": number,
        "item": form.item,
        "op": op,
        "base": form.base,
        "body": form.canonical({**body, "note": ""}),
        "reason": "",
        "author_id": viewer.person_id,
        "saved_at": form.saved_at or received_at,
        "received_at": received_at,
    }
