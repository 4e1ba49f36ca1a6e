"""The page of the monthly counts of a residential group."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BeforeValidator

from skills.errors import Conflict
from skills.forms import FormErrors, area_number
from skills.group_counts.find import told_once
from skills.group_counts.forms import read_counts
from skills.group_counts.page import CountPage, count_page
from skills.group_counts.tell import tell_counts
from skills.language import gettext as _
from skills.people.viewer import Viewer
from skills.web.answers import problem, receipt, see_other, wants_json
from skills.web.forms import Fields
from skills.web.gate import MayLogVisits
from skills.web.render import render
from skills.web.transaction import Db, ReadDb

router = APIRouter()

Group = Annotated[int | None, BeforeValidator(lambda typed: typed or None), Query()]


@router.get("/group-counts/new")
def new(request: Request, viewer: MayLogVisits, db: ReadDb, group: Group = None, month: str = "") -> Response:
    """The form for a group and month, with what stands there."""
    return render(
        request, viewer, "group_counts/new.html", page=count_page(db, viewer, group, month), clash=False
    )


@router.post("/group-counts")
def create(request: Request, viewer: MayLogVisits, db: Db, fields: Fields) -> Response:
    """What holds for that group and month from now on."""
    form = read_counts(fields, viewer.today)
    if isinstance(form, FormErrors):
        return _again(request, viewer, _typed_page(db, viewer, fields, form.errors))
    try:
        taken = tell_counts(db, viewer, form)
    except Conflict:
        return _again(request, viewer, _typed_page(db, viewer, fields, {}), clash=True)
    location = f"/group-counts/new?group={form.group}&month={form.month}"
    if wants_json(request):
        return receipt(taken.item, taken.status, taken.version, location)
    return see_other(request, location)


@router.get("/group-counts/{ward_id}/{told_id}")
def show(
    request: Request,
    viewer: MayLogVisits,
    db: ReadDb,
    ward_id: Annotated[int, Path(ge=0, le=2_147_483_647)],
    told_id: uuid.UUID,
) -> Response:
    """Where something that was told leads: to what holds for its group and month by now."""
    told = told_once(db, viewer, ward_id, told_id)
    return see_other(request, f"/group-counts/new?group={told.group_id}&month={told.month}")


def _typed_page(db: Db, viewer: Viewer, fields: dict[str, list[str]], errors: dict[str, str]) -> CountPage:
    """The form as it was typed, of the group and month that it names when it names one within reach."""
    typed = {name: given[-1] for name, given in fields.items()}
    return count_page(db, viewer, area_number(typed.get("group", "")), typed.get("month", ""), typed, errors)


def _again(request: Request, viewer: Viewer, page: CountPage, clash: bool = False) -> Response:
    """The same form with what was typed: what to correct (422), or that it was saved already with other content (409)."""
    status = 409 if clash else 422
    if wants_json(request):
        title = _("Số này đã lưu với nội dung khác.") if clash else _("Chưa lưu. Có chỗ cần sửa.")
        return problem(status, title, title, fields=dict(page.errors))
    return render(request, viewer, "group_counts/new.html", status=status, page=page, clash=clash)
