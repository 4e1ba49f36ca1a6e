"""Whatever is sent about a visit is a visit or a sentence beside a field; what was read and sent again is the same visit."""

import json
import uuid
from datetime import date
from typing import Any

from hypothesis import strategies as st

from skills.forms import FormErrors
from skills.visits.forms import VisitForm, read_visit
from skills.visits.models import Outcome
from tests.examples import for_every
from tests.vietnamese import ANYTHING, DAYLIKE, NAMES, typed_days

TODAY = date(2026, 8, 28)
SKILLS = {1: "", 2: "", 17: ""}
AUDIENCES = {1: "", 4: ""}

SMALL = st.integers(-1, 30).map(str) | st.sampled_from(["", "1.5", "hai", "1_0", "٣", "9" * 10_000])
SENT = st.fixed_dictionaries(
    {
        "ward": st.just("7") | SMALL,
        "household": st.just(str(uuid.UUID(int=1))) | ANYTHING,
        "item": st.just(str(uuid.UUID(int=2))),
        "id": st.just(str(uuid.UUID(int=3))),
        "outcome": st.sampled_from(["met", "met", "absent", "declined", "come_back", "moved"]),
    },
    optional={
        "people": SMALL,
        "people_new": SMALL,
        "note": NAMES | ANYTHING | st.just("a" * 501),
        "visited_on": typed_days().map(lambda pair: pair[1]) | st.sampled_from(["2026-08-28", "1/8/2026", "29/8/26"]),
        "come_back_on": typed_days().map(lambda pair: pair[1]) | DAYLIKE | st.just("2026-09-01"),
        "come_back_in": SMALL,
        "five_by_one": st.sampled_from(["", "1", "0", "yes", "no", "maybe"]),
        "saved_at": st.sampled_from(["2026-08-28T09:00:00Z", "2026-08-28T09:00:00", "now", "9" * 10_000]) | ANYTHING,
        "base": SMALL,
        "sure": st.sampled_from(["", "1", "on", "x"]),
        "audience-1": SMALL,
        "audience-4": SMALL,
        "audience-9": SMALL,
        "level-1": st.sampled_from(["", "1", "2", "3", "4", "x"]),
        "level-17": st.sampled_from(["1", "2", "3"]),
    },
)  # fmt: skip
TICKED = st.lists(st.sampled_from(["1", "2", "17", "17", "3", "x", "01", "١"]), max_size=4)
LIKELY = st.builds(lambda said, ticked: {name: [told] for name, told in said.items()} | {"skill": ticked}, SENT, TICKED)  # fmt: skip
NAMES_SENT = st.sampled_from(["ward", "outcome", "skill", "note", "people", "visited_on", "level-1", "audience-1", "audience-", "level-"])  # fmt: skip
ANYHOW = st.dictionaries(NAMES_SENT | ANYTHING, st.lists(ANYTHING | SMALL, max_size=3), max_size=6)


def sent_again(form: VisitForm) -> dict[str, list[str]]:
    """The fields that a page would send of a visit that was read."""
    said: dict[str, Any] = {
        "ward": form.ward,
        "household": form.household,
        "item": form.item,
        "id": form.id,
        "base": form.base,
        "outcome": form.outcome.value,
        "people": form.people,
        "people_new": form.people_new,
        "visited_on": form.visited_on,
        "come_back_on": form.agreed_on,
        "note": form.note,
        "sure": "1" if form.sure else "",
        "five_by_one": "" if form.five_by_one is None else int(form.five_by_one),
    }
    fields = {name: [str(told)] for name, told in said.items() if told is not None}
    fields["skill"] = [str(skill) for skill in form.skills]
    fields |= {f"level-{skill}": [str(int(level))] for skill, level in form.skills.items()}
    return fields | {f"audience-{group}": [str(n)] for group, n in form.audiences.items()}


@for_every("read_visit", typed=LIKELY | ANYHOW)
def test_whatever_is_sent_is_a_visit_or_a_sentence(typed: dict[str, list[str]]) -> None:
    form = read_visit(typed, SKILLS, AUDIENCES, TODAY)
    if isinstance(form, FormErrors):
        assert form.errors
        assert all(form.errors.values())
        known = VisitForm.model_fields.keys() | typed.keys() | {"skill", ""}
        assert form.errors.keys() <= known
        return
    assert form.visited_on is not None
    assert form.visited_on <= TODAY
    assert form.agreed_on is None or form.agreed_on >= form.visited_on
    assert form.skills.keys() <= SKILLS.keys()
    assert form.audiences.keys() <= AUDIENCES.keys()
    if form.outcome is Outcome.MET:
        assert form.people is not None
        assert max([form.people_new, *form.audiences.values()]) <= form.people
    body = json.loads(form.canonical().encode())
    if form.outcome is not Outcome.MET:
        assert (body["people"], body["skills"], body["audiences"], body["five_by_one"]) == (0, {}, {}, None)


@for_every("read_visit", typed=LIKELY)
def test_a_visit_sent_again_as_it_was_read_says_the_same(typed: dict[str, list[str]]) -> None:
    """So that a page shown again, or a copy out of a drawer, is the same item with the same content."""
    form = read_visit(typed, SKILLS, AUDIENCES, TODAY)
    if isinstance(form, VisitForm):
        again = read_visit(sent_again(form), SKILLS, AUDIENCES, TODAY)
        assert isinstance(again, VisitForm), again
        assert again.canonical() == form.canonical()
        assert again.odd(TODAY) == form.odd(TODAY)


@for_every("read_visit", typed=LIKELY, place=st.integers(0, 40), twice=st.booleans())
def test_what_was_typed_is_kept_beside_its_error(
    typed: dict[str, list[str]], place: int, twice: bool
) -> None:
    name = sorted(typed)[place % len(typed)]
    changed = typed | {name: typed[name] * (1 + twice), "no such field": ["x"]}
    form = read_visit(changed, SKILLS, AUDIENCES, TODAY)
    assert isinstance(form, FormErrors)
    assert form.errors[""]
    for field, given in changed.items():
        if given:
            assert form.values[field] == (given if field == "skill" else given[-1])
