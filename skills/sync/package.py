"""What a phone takes along into the field: the doors of its person, and what can be ticked at them.

Enough to show every page of the daily work without a network, and no more: no name of a household, no telephone number, no note.
Rows are lists under column names that are said once, and what most doors lack stands last and is left off.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from skills import clock
from skills.areas.blocks import blocks_on
from skills.areas.models import Area, AreaBlock, AreaParent, Level
from skills.catalogue.find import audiences_on
from skills.catalogue.models import Core, Skill
from skills.db import table_of
from skills.households.find import DoorRow, count_marks, doors_of, folds_of, groups_of, progress
from skills.language import gettext, speaking
from skills.people.permissions import Permission
from skills.people.viewer import Viewer
from skills.visits.find import has_visited
from skills.visits.models import HouseholdCore, Visit
from skills.visits.state import ONE_PERSON

MOST_DOORS = 2_000  # with more, a phone takes only those where somebody is expected today
OWN_VISITS = timedelta(days=14)
DOORS = (
    "ward", "id", "group", "place", "number", "room", "is_business", "fold", "mark", "last_on", "last_outcome", "last_at",
    "last_met_on", "away_times", "follow_up_on", "last_skills", "alone_skills", "cores",
)  # fmt: skip
VISITS = (
    "ward",
    "id",
    "household",
    "version",
    "outcome",
    "people",
    "people_new",
    "visited_on",
    "come_back_on",
    "saved_at",
)
_EMPTY: tuple[Any, ...] = (None, 0, "", [])


def package(db: Session, viewer: Viewer) -> dict[str, Any]:
    """The package of a viewer who sees doors, as JSON can say it. Days and moments are ISO; `at` is when it was made.

    `groups`: residential groups with doors, done, due; `places`: street, lane, heading; a door names both by their place in these
    lists. `whole` is False when there are too many doors: then those whose follow-up is due are in it.
    """
    groups = groups_of(db, viewer)
    done = progress(db, viewer)
    whole = 0 not in done or done[0].doors <= MOST_DOORS
    rows = doors_of(db, viewer, due_only=not whole)[:MOST_DOORS]
    wards = _wards(db, viewer, [group.id for group in groups])
    places = list(dict.fromkeys((row.street, row.lane, row.heading) for row in rows))
    counted = [done.get(group.id) for group in groups]
    return {
        "at": clock.local(clock.now()).isoformat(timespec="seconds"),
        "person": {"id": str(viewer.person_id), "name": viewer.full_name, "role": str(viewer.role), "leads": bool(viewer.led_team_ids)},
        "wide": bool(viewer.areas(Permission.SEE_DOORS) - viewer.group_ids),
        "whole": whole,
        "newcomer": not has_visited(db, viewer),
        "marks": {} if whole else dict(count_marks(db, viewer)),
        "place": _place(db, viewer),
        "all": [done[0].doors, done[0].done, done[0].due] if 0 in done else [0, 0, 0],
        "groups": [
            [group.id, group.name, group.short_name, *wards.get(group.id, (0, "")), *((told.doors, told.done, told.due) if told else (0, 0, 0))]
            for group, told in zip(groups, counted, strict=True)
        ],
        "places": places,
        "columns": DOORS,
        "doors": _doors(db, viewer, rows, [group.id for group in groups], places),
        "visit_columns": VISITS,
        "visits": _own_visits(db, viewer),
        **_catalogue(db, viewer),
    }  # fmt: skip


def written(told: dict[str, Any]) -> tuple[str, str]:
    """The package as text, and its tag: the same as long as nothing but the moment differs."""
    said = json.dumps(told | {"at": ""}, ensure_ascii=False, separators=(",", ":"))
    tag = f'"{hashlib.sha256(said.encode()).hexdigest()[:32]}"'
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")), tag


def _doors(
    db: Session,
    viewer: Viewer,
    rows: Sequence[DoorRow],
    groups: Sequence[int],
    places: Sequence[tuple[str, str, str]],
) -> list[list[Any]]:
    """The rows in walking order, each as long as it has something to say."""
    folds = folds_of(db, viewer)
    of_blocks = _groups_of_blocks(db, viewer, groups)
    one_person = _one_person(db, rows)
    place_of = {place: n for n, place in enumerate(places)}
    group_of = {group: n for n, group in enumerate(groups)}
    found = []
    for row in rows:
        key = (row.ward_id, row.id)
        line = [
            row.ward_id, str(row.id), group_of.get(of_blocks.get(row.block_id, 0), -1), place_of[row.street, row.lane, row.heading],
            row.number, row.room, int(row.is_business), folds[key], row.mark, _iso(row.last_on), row.last_outcome,
            clock.local(row.last_at).isoformat(timespec="seconds") if row.last_at else None, _iso(row.last_met_on), row.away_times,
            _iso(row.follow_up_on), list(row.last_skills), row.alone_skills, row.cores + (ONE_PERSON if key in one_person else ""),
        ]  # fmt: skip
        while line[-1] in _EMPTY:
            line.pop()
        found.append(line)
    return found


def _one_person(db: Session, rows: Sequence[DoorRow]) -> set[tuple[int, Any]]:
    """Those of the doors at which one person manages all five core groups: asked only where all five are managed."""
    complete = [row for row in rows if len(row.cores) == len(Core)]
    steps = select(col(HouseholdCore.ward_id), col(HouseholdCore.household_id)).where(
        col(HouseholdCore.ward_id).in_({row.ward_id for row in complete}),
        col(HouseholdCore.household_id).in_([row.id for row in complete]),
        col(HouseholdCore.core) == ONE_PERSON,
    )
    return {(ward, door) for ward, door in db.execute(steps)} if complete else set()


def _groups_of_blocks(db: Session, viewer: Viewer, groups: Sequence[int]) -> dict[int, int]:
    """The residential group of each block, among the viewer's."""
    rows = select(col(AreaBlock.block_id), col(AreaBlock.area_id)).where(
        col(AreaBlock.area_id).in_(groups),
        col(AreaBlock.valid_from) <= viewer.today,
        col(AreaBlock.valid_to) >= viewer.today,
        col(AreaBlock.block_id).in_(blocks_on(viewer.areas(Permission.SEE_DOORS), viewer.today)),
    )
    return {block: group for block, group in db.execute(rows)}  # noqa: C416


def _wards(db: Session, viewer: Viewer, groups: Sequence[int]) -> dict[int, tuple[int, str]]:
    """The ward of each residential group today: its id and its short name."""
    rows = (
        select(col(AreaParent.area_id), col(Area.id), col(Area.short_name))
        .join(Area, col(Area.id) == col(AreaParent.parent_id))
        .where(
            col(AreaParent.area_id).in_(groups),
            col(Area.level) == Level.WARD,
            col(AreaParent.valid_from) <= viewer.today,
            col(AreaParent.valid_to) >= viewer.today,
        )
    )
    return {group: (ward, name) for group, ward, name in db.execute(rows)}


def _place(db: Session, viewer: Viewer) -> str:
    """What the viewer's own area is called; of several the first; "" for who has none."""
    names = select(col(Area.short_name)).where(col(Area.id).in_(viewer.areas(Permission.SEE_DOORS)))
    return db.scalars(names.order_by(col(Area.sort_key)).limit(1)).first() or ""


def _own_visits(db: Session, viewer: Viewer) -> list[list[Any]]:
    """The viewer's visits of the last days that stand, latest first."""
    visit = table_of(Visit).c
    rows = (
        select(*(visit[name] for name in ("ward_id", "id", "household_id", *VISITS[3:])))
        .where(
            visit.author_id == viewer.person_id,
            visit.visited_on >= viewer.today - OWN_VISITS,
            visit.voided_at.is_(None),
        )
        .order_by(visit.visited_on.desc(), visit.saved_at.desc())
    )
    return [
        [
            ward,
            str(id_),
            str(door),
            *numbers,
            _iso(on),
            _iso(back),
            clock.local(saved).isoformat(timespec="seconds"),
        ]
        for ward, id_, door, *numbers, on, back, saved in db.execute(rows)
    ]


def _catalogue(db: Session, viewer: Viewer) -> dict[str, list[list[Any]]]:
    """What can be ticked, in both languages. A skill that is not taught any more is still named: it was taught somewhere."""
    day = viewer.today
    skills = db.scalars(select(Skill).order_by(col(Skill.sort), col(Skill.id)))
    groups = audiences_on(db, day)
    return {
        "skills": [
            [skill.id, skill.short_vi, skill.short_en, skill.core or "", int(_taught(skill, day))] for skill in skills
        ],
        "audiences": [[group.id, group.short_vi, group.short_en] for group in groups],
        "cores": [[str(core), core.label, english] for core, english in zip(Core, _in_english(Core), strict=True)],
    }  # fmt: skip


def _taught(skill: Skill, day: Any) -> bool:
    return skill.valid_from <= day and (skill.valid_to is None or skill.valid_to >= day)


def _in_english(cores: Iterable[Core]) -> list[str]:
    with speaking("en"):
        return [gettext(core.label) for core in cores]


def _iso(day: Any) -> str | None:
    return None if day is None else str(day)
