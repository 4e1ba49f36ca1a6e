"""Whose phones somebody may look after: their own, those of the team they lead, of the areas they bring people in to, of all."""

import uuid

from sqlmodel import Session, col, select

from skills.areas.find import area_on, lies_within
from skills.areas.models import Level
from skills.errors import NotAllowed, NotFound
from skills.people.models import Person, Posting, Role
from skills.people.permissions import Permission
from skills.people.teams import teams_of
from skills.people.viewer import Viewer


def person_in_reach(db: Session, viewer: Viewer, person_id: uuid.UUID) -> Person:
    """The person. NotFound when there is none or the viewer does not see them; NotAllowed when the viewer sees and only reads."""
    person = db.get(Person, person_id)
    if person is None:
        raise NotFound
    if person_id == viewer.person_id or (viewer.role is Role.CITY_ADMIN and _was_here(db, viewer, person_id)):
        return person
    if viewer.led_team_ids & set(teams_of(db, person_id, viewer.today)):
        return person
    if _works_in(db, viewer, person_id, Permission.INVITE):
        return person
    if _works_in(db, viewer, person_id, Permission.SEE_PEOPLE):
        raise NotAllowed
    raise NotFound


def may_look_after(db: Session, viewer: Viewer, person_id: uuid.UUID) -> bool:
    """Whether the viewer opens the page of that person's phones."""
    try:
        person_in_reach(db, viewer, person_id)
    except (NotAllowed, NotFound):
        return False
    return True


def ward_of(db: Session, viewer: Viewer, person_id: uuid.UUID) -> int:
    """The ward in whose trail it stands what was done to that person's phones; 0 for somebody who belongs to no single ward."""
    wards = {
        area_id
        for area_id in _areas_of(db, viewer, person_id)
        if (area := area_on(db, area_id)) is not None and area.level == Level.WARD
    }
    return wards.pop() if len(wards) == 1 else 0


def _works_in(db: Session, viewer: Viewer, person_id: uuid.UUID, permission: Permission) -> bool:
    reach = viewer.areas(permission)
    return any(lies_within(db, area_id, reach, viewer.today) for area_id in _areas_of(db, viewer, person_id))


def _was_here(db: Session, viewer: Viewer, person_id: uuid.UUID) -> bool:
    """Whether the person was ever posted within the viewer's reach, or never anywhere: phones of who was dismissed may still be lost."""
    ever = set(db.exec(select(Posting.area_id).where(col(Posting.person_id) == person_id)))
    reach = viewer.areas(Permission.INVITE)
    return not ever or any(lies_within(db, area_id, reach, viewer.today) for area_id in ever)


def _areas_of(db: Session, viewer: Viewer, person_id: uuid.UUID) -> list[int]:
    return list(
        db.exec(
            select(Posting.area_id).where(
                col(Posting.person_id) == person_id,
                col(Posting.valid_from) <= viewer.today,
                col(Posting.valid_to) >= viewer.today,
            )
        )
    )
