"""What was taught and to whom, out of any figures: an area's, a team's, one's own."""

from collections import defaultdict
from dataclasses import dataclass

from sqlmodel import Session, col, select

from skills.catalogue.models import Audience, Skill, SkillLevel
from skills.language import current
from skills.totals import measures
from skills.totals.read import Figures


@dataclass(frozen=True)
class Taught:
    """How often a skill was taught, by the level reached: introduced, practised, alone."""

    code: str
    title: str
    levels: tuple[int, int, int]

    @property
    def total(self) -> int:
        """All levels together."""
        return sum(self.levels)


def skills_taught(db: Session, figures: Figures) -> tuple[Taught, ...]:
    """How often each skill was taught, in the order of the catalogue; skills that nobody taught are left out."""
    levels: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for measure, n in figures.items():
        told = measures.skill_of(measure)
        if told is not None:
            skill_id, level = told
            levels[skill_id][level - SkillLevel.INTRODUCED] += n
    skills = db.exec(select(Skill).where(col(Skill.id).in_(levels)).order_by(col(Skill.sort), col(Skill.id)))
    return tuple(
        Taught(skill.code, _in_words(skill.name_vi, skill.name_en), (told[0], told[1], told[2]))
        for skill in skills
        for told in [levels[skill.id]]
    )


def audiences_met(db: Session, figures: Figures) -> tuple[tuple[str, str, int], ...]:
    """How many people of each group; groups overlap and are never added up, and sensitive groups are no visit's business."""
    people = {
        group: n for measure, n in figures.items() if (group := measures.audience_of(measure)) is not None
    }
    groups = db.exec(
        select(Audience)
        .where(col(Audience.id).in_(people), col(Audience.sensitive).is_(False))
        .order_by(col(Audience.sort), col(Audience.id))
    )
    return tuple((group.code, _in_words(group.name_vi, group.name_en), people[group.id]) for group in groups)


def _in_words(vietnamese: str, english: str) -> str:
    return english if current() == "en" else vietnamese
