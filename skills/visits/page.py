"""What the visit form needs to be shown: the door, what was taught last time, what can be ticked today, and fresh ids."""

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlmodel import Session

from skills import clock
from skills.catalogue.find import audiences_on, skills_on
from skills.catalogue.models import Audience, Skill, SkillLevel
from skills.db import uuid7
from skills.errors import NotFound
from skills.households.find import DoorRow, door_for, door_row
from skills.households.models import Mark
from skills.language import gettext as _
from skills.people.permissions import Permission
from skills.people.viewer import Viewer
from skills.visits.find import VisitSeen, asks_five
from skills.visits.forms import MANY_PEOPLE

Practice = Literal["", "open", "done"]  # a form to learn on, and that it was saved: kept nowhere


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

    row: DoorRow
    last_skills: list[Skill]
    more_skills: list[Skill]
    audiences: list[Audience]
    asks_five: bool
    visit: uuid.UUID  # id of the visit that Save makes or changes
    items: list[uuid.UUID]  # an id of the change for each of the three small forms
    today: date
    values: "Shown"
    errors: "Shown"
    practice: Practice = ""

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
        row=row,
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


def practice_page(db: Session, viewer: Viewer, done: bool) -> VisitPage:
    """The form at a door that is not there, to learn on: nothing is kept. `done`: after its Save."""
    catalogue = offered(db, viewer)
    return VisitPage(
        row=DoorRow(
            ward_id=0, id=uuid.UUID(int=0), block_id=0, street=_("Ghi thử"), number="123", room="", is_business=False,
            mark=Mark.TODO, last_on=None, last_outcome="", last_at=None, last_met_on=None, away_times=0,
            follow_up_on=None, last_skills=(), alone_skills=0, cores="", lane="", heading=_("Nhà ghi thử"), late=0,
        ),
        last_skills=[],
        more_skills=list(catalogue.skills.values()),
        audiences=list(catalogue.audiences.values()),
        asks_five=False,
        visit=fresh_id(),
        items=[fresh_id() for _ in range(3)],
        today=viewer.today,
        values=Shown(_PRESET | {"visited_on": str(viewer.today)}),
        errors=Shown(),
        practice="done" if done else "open",
    )  # fmt: skip


_PRESET = {"people": "1", "people_new": "0"}  # nothing else that becomes a figure is filled in for anybody


def words() -> dict[str, Any]:
    """What outcomes and levels are called in the current language, as templates are given them."""
    return {
        "outcomes": {
            "met": _("Gặp"), "absent": _("Vắng nhà"), "declined": _("Từ chối"), "come_back": _("Hẹn lại")
        },
        "levels": {int(level): _(level.label) for level in SkillLevel},
    }  # fmt: skip


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
