"""How far somebody may look into the trail, and whose names they may see there."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, case, func, literal
from sqlmodel import Session, col, select

from skills.areas.blocks import blocks_on
from skills.areas.find import city, lies_within
from skills.areas.models import Area, AreaBlock
from skills.audit.models import AuditHead
from skills.people.models import Person, Posting, Team
from skills.people.permissions import Permission
from skills.people.teams import members_of
from skills.people.viewer import Viewer

NO_WARD = 0  # the chain of what concerns no single ward


@dataclass(frozen=True)
class Scope:
    """The chains that somebody may look into, and whose lines there; None: everybody's."""

    wards: tuple[int, ...]
    people: frozenset[uuid.UUID] | None


def scope_of(db: Session, viewer: Viewer) -> Scope:
    """An office reads the chains of the wards within its area, and of no single ward when that is the whole city; who goes from door to
    door, what they did and what was done to them, where they were ever posted; the leader of a team, the same of its members."""
    chains = db.execute(select(col(AuditHead.ward_id)).order_by(col(AuditHead.ward_id))).scalars().all()
    reach = viewer.areas(Permission.READ_AUDIT)
    if not reach:
        own = members_of(db, viewer.led_team_ids, viewer.today) if viewer.led_team_ids else set()
        posted = db.execute(select(col(Posting.area_id)).where(col(Posting.person_id) == viewer.person_id))
        here = {NO_WARD, *posted.scalars()}
        return Scope(tuple(ward for ward in chains if ward in here), frozenset({viewer.person_id, *own}))
    within = all_within(db, chains, reach, viewer.today)
    if lies_within(db, city(db, viewer.today).id, reach, viewer.today):
        within.add(NO_WARD)
    return Scope(tuple(ward for ward in chains if ward in within), None)


def all_within(db: Session, area_ids: Collection[int], reach: Collection[int], day: date) -> set[int]:
    """Those of the areas that lie within the reach as `lies_within` understands it: all that they hold, or held on their last day."""
    here = blocks_on(reach, day).subquery()
    last = case((col(Area.valid_to) < day, col(Area.valid_to)), else_=literal(day))
    held = (
        select(AreaBlock.area_id)
        .join(
            Area,
            and_(
                col(Area.id) == col(AreaBlock.area_id),
                col(AreaBlock.valid_from) <= last,
                col(AreaBlock.valid_to) >= last,
            ),
        )
        .outerjoin(here, col(AreaBlock.block_id) == here.c.block_id)
        .where(col(AreaBlock.area_id).in_(area_ids))
        .group_by(col(AreaBlock.area_id))
        .having(func.count() == func.count(here.c.block_id))
    )
    return set(db.exec(held))


def names_seen(db: Session, viewer: Viewer, scope: Scope, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The names of those of these ids that are people or teams whom the viewer may see: posted within reach at any time, or in the
    viewer's team."""
    if not ids:
        return {}
    reach = viewer.areas(Permission.READ_AUDIT)
    people = db.execute(select(Person.id, Person.full_name).where(col(Person.id).in_(ids))).all()
    if scope.people is not None:
        return {person_id: full_name for person_id, full_name in people if person_id in scope.people}
    posted = db.execute(
        select(Posting.person_id, Posting.area_id).where(col(Posting.person_id).in_(ids))
    ).all()
    teams = db.execute(select(Team.id, Team.area_id, Team.name).where(col(Team.id).in_(ids))).all()
    places = {place for _, place in posted} | {place for _, place, _ in teams}
    within = all_within(db, places, reach, viewer.today) if places else set()
    seen = {person_id for person_id, place in posted if place in within} | {viewer.person_id}
    return {person_id: full_name for person_id, full_name in people if person_id in seen} | {
        team_id: name for team_id, place, name in teams if place in within
    }
