"""Brings the catalogue of the database in line with the files beside this one."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from sqlmodel import Session, select

from skills.catalogue.models import Audience, Skill

_DATA = Path(__file__).parent / "data"
FIRST_OF_OFFICE = 1001  # numbers below are those of the files


def load(db: Session) -> int:
    """Adds and changes skills and groups, by id, to what the files say; returns how many rows changed.

    What an office changed is the office's: such a row is left as it is, and so is a code that an office took first. Nothing is ever
    removed: visits refer to these rows. A skill that is no longer taught gets a `valid_to`.
    """
    skills = {skill.id: skill for skill in db.exec(select(Skill))}
    audiences = {audience.id: audience for audience in db.exec(select(Audience))}
    changed = sum([_put(db, row, skills) for row in _skills()])
    changed += sum([_put(db, row, audiences) for row in _audiences()])
    db.flush()
    return changed


def _put(db: Session, wanted: Skill | Audience, there: Mapping[int, Skill | Audience]) -> bool:
    stored = there.get(wanted.id)
    if stored is not None and stored.changed_at is not None:
        return False
    if any(other.code == wanted.code and other.id != wanted.id for other in there.values()):
        return False
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
