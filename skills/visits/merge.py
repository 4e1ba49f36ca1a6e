"""Two changes made on the same version of a visit: put together where they touch different things, told apart where they don't."""

import json
import uuid
from datetime import date
from typing import Any

from sqlmodel import Session

from skills.visits.forms import VisitForm
from skills.visits.models import Outcome, Visit, VisitVersion

_OF_A_MEETING = ("people", "people_new", "five_by_one")


def merged(db: Session, visit: Visit, form: VisitForm) -> VisitForm | None:
    """The correction put on top of what the visit says now, or None when both changed the same thing, or a note, of which
    no version is kept. What comes out can be true: no group is larger than the total."""
    base, now = _told(db, visit, form.base), _told(db, visit, visit.version)
    if base is None or now is None or (form.note or None) != visit.note:
        return None
    mine = _flat(form.body())
    changed_here = {name for name in mine.keys() | base.keys() if mine.get(name) != base.get(name)}
    changed_there = {name for name in now.keys() | base.keys() if now.get(name) != base.get(name)}
    if changed_here & changed_there or "outcome" in changed_here | changed_there:
        return None
    whole = now | {name: mine.get(name) for name in changed_here}
    together = form.model_copy(update=_fields(whole) | {"base": visit.version})
    return together if _can_be(together) else None


def _told(db: Session, visit: Visit, version: int) -> dict[str, Any] | None:
    row = db.get(VisitVersion, (visit.ward_id, visit.id, version))
    return _flat(json.loads(row.body)) if row is not None and row.op != "void" else None


def _flat(body: dict[str, Any]) -> dict[str, Any]:
    """Each skill and each group is a thing of its own; the note is left out."""
    flat = {
        name: value
        for name, value in body.items()
        if name not in ("skills", "audiences", "note", "id", "base")
    }
    for kind in ("skills", "audiences"):
        flat |= {f"{kind}.{key}": value for key, value in body[kind].items()}
    return flat


def _fields(flat: dict[str, Any]) -> dict[str, Any]:
    """The values of the form's fields again. The door is not among them: both sides agree on it, or it is the form's."""
    fields: dict[str, Any] = {name: flat[name] for name in _OF_A_MEETING}
    for kind in ("skills", "audiences"):
        parts = {name.partition(".")[2]: value for name, value in flat.items() if name.startswith(kind + ".")}
        fields[kind] = {int(key): value for key, value in parts.items() if value is not None}
    fields |= {
        "household": uuid.UUID(flat["household"]),
        "visited_on": date.fromisoformat(flat["visited_on"]),
    }
    fields |= {"come_back_on": flat["come_back_on"] and date.fromisoformat(flat["come_back_on"])}
    return fields | {"come_back_in": None, "sure": flat["sure"]}


def _can_be(form: VisitForm) -> bool:
    people = form.people or 0
    largest = max([form.people_new, *form.audiences.values()], default=0)
    return form.outcome is not Outcome.MET or largest <= people
