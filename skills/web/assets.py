"""The files that pages load: made and named by `static/build.py`, looked up and served here."""

import json
from functools import cache
from pathlib import Path

from servestatic import ServeStaticASGI

DIST = Path(__file__).resolve().parents[2] / "static" / "dist"
PREFIX = "/static/"


class AssetsMissing(RuntimeError):
    """The files that pages load have not been built on this machine."""


def asset(name: str) -> str:
    """The address of a file by the name it was built under: "app.css" is at "/static/app.0123456789.css"."""
    return PREFIX + built()[name]


def static_files() -> ServeStaticASGI:
    """An application to mount at "/static": the built files, as compressed as the browser accepts.

    They may be kept for ever: another content has another name.
    """
    names = frozenset(PREFIX + name for name in built().values())
    return ServeStaticASGI(
        None,
        root=DIST,
        prefix=PREFIX,
        allow_all_origins=False,
        immutable_file_test=lambda _path, url: url in names,
    )


@cache
def built() -> dict[str, str]:
    """The name of each file by the name it was built under; AssetsMissing when nothing was built."""
    try:
        manifest = json.loads((DIST / "manifest.json").read_text())
    except FileNotFoundError:
        raise AssetsMissing("static/dist/ is missing: run `make assets`") from None
    return {name: entry["file"] for name, entry in manifest["files"].items()}
