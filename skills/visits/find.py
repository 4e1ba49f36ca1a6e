"""Visits as one person may see them: one's own in full, at the doors in reach what happened and what was taught, no note."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import and_, select
from sqlmodel import Session, col

from skills import clock
from skills.audit import reads
from skills.errors import NotAllowed, NotFound
from skills.households.find import door_for, reaches
from skills.households.models import Household
from skills.people.models import Person, Role
from skills.people.permissions import Permission
from skills.people.viewer import Viewer
from skills.visits.models import HouseholdCore, Outcome, Visit, VisitAudience, VisitSkill
from skills.visits.receive import follow
from skills.visits.state import ONE_PERSON

UNDO = timedelta(minutes=1)


@dataclass(frozen=True)
class VisitSeen:
    """A visit as the viewer may see it; `note` is None where it is not theirs to read."""

    ward_id: int
    id: uuid.UUID
    household_id: uuid.UUID
    version: int
    outcome: str
    visited_on: date
    saved_at: datetime
    received_at: datetime
    people: int
    people_new: int
    come_back_on: date | None
    five_by_one: bool | None
    odd: str
    note: str | None
    voided: bool
    author: str
    skills: dict[int, int]
    audiences: dict[int, int]
    may_change: bool

    @property
    def undo_until(self) -> datetime:
        """The moment until which a tap takes it back."""
        return self.received_at + UNDO

    @property
    def can_undo(self) -> bool:
        """Whether that moment has not come yet."""
        return self.may_change and not self.voided and self.version == 1 and clock.now() < self.undo_until


def visit_for(db: Session, viewer: Viewer, ward_id: int, visit_id: uuid.UUID) -> tuple[VisitSeen, Household]:
    """A visit with its door. Raises NotFound when absent or outside the viewer's reach, NotAllowed for who only reads figures."""
    visit, door = stored_visit(db, viewer, ward_id, visit_id)
    over = _over(db, viewer, door)
    _note_reads(db, viewer, [visit], over)
    return _seen(db, viewer, [visit], over)[0], door


def visit_to_change(
    db: Session, viewer: Viewer, ward_id: int, visit_id: uuid.UUID
) -> tuple[Visit, Household]:
    """A stored visit that the viewer may correct or void. Raises NotFound outside the reach, NotAllowed for somebody else's."""
    visit, door = stored_visit(db, viewer, ward_id, visit_id)
    if not (_is_own(viewer, visit) or _over(db, viewer, door)):
        raise NotAllowed("visit")
    return visit, door


def stored_visit(db: Session, viewer: Viewer, ward_id: int, visit_id: uuid.UUID) -> tuple[Visit, Household]:
    """The row of a visit at a door in reach, following where it was carried to."""
    visit = db.get(Visit, follow(db, ward_id, visit_id))
    if visit is None:
        raise NotFound("visit")
    return visit, door_for(db, viewer, visit.ward_id, visit.household_id)


def _is_own(viewer: Viewer, visit: Visit) -> bool:
    """One's own visit, or one of a team that one leads (security matrix: edit, void)."""
    own = visit.author_id == viewer.person_id and viewer.may(Permission.CHANGE_OWN_VISITS)
    team = visit.team_id in viewer.led_team_ids and viewer.may(Permission.CHANGE_TEAM_VISITS)
    return own or team


def _over(db: Session, viewer: Viewer, door: Household) -> bool:
    """Whether the viewer may change every visit at this door: a ward lead, in that ward and nowhere else."""
    return reaches(db, viewer, door, Permission.CHANGE_ANY_VISITS)


def history(db: Session, viewer: Viewer, door: Household) -> list[VisitSeen]:
    """The visits of a door, latest first; voided ones are left out."""
    rows = select(Visit).where(
        col(Visit.ward_id) == door.ward_id, col(Visit.household_id) == door.id, col(Visit.voided_at).is_(None)
    )
    visits = (
        db.execute(rows.order_by(col(Visit.visited_on).desc(), col(Visit.saved_at).desc())).scalars().all()
    )
    over = _over(db, viewer, door)
    _note_reads(db, viewer, visits, over)
    return _seen(db, viewer, visits, over)


def _note_reads(db: Session, viewer: Viewer, visits: Sequence[Visit], over: bool) -> None:
    """Who is shown what somebody else wrote about a home leaves a trace; the author and the leader of the team do their work."""
    for visit in visits:
        if over and visit.note and not _is_own(viewer, visit):
            reads.read(db, visit.ward_id, viewer.person_id, "visit.note", visit.household_id)


def own_visits(db: Session, viewer: Viewer, most: int = 50) -> list[tuple[VisitSeen, Household]]:
    """The viewer's latest visits with their doors, voided ones too, so that nothing seems lost."""
    rows = (
        select(Visit, Household)
        .join(
            Household,
            and_(col(Household.ward_id) == col(Visit.ward_id), col(Household.id) == col(Visit.household_id)),
        )
        .where(col(Visit.author_id) == viewer.person_id)
        .order_by(col(Visit.visited_on).desc(), col(Visit.saved_at).desc())
        .limit(most)
    )
    found = db.execute(rows).all()
    return list(
        zip(
            _seen(db, viewer, [visit for visit, _ in found], over=False),
            [door for _, door in found],
            strict=True,
        )
    )


def has_visited(db: Session, viewer: Viewer) -> bool:
    """Whether the viewer has ever written down a visit."""
    first = select(col(Visit.id)).where(col(Visit.author_id) == viewer.person_id).limit(1)
    return db.execute(first).first() is not None


def asks_five(db: Session, door: Household, cores: str) -> bool:
    """Whether to ask if one person manages all five: the union is complete, and no yes stands yet."""
    return len(cores) == len("DMTAN") and db.get(HouseholdCore, (door.ward_id, door.id, ONE_PERSON)) is None


def _seen(db: Session, viewer: Viewer, rows: Sequence[Visit], over: bool) -> list[VisitSeen]:
    """Visits with their lists and authors, as this viewer may see them; three statements whatever their number."""
    if not rows:
        return []
    skills: dict[tuple[int, uuid.UUID], dict[int, int]] = defaultdict(dict)
    groups: dict[tuple[int, uuid.UUID], dict[int, int]] = defaultdict(dict)
    wards, ids = {visit.ward_id for visit in rows}, [visit.id for visit in rows]
    for taught in db.execute(
        select(VisitSkill).where(col(VisitSkill.ward_id).in_(wards), col(VisitSkill.visit_id).in_(ids))
    ).scalars():
        skills[taught.ward_id, taught.visit_id][taught.skill_id] = taught.level
    for present in db.execute(
        select(VisitAudience).where(
            col(VisitAudience.ward_id).in_(wards), col(VisitAudience.visit_id).in_(ids)
        )
    ).scalars():
        groups[present.ward_id, present.visit_id][present.audience_id] = present.people
    authors = {
        person.id: person
        for person in db.execute(
            select(Person).where(col(Person.id).in_({visit.author_id for visit in rows}))
        ).scalars()
    }
    full_names = viewer.role is Role.WARD_LEAD  # who assigns and asks sees full names (DESIGN, rule 1)
    return [
        VisitSeen(
            ward_id=visit.ward_id,
            id=visit.id,
            household_id=visit.household_id,
            version=visit.version,
            outcome=visit.outcome,
            visited_on=visit.visited_on,
            saved_at=visit.saved_at,
            received_at=visit.received_at,
            people=visit.people,
            people_new=visit.people_new,
            come_back_on=visit.come_back_on,
            five_by_one=visit.five_by_one,
            odd=visit.odd,
            note=visit.note if over or _is_own(viewer, visit) else None,
            voided=visit.voided_at is not None,
            author=authors[visit.author_id].full_name if full_names else authors[visit.author_id].short_name,
            skills=skills[visit.ward_id, visit.id] if visit.outcome == Outcome.MET else {},
            audiences=groups[visit.ward_id, visit.id] if visit.outcome == Outcome.MET else {},
            may_change=over or _is_own(viewer, visit),
        )
        for visit in rows
    ]
