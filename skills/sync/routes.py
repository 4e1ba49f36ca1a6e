"""What waits between a phone and the server: the page that shows it, and the page by which another phone takes it in."""

from fastapi import APIRouter, Request, Response

from skills.sync.mine import not_counted
from skills.visits.find import own_visits
from skills.web.gate import Anyone, MayLogVisits
from skills.web.render import render
from skills.web.transaction import ReadDb

router = APIRouter()


@router.get("/sync")
def waiting(request: Request, viewer: MayLogVisits, db: ReadDb) -> Response:
    """What of one's own the server has; what waits on this phone is filled in by the phone itself."""
    return render(
        request,
        viewer,
        "sync/index.html",
        visits=own_visits(db, viewer, most=20),
        items=not_counted(db, viewer),
    )


@router.get("/sync/take-in")
def take_in(request: Request, viewer: Anyone) -> Response:
    """Where a scanned code of another phone leads: what it says stays behind the # and is read on this phone alone."""
    return render(request, viewer, "sync/take_in.html")
