"""Persons come and go: added by an office, given a new password, dismissed. Nobody is ever deleted, visits refer to them."""

import secrets
import uuid
from datetime import date, timedelta
from typing import TypeVar

from sqlmodel import Session, col, select, update

from skills import clock
from skills.areas.models import FOREVER, Area
from skills.db import uuid7
from skills.people import sessions
from skills.people.models import Enrolment, Person, Posting, Role, TeamMember
from skills.people.passwords import hash_password
from skills.people.phones import parse_phone
from skills.text import tidy

PersonsRow = TypeVar("PersonsRow", Posting, TeamMember)


def add_person(
    db: Session,
    full_name: str,
    phone: str,
    role: Role | str,
    area_id: int,
    password: str | None = None,
    language: str = "vi",
    valid_from: date | None = None,
) -> Person:
    """A new person with one posting in force from `valid_from` (today when not given), signed in by their telephone number.

    Without a password they can't sign in until `reset_password`. ValueError: no name, no telephone number, a number
    that somebody has already, an unknown role or an area that is not there.
    """
    number = parse_phone(phone)
    name = tidy(full_name)
    if not name:
        raise ValueError("a person needs a name")
    if number is None:
        raise ValueError(f"{phone} is no telephone number")
    if db.exec(select(Person.id).where(col(Person.phone) == number)).first() is not None:
        raise ValueError(f"{phone} belongs to somebody already")
    if db.get(Area, area_id) is None:
        raise ValueError(f"there is no area {area_id}")
    person = Person(
        id=_new_id(),
        full_name=name,
        phone=number,
        password_hash=None if password is None else hash_password(password),
        language=language,
        created_at=clock.now(),
    )
    db.add(person)
    db.flush()
    db.add(
        Posting(
            id=_new_id(),
            person_id=person.id,
            role=Role(role).value,
            area_id=area_id,
            valid_from=valid_from or clock.today(),
            valid_to=FOREVER,
        )
    )
    db.flush()
    return person


def find_person(db: Session, phone: str) -> Person | None:
    """The person who signs in by that number, however it is written; None when there is none."""
    number = parse_phone(phone)
    if number is None:
        return None
    return db.exec(select(Person).where(col(Person.phone) == number)).first()


def reset_password(db: Session, person: Person, password: str) -> None:
    """Sets a password and ends every session, in case the old one was known to somebody else."""
    person.password_hash = hash_password(password)
    db.add(person)
    db.flush()
    sessions.revoke_all(db, person.id)


def dismiss(db: Session, person: Person) -> None:
    """Ends all postings and team memberships as of today, every session at once, and the right to open phones with a PIN. What they
    recorded stays theirs, and what waits on their phones still comes in. ValueError for the last city administrator."""
    if is_last_administrator(db, person):
        raise ValueError("the last city administrator can't be dismissed: add another one first")
    yesterday = clock.today() - timedelta(days=1)
    for table in (Posting, TeamMember):
        db.execute(
            update(table)
            .where(col(table.person_id) == person.id, col(table.valid_to) > yesterday)
            .values(valid_to=yesterday)
        )
    person.dismissed_at = clock.now()
    db.add(person)
    db.flush()
    sessions.revoke_all(db, person.id)
    db.execute(
        update(Enrolment)
        .where(col(Enrolment.person_id) == person.id, col(Enrolment.revoked_at).is_(None))
        .values(revoked_at=clock.now())
    )


def reinstate(db: Session, person: Person) -> None:
    """Takes a dismissal back: the postings and memberships that it ended go on as of today, with the days between left out. Signing
    in takes the old password, or help from whoever brings people in."""
    if person.dismissed_at is None:
        raise ValueError("nobody takes back what was not done")
    for posting in ended_by_dismissal(db, Posting, person):
        db.add(
            Posting(
                id=_new_id(), person_id=person.id, role=posting.role, area_id=posting.area_id,
                valid_from=clock.today(), valid_to=FOREVER,
            )
        )  # fmt: skip
    for member in ended_by_dismissal(db, TeamMember, person):
        join_team(db, member.team_id, person.id, member.role)
    person.dismissed_at = None
    db.add(person)
    db.flush()


def join_team(db: Session, team_id: uuid.UUID, person_id: uuid.UUID, role: str) -> None:
    """Makes somebody a member as of today, in that place of the team; whoever left it today is in it again."""
    member = db.get(TeamMember, (team_id, person_id, clock.today())) or TeamMember(
        team_id=team_id, person_id=person_id, valid_from=clock.today(), role=role
    )
    member.valid_to, member.role = FOREVER, role
    db.add(member)
    db.flush()


def is_last_administrator(db: Session, person: Person) -> bool:
    """Whether the person is a city administrator today and nobody else is."""
    today = clock.today()
    holders = set(
        db.exec(
            select(Posting.person_id)
            .join(Person, col(Person.id) == col(Posting.person_id))
            .where(
                col(Posting.role) == Role.CITY_ADMIN,
                col(Posting.valid_from) <= today,
                col(Posting.valid_to) >= today,
                col(Person.dismissed_at).is_(None),
            )
        )
    )
    return holders == {person.id}


def ended_by_dismissal(db: Session, table: type[PersonsRow], person: Person) -> list[PersonsRow]:
    """The postings or memberships that somebody had when they were dismissed; none of who was not.

    A row that began on that very day took the place of another that ended on it as well: then only those that began are meant.
    """
    if person.dismissed_at is None:
        return []
    ended = clock.local(person.dismissed_at).date() - timedelta(days=1)
    rows = db.exec(select(table).where(col(table.person_id) == person.id, col(table.valid_to) == ended)).all()
    return [row for row in rows if row.valid_from > ended] or list(rows)


def _new_id() -> uuid.UUID:
    return uuid7(clock.now(), secrets.token_bytes(10))
