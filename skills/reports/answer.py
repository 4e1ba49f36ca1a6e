"""A report as another program reads it: JSON with the names of `area.NAMES`, and null where there is no figure."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from sqlmodel import Session

from skills.areas.find import label
from skills.areas.models import Area
from skills.reports.area import AreaReport, Line, count_area, named
from skills.totals.periods import Kind, Period, containing


def totals(db: Session, report: AreaReport, by: str) -> dict[str, Any]:
    """The figures of the area and what they are made of in one way; `by` as in TotalsQuery."""
    told: dict[str, Any] = {
        "area": _area(report.area, report.title) | {"in_force": report.in_force},
        "period": _period(report.period),
        "calendar": report.query.calendar.value,
        "lens": report.query.lens,
        "lens_day": report.lens_day.isoformat(),
        "running": report.running,
        "as_of": report.read_at.isoformat(timespec="seconds"),
        "freshness": {
            "phones": report.fresh.phones,
            "late_phones": report.fresh.late_phones,
            "waiting_visits": report.fresh.waiting_visits,
            "held": report.fresh.held,
        },
        "figures": _figures(report.figures),
        "before": {"period": _period(report.previous), "figures": _figures(report.before)},
    }
    if not report.in_force:
        told["now"] = [_area(area, label(area, report.lens_day)) for area in report.now]
    return told | _by(db, report, by)


def _by(db: Session, report: AreaReport, by: str) -> dict[str, Any]:
    """What the figures are made of; null, not an empty list, for an area without figures."""
    if by == "area":
        rest = report.unallocated
        return {
            "children": [_line(line) for line in report.lines] if report.in_force else None,
            "unallocated": _figures(rest.figures) if rest else None,
        }
    if by == "skill":
        levels = ("introduced", "practised", "alone")
        skills = [
            {
                "code": skill.code,
                "name": skill.title,
                "total": skill.total,
                **dict(zip(levels, skill.levels, strict=True)),
            }
            for skill in report.skills
        ]
        return {"skills": skills if report.in_force else None}
    if by == "audience":
        groups = [{"code": code, "name": name, "people": people} for code, name, people in report.audiences]
        return {"audiences": groups if report.in_force else None}
    if by == "ladder":
        steps = [{"name": step.name, "flow": step.flow, "stock": step.stock} for step in report.ladder]
        return {"ladder": steps if report.in_force else None}
    return {"days": list(_days(db, report)) if report.in_force else None}


def _days(db: Session, report: AreaReport) -> Iterator[dict[str, Any]]:
    """The figures of each day that has begun."""
    last = min(report.period.end, report.today)
    count = (last - report.period.start).days + 1
    days = [containing(report.period.start + timedelta(days=place), Kind.DAY) for place in range(count)]
    found = count_area(db, report.area, days, report.lens_day)
    for day in days:
        yield {"day": day.name, "figures": named(found[day])}


def _line(line: Line) -> dict[str, Any]:
    told: dict[str, Any] = {
        "area": _area(line.area, line.title) if line.area else None,
        "figures": _figures(line.figures),
        "before": _figures(line.before),
        "straddles": line.straddles,
    }
    if line.lines:
        told["children"] = [_line(inner) for inner in line.lines if inner.area]
        rest = next((inner for inner in line.lines if inner.area is None), None)
        told["unallocated"] = _figures(rest.figures) if rest else None
    return told


def _area(area: Area, title: str) -> dict[str, Any]:
    return {"id": area.id, "code": area.code, "name": title, "level": area.level}


def _period(period: Period) -> dict[str, Any]:
    return {
        "name": period.name,
        "kind": period.kind.value,
        "calendar": period.calendar.value,
        "start": period.start.isoformat(),
        "end": period.end.isoformat(),
    }


def _figures(figures: Mapping[str, int] | None) -> dict[str, int] | None:
    return None if figures is None else dict(figures)
