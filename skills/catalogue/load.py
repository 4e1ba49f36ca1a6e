"""Brings the catalogue of the database in line with the files beside this one."""

import csv
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from sqlmodel import Session, select

from skills.catalogue.models import Audience, Skill

_DATA = Path(__file__).parent / "data"


def load(db: Session) -> int:
    """Adds and changes skills and groups, by id, to what the files say; returns how many rows changed.

    Nothing is ever removed: visits refer to these rows. A skill that is no longer taught gets a `valid_to`.
    """
    skills = {skill.id: skill for skill in db.exec(select(Skill))}
    audiences = {audience.id: audience for audience in db.exec(select(Audience))}
    changed = sum([_put(db, row, skills.get(row.id)) for row in _skills()])
    changed += sum([_put(db, row, audiences.get(row.id)) for row in _audiences()])
    db.flush()
    return changed


def _put(db: Session, wanted: Skill | Audience, stored: Skill | Audience | None) -> bool:
    if stored is None:
        db.add(wanted)
        return True
    changes = {name: value for name, value in wanted.model_dump().items() if getattr(stored, name) != value}
    for name, value in changes.items():
        setattr(stored, name, value)
    return bool(changes)


def _skills() -> Iterator[Skill]:
    for line in _lines("skills.csv"):
        yield Skill(
            id=int(line["id"]),
            code=line["code"],
            name_vi=line["name_vi"],
            name_en=line["name_en"],
            short_vi=line["short_vi"],
            short_en=line["short_en"],
            pillar=line["pillar"],
            digcomp=int(line["digcomp"]),
            core=line["core"] or None,
            check_vi=line["check_vi"],
            check_en=line["check_en"],
            sort=int(line["sort"]),
            valid_from=date.fromisoformat(line["valid_from"]),
            valid_to=_day(line["valid_to"]),
            external_ref=line["external_ref"] or None,
        )


def _audiences() -> Iterator[Audience]:
    for line in _lines("audiences.csv"):
        yield Audience(
            id=int(line["id"]),
            code=line["code"],
            name_vi=line["name_vi"],
            name_en=line["name_en"],
            short_vi=line["short_vi"],
            short_en=line["short_en"],
            sensitive=line["sensitive"] == "yes",
            sort=int(line["sort"]),
            valid_from=date.fromisoformat(line["valid_from"]),
            valid_to=_day(line["valid_to"]),
        )


def _lines(name: str) -> Sequence[dict[str, str]]:
    with (_DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _day(written: str) -> date | None:
    return date.fromisoformat(written) if written else None
