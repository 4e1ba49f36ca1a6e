"""An item done: through the verbs of the pages, so that a visit that waited in a drawer is what it would have been online."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from skills.errors import Conflict
from skills.forms import Form, FormErrors, read, sentence
from skills.group_counts.forms import read_counts
from skills.group_counts.tell import tell_counts
from skills.households.add import add_door
from skills.households.forms import NewDoor
from skills.people.viewer import Viewer
from skills.sync.answers import Result, accepted, hold_back, reject, told
from skills.sync.handing import Handing
from skills.sync.models import HeldState
from skills.sync.wire import Item
from skills.visits.correct import correct_visit
from skills.visits.find import visit_to_change
from skills.visits.forms import VisitForm, VoidForm, read_visit
from skills.visits.merge import merged
from skills.visits.receive import Brought, Taken, follow, give_receipt
from skills.visits.record import record_visit, record_visits
from skills.visits.void import void_visit

_CLOCK_WRONG = timedelta(hours=12)


def record_together(
    handing: Handing, viewer: Viewer, ready: Sequence[tuple[Item, VisitForm]]
) -> list[Result]:
    """Visits of one author as a set: the answers of all. Raises what the first that can't be taken raises, with none written."""
    forms = [form for _, form in ready]
    brought = [Brought(handing.author(item).device_id, item.hash, new=True) for item, _ in ready]
    return [told(taken, "visits") for taken in record_visits(handing.db, viewer, forms, brought)]


def _visit(handing: Handing, viewer: Viewer, item: Item) -> Result:
    form = _read_visit(handing, item)
    if isinstance(form, VisitForm):
        return accepted(
            handing, item, record_visit(handing.db, viewer, form, _brought(handing, item)), "visits"
        )
    return form


def _correction(handing: Handing, viewer: Viewer, item: Item) -> Result:
    form = _read_visit(handing, item)
    if not isinstance(form, VisitForm):
        return form
    db, brought, ward = handing.db, _brought(handing, item), handing.key_ward(item)
    form.base = item.base
    try:
        return accepted(handing, item, correct_visit(db, viewer, ward, item.id, form, brought), "visits")
    except Conflict as clash:
        if clash.code != "newer_version":
            raise
    visit, _door = visit_to_change(db, viewer, *follow(db, ward, item.id))
    together = merged(db, visit, form) if visit.voided_at is None else None
    if together is None:
        code = "same_field" if visit.voided_at is None else "voided"
        return hold_back(
            handing, item, code, HeldState.CONFLICT, visit.version, f"/visits/{visit.ward_id}/{visit.id}"
        )
    taken = correct_visit(db, viewer, ward, item.id, together, brought, said=form.canonical())
    return accepted(handing, item, taken, "visits")


def _void(handing: Handing, viewer: Viewer, item: Item) -> Result:
    """A void wins over what came in between, and can be taken back; of two voids the second changes nothing."""
    form = read(VoidForm, item.typed)
    if isinstance(form, FormErrors) or form.item != item.item:
        return _unlike(handing, item, form)
    db, brought, ward = handing.db, _brought(handing, item), handing.key_ward(item)
    try:
        return accepted(handing, item, void_visit(db, viewer, ward, item.id, form, brought), "visits")
    except Conflict as clash:
        if clash.code != "newer_version":
            raise
    visit, _door = visit_to_change(db, viewer, *follow(db, ward, item.id))
    said = form.canonical(item.id)
    if visit.voided_at is None:
        form.base = visit.version
        taken = void_visit(db, viewer, ward, item.id, form, brought, said=said)
    else:
        taken = Taken(item.item, "accepted", visit.ward_id, visit.id, visit.version)
        give_receipt(db, viewer, ward, said, taken, handing.now, "void", brought)
    return accepted(handing, item, taken, "visits")


def _door(handing: Handing, viewer: Viewer, item: Item) -> Result:
    form = read(
        NewDoor, {name: given for name, given in item.typed.items() if name not in ("item", "saved_at")}
    )
    if isinstance(form, FormErrors) or form.id != item.id:
        return _unlike(handing, item, form)
    door = add_door(handing.db, viewer, form)
    taken = Taken(item.item, "accepted", door.ward_id, door.id, door.version)
    give_receipt(
        handing.db,
        viewer,
        handing.key_ward(item),
        item.text,
        taken,
        handing.now,
        "door",
        _brought(handing, item),
    )
    return accepted(handing, item, taken, "households")


def _counts(handing: Handing, viewer: Viewer, item: Item) -> Result:
    form = read_counts(item.typed, handing.today)
    if isinstance(form, FormErrors) or (form.item, form.id) != (item.item, item.id):
        return _unlike(handing, item, form)
    if item.saved_at is not None:
        form.saved_at = handing.corrected(item, item.saved_at)
    return accepted(
        handing, item, tell_counts(handing.db, viewer, form, _brought(handing, item)), "group-counts"
    )


VERBS: dict[str, Callable[[Handing, Viewer, Item], Result]] = {
    "visit": _visit, "correction": _correction, "void": _void, "door": _door, "group_count": _counts,
}  # fmt: skip


def _unlike(handing: Handing, item: Item, form: Form | FormErrors) -> Result:
    """What is told of a form that can't be read, or that is about something else than the item around it."""
    wrong = form.errors if isinstance(form, FormErrors) else {"": sentence(type(form), "extra_forbidden")}
    return reject(handing, item, "invalid", wrong)


def _read_visit(handing: Handing, item: Item) -> VisitForm | Result:
    """The form of a visit or a correction, its clock put right; or what is told when it can't be read."""
    form = form_of(handing, item)
    if form is None:
        return hold_back(handing, item, "clock")
    return reject(handing, item, "invalid", form.errors) if isinstance(form, FormErrors) else form


def form_of(handing: Handing, item: Item) -> VisitForm | FormErrors | None:
    """The same, nothing written: what is wrong with it, or None for a day that cannot be, on a clock that is wrong."""
    skills, audiences = handing.offered(item)
    form = read_visit(item.typed, skills, audiences, handing.today)
    if isinstance(form, FormErrors):
        days_alone = set(form.errors) <= {"visited_on", "come_back_on"}
        return None if days_alone and _clock_is_wrong(handing, item) else form
    if form.item != item.item or (form.id != item.id and item.op == "visit"):
        return FormErrors({}, {"": sentence(VisitForm, "extra_forbidden")})
    if form.saved_at is not None:
        by_phone = form.saved_at.date()
        if _clock_is_wrong(handing, item) and form.visited_on and abs((form.visited_on - by_phone).days) <= 1:
            return None
        form.saved_at = handing.corrected(item, form.saved_at)
    return form


def _clock_is_wrong(handing: Handing, item: Item) -> bool:
    """Whether the phone that saved this lived on another day."""
    return abs(handing.skew_of(item)) > _CLOCK_WRONG


def _brought(handing: Handing, item: Item) -> Brought:
    return Brought(handing.author(item).device_id, item.hash)
