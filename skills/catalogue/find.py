"""What the catalogue holds on a day."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import bindparam
from sqlmodel import Session, col, or_, select

from skills.catalogue.models import Audience, Skill
from skills.db import table_of
from skills.errors import NotFound

_SKILL = table_of(Skill)
_CORES = select(_SKILL.c.id, _SKILL.c.core).where(_SKILL.c.core.is_not(None))
_AUDIENCE = table_of(Audience)
_OFFERED_SKILLS = select(_SKILL.c.id).where(
    _SKILL.c.valid_from <= bindparam("day"),
    or_(_SKILL.c.valid_to.is_(None), _SKILL.c.valid_to >= bindparam("day")),
)
_OFFERED_GROUPS = select(_AUDIENCE.c.id).where(
    _AUDIENCE.c.valid_from <= bindparam("day"),
    or_(_AUDIENCE.c.valid_to.is_(None), _AUDIENCE.c.valid_to >= bindparam("day")),
    _AUDIENCE.c.sensitive.is_(False),
)


def skills_on(db: Session, day: date) -> Sequence[Skill]:
    """The skills taught on that day, in the order of the catalogue."""
    return db.exec(
        select(Skill)
        .where(col(Skill.valid_from) <= day, or_(col(Skill.valid_to).is_(None), col(Skill.valid_to) >= day))
        .order_by(col(Skill.sort), col(Skill.id))
    ).all()


def offered_on(db: Session, day: date) -> tuple[frozenset[int], frozenset[int]]:
    """The ids of the skills and of the groups that a visit of that day may name."""
    connection, asked = db.connection(), {"day": day}
    return (
        frozenset(connection.execute(_OFFERED_SKILLS, asked).scalars()),
        frozenset(connection.execute(_OFFERED_GROUPS, asked).scalars()),
    )


def core_groups(db: Session) -> dict[int, str]:
    """The core group (a letter of DMTAN) of each skill that is in one, taught today or formerly."""
    return dict(map(tuple, db.connection().execute(_CORES)))


def audiences_on(db: Session, day: date, *, with_sensitive: bool = False) -> Sequence[Audience]:
    """The groups of that day, in order; the sensitive ones, which no visit may name, only when asked for."""
    query = select(Audience).where(
        col(Audience.valid_from) <= day, or_(col(Audience.valid_to).is_(None), col(Audience.valid_to) >= day)
    )
    if not with_sensitive:
        query = query.where(col(Audience.sensitive).is_(False))
    return db.exec(query.order_by(col(Audience.sort), col(Audience.id))).all()


def skill_by_code(db: Session, code: str) -> Skill:
    """The skill with that code, taught today or formerly. Raises NotFound."""
    skill = db.exec(select(Skill).where(Skill.code == code)).first()
    if skill is None:
        raise NotFound(code)
    return skill
