"""What can't be done, said: a page that a person can act on, or problem+json for a program."""

import logging
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from skills.db import busy_reason
from skills.errors import Busy, Conflict, NotAllowed, NotFound
from skills.forms import N_
from skills.language import current
from skills.language import gettext as _
from skills.web.answers import is_htmx, own_path, problem, see_other, wants_json
from skills.web.gate import NotConfirmed, NotSignedIn
from skills.web.render import render

log = logging.getLogger("skills.web")


@dataclass(frozen=True)
class Words:
    """One error page: what happened, what is kept or how to put it right, and the one thing to do next."""

    title: str
    detail: str
    act: str = N_("Về trang đầu")
    href: str = "/"


_WORDS = {
    400: Words(N_("Không đọc được nội dung gửi lên"), N_("Chưa lưu gì. Mở lại trang rồi ghi lại.")),
    403: Words(
        N_("Việc này thuộc người khác"),
        N_("Vai trò đang dùng không được làm việc này. Cần làm thì báo người phụ trách phường."),
    ),
    404: Words(
        N_("Không có trang này"),
        N_("Địa chỉ đã cũ, gõ nhầm, hoặc nằm ngoài địa bàn được giao. Mở lại từ trang đầu."),
    ),
    405: Words(N_("Trang này không mở theo cách đó"), N_("Chưa lưu gì. Mở lại từ trang đầu.")),
    409: Words(
        N_("Đã có bản ghi khác"), N_("Bản ghi này đã được sửa ở máy khác. Mở bản mới nhất rồi ghi lại.")
    ),
    413: Words(N_("Nội dung gửi lên quá lớn"), N_("Chưa lưu gì. Viết ngắn lại rồi gửi lần nữa.")),
    422: Words(N_("Địa chỉ này có chỗ không đọc được"), N_("Chọn lại từ trang đầu.")),
    429: Words(N_("Thử quá nhiều lần"), N_("Chờ một lát rồi thử lại.")),
    500: Words(
        N_("Máy chủ gặp lỗi"),
        N_(
            "Lần gửi này chưa được lưu, những gì đã lưu trước đó vẫn còn. Thử lại; nếu vẫn vậy, báo mã dưới đây."
        ),
    ),
    503: Words(
        N_("Máy chủ đang bận"),
        N_("Lần gửi này chưa được lưu, những gì đã lưu trước đó vẫn còn. Chờ vài giây rồi gửi lại."),
    ),
}
_UNKNOWN = Words(N_("Không làm được việc này"), N_("Mở lại từ trang đầu."))
_FULL = Words(
    N_("Máy chủ chưa ghi được"),
    N_(
        "Nơi lưu của máy chủ đã đầy hoặc đang khóa. Lần gửi này chưa được lưu. Báo người phụ trách, rồi gửi lại sau."
    ),
)
_CROSS_ORIGIN = Words(
    N_("Yêu cầu này không đến từ trang của Từng Nhà"), N_("Chưa lưu gì. Mở lại trang rồi làm lại.")
)
_PASSING = ("locked", "SQLITE_BUSY", "SQLITE_LOCKED", "55P03", "40001", "40P01")  # gone in seconds


def install(app: FastAPI) -> None:
    """Gives every error that the house may raise its answer."""
    handlers: dict[type[Exception], Any] = {
        NotFound: _not_found,
        NotAllowed: _not_allowed,
        NotSignedIn: _not_signed_in,
        NotConfirmed: _not_confirmed,
        Conflict: _conflict,
        Busy: _busy,
        PoolTimeout: _pool_timeout,
        DBAPIError: _database_error,
        HTTPException: _http,
        RequestValidationError: _unreadable_address,
    }
    for error, handler in handlers.items():
        app.add_exception_handler(error, handler)


def answer(
    request: Request,
    status: int,
    words: Words | None = None,
    reference: str = "",
    headers: dict[str, str] | None = None,
    problem_type: str = "about:blank",
) -> Response:
    """The error as a page or as problem+json. `reference`: what a person can quote and the log can be searched for."""
    words = words or _WORDS.get(status, _UNKNOWN)
    headers = {"Cache-Control": "no-store", **(headers or {})}
    if wants_json(request):
        more: dict[str, Any] = {"reference": reference} if reference else {}
        return problem(status, _(words.title), _(words.detail), problem_type, headers=headers, **more)
    viewer = getattr(request.state, "viewer", None)
    return render(
        request,
        viewer,
        "errors/error.html",
        status,
        headers=headers,
        title=_(words.title),
        detail=_(words.detail),
        act=_(words.act),
        href=words.href,
        reference=reference,
    )


class Unforeseen:
    """Answers 500 for what nobody foresaw. It stands inside the headers and the language, where FastAPI's own would not,
    and logs what happened under a reference: the answer says nothing else about it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI interface."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except ClientDisconnect:
            return  # hung up in the middle of what it sent: nothing is stored, and nobody is there to be told
        except Exception as error:
            if started:
                raise  # half an answer is out: the server has to cut the line
            await _say_unforeseen(Request(scope), error)(scope, receive, send)


def _say_unforeseen(request: Request, error: Exception) -> Response:
    reference = secrets.token_hex(4)
    route = getattr(
        request.scope.get("route"), "path", "?"
    )  # as declared: an address as sent may hold anything
    log.error("%s: unforeseen error in %s %s", reference, request.method, route, exc_info=error)
    try:
        return answer(request, 500, reference=reference)
    except Exception:
        log.exception("%s: the error page itself failed", reference)
        words = _WORDS[500]
        return HTMLResponse(
            f'<!doctype html><html lang="{current()}"><meta charset="utf-8"><title>{_(words.title)}</title>'
            f"<h1>{_(words.title)}</h1><p>{_(words.detail)}</p><p>{reference}</p></html>",
            500,
        )


async def deny_cross_origin(scope: Scope, receive: Receive, send: Send) -> None:
    """What a request from another site is told (403)."""
    await answer(Request(scope), 403, _CROSS_ORIGIN)(scope, receive, send)


def _not_found(request: Request, error: Exception) -> Response:  # noqa: ARG001
    return answer(request, 404)


def _not_allowed(request: Request, error: Exception) -> Response:  # noqa: ARG001
    return answer(request, 403)


def _not_signed_in(request: Request, error: NotSignedIn) -> Response:
    """Programs are told 401; a person is sent to sign in and then back to where they were, if that was a page."""
    if wants_json(request) or error.bearer:
        headers = {"WWW-Authenticate": "Bearer"} if error.bearer else {}
        return problem(401, _("Chưa đăng nhập"), _("Đăng nhập rồi gửi lại."), headers=headers)
    back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.method not in ("GET", "HEAD") or back.startswith("/sign-in"):
        back = "/"
    return see_other(request, "/sign-in" + ("" if back == "/" else "?" + urlencode({"next": own_path(back)})))


def _not_confirmed(request: Request, error: NotConfirmed) -> Response:  # noqa: ARG001
    """Sent to give the password or a code, and then on. What a form brought goes along: a 307 makes the browser send it again
    to the page that asks, which hands it back afterwards. A file can't be handed back, so its form is gone back to."""
    if wants_json(request):
        return problem(
            403, _("Cần xác nhận lại"), _("Mở trang này trong trình duyệt, xác nhận rồi làm tiếp.")
        )
    where = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.method in ("GET", "HEAD"):
        return see_other(request, "/confirm?" + urlencode({"next": own_path(where)}))
    if is_htmx(request) or request.headers.get("content-type", "").startswith("multipart/"):
        came_from = urlsplit(request.headers.get("referer", ""))
        back = came_from.path + (f"?{came_from.query}" if came_from.query else "")
        return see_other(request, "/confirm?" + urlencode({"next": own_path(back), "again": "yes"}))
    return RedirectResponse("/confirm/typed?" + urlencode({"next": own_path(where)}), status_code=307)


def _conflict(request: Request, error: Conflict) -> Response:
    """Both versions are kept somewhere; `location` among the details is where the newest can be seen."""
    words = _WORDS[409]
    location = own_path(str(error.details.get("location", "")), otherwise="")
    if location:
        words = Words(words.title, words.detail, N_("Mở bản mới nhất"), location)
    if wants_json(request):
        details: dict[str, Any] = {
            name: value for name, value in error.details.items() if isinstance(value, str | int)
        }
        return problem(409, _(words.title), _(words.detail), code=error.code, **details)
    return answer(request, 409, words)


def _busy(request: Request, error: Busy) -> Response:
    passing = error.reason.startswith(_PASSING)
    log.warning("busy: %s", error.reason)
    return answer(request, 503, None if passing else _FULL, headers={"Retry-After": "5" if passing else "60"})


def _pool_timeout(request: Request, error: Exception) -> Response:  # noqa: ARG001
    return _busy(request, Busy("locked"))


def _database_error(request: Request, error: DBAPIError) -> Response:
    """Locked, full, read-only or unreachable is 503; anything else nobody foresaw."""
    reason = busy_reason(error)
    if reason is None:
        raise error
    return _busy(request, Busy(reason))


def _http(request: Request, error: HTTPException) -> Response:
    return answer(request, error.status_code, headers=dict(error.headers or {}))


def _unreadable_address(request: Request, error: RequestValidationError) -> Response:
    """An id in the path that is none can't name anything: 404. A query that can't be read is said to be so: 422."""
    if any(wrong["loc"][:1] == ("path",) for wrong in error.errors()):
        return answer(request, 404)
    if wants_json(request):
        names = {str(wrong["loc"][-1]): str(wrong["msg"]) for wrong in error.errors()}
        words = _WORDS[422]
        return problem(422, _(words.title), _(words.detail), fields=names)
    return answer(request, 422)
