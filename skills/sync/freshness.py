"""How fresh a figure is: which phones have not sent everything yet, by their own last word, and what waits in the wards' trays."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, exists, func, literal, or_, select, true, union
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from skills import clock
from skills.areas.models import Area, AreaParent, AreaSuccession, Level
from skills.language import gettext as _
from skills.language import ngettext
from skills.people.models import Person, PhoneReport, Posting, Team, TeamGroup, TeamMember
from skills.sync.models import HeldItem, HeldState

WAITING = (HeldState.HELD, HeldState.CONFLICT)  # the states in which an item waits for a ward's answer
SILENT = timedelta(days=7)  # a phone that was not heard from for so long may hold visits that nobody knows of


@dataclass(frozen=True)
class Freshness:
    """What is not in a figure yet, as far as anybody knows."""

    at: datetime
    phones: int
    late_phones: int  # of them those that still had something to send when they were last in contact
    waiting_visits: int  # what those said they had
    held: int  # items in the trays of the wards, stored and not counted

    @property
    def words(self) -> str:
        """What a person reads, without a full stop: when it was read, and what is missing then."""
        local = clock.local(self.at)
        read = _("Tính đến %(clock)s ngày %(day)s")
        read %= {"clock": f"{local:%H:%M}", "day": f"{local:%d/%m/%Y}"}
        return "; ".join(part for part in (read, self.missing) if part)

    @property
    def missing(self) -> str:
        """What is not in the figure yet; parts that are nothing are left out."""
        parts = []
        if self.late_phones:
            late = ngettext(
                "%(num)s trên %(all)s máy chưa gửi", "%(num)s trên %(all)s máy chưa gửi", self.late_phones
            )
            about = ngettext("khoảng %(num)s lượt", "khoảng %(num)s lượt", self.waiting_visits)
            late %= {"num": self.late_phones, "all": self.phones}
            parts.append(f"{late} ({about % {'num': self.waiting_visits}})")
        elif self.phones:
            parts.append(_("mọi máy đã gửi"))
        if self.held:
            waits = ngettext("%(num)s lượt chờ phường xếp chỗ", "%(num)s lượt chờ phường xếp chỗ", self.held)
            parts.append(waits % {"num": self.held})
        return "; ".join(parts)


@dataclass(frozen=True)
class LatePhone:
    """A phone that has something to send, or was not heard from for long."""

    person: str  # the full name
    pending: int
    seen_at: datetime
    silent: bool


def freshness(db: Session, area_id: int, now: datetime) -> Freshness:
    """How fresh the figures of an area are: the phones of who goes out there today, the trays of its wards. One statement beside
    that for the area itself.

    Of a residential group: the phones of the teams that go to it, and the tray of its ward. Of the whole city: every phone, also of who
    goes out no more, for what it holds would come to the city all the same; and so no list of twenty thousand people is made.
    """
    today = clock.local(now).date()
    area = db.get(Area, area_id)
    trays: Any = tray_ids([area_id], today)
    people: Any = col(PhoneReport.person_id).in_(people_of([area_id], today))
    if area is not None and area.level in (Level.CITY, Level.PROVINCE):
        trays, people = union(trays, select(literal(0))), true()  # 0: of who belongs to no ward
    return _asked(db, people, col(HeldItem.tray_id).in_(trays), now)


def own_freshness(db: Session, person_ids: Collection[uuid.UUID], now: datetime) -> Freshness:
    """The same for the figures of some people: their own phones, and what they saved that waits in a tray."""
    people = list(person_ids)
    return _asked(db, col(PhoneReport.person_id).in_(people), col(HeldItem.author_id).in_(people), now)


def late_phones(db: Session, area_ids: Collection[int], now: datetime, most: int = 50) -> list[LatePhone]:
    """The phones of these areas that are late or silent: those with something to send first, the longest unheard of before others."""
    today = clock.local(now).date()
    rows = (
        select(col(Person.full_name), col(PhoneReport.pending), col(PhoneReport.seen_at))
        .join(Person, col(Person.id) == col(PhoneReport.person_id))
        .where(
            col(PhoneReport.person_id).in_(people_of(area_ids, today)),
            or_(col(PhoneReport.pending) > 0, col(PhoneReport.seen_at) <= now - SILENT),
        )
        .order_by(case((col(PhoneReport.pending) > 0, 0), else_=1), col(PhoneReport.seen_at), col(Person.id))
        .limit(most)
    )
    return [
        LatePhone(name, pending, seen_at, seen_at <= now - SILENT)
        for name, pending, seen_at in db.execute(rows)
    ]


def people_of(area_ids: Collection[int], day: date) -> Any:
    """A query for the ids of who is posted on that day in one of these areas or in a ward inside, or goes out with a team there."""
    wards = _wards_in(area_ids, day)
    of_teams = (
        select(col(TeamMember.person_id))
        .join(Team, col(Team.id) == col(TeamMember.team_id))
        .where(
            or_(
                col(Team.area_id).in_(wards),
                col(Team.id).in_(
                    select(col(TeamGroup.team_id)).where(
                        col(TeamGroup.group_id).in_(area_ids), _on(TeamGroup, day)
                    )
                ),
            ),
            or_(col(Team.dissolved_on).is_(None), col(Team.dissolved_on) > day),
            _on(TeamMember, day),
        )
    )
    posted = select(col(Posting.person_id)).where(col(Posting.area_id).in_(wards), _on(Posting, day))
    return union(of_teams, posted)


def tray_ids(area_ids: Collection[int], day: date) -> Any:
    """A query for the wards in whose trays something may lie that the figures of these areas would grow by: those that went into
    their wards too, and of a residential group its ward."""
    above = select(col(AreaParent.parent_id)).where(col(AreaParent.area_id).in_(area_ids), _edge(day))
    group = aliased(Area)
    of_a_group = exists().where(col(group.id).in_(area_ids), col(group.level) == Level.GROUP)
    wards = _wards_in(area_ids, day, and_(col(Area.id).in_(above), of_a_group)).cte("tray", recursive=True)
    earlier = select(col(AreaSuccession.from_id)).join(wards, wards.c.id == col(AreaSuccession.to_id))
    return select(wards.union(earlier).c.id)


def _asked(db: Session, people: Any, trays: Any, now: datetime) -> Freshness:
    device, pending = col(PhoneReport.device_id), col(PhoneReport.pending)
    phones = (
        select(
            func.count(device.distinct()).label("phones"),
            func.count(case((pending > 0, device)).distinct()).label("late"),
            func.coalesce(func.sum(pending), 0).label("pending"),
        )
        .where(people)
        .subquery()
    )
    held = select(func.count()).where(trays, col(HeldItem.state).in_(WAITING)).scalar_subquery()
    known, late, waiting, waits = db.execute(
        select(phones.c.phones, phones.c.late, phones.c.pending, held)
    ).one()
    return Freshness(now, known, late, int(waiting), waits)


def _wards_in(area_ids: Collection[int], day: date, *more: Any) -> Any:
    """The wards among these areas, or right below them, or below what is right below them, or of which something more is true."""
    given = [int(area_id) for area_id in area_ids]
    below = select(col(AreaParent.area_id)).where(col(AreaParent.parent_id).in_(given), _edge(day))
    further = select(col(AreaParent.area_id)).where(col(AreaParent.parent_id).in_(below), _edge(day))
    return select(col(Area.id)).where(
        col(Area.level) == Level.WARD,
        _on(Area, day),
        or_(col(Area.id).in_(given), col(Area.id).in_(below), col(Area.id).in_(further), *more),
    )


def _edge(day: date) -> Any:
    """Where a ward that straddles two districts is counted."""
    return and_(_on(AreaParent, day), col(AreaParent.is_primary).is_(True))


def _on(table: Any, day: date) -> Any:
    return and_(col(table.valid_from) <= day, col(table.valid_to) >= day)
