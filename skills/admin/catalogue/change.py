"""Change the catalogue: add, word anew, begin and end on a day. Nothing is ever removed: visits refer to a skill for ever.

Other words are the same skill: what it was called before is kept beside it. Another meaning is another skill, from a day on. So code,
pillar, core group and area of DigComp are said once.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from sqlmodel import Session, select

from skills import clock
from skills.admin.catalogue.find import Entry, entries, entry, when
from skills.admin.catalogue.forms import (
    AudienceForm,
    DatesForm,
    Kind,
    SkillForm,
    WordingForm,
    fits,
    off_the_door,
)
from skills.audit import trail
from skills.catalogue.load import FIRST_OF_OFFICE
from skills.catalogue.models import Audience, FormerWording, Skill
from skills.errors import NotAllowed
from skills.forms import Form, FormErrors, sentence
from skills.households.lock import lock_wards
from skills.people.viewer import Viewer
from skills.text import fold

CITY = 0  # the chain of what concerns no single ward


def add(db: Session, viewer: Viewer, kind: Kind, form: SkillForm | AudienceForm) -> Entry | FormErrors:
    """A new skill or group from a day on; or what to correct. A skill that it stands in for ends the day before."""
    lock_wards(db, [CITY])
    wrong = fits(form.valid_from, viewer.today)
    if wrong:
        return _wrong(form, "valid_from", wrong)
    there = entries(db, kind)
    if any(each.code == form.code for each in there):
        return _wrong(form, "code", "code_taken")
    former = _instead_of(db, form)
    if isinstance(form, SkillForm) and form.instead_of is not None:
        if former is None or when(former, viewer.today) == "over":
            return _wrong(form, "", "instead_of:*")
        if form.valid_from <= max(former.valid_from, viewer.today):
            return _wrong(form, "valid_from", "not_today")
    unfit = _unfit(there, kind, form, viewer.today, aside=former)
    if unfit:
        return unfit
    made = _made(max(FIRST_OF_OFFICE, *(each.id + 1 for each in there)), form)
    db.add(made)
    if former is not None:
        former.valid_to = form.valid_from - timedelta(days=1)
        _changed(db, viewer, "skills", former, ["valid_to"], "ended")
    _changed(db, viewer, kind, made, ["code", *form.texts(), "valid_from"], "added")
    return made


def reword(db: Session, viewer: Viewer, kind: Kind, entry_id: int, form: WordingForm) -> Entry | FormErrors:
    """Other words or another place in the list, from now on; or what to correct. Raises NotFound, and NotAllowed for a sensitive group."""
    lock_wards(db, [CITY])
    found = to_change(db, kind, entry_id)
    unfit = _unfit(entries(db, kind), kind, form, viewer.today, own=found)
    if unfit:
        return unfit
    texts = form.texts()
    before = {name: getattr(found, name) for name in texts}
    changed = [name for name, text in texts.items() if before[name] != text]
    if changed:
        db.add(FormerWording(of=kind, of_id=found.id, replaced_at=clock.now(), **before))
    if found.sort != form.sort:
        changed.append("sort")
    for name, value in {**texts, "sort": form.sort}.items():
        setattr(found, name, value)
    if changed:
        _changed(db, viewer, kind, found, changed, "reworded")
    return found


def date_anew(db: Session, viewer: Viewer, kind: Kind, entry_id: int, form: DatesForm) -> Entry | FormErrors:
    """Another first day, as long as it has not begun, and another last one; or what to correct. Raises as `reword`."""
    lock_wards(db, [CITY])
    found = to_change(db, kind, entry_id)
    if when(found, viewer.today) == "over":
        return _wrong(form, "", "over")
    first = form.valid_from or found.valid_from
    code = _first_day(found, first, viewer.today)
    if code:
        return _wrong(form, "valid_from", code)
    last = form.valid_to
    code = "" if last is None else "order" if last < first else fits(last, viewer.today)
    if not code and last is not None and isinstance(found, Skill) and _is_last_of_core(db, found, last):
        code = "last_of_core"
    if code:
        return _wrong(form, "valid_to", code)
    days = {"valid_from": first, "valid_to": last}
    changed = [name for name, day in days.items() if getattr(found, name) != day]
    found.valid_from, found.valid_to = first, last
    if changed:
        _changed(db, viewer, kind, found, changed, "dated")
    return found


def to_change(db: Session, kind: Kind, entry_id: int) -> Entry:
    """The skill or group that somebody wants to change. Raises NotFound, and NotAllowed for a sensitive group."""
    found = entry(db, kind, entry_id)
    if isinstance(found, Audience) and found.sensitive:
        raise NotAllowed("sensitive")  # neither its words nor its days make it one that is asked at a door
    return found


def _first_day(found: Entry, first: date, today: date) -> str:
    if first == found.valid_from:
        return ""
    return "begun" if found.valid_from <= today else fits(first, today)


def _is_last_of_core(db: Session, skill: Skill, last: date) -> bool:
    """Whether its core group would have no skill the day after: nobody could manage all five any more."""
    if skill.core is None:
        return False
    others = db.exec(select(Skill).where(Skill.core == skill.core, Skill.id != skill.id)).all()
    day = last + timedelta(days=1)
    return not any(when(other, day) == "now" for other in others)


def _instead_of(db: Session, form: SkillForm | AudienceForm) -> Skill | None:
    named = form.instead_of if isinstance(form, SkillForm) else None
    return db.get(Skill, named) if named else None


def _unfit(
    there: Sequence[Entry], kind: Kind, form: WordingForm, today: date, own: Entry | None = None, aside: Entry | None = None
) -> FormErrors | None:  # fmt: skip
    """What is wrong with the words: a sensitive group under another name, or a name that another one has."""
    texts = form.texts()
    if kind == "audiences" and off_the_door(*texts.values()):
        return _wrong(form, "name_vi", "sensitive")
    others = [each for each in there if each not in (own, aside) and when(each, today) != "over"]
    for name in ("name_vi", "short_vi", "name_en", "short_en"):
        if any(fold(getattr(each, name)) == fold(texts[name]) for each in others):
            return _wrong(form, name, "same_words")
    return None


def _made(number: int, form: SkillForm | AudienceForm) -> Entry:
    """The new row. Numbers of offices begin far above those of the files, so that no later release means another skill by one."""
    common = {
        "id": number,
        "code": form.code,
        "sort": form.sort,
        "valid_from": form.valid_from,
        **form.texts(),
    }
    if isinstance(form, AudienceForm):
        return Audience.model_validate({**common, "sensitive": False})
    core = form.core.value if form.core else None
    return Skill.model_validate(
        {**common, "pillar": form.pillar.value, "digcomp": form.digcomp, "core": core}
    )


def _changed(db: Session, viewer: Viewer, kind: Kind, found: Entry, fields: list[str], what: str) -> None:
    found.changed_at = clock.now()
    db.add(found)
    db.flush()
    noun = "skill" if kind == "skills" else "audience"
    trail.write(db, CITY, viewer.person_id, f"catalogue.{noun}_{what}", found.code, fields)


def _wrong(form: Form, name: str, code: str) -> FormErrors:
    values: Mapping[str, object] = form.model_dump(mode="json")
    return FormErrors(dict(values), {name: sentence(type(form), code)})
