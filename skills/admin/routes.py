"""The first page of the office."""

from fastapi import APIRouter, Request, Response

from skills.admin.contents import contents
from skills.web.gate import MayUseOffice
from skills.web.render import render

router = APIRouter()


@router.get("/admin")
def index(request: Request, viewer: MayUseOffice) -> Response:
    """What one may do here."""
    return render(request, viewer, "admin/index.html", entries=contents(viewer))
