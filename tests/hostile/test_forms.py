"""The corpus in every field of every form of every page, as everybody who can see the form."""

import pytest
from sqlmodel import col, select

from skills.accounts.forms import SignInForm
from skills.forms import Form
from skills.households.forms import NewDoor
from skills.households.models import Household
from skills.visits.forms import VisitForm, VoidForm
from skills.visits.models import Visit
from tests.client import Page
from tests.hostile.corpus import CANARY
from tests.hostile.enough import AT_LEAST
from tests.hostile.find import Found, FoundForm
from tests.hostile.siege import Siege


@pytest.fixture(scope="module")
def attacked(besieged: Siege) -> Found:
    """What there was to attack; it has been attacked."""
    found = besieged.explore()
    everything(besieged, found)
    return found


def everything(siege: Siege, found: Found) -> None:
    """Each form by whoever saw it first, and briefly by everybody else who may send it."""
    first = forms_of_all(siege, found)
    for form in first:
        siege.attack_form(form)
    for form in {(form.who, form.identity): form for form in found.forms}.values():
        seen_before = any(form.who == each.who and form.identity == each.identity for each in first)
        if form.method == "POST" and not seen_before:
            siege.attack_form(form, briefly=True)


def forms_of_all(siege: Siege, found: Found) -> list[FoundForm]:
    """One of each form, with the one that comes back when a door seems to exist."""
    new_door = next(form for form in found.forms if (form.method, form.to) == ("POST", "/households"))
    found.forms += siege.provoke(new_door, number="K45/12")
    first: dict[object, FoundForm] = {}
    for form in found.forms:
        first.setdefault(form.identity, form)
    # what the practice door is told is stored nowhere: the corpus is spent on the real one first
    return sorted(first.values(), key=lambda form: form.to == "/visits/practice")


def test_nothing_went_wrong(besieged: Siege, attacked: Found) -> None:
    """No error of ours, nothing stored that was refused, nothing shown that was not escaped, nothing typed that was taken away."""
    assert besieged.complaints == []


def test_every_field_of_every_form_was_attacked(besieged: Siege, attacked: Found) -> None:
    """Those that the walk found, those that a form class names, and none of them only in passing."""
    there = {(form.identity, control.name) for form in attacked.forms for control in form.controls}
    assert besieged.fields == there
    assert len({form.identity for form in attacked.forms}) >= 20
    of_classes: list[type[Form]] = [SignInForm, NewDoor, VisitForm, VoidForm]
    named = {name for form in of_classes for name in form.model_fields} - {"skills", "audiences"}
    assert named <= besieged.names  # what these two hold comes as skill, level-… and audience-…
    assert set(besieged.wires) == {form.who for form in attacked.forms}


def test_there_were_thousands(besieged: Siege, attacked: Found) -> None:
    """Most were refused, many were taken; now and then every row of the database was compared."""
    print(f"\n{besieged.sent} hostile requests to forms: {dict(besieged.answered.most_common())}")  # noqa: T201
    assert besieged.sent >= AT_LEAST["forms"]
    assert besieged.answered[422] >= 1000
    assert besieged.answered[303] >= 300
    assert besieged.compared >= 10


def test_everything_that_was_stored_is_shown_as_text(besieged: Siege, attacked: Found) -> None:
    """On every page of everybody and in every file, and whole where it belongs."""
    besieged.explore()
    assert besieged.complaints == []
    hoai = besieged.wires["Hoài"]
    with besieged.app.state.database.reading() as db:
        hers = (col(Visit.author_id) == besieged.person("Hoài"), col(Visit.note).contains(CANARY))
        visits = db.exec(select(Visit).where(*hers)).all()
        doors = db.exec(select(Household).where(col(Household.fold).contains(CANARY))).all()
    assert len(visits) >= 30
    assert len(doors) >= 30
    for visit in visits:
        page = Page(hoai.send("GET", f"/visits/{visit.ward_id}/{visit.id}"))
        assert " ".join(str(visit.note).split()) in page.text
    for door in doors:
        text = Page(hoai.send("GET", f"/households/{door.ward_id}/{door.id}")).text
        assert all(" ".join(part.split()) in text for part in (door.number, door.street, door.room))


@pytest.mark.prove
def test_every_value_in_every_field(besieged_thoroughly: Siege) -> None:
    """The whole corpus, not a share of it."""
    everything(besieged_thoroughly, besieged_thoroughly.explore())
    assert besieged_thoroughly.complaints == []
    assert besieged_thoroughly.sent >= 15_000
