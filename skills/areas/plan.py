"""A reorganisation of the map as a file: read strictly, carried out in order, all of it or nothing.

A plan is a JSON file: a list of steps, each an object with one key, the verb. Areas are named by their ids (`area` column of the
reports); an area that a step makes is an object with `name` and, where it differs, `short_name`, `kind` and `code`.

    [{"merge":     {"from": [360, 361], "into": {"name": "Xã Sông Vàng Mới", "short_name": "Sông Vàng Mới"}, "on": "2027-01-01"}},
     {"merge":     {"from": [359], "into": 358, "on": "2027-01-01"}},
     {"cut":       {"area": 332, "on": "2027-01-01", "parts": [{"area": {"name": "Phường A"}, "groups": [100001], "blocks": [12]},
                                                               {"area": 333, "groups": [100002]}]}},
     {"cut_group": {"group": 100003, "on": "2027-01-01", "parts": [{"area": {"name": "Tổ 3A"}, "doors": [[332, "0191…"]]},
                                                                   {"area": {"name": "Tổ 3B"}, "doors": [[332, "0192…"]]}]}},
     {"rename":    {"area": 334, "name": "Phường Cẩm Lệ Mới", "short_name": "Cẩm Lệ Mới", "on": "2027-01-01"}},
     {"regroup":   {"wards": [335, 336], "cluster": {"name": "Cụm biển"}, "on": "2027-01-01"}}]

Steps are carried out in the order given, in one transaction. Anything else in the file is an error, and nothing is changed.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError, model_validator
from sqlmodel import Session

from skills.areas.models import Area
from skills.areas.reorganise import (
    Carry,
    Door,
    NewArea,
    Part,
    ReorganiseError,
    Strict,
    Whereabouts,
    cut,
    cut_group,
    merge,
    regroup,
    rename,
)
from skills.language import gettext as _


class Merge(Strict):
    """A step of a plan: see `merge`."""

    from_ids: Annotated[list[int], Field(alias="from")]
    into: int | NewArea
    on: date


class Cut(Strict):
    """A step of a plan: see `cut`."""

    area: int
    parts: list[Part]
    on: date


class GroupPart(Strict):
    """A part of a residential group: its name, and its doors as pairs of ward and id."""

    area: NewArea
    doors: list[Door]


class CutGroup(Strict):
    """A step of a plan: see `cut_group`."""

    group: int
    parts: list[GroupPart]
    on: date


class Rename(Strict):
    """A step of a plan: see `rename`."""

    area: int
    name: Annotated[str, Field(min_length=1, max_length=200)]
    short_name: Annotated[str, Field(max_length=200)] = ""
    on: date


class Regroup(Strict):
    """A step of a plan: see `regroup`."""

    wards: list[int]
    cluster: int | NewArea
    on: date


class Step(Strict):
    """One step of a plan: exactly one verb."""

    merge: Merge | None = None
    cut: Cut | None = None
    cut_group: CutGroup | None = None
    rename: Rename | None = None
    regroup: Regroup | None = None

    @model_validator(mode="after")
    def name_one_verb(self) -> "Step":
        """Refuses a step of no verb or of several: their order would be a guess."""
        if len(self.model_fields_set) != 1:
            raise ValueError("a step has exactly one verb")
        return self


def read_plan(path: Path) -> list[Step]:
    """The steps of a plan file (see above for its format). Raises ReorganiseError, with the place in the file, when it isn't one."""
    try:
        return TypeAdapter(list[Step]).validate_json(path.read_bytes())
    except ValidationError as error:
        raise ReorganiseError(str(error)) from error


def doors_listed(plan: Sequence[Step]) -> list[Door]:
    """The doors that some step carries elsewhere. Their wards have to be locked before the first step is carried out."""
    cuts = [step.cut_group for step in plan if step.cut_group is not None]
    return [door for step in cuts for part in step.parts for door in part.doors]


def apply(
    db: Session, plan: Sequence[Step], carry: Carry | None = None, lies_in: Whereabouts | None = None
) -> list[str]:
    """Carries the steps out in order; returns one sentence a step. Raises ReorganiseError at the first that can't be done."""
    return [_carry_out(db, step, carry, lies_in) for step in plan]


def _carry_out(db: Session, step: Step, carry: Carry | None, lies_in: Whereabouts | None) -> str:
    if step.merge is not None:
        before = _names(db, step.merge.from_ids)
        after = merge(db, step.merge.from_ids, step.merge.into, step.merge.on).name
        return _told(_("%(day)s: %(before)s sáp nhập thành %(after)s."), step.merge.on, before, after)
    if step.cut is not None:
        before = _names(db, [step.cut.area])
        parts = cut(db, step.cut.area, step.cut.parts, step.cut.on)
        return _told(_("%(day)s: %(before)s chia thành %(after)s."), step.cut.on, before, _joined(parts))
    if step.cut_group is not None:
        if carry is None:
            raise ReorganiseError(_("Chia tổ dân phố, thôn theo hộ cần nơi chuyển các hộ."))
        before = _names(db, [step.cut_group.group])
        lists = [(part.area, part.doors) for part in step.cut_group.parts]
        parts = cut_group(db, step.cut_group.group, lists, step.cut_group.on, carry, lies_in)
        return _told(
            _("%(day)s: %(before)s chia thành %(after)s."), step.cut_group.on, before, _joined(parts)
        )
    if step.rename is not None:
        before = _names(db, [step.rename.area])
        after = rename(db, step.rename.area, step.rename.name, step.rename.short_name, step.rename.on).name
        return _told(_("%(day)s: %(before)s đổi tên thành %(after)s."), step.rename.on, before, after)
    if step.regroup is not None:
        before = _names(db, step.regroup.wards)
        after = regroup(db, step.regroup.wards, step.regroup.cluster, step.regroup.on).name
        return _told(_("%(day)s: %(before)s xếp vào %(after)s."), step.regroup.on, before, after)
    raise AssertionError("a step has exactly one verb")


def _told(sentence: str, on: date, before: str, after: str) -> str:
    return sentence % {"day": f"{on:%d/%m/%Y}", "before": before, "after": after}


def _names(db: Session, area_ids: Iterable[int]) -> str:
    return _joined(area for area in (db.get(Area, area_id) for area_id in area_ids) if area is not None)


def _joined(areas: Iterable[Area]) -> str:
    return ", ".join(area.name for area in areas)
