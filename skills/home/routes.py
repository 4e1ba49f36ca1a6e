"""The first page: today's doors for who knocks on them, the reports for everybody else."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BeforeValidator

from skills.home.today import today
from skills.people.permissions import Permission
from skills.web.answers import see_other
from skills.web.device_cookie import device_token
from skills.web.gate import SignedIn
from skills.web.render import render
from skills.web.transaction import ReadDb

router = APIRouter()

Group = Annotated[int | None, BeforeValidator(lambda typed: typed or None), Query()]


@router.get("/")
def index(request: Request, viewer: SignedIn, db: ReadDb, group: Group = None) -> Response:
    """Today's page, of a group or, for a ward lead, of all; whoever sees no doors goes on to the reports."""
    if viewer.may(Permission.READ_REPORTS) and not viewer.may(Permission.SEE_DOORS):
        return see_other(request, "/reports")
    page = today(db, viewer, group, device_token(request))
    office = page.wide and page.group is None
    return render(request, viewer, "home/office.html" if office else "home/volunteer.html", today=page)
