"""What the pages load is complete, is what it says it is, weighs little, and names no registry."""

import base64
import gzip
import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import brotli
import pytest
from httpx2 import Response
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from skills.web import assets

ROOT = Path(__file__).resolve().parents[1]
DIST = ROOT / "static" / "dist"
MANIFEST = json.loads((DIST / "manifest.json").read_text())["files"]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def served(path: str, accept: str) -> Response:
    app = Starlette(routes=[Mount("/static", assets.static_files())])
    return TestClient(app).get(path, headers={"Accept-Encoding": accept})


def test_every_file_that_a_template_asks_for_was_built() -> None:
    asked = {name for page in TEMPLATES for name in re.findall(r"asset\(['\"]([^'\"]+)", page.read_text())}
    assert asked == {
        "app.css", "cards.css", "app.js", "htmx.js", "later.js", "shell.js", "favicon.svg", "sync.js", "take_in.js", "rescue.js", "switch.js"
    }  # fmt: skip
    assert asked <= MANIFEST.keys()


@pytest.mark.parametrize("name", sorted(MANIFEST))
def test_a_file_is_named_for_its_content(name: str) -> None:
    entry = MANIFEST[name]
    content = (DIST / entry["file"]).read_bytes()
    stem, ending = name.rsplit(".", 1)
    assert entry["file"] == f"{stem}.{hashlib.sha256(content).hexdigest()[:10]}.{ending}"
    assert entry["bytes"] == len(content)
    assert entry["integrity"] == "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()
    assert brotli.decompress((DIST / f"{entry['file']}.br").read_bytes()) == content
    assert gzip.decompress((DIST / f"{entry['file']}.gz").read_bytes()) == content


@pytest.mark.parametrize(("accept", "encoding"), [("br, gzip", "br"), ("gzip", "gzip"), ("identity", None)])
def test_a_browser_gets_the_smallest_form_it_accepts_and_keeps_it(accept: str, encoding: str | None) -> None:
    answer = served(assets.asset("app.css"), accept)
    assert answer.status_code == 200
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["content-type"].startswith("text/css")
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["vary"] == "Accept-Encoding"
    assert "access-control-allow-origin" not in answer.headers
    assert answer.content == (DIST / MANIFEST["app.css"]["file"]).read_bytes()


@pytest.mark.parametrize("path", ["app.css", "app.0000000000.css", "..%2fbuild.py", "../../package.json", ""])
def test_what_was_not_built_is_not_found(path: str) -> None:
    assert served(f"/static/{path}", "br").status_code == 404


def test_without_a_build_the_error_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "DIST", tmp_path)
    with pytest.raises(assets.AssetsMissing, match="make assets"):
        assets.built.__wrapped__()


def test_a_second_build_changes_nothing() -> None:
    before = (DIST / "manifest.json").read_bytes()
    again = subprocess.run(
        [sys.executable, ROOT / "static/build.py"], check=True, capture_output=True, text=True
    )
    assert "up to date" in again.stdout
    assert (DIST / "manifest.json").read_bytes() == before


def test_the_lock_file_says_what_by_hash_and_not_where_from() -> None:
    text = (ROOT / "package-lock.json").read_text()
    packages = json.loads(text)["packages"]
    assert "resolved" not in text
    assert "://" not in text
    assert all(entry["integrity"].startswith("sha512-") for name, entry in packages.items() if name)


def test_dependencies_are_pinned_exactly() -> None:
    wanted = json.loads((ROOT / "package.json").read_text())
    versions = [*wanted["dependencies"].values(), *wanted["devDependencies"].values()]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions)


def test_no_file_of_somebody_else_is_in_the_repository() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "static"],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
    ).stdout.split()
    assert listed
    assert {path.split("/")[1] for path in listed} == {"build.py", "templates_to_js.py", "css", "js", "icons"}


def test_styles_and_scripts_fetch_nothing_from_elsewhere() -> None:
    for sheet in ("app.css", "cards.css"):
        css = (DIST / MANIFEST[sheet]["file"]).read_text()
        assert "url(" not in css, sheet  # the content security policy allows no data: address either
        assert "@import" not in css, sheet
    for script in ("app.js", "later.js", "gone.js"):
        assert "http" not in (DIST / MANIFEST[script]["file"]).read_text(), script


def test_the_weight_stays_what_a_phone_on_a_slow_network_can_carry() -> None:
    assert MANIFEST["app.css"]["bytes"] <= 18 * 1024
    assert MANIFEST["app.js"]["bytes"] <= 26 * 1024  # it signs and seals since it brings things in by itself


def test_pages_keep_to_the_content_security_policy() -> None:
    for page in TEMPLATES:
        text = page.read_text()
        assert not re.search(r"<style|\sstyle\s*=|\son[a-z]+\s*=|javascript:|hx-on", text), page
        assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text)), page
