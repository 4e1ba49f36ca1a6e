"""What the visit form needs to be shown: the door, what was taught last time, what can be ticked today, and fresh ids."""

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session

from skills import clock
from skills.catalogue.find import audiences_on, skills_on
from skills.catalogue.models import Audience, Skill
from skills.db import uuid7
from skills.errors import NotFound
from skills.households.find import DoorRow, door_for, door_row
from skills.households.models import Household
from skills.language import gettext as _
from skills.language import ngettext
from skills.people.permissions import Permission
from skills.people.viewer import Viewer
from skills.visits.find import VisitSeen, asks_five, history
from skills.visits.forms import MANY_PEOPLE
from skills.visits.models import Outcome


class Shown(dict[str, Any]):
    """Values or errors by field: a field that nothing was typed into is empty, not an error."""

    def __missing__(self, name: str) -> str:
        return ""


@dataclass(frozen=True)
class Offered:
    """The skills that can be taught and the audience groups that may be asked today, by id, in their order."""

    skills: dict[int, Skill]
    audiences: dict[int, Audience]


@dataclass(frozen=True)
class VisitPage:
    """Everything that `templates/visits/new.html` and `correction.html` show."""

    door: Household
    row: DoorRow
    last: VisitSeen | None  # the last meeting
    last_skills: list[Skill]
    more_skills: list[Skill]
    audiences: list[Audience]
    asks_five: bool
    visit: uuid.UUID  # id of the visit that Save makes or changes
    items: list[uuid.UUID]  # an id of the change for each of the three small forms
    today: date
    values: "Shown"
    errors: "Shown"

    @property
    def many(self) -> int | None:
        """The number of people when it is unlikely enough to ask about, else None."""
        text = str(self.values.get("people", ""))
        return int(text) if text.isdecimal() and len(text) < 7 and int(text) > MANY_PEOPLE else None

    @property
    def groups_told(self) -> bool:
        """Whether the folded part with the audience groups holds something to see."""
        return any(
            name.startswith("audience-") and value not in ("", "0") for name, value in self.values.items()
        ) or any(name.startswith("audience-") for name in self.errors)

    @property
    def skill_lists(self) -> list[tuple[str, list[Skill]]]:
        """The skills to tick: those of the last meeting first, then all others."""
        lists = [(_("Lần trước ở nhà này"), self.last_skills), (_("Kỹ năng khác"), self.more_skills)]
        return [(title, skills) for title, skills in lists if skills]

    @property
    def state_line(self) -> str:
        """What waits at this door: the day agreed, or that nobody was home."""
        row, day = self.row, self.row.follow_up_on
        if day is not None and row.late:
            return ngettext("Trễ hẹn %(num)s ngày", "Trễ hẹn %(num)s ngày", row.late) % {"num": row.late}
        if day is not None:
            return (
                _("Hẹn hôm nay")
                if day == self.today
                else _("Hẹn ngày %(day)s") % {"day": f"{day.day}/{day.month}"}
            )
        if row.away_times:
            return ngettext("Vắng nhà %(num)s lần", "Vắng nhà %(num)s lần", row.away_times) % {
                "num": row.away_times
            }
        return "" if row.last_met_on else _("Chưa thăm")

    def summary(self, language: str) -> dict[str, str]:
        """The errors with the name of their field, for the list at the top of the page."""
        names = {
            "people": _("Số người được hướng dẫn"), "people_new": _("trong đó lần đầu"), "skill": _("Kỹ năng đã dạy"),
            "outcome": _("Kết quả"), "come_back_in": _("Ngày hẹn"), "come_back_on": _("Ngày hẹn"), "note": _("Ghi chú"), "visited_on": _("Ngày thăm"),
        }  # fmt: skip
        names |= {
            f"audience-{group.id}": group.short_vi if language == "vi" else group.short_en
            for group in self.audiences
        }
        return {
            name: f"{names[name]}: {told}" if name in names else told for name, told in self.errors.items()
        }

    @property
    def visited_on(self) -> date | None:
        """The day of the visit as it was typed, when it can be read."""
        try:
            return date.fromisoformat(str(self.values["visited_on"]))
        except ValueError:
            return None


def offered(db: Session, viewer: Viewer) -> Offered:
    """What the catalogue offers today."""
    return Offered(
        {skill.id: skill for skill in skills_on(db, viewer.today)},
        {group.id: group for group in audiences_on(db, viewer.today)},
    )


def visit_page(
    db: Session,
    viewer: Viewer,
    ward_id: int,
    household_id: uuid.UUID,
    values: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
    visit: uuid.UUID | None = None,
) -> VisitPage:
    """The form for a visit at this door, empty or as it was typed. Raises NotFound outside the reach."""
    door = door_for(db, viewer, ward_id, household_id, Permission.LOG_VISITS)
    row = door_row(db, viewer, door)
    catalogue = offered(db, viewer)
    last_skills = [catalogue.skills[skill] for skill in row.last_skills if skill in catalogue.skills]
    return VisitPage(
        door=door,
        row=row,
        last=next((seen for seen in history(db, viewer, door) if seen.outcome == Outcome.MET), None),
        last_skills=last_skills,
        more_skills=[skill for skill in catalogue.skills.values() if skill.id not in row.last_skills],
        audiences=list(catalogue.audiences.values()),
        asks_five=asks_five(db, door, row.cores),
        visit=visit or fresh_id(),
        items=[fresh_id() for _ in range(3)],
        today=viewer.today,
        values=Shown(_PRESET | {"visited_on": str(viewer.today)} if values is None else values),
        errors=Shown(errors or {}),
    )


_PRESET = {"people": "1", "people_new": "0"}  # nothing else that becomes a figure is filled in for anybody


def door_of(fields: Mapping[str, list[str]]) -> tuple[int, uuid.UUID]:
    """The door that a posted form names. Raises NotFound when it names none that could be."""
    try:
        ward_id = int(fields["ward"][-1])
        if not 0 < ward_id < 2**31:
            raise ValueError(ward_id)
        return ward_id, uuid.UUID(fields["household"][-1])
    except (KeyError, IndexError, ValueError):
        raise NotFound("household") from None


def base_of(fields: Mapping[str, list[str]], otherwise: int) -> int:
    """The version that a posted correction was made on, or the one that is stored, when it names none that could be."""
    text = fields.get("base", [""])[-1]
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else otherwise


def fresh_id() -> uuid.UUID:
    """An id minted here, for a form that may be sent without JavaScript."""
    return uuid7(clock.now(), secrets.token_bytes(10))


def as_typed(seen: VisitSeen) -> dict[str, Any]:
    """A stored visit as the fields of its form, for correcting it."""
    typed: dict[str, Any] = {
        "outcome": seen.outcome,
        "people": str(seen.people),
        "people_new": str(seen.people_new),
        "visited_on": str(seen.visited_on),
        "come_back_on": str(seen.come_back_on or ""),
        "note": seen.note or "",
        "skill": [str(skill) for skill in seen.skills],
        "sure": "true" if seen.odd == "people_sure" else "",
        "five_by_one": {True: "true", False: "false", None: ""}[seen.five_by_one],
    }
    typed |= {f"level-{skill}": str(level) for skill, level in seen.skills.items()}
    return typed | {f"audience-{group}": str(people) for group, people in seen.audiences.items()}
