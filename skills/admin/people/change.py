"""Dismiss somebody, take that back, or give another role or area: by whoever stands above them, at both ends of the change."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import func, select
from sqlmodel import Session, col

from skills.admin.people.find import Seen, find_person
from skills.admin.people.forms import Reposting
from skills.areas.find import area_on, picker
from skills.areas.models import Area, Level
from skills.audit import trail
from skills.errors import NotAllowed, NotFound
from skills.forms import FormErrors, sentence
from skills.households.lock import lock_wards
from skills.households.models import DoorState
from skills.invitations.many import revoke_many
from skills.invitations.reach import fits, team_fits
from skills.people import add
from skills.people.grants import GRANTABLE, may_manage
from skills.people.models import Person, Posting, Role, Team
from skills.people.move import RANKS, repost
from skills.people.permissions import PERMISSIONS, Permission
from skills.people.viewer import Viewer
from skills.text import sort_key
from skills.visits.models import Outcome, Visit


@dataclass(frozen=True)
class Effect:
    """What a change touches: homes that wait for somebody to come back whom the person promised it to."""

    follow_ups: int


@dataclass(frozen=True)
class Offered:
    """What somebody may be made of: areas by id, roles of each, and the teams of the area chosen."""

    areas: list[Area]
    roles: list[Role]
    teams: list[Team]


def may_change(db: Session, viewer: Viewer, seen: Seen) -> bool:
    """Whether the viewer stands above everything that the person is; as no role stands above itself, nobody does above themselves."""
    held = _held(db, viewer, seen.person)
    return bool(held) and all(may_manage(db, viewer, Role(posting.role), posting.area_id) for posting in held)


def find_to_change(db: Session, viewer: Viewer, person_id: uuid.UUID, dismissed: bool = False) -> Seen:
    """The person, for whoever may change them. NotFound: out of reach, or dismissed already (`dismissed`: or not). NotAllowed: within
    reach and not below the viewer everywhere they are posted. Its places are those that a change is about."""
    seen = find_person(db, viewer, person_id)
    if not may_change(db, viewer, seen):
        raise NotAllowed
    if (seen.person.dismissed_at is not None) is not dismissed:
        raise NotFound("person")
    held = {posting.id for posting in _held(db, viewer, seen.person)}
    return replace(seen, places=[place for place in seen.places if place.id in held])


def effect_of(db: Session, person: Person) -> Effect:
    """What waits on the person: the latest visits of theirs at which a day was agreed that nobody has kept since."""
    open_ = (
        select(func.count())
        .select_from(Visit)
        .join(
            DoorState,
            (col(DoorState.ward_id) == col(Visit.ward_id))
            & (col(DoorState.household_id) == col(Visit.household_id))
            & (col(DoorState.follow_up_on) == col(Visit.come_back_on)),
        )
        .where(
            col(Visit.author_id) == person.id,
            col(Visit.outcome) == Outcome.COME_BACK,
            col(Visit.voided_at).is_(None),
            col(DoorState.last_on) == col(Visit.visited_on),
        )
    )
    return Effect(db.scalar(open_) or 0)


def dismiss(db: Session, viewer: Viewer, person_id: uuid.UUID) -> None:
    """The person signs in nowhere from now on, whatever they recorded stays. Errors as of `find_to_change`; NotAllowed for the last
    city administrator."""
    seen = find_to_change(db, viewer, person_id)
    if add.is_last_administrator(db, seen.person):
        raise NotAllowed
    revoke_many(db, [waiting.id for waiting in seen.waiting])
    add.dismiss(db, seen.person)
    fields = ("posting", "team_member", *(["invitation"] if seen.waiting else []))
    _tell(db, viewer, "dismissed", person_id, [place.area_id for place in seen.places], fields)


def reinstate(db: Session, viewer: Viewer, person_id: uuid.UUID) -> None:
    """Takes a dismissal back. Errors as of `find_to_change`."""
    seen = find_to_change(db, viewer, person_id, dismissed=True)
    add.reinstate(db, seen.person)
    _tell(
        db,
        viewer,
        "reinstated",
        person_id,
        [place.area_id for place in seen.places],
        ("posting", "team_member"),
    )


def find_posting(
    db: Session, viewer: Viewer, person_id: uuid.UUID, posting_id: uuid.UUID
) -> tuple[Seen, Posting]:
    """A posting in force of a person whom the viewer may change. NotFound for another one's; else as of `find_to_change`."""
    seen = find_to_change(db, viewer, person_id)
    posting = next((each for each in _held(db, viewer, seen.person) if each.id == posting_id), None)
    if posting is None:
        raise NotFound("posting")
    return seen, posting


def offered(db: Session, viewer: Viewer, area_id: int | None) -> Offered:
    """What may be chosen: the areas in which the viewer stands above somebody, and the roles and teams of the one chosen."""
    areas: dict[int, Area] = {}
    roles: dict[int, set[Role]] = {}
    for posted in viewer.postings:
        if Permission.MANAGE_PEOPLE in PERMISSIONS[posted.role]:
            for area, _depth in picker(db, frozenset({posted.area_id}), viewer.today):
                fitting = {role for role in GRANTABLE[posted.role] if fits(db, role, area.id, viewer)}
                if fitting:
                    areas[area.id] = area
                    roles.setdefault(area.id, set()).update(fitting)
    if area_id is not None and area_id not in areas:
        raise NotFound("area")
    chosen = roles.get(area_id or 0, set())
    teams = db.scalars(select(Team).where(col(Team.area_id) == area_id, col(Team.dissolved_on).is_(None)))
    return Offered(
        list(areas.values()),
        [role for role in Role if role in chosen],
        sorted(teams, key=lambda team: sort_key(team.name)),
    )


def change_posting(db: Session, viewer: Viewer, person_id: uuid.UUID, form: Reposting) -> FormErrors | bool:
    """Another role or another area, from today. Both ends have to be within reach and below the viewer.

    NotFound: the person or the new area is out of reach. NotAllowed: either end is not below the viewer. FormErrors: the role is
    not one of that kind of area, or the team is not of it. False: everything was so already, and nothing was changed.
    """
    seen, posting = find_posting(db, viewer, person_id, form.posting)
    left, was = posting.area_id, posting.role
    if form.area not in {area.id for area in offered(db, viewer, None).areas}:
        raise NotFound("area")
    if not fits(db, form.role, form.area, viewer):
        return FormErrors(form.model_dump(), {"role": sentence(Reposting, "level")})
    if not may_manage(db, viewer, form.role, form.area):
        raise NotAllowed
    if form.team is not None and not team_fits(db, viewer, form.team, form.role, form.area):
        return FormErrors(form.model_dump(), {"team": sentence(Reposting, "team")})
    if (left, was) == (form.area, form.role) and form.team in (None, *(team.id for team in seen.teams)):
        return False
    repost(db, posting, form.role, form.area, form.team if form.role in RANKS else None)
    fields = [
        name
        for name, changed in (("role", was != form.role), ("area_id", left != form.area), ("team", form.team))
        if changed
    ]
    _tell(db, viewer, "moved" if left != form.area else "changed", person_id, [left, form.area], fields)
    return True


def _held(db: Session, viewer: Viewer, person: Person) -> list[Posting]:
    """The postings in force today; of who was dismissed those that the dismissal ended."""
    if person.dismissed_at is not None:
        return add.ended_by_dismissal(db, Posting, person)
    query = select(Posting).where(col(Posting.person_id) == person.id)
    query = query.where(col(Posting.valid_from) <= viewer.today, col(Posting.valid_to) >= viewer.today)
    return list(db.scalars(query.order_by(col(Posting.valid_from), col(Posting.id))))


def _tell(
    db: Session,
    viewer: Viewer,
    what: str,
    person_id: uuid.UUID,
    area_ids: Iterable[int],
    fields: Iterable[str],
) -> None:
    """Into the trail of every ward concerned, the lowest first; of what concerns none, into the one of the city."""
    wards = {
        area.id for area in (area_on(db, id) for id in set(area_ids)) if area and area.level == Level.WARD
    }
    lock_wards(db, wards or {0})
    for ward_id in sorted(wards or {0}):
        trail.write(db, ward_id, viewer.person_id, f"person.{what}", person_id, list(fields))
