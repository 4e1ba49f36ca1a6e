"""The least that could answer: a FastAPI application with an empty route and a plain Jinja page of any size.

Imports nothing of the program, so that its start and its memory are those of the framework alone.
"""

import sys

import jinja2
import uvicorn
from fastapi import FastAPI, Response
from fastapi.responses import HTMLResponse, PlainTextResponse
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

LINE = "<li><a href='/households/{{ n }}'>Kiệt {{ n % 97 }}/{{ n }} Hoàng Diệu, {{ n * 7919 % 10007 }}</a></li>\n"
_PAGE = jinja2.Environment(autoescape=True).from_string(
    f"<!doctype html><title>Trang</title><ul>{{% for n in range(1, lines) %}}{LINE}{{% endfor %}}</ul>"
)
LINE_BYTES = 74  # of a line of the page, about


def create_bare() -> FastAPI:
    """The application; it packs its pages as ours does."""
    app = FastAPI(openapi_url=None, middleware=[Middleware(GZipMiddleware, compresslevel=5)])

    @app.get("/healthz")
    def empty() -> Response:
        return PlainTextResponse("ok")

    @app.get("/page")
    def page(size: int) -> Response:
        return HTMLResponse(_PAGE.render(lines=max(size // LINE_BYTES, 1)))

    return app


if __name__ == "__main__":
    uvicorn.run(create_bare(), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
