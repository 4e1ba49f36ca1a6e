"""A volunteer's own figures, and for a team leader the team's: exact counts, never added up to a ward.

Two volunteers may have met the same household, so the figures of persons and teams overlap.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from skills.areas.find import label
from skills.areas.models import Area
from skills.language import gettext as _
from skills.people.models import Team
from skills.people.permissions import Permission
from skills.people.teams import members_of
from skills.people.viewer import Viewer
from skills.reports import titles
from skills.reports.area import named
from skills.reports.forms import PeriodQuery
from skills.reports.taught import Taught, audiences_met, skills_taught
from skills.sync.freshness import Freshness, own_freshness
from skills.totals.periods import Period
from skills.totals.read import Figures
from skills.visits import exact


@dataclass(frozen=True)
class Share:
    """The figures of one person or one team, with the period before."""

    title: str
    figures: Mapping[str, int]
    before: Mapping[str, int]
    skills: tuple[Taught, ...]
    audiences: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True)
class OwnReport:
    """What somebody who goes from door to door reads about it."""

    query: PeriodQuery
    period: Period
    previous: Period
    running: bool
    fresh: Freshness
    teams: tuple[Share, ...]
    own: Share
    groups: tuple[tuple[int, str], ...]  # residential groups whose report may be read: id and name

    @property
    def shares(self) -> tuple[Share, ...]:
        """The teams' figures, then one's own."""
        return (*self.teams, self.own)

    @property
    def period_title(self) -> str:
        """The period in words."""
        return titles.title(self.period)

    @property
    def previous_title(self) -> str:
        """The period that it is compared with, in words."""
        return titles.title(self.previous)


def own_report(db: Session, viewer: Viewer, query: PeriodQuery, today: date, read_at: datetime) -> OwnReport:
    """The viewer's own figures; those of their teams first, for whom that may be read."""
    period = query.chosen(today)
    previous = period.before()
    teams: list[Share] = []
    people = {viewer.person_id}
    if viewer.may(Permission.READ_TEAM_FIGURES) and viewer.led_team_ids:
        people |= members_of(db, viewer.led_team_ids, today)
        for team in db.exec(
            select(Team).where(col(Team.id).in_(viewer.led_team_ids)).order_by(col(Team.name))
        ).all():
            now, before = (exact.of_team(db, team.id, one) for one in (period, previous))
            teams.append(_share(db, team.name, now, before))
    now, before = (exact.of_person(db, viewer.person_id, one) for one in (period, previous))
    groups = db.exec(
        select(Area).where(col(Area.id).in_(viewer.group_ids)).order_by(col(Area.sort_key), col(Area.id))
    )
    return OwnReport(
        query, period, previous, period.start <= today <= period.end, own_freshness(db, people, read_at),
        teams=tuple(teams),
        own=_share(db, _("Của tôi"), now, before),
        groups=tuple((group.id, label(group, today)) for group in groups if group.in_force(today)),
    )  # fmt: skip


def _share(db: Session, title: str, now: Figures, before: Figures) -> Share:
    return Share(title, named(now), named(before), skills_taught(db, now), audiences_met(db, now))
