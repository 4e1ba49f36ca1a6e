"""The whole catalogue as an office reads it: what is taught today, what is planned, what is over and still named by old visits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from skills.admin.catalogue.forms import Kind
from skills.catalogue.models import Audience, FormerWording, Skill
from skills.errors import NotFound

Entry = Skill | Audience


@dataclass(frozen=True)
class Catalogue:
    """Both lists, each with what holds today, what will, and what is over."""

    skills: Sequence[Skill]
    planned_skills: Sequence[Skill]
    former_skills: Sequence[Skill]
    audiences: Sequence[Audience]
    planned_audiences: Sequence[Audience]
    former_audiences: Sequence[Audience]
    sensitive: Sequence[Audience]


def catalogue(db: Session, day: date) -> Catalogue:
    """Everything, in the order of the catalogue."""
    skills = db.exec(select(Skill).order_by(col(Skill.sort), col(Skill.id))).all()
    groups = db.exec(select(Audience).order_by(col(Audience.sort), col(Audience.id))).all()
    asked = [group for group in groups if not group.sensitive]
    return Catalogue(
        skills=[each for each in skills if when(each, day) == "now"],
        planned_skills=[each for each in skills if when(each, day) == "later"],
        former_skills=[each for each in skills if when(each, day) == "over"],
        audiences=[each for each in asked if when(each, day) == "now"],
        planned_audiences=[each for each in asked if when(each, day) == "later"],
        former_audiences=[each for each in asked if when(each, day) == "over"],
        sensitive=[group for group in groups if group.sensitive],
    )


def entry(db: Session, kind: Kind, entry_id: int) -> Entry:
    """A skill or a group, of any time. Raises NotFound."""
    found = db.get(Skill, entry_id) if kind == "skills" else db.get(Audience, entry_id)
    if found is None:
        raise NotFound(str(entry_id))
    return found


def entries(db: Session, kind: Kind) -> Sequence[Entry]:
    """All skills, or all groups, of any time."""
    return db.exec(select(Skill)).all() if kind == "skills" else db.exec(select(Audience)).all()


def former_wordings(db: Session, kind: Kind, entry_id: int) -> Sequence[FormerWording]:
    """How it was called before, the latest first."""
    return db.exec(
        select(FormerWording)
        .where(FormerWording.of == kind, FormerWording.of_id == entry_id)
        .order_by(col(FormerWording.replaced_at).desc())
    ).all()


def when(each: Entry, day: date) -> str:
    """ "now", "later" or "over"."""
    if each.valid_from > day:
        return "later"
    return "over" if each.valid_to is not None and each.valid_to < day else "now"
