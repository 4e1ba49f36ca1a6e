"""What a phone keeps of the program itself: the worker, what the worker keeps (files and shells), and how the program is called
on a home screen. Nothing here belongs to anybody.
"""

import hashlib
import json
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from skills.language import LANGUAGES, Language, speaking
from skills.web.assets import DIST, asset, built
from skills.web.gate import Anyone
from skills.web.render import render

router = APIRouter()

KEPT = (
    "app.css",
    "app.js",
    "favicon.svg",
    "htmx.js",
    "later.js",
    "shell.js",
    "sync.js",
    "take_in.js",
    "rescue.js",
)
_ALWAYS_ASK = {"Cache-Control": "no-cache"}
_ICONS = (
    ("icon-192.png", "192x192", "any"),
    ("icon-512.png", "512x512", "any"),
    ("icon-maskable.png", "512x512", "maskable"),
)


@router.get("/sw.js")
def worker(request: Request, viewer: Anyone) -> Response:  # noqa: ARG001
    """The worker with the list of what it keeps, or the one that takes itself away when the server is set so."""
    if request.app.state.settings.worker == "off":
        script = (DIST / built()["gone.js"]).read_bytes()
    else:
        script = (
            f"self.KEPT={json.dumps(_kept(request))};\n".encode() + (DIST / built()["sw.js"]).read_bytes()
        )
    return Response(script, media_type="text/javascript", headers=_ALWAYS_ASK)


@router.get("/shell/{language}")
def shell(request: Request, viewer: Anyone, language: Language) -> Response:  # noqa: ARG001
    """The page that the worker shows without a network, in one language; a script fills it."""
    return _of_nobody(request, language, "shell/shell.html")


@router.get("/shell/{language}/sync")
def waiting_shell(request: Request, viewer: Anyone, language: Language) -> Response:  # noqa: ARG001
    """The page of what waits on this phone, without what the server has; the phone fills it."""
    return _of_nobody(request, language, "sync/index.html", visits=[], items=[])


@router.get("/shell/{language}/take-in")
def take_in_shell(request: Request, viewer: Anyone, language: Language) -> Response:  # noqa: ARG001
    """The page that takes in what another phone could not send: it needs no network to keep it."""
    return _of_nobody(request, language, "sync/take_in.html")


def _of_nobody(request: Request, language: Language, template: str, **context: Any) -> Response:
    with speaking(language):
        headers = _ALWAYS_ASK | {"Content-Language": language}
        return render(request, None, template, headers=headers, of_nobody=True, **context)


@router.get("/manifest.webmanifest")
def manifest(viewer: Anyone) -> Response:  # noqa: ARG001
    """Name and picture on a home screen."""
    icons = [
        {"src": asset(name), "sizes": sizes, "type": "image/png", "purpose": purpose}
        for name, sizes, purpose in _ICONS
    ]
    described = {
        "id": "/", "name": "Từng Nhà", "short_name": "Từng Nhà", "lang": "vi", "start_url": "/", "scope": "/",
        "display": "standalone", "background_color": "#ffffff", "theme_color": "#ffffff", "icons": icons,
    }  # fmt: skip
    return JSONResponse(described, media_type="application/manifest+json", headers=_ALWAYS_ASK)


def _kept(request: Request) -> list[dict[str, str | None]]:
    """Each address with its revision; a file's name says that already."""
    shells = {
        f"/shell/{language}{path}": bytes(page(request, None, language).body)
        for language in LANGUAGES
        for path, page in (("", shell), ("/sync", waiting_shell), ("/take-in", take_in_shell))
    }
    files: list[dict[str, str | None]] = [{"url": asset(name), "revision": None} for name in KEPT]
    files += [
        {"url": address, "revision": hashlib.sha256(page).hexdigest()[:16]}
        for address, page in shells.items()
    ]
    return files
