"""What phones and the server say to each other."""

from fastapi import APIRouter, Request, Response

from skills.sync.package import package, written
from skills.web.gate import MaySeeDoors
from skills.web.transaction import ReadDb

router = APIRouter()


@router.get("/api/v1/package")
def take_along(request: Request, viewer: MaySeeDoors, db: ReadDb) -> Response:
    """What this person's phone takes along; 304 when it has that already. Kept by the phone's own storage and by no cache."""
    text, tag = written(package(db, viewer))
    headers = {"Cache-Control": "no-store", "ETag": tag}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(text, media_type="application/json", headers=headers)
