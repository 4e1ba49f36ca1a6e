"""Two addresses for whoever watches the server: does the process answer, and can it reach its database."""

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from sqlalchemy import text

from skills.web.gate import Anyone
from skills.web.transaction import ReadDb

router = APIRouter()


@router.get("/healthz")
def is_alive(viewer: Anyone) -> Response:  # noqa: ARG001
    """The process answers; the database is not asked."""
    return PlainTextResponse("ok")


@router.get("/readyz")
def is_ready(viewer: Anyone, db: ReadDb) -> Response:  # noqa: ARG001
    """The database answers too; 503 when it doesn't."""
    db.execute(text("SELECT 1"))
    return PlainTextResponse("ok")
