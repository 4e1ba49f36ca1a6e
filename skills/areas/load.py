"""Brings the map of the database in line with the files beside this one, and never disturbs what offices changed since."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

from sqlmodel import Session, select

from skills.areas.blocks import give, rebuild
from skills.areas.models import BEGINNING, FOREVER, Area, AreaParent, AreaSuccession, Block, Level
from skills.db import table_of
from skills.text import fold, sort_key

_DATA = Path(__file__).parent / "data"
_LAST_DISTRICT_DAY = date(2025, 6, 30)  # the district level was abolished on 01/07/2025
_WORDS = (
    "code",
    "level",
    "kind",
    "name",
    "short_name",
    "fold",
    "sort_key",
    "lat",
    "lon",
    "area_km2",
    "cluster_from",
)


def load(db: Session) -> int:
    """Adds the areas, parents, successions and blocks that are missing; returns how many rows were written.

    Words and figures of an area that is there already are brought up to date. Its days, its parents and where its blocks lie
    stay as they are: a reorganisation may have changed them. Loading twice changes nothing.
    """
    lines = _lines("areas.csv")
    areas = {area.id: area for area in map(_area, lines)}
    successions = _successions()
    written = _put_areas(db, areas.values())
    written += _add_missing(db, [*_parents_by_law(lines), *_reporting_districts(lines)])
    written += _add_missing(db, successions)
    written += _put_blocks(db, areas, successions)
    return written + rebuild(db)


def _put_areas(db: Session, areas: Iterable[Area]) -> int:
    stored = {area.id: area for area in db.exec(select(Area))}
    written = 0
    for area in areas:
        here = stored.get(area.id)
        changes = (
            [] if here is None else [name for name in _WORDS if getattr(here, name) != getattr(area, name)]
        )
        for name in changes:
            setattr(here, name, getattr(area, name))
        if here is None:
            db.add(area)
        written += here is None or bool(changes)
    db.flush()
    return written


def _area(line: dict[str, str]) -> Area:
    return Area(
        id=int(line["id"]),
        code=line["code"],
        level=Level(line["level"]),
        kind=line["kind"],
        name=line["name"],
        short_name=line["short_name"],
        fold=fold(line["name"]),
        sort_key=sort_key(line["short_name"]),
        valid_from=_day(line["valid_from"], BEGINNING),
        valid_to=_day(line["valid_to"], FOREVER),
        cluster_from=date.fromisoformat(line["cluster_from"]) if line["cluster_from"] else None,
        lat=_number(line["lat"]),
        lon=_number(line["lon"]),
        area_km2=_number(line["area_km2"]),
    )


def _parents_by_law(lines: Iterable[dict[str, str]]) -> list[AreaParent]:
    """Ward in district and district in city or province until 30/06/2025; ward in city since."""
    return [
        AreaParent(
            area_id=int(line["id"]),
            parent_id=int(line["parent_id"]),
            valid_from=_day(line["valid_from"], BEGINNING),
            valid_to=_LAST_DISTRICT_DAY if line["cluster_from"] else _day(line["valid_to"], FOREVER),
        )
        for line in lines
        if line["parent_id"]
    ]


def _reporting_districts(lines: Iterable[dict[str, str]]) -> list[AreaParent]:
    """Former districts as the city reports by them: each in the city, and each ward in one of them or (five) in two."""
    today = next(line["id"] for line in lines if line["level"] == Level.CITY and not line["valid_to"])
    districts = [
        AreaParent(
            area_id=int(line["id"]), parent_id=int(today), valid_from=_day(line["cluster_from"], BEGINNING)
        )
        for line in lines
        if line["cluster_from"]
    ]
    wards = [
        AreaParent(
            area_id=int(line["ward_id"]),
            parent_id=int(line["cluster_id"]),
            valid_from=_day(line["valid_from"], BEGINNING),
            is_primary=line["is_primary"] == "yes",
        )
        for line in _lines("clusters.csv")
    ]
    return districts + wards


def _successions() -> list[AreaSuccession]:
    return [
        AreaSuccession(
            from_id=int(line["from_id"]),
            to_id=int(line["to_id"]),
            effective_on=date.fromisoformat(line["effective_on"]),
            kind=line["kind"],
            share=_number(line["share"]),
        )
        for line in _lines("successions.csv")
    ]


def _add_missing(db: Session, rows: Sequence[AreaParent] | Sequence[AreaSuccession]) -> int:
    """Adds the rows whose key isn't stored yet."""
    table = table_of(type(rows[0]))
    there = {tuple(key) for key in db.execute(select(*table.primary_key.columns))}
    missing = [
        row for row in rows if tuple(getattr(row, column.name) for column in table.primary_key) not in there
    ]
    db.add_all(missing)
    db.flush()
    return len(missing)


def _put_blocks(db: Session, areas: dict[int, Area], successions: Sequence[AreaSuccession]) -> int:
    """Blocks that are missing, each given to the wards that it lay in through the eras; a remainder is given to none."""
    lines = _lines("blocks.csv")
    there = set(db.exec(select(Block.id)).all())
    missing = [line for line in lines if int(line["id"]) not in there]
    for line in missing:
        origin = int(line["refined_from"]) if line["refined_from"] else None
        db.add(Block(id=int(line["id"]), refined_from=origin, label=line["label"], level=Level.WARD))
    db.flush()
    next_areas: dict[int, list[int]] = defaultdict(list)
    for step in successions:
        next_areas[step.from_id].append(step.to_id)
    cut = {line["refined_from"] for line in lines}
    rows = [
        (
            area.id,
            int(line["id"]),
            area.valid_from,
            min(area.valid_to, _LAST_DISTRICT_DAY) if area.cluster_from else area.valid_to,
        )
        for line in missing
        if line["id"] not in cut
        for area in _through_the_eras(line, areas, next_areas)
    ]
    give(db, rows)
    return len(missing) + len(rows)


def _through_the_eras(
    line: dict[str, str], areas: dict[int, Area], next_areas: dict[int, list[int]]
) -> Iterator[Area]:
    """The areas that a block lay in, one after another; where a ward was cut, the line says where this piece went."""
    area_id = int(line["area_id"])
    yield areas[area_id]
    while following := next_areas.get(area_id):
        area_id = following[0] if len(following) == 1 else int(line["then_area_id"])
        yield areas[area_id]


def _lines(name: str) -> list[dict[str, str]]:
    with (_DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _day(written: str, otherwise: date) -> date:
    return date.fromisoformat(written) if written else otherwise


def _number(written: str) -> float | None:
    return float(written) if written else None
