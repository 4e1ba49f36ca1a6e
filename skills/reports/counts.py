"""What a ward lead reads in the report of a residential group beside its figures: the month's counts of the sensitive groups."""

from sqlmodel import Session

from skills.areas.models import Level
from skills.group_counts.find import counts_of
from skills.group_counts.models import GroupCount
from skills.people.permissions import Permission
from skills.people.viewer import Viewer
from skills.reports.area import AreaReport
from skills.totals.periods import Calendar, Kind


def counts_beside(db: Session, viewer: Viewer, report: AreaReport) -> GroupCount | None:
    """The counts of the report's group and civil month; None for anything else, for other readers, and where they may not be shown."""
    of_a_month = report.period.kind is Kind.MONTH and report.period.calendar is Calendar.CIVIL
    if report.area.level != Level.GROUP or not of_a_month or not viewer.may(Permission.ANSWER_TRAY):
        return None
    return counts_of(db, report.area.id, report.period.name, report.today)
