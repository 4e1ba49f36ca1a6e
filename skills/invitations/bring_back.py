"""Help somebody back in, face to face: who forgot the PIN, lost the phone, or has five wrong tries behind them."""

import uuid
from dataclasses import dataclass

from sqlmodel import Session, col, select

from skills.accounts.second_factor.set_up import is_set_up
from skills.areas.find import area_on
from skills.areas.models import Level
from skills.errors import NotAllowed, NotFound
from skills.invitations.invite import Invited, still_open, store
from skills.invitations.models import Invitation, Kind
from skills.invitations.reach import may_return, postings_of, sees_person
from skills.people.models import Person, Role
from skills.people.sessions import in_office
from skills.people.teams import team_of
from skills.people.viewer import Viewer


@dataclass(frozen=True)
class Known:
    """Somebody who is to come back in, as they are today."""

    person: Person
    role: Role
    area_id: int
    team_id: uuid.UUID | None
    second_factor: bool  # a code is asked of them besides the password, until the card is used

    @property
    def in_office(self) -> bool:
        """Whether they come back with a password, and had no PIN."""
        return in_office(self.role)


def find_known(db: Session, viewer: Viewer, person_id: uuid.UUID) -> Known:
    """The person, for whoever may help them back in. NotFound: out of reach, dismissed, or absent. NotAllowed: within reach, and
    not below the viewer everywhere that they are posted."""
    person = db.get(Person, person_id)
    if person is None or not sees_person(db, viewer, person):
        raise NotFound("person")
    if not may_return(db, viewer, person):
        raise NotAllowed
    posting = postings_of(db, person, viewer)[0]
    team = team_of(db, person.id, viewer.today)
    area = area_on(db, posting.area_id)
    in_ward = area is not None and area.level == Level.WARD
    return Known(
        person,
        Role(posting.role),
        posting.area_id,
        team.id if team and in_ward else None,
        is_set_up(db, person.id),
    )


def invite_back(db: Session, viewer: Viewer, person_id: uuid.UUID) -> Invited:
    """An invitation with which the person sets a new PIN or password; one that was open for them before is over with it.

    Nothing of theirs ends until it is used. Errors as of `find_known`.
    """
    known = find_known(db, viewer, person_id)
    before = db.exec(
        select(Invitation).where(
            col(Invitation.person_id) == person_id, col(Invitation.kind) == Kind.RETURN, *still_open()
        )
    )
    person = known.person
    return store(
        db,
        viewer,
        before.all(),
        Kind.RETURN,
        person.full_name,
        person.phone,
        known.role,
        known.area_id,
        known.team_id,
        person.id,
    )
