"""The map in the office: read by whoever has one."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from skills.admin.areas.find import area_page, search
from skills.admin.areas.forms import read_query
from skills.language import gettext as _
from skills.people.viewer import Viewer
from skills.web.gate import MaySeeAreas
from skills.web.render import render
from skills.web.transaction import ReadDb

router = APIRouter()


@router.get("/admin/areas")
def index(request: Request, viewer: MaySeeAreas, db: ReadDb) -> Response:
    """The city on a day, or the places of any time that are called so."""
    return _page(request, viewer, db, None)


@router.get("/admin/areas/{area_id}")
def show(
    request: Request, viewer: MaySeeAreas, db: ReadDb, area_id: Annotated[int, Path(ge=1, le=2_147_483_647)]
) -> Response:
    """One area on a day, with what it came from and became."""
    return _page(request, viewer, db, area_id)


def _page(request: Request, viewer: Viewer, db: ReadDb, area_id: int | None) -> Response:
    typed = {name: request.query_params.getlist(name) for name in request.query_params}
    day, query, errors = read_query(typed, viewer.today)
    return render(
        request, viewer, "admin/areas/show.html", status=422 if errors else 200, page=area_page(db, viewer, area_id, day),
        top=area_id is None, query=query, found=search(db, query, day), errors=errors, kinds=_kinds(),
        values=request.query_params if errors else {"day": f"{day:%d/%m/%Y}", "q": query}, of_today=day == viewer.today,
    )  # fmt: skip


def _kinds() -> dict[str, str]:
    """How one area became another, in words."""
    return {
        "merge": _("nhập"),
        "split": _("tách"),
        "rename": _("đổi tên"),
        "continue": _("giữ nguyên"),
        "regroup": _("xếp lại"),
    }
