"""What an item in the tray says, read with the readers of the pages; a ward lead may put it at another door or on another day."""

import json
import uuid
from datetime import date

from sqlmodel import Session

from skills import clock
from skills.catalogue.find import audiences_on, skills_on
from skills.coverage.forms import Door
from skills.forms import FormErrors, by_name, read
from skills.group_counts.forms import CountForm, read_counts
from skills.households.forms import NewDoor
from skills.sync.models import HeldItem
from skills.visits.forms import VisitForm, VoidForm, read_visit

Said = VisitForm | VoidForm | NewDoor | CountForm | FormErrors


def read_held(
    db: Session, held: HeldItem, today: date, door: Door | None = None, visited_on: date | None = None
) -> Said:
    """The item as the form that its verb takes, or what is wrong with it. `door` and `visited_on` stand in for what it says
    itself; without them a visit whose clock was wrong was on the day it was received."""
    typed = fields_of(held)
    if held.op in ("visit", "correction"):
        return _visit(db, held, typed, today, door, visited_on)
    own = {"item": [str(held.item)], "base": [str(held.base)]}
    if held.op == "void":
        form = read(VoidForm, typed | own)
        return form.model_copy(update={"saved_at": held.saved_at}) if isinstance(form, VoidForm) else form
    if held.op == "door":
        sent = {name: given for name, given in typed.items() if name in NewDoor.model_fields}
        return read(NewDoor, sent | {"id": [str(held.fact_id)]})
    counts = read_counts(typed | own | {"id": [str(held.fact_id)]}, today)
    return counts.model_copy(update={"saved_at": held.saved_at}) if isinstance(counts, CountForm) else counts


def fields_of(held: HeldItem) -> dict[str, list[str]]:
    """The fields as the phone sent them, by name; none once the item was answered."""
    return by_name((name, value) for name, value in json.loads(held.fields or "[]"))


def door_of(held: HeldItem) -> Door | None:
    """The door that a visit or a correction names, as it was sent; None when it names none that could be."""
    typed = fields_of(held)
    try:
        return int(typed["ward"][-1]), uuid.UUID(typed["household"][-1])
    except (KeyError, IndexError, ValueError):
        return None


def day_of(held: HeldItem) -> date:
    """The day it was saved, as far as that can be known: never after it was received, which stands in for a clock that is wrong."""
    if held.code == "clock":
        return clock.local(held.received_at).date()
    return clock.local(min(held.saved_at, held.received_at)).date()


def _visit(
    db: Session,
    held: HeldItem,
    typed: dict[str, list[str]],
    today: date,
    door: Door | None,
    visited_on: date | None,
) -> VisitForm | FormErrors:
    saved = day_of(held)
    fields = typed | {"item": [str(held.item)], "id": [str(held.fact_id)], "base": [str(held.base)]}
    if door is not None:
        fields |= {"ward": [str(door[0])], "household": [str(door[1])]}
    if visited_on is not None or held.code == "clock" or not any(fields.get("visited_on", [])):
        fields |= {"visited_on": [str(visited_on or saved)]}
    days = {today, min(saved, today)}
    skills = {skill.id: skill for day in days for skill in skills_on(db, day)}
    audiences = {group.id: group for day in days for group in audiences_on(db, day)}
    form = read_visit(fields, skills, audiences, today)
    if isinstance(form, VisitForm):
        form.saved_at = held.saved_at
    return form
