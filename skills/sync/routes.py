"""What a phone takes along and brings back: enrolment, handing in, the end of the day, and the pages of what waits."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from skills import clock
from skills.language import gettext as _
from skills.people.tickets import enrol
from skills.settings import Settings
from skills.sync import contract
from skills.sync.day import compare_day, read_day
from skills.sync.epoch import epoch
from skills.sync.mine import not_counted
from skills.sync.package import package, written
from skills.sync.seal import newest_key
from skills.sync.take_in import take_in
from skills.sync.wire import Batch, Unreadable, read_batch, read_uuid
from skills.visits.find import own_visits
from skills.web.answers import problem
from skills.web.device_cookie import device_token
from skills.web.gate import Anyone, MayLogVisits, MaySeeDoors, Phone
from skills.web.in_line import write_in_line
from skills.web.json_body import Json
from skills.web.render import render
from skills.web.transaction import Db, ReadDb

router = APIRouter()


def read_handed_in(request: Request, given: Json) -> Batch | Unreadable:
    """The batch, read before the turn to write is taken; or why it is none."""
    try:
        return read_batch(given, _secret(request))
    except Unreadable as error:
        return error


HandedIn = Annotated[Batch | Unreadable, Depends(read_handed_in)]


@router.post("/api/v1/devices", **contract.ENROL)
def enrol_device(request: Request, viewer: MayLogVisits, given: Json, db: Db) -> Response:
    """Makes this phone one on which the person may save without a network."""
    wanted = given if isinstance(given, dict) else {}
    secret = _secret(request)
    device_id, label = read_uuid(wanted.get("device")), str(wanted.get("label", ""))
    enrolled = enrol(db, viewer.person_id, device_id, label, secret, device_token(request))
    key = newest_key(db, secret)
    return _answer(
        {
            "person": str(viewer.person_id),
            "name": viewer.short_name,
            "device": str(enrolled.device_id),
            "ticket": enrolled.token,
            "key": {"id": str(enrolled.ticket_id), "secret": enrolled.secret},
            "seal": {"id": key.id, "public": key.public},
            "epoch": epoch(db),
            "server_time": clock.local(clock.now()).isoformat(timespec="milliseconds"),
        }
    )


@router.post("/api/v1/sync", **contract.HAND_IN)
async def hand_in(request: Request, phone: Phone, batch: HandedIn) -> Response:
    """What was saved on a phone: each item once, each with its own answer, all of it on the disk before anything is said."""
    if isinstance(batch, Unreadable):
        return _unreadable(413 if batch.too_many else 422)
    secret = _secret(request)
    return _answer(await write_in_line(request, lambda db: take_in(db, phone, batch, secret)))


@router.post("/api/v1/sync/ledger", **contract.END_OF_DAY)
def end_of_day(phone: Phone, given: Json, db: ReadDb) -> Response:
    """Whether the phone and the server have the same of one day."""
    try:
        day, hashes = read_day(given)
    except ValueError:
        return _unreadable(422)
    found = compare_day(db, phone, day, hashes)
    return _answer(
        {
            "here": found.here,
            "missing_here": [str(item) for item in found.missing_here],
            "different": [str(item) for item in found.different],
            "missing_there": [str(item) for item in found.missing_there],
        }
    )


@router.get("/sync")
def waiting(request: Request, viewer: MayLogVisits, db: ReadDb) -> Response:
    """What of one's own the server has; what waits on this phone is filled in by the phone itself."""
    return render(
        request, viewer, "sync/index.html",
        visits=own_visits(db, viewer, most=20), items=not_counted(db, viewer),
    )  # fmt: skip


@router.get("/sync/take-in")
def carry_for_another(request: Request, viewer: Anyone) -> Response:
    """Where a scanned code of another phone leads: what it says stays behind the # and is read on this phone alone."""
    return render(request, viewer, "sync/take_in.html")


@router.get("/api/v1/package", **contract.TAKE_ALONG)
def take_along(request: Request, viewer: MaySeeDoors, db: ReadDb) -> Response:
    """What this person's phone takes along; 304 when it has that already. Kept by the phone's own storage and by no cache."""
    text, tag = written(package(db, viewer))
    headers = {"Cache-Control": "no-store", "ETag": tag}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(text, media_type="application/json", headers=headers)


def _answer(told: dict[str, Any]) -> Response:
    return JSONResponse(told, headers={"Cache-Control": "no-store"})


def _unreadable(status: int) -> Response:
    """The phone keeps everything: what it sent was no batch, or one with too many items."""
    detail = (
        _("Gửi mỗi lần nhiều nhất 200 lượt.")
        if status == 413
        else _("Máy gửi lên một dạng mà máy chủ không đọc được.")
    )
    return problem(status, _("Chưa nhận được lượt nào"), detail)


def _secret(request: Request) -> str:
    settings: Settings = request.app.state.settings
    return settings.secret
