"""What may be typed: no form has a field that says who somebody is, and whatever no form knows is refused."""

import importlib
import pkgutil
import uuid
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

import skills
from skills.db import Row
from skills.forms import Form, FormErrors, read
from skills.tables import ALL
from tests.test_gates import walk

# Who somebody is, where they belong, and what the server says of a row: never taken from a form …
PROTECTED = {
    "role", "roles", "posting", "permissions", "area", "area_id", "team", "team_id", "teams", "person", "person_id", "author", "author_id",
    "created_by", "recorded_by", "answered_by", "device_id", "state", "status", "received_at", "created_at", "voided_at", "dismissed_at",
    "answered_at", "approved", "version", "ward_id", "household_id", "tray_id", "password_hash", "token_hash", "pin_hash", "odd",
}  # fmt: skip
# … and what names an object that has to lie within reach: each field is listed with the check that guards it.
POINTS = PROTECTED | {
    "ward",
    "household",
    "group",
    "door",
    "groups",
    "members",
    "leader",
    "id",
    "visit",
    "item",
    "base",
}
GUARDED = {
    "VisitForm.ward": "with household", "VisitForm.household": "doors_for, door_for: LOG_VISITS there", "VisitForm.id": "minted by the phone; _authors: one's own or Conflict",
    "VisitForm.item": "minted by the phone; seen_before: from the same author or Conflict", "VisitForm.base": "equals the stored version or Conflict",
    "VoidForm.item": "seen_before", "VoidForm.base": "equals the stored version or Conflict",
    "NewDoor.group": "_place: ADD_DOORS there", "NewDoor.id": "minted by the page; add_door: the same door or Conflict",
    "CountForm.group": "group_to_tell: LOG_VISITS there", "CountForm.id": "minted by the page", "CountForm.item": "seen_before", "CountForm.base": "said, and not read",
    "Acceptance.door": "door_for: ANSWER_TRAY there", "Move.ward": "wards_of_city: a ward of the city",
    "ReportQuery.area": "area_for: all of it within reach", "FileQuery.area": "area_for", "TotalsQuery.area": "area_for",
    "PeriodQuery.area": "area_for",
    "NewInvitation.role": "may_grant in may_invite", "NewInvitation.area": "reaches, then may_grant in may_invite",
    "NewInvitation.team": "team_fits, then may_grant in may_invite", "SwitchForm.person": "try_pin: enrolled on that very phone, proven by their PIN (no may_grant: it is oneself)",
    "SheetOf.area": "ward_to_fill", "Reposting.posting": "find_posting: a posting of the person of the address",
    "Reposting.role": "may_grant as may_manage", "Reposting.area": "offered, then may_grant as may_manage", "Reposting.team": "team_fits, after may_grant as may_manage",
    "PostingOf.posting": "find_posting",
    "TeamForm.ward": "wards_to_manage", "JoinForm.person": "may_join: posted in the team's own ward", "JoinForm.role": "_place: who leads is posted as a leader there",
    "PlaceForm.role": "_place", "GroupsForm.group": "groups_to_give: of the team's own ward", "HandOverForm.group": "a group of that team",
    "HandOverForm.person": "hand_over_page: who belongs to the team, or keeps days in its groups",
}  # fmt: skip

# What says that somebody may: a protected field is named with at least one of these.
CHECKS = (
    "area_for",
    "may_grant",
    "find_posting",
    "ward_to_fill",
    "may_join",
    "team_for",
    "teams_beside",
    "member_of",
    "_place",
    "hand_over_page",
    "try_pin",
    "scope_of",
)


def every_form() -> list[type[Form]]:
    """Every form class of the program, whatever it is derived from."""
    for module in pkgutil.walk_packages(skills.__path__, "skills."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)

    def below(form: type[Form]) -> Iterator[type[Form]]:
        for each in form.__subclasses__():
            if each.__module__.startswith("skills."):
                yield each
                yield from below(each)

    return sorted(set(below(Form)), key=lambda form: form.__name__)


def test_what_a_form_points_at_is_listed_with_its_check() -> None:
    """Both ways: nobody adds such a field without saying what guards it, and nothing is listed that is gone."""
    forms = every_form()
    assert len(forms) >= 10
    pointing = {f"{form.__name__}.{name}" for form in forms for name in form.model_fields if name in POINTS}
    assert pointing == GUARDED.keys()


def test_no_form_says_who_somebody_is() -> None:
    """But for the area of a report, which is checked where it is read, and what is listed above with may_grant."""
    protected = {name for name in GUARDED if name.partition(".")[2] in PROTECTED}
    unguarded = {name for name in protected if not any(check in GUARDED[name] for check in CHECKS)}
    assert unguarded == set()


@given(value=st.sampled_from(["", "1", "x", "true", "[]", str(uuid.UUID(int=7))]) | st.text(max_size=20))
def test_the_name_of_no_column_passes_a_form_that_does_not_have_it(value: str) -> None:
    """Each column of each table, added to each form: a field too many, and no form."""
    columns = {column.name for table in ALL for column in table.columns}
    assert len(columns) > 80
    for form in every_form():
        for name in columns - form.model_fields.keys() - _other_names(form):
            with pytest.raises(ValidationError) as refused:
                form.model_validate({name: value})
            kinds = {error["type"] for error in refused.value.errors() if error["loc"] == (name,)}
            assert kinds == {"extra_forbidden"}, f"{form.__name__} takes {name}"


def test_a_field_too_many_is_said_beside_the_form() -> None:
    """Typed or not, what no form knows is not dropped silently."""
    for form in every_form():
        told = read(form, {"author_id": ["x"]})
        assert isinstance(told, FormErrors)
        assert told.errors.get(""), form.__name__


def test_no_table_is_a_body(app: FastAPI) -> None:
    """A table validates nothing and takes every column; bodies are read by forms alone, and what routes declare is plain."""
    for path, route in walk(app.routes):
        dependant = getattr(route, "dependant", None)
        for field in (
            [*dependant.body_params, *dependant.query_params, *dependant.path_params] if dependant else ()
        ):
            kind = field.field_info.annotation
            assert not (isinstance(kind, type) and issubclass(kind, BaseModel | Row)), f"{path}: {field.name}"
        assert not dependant or not dependant.body_params, f"{path} reads a body past the forms"


def _other_names(form: type[Form]) -> set[str]:
    """The names by which fields are sent when they are not their own."""
    return {field.alias for field in form.model_fields.values() if field.alias}
