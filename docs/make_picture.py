"""Makes docs/pictures/first-page.png: the first page and the form of a visit, as a volunteer of the demonstration sees them.

`make picture` runs it. It starts the demonstration on a free port with a database of its own, signs in, and photographs both
pages in headless Chromium. Nothing but the picture is left behind.
"""

import base64
import os
import shutil
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from skills import clock, migrate  # noqa: E402 - the path above comes first
from skills.app import create_app  # noqa: E402
from skills.db import Database  # noqa: E402
from skills.demo import make_city  # noqa: E402
from skills.settings import Settings  # noqa: E402

PICTURE = ROOT / "docs" / "pictures" / "first-page.png"
PHONE: ViewportSize = {"width": 360, "height": 640}
GAP = 24  # pixels around each page
LARGEST = 150 * 1024  # bytes
SHARPNESS = (2, 1.5, 1)  # pixels of the picture for one of the phone: the first that is small enough
VOLUNTEER, PASSWORD = "0905000001", "tungnha-demo"  # of the demonstration, as the README says
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "msedge")


def main() -> None:
    """Writes the picture, or stops with the reason."""
    with tempfile.TemporaryDirectory(prefix="tungnha-picture-") as folder:
        url = f"sqlite:///{folder}/city.db"
        fill(url)
        with serving(url) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=browser_on_this_machine(), args=["--no-sandbox"]
            )
            picture = small_enough(browser, address)
            browser.close()
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_bytes(picture)
    sys.stdout.write(f"{PICTURE.relative_to(ROOT)}: {len(picture)} bytes\n")


def fill(url: str) -> None:
    """A small demonstration city, a quarter of the usual one."""
    database = Database(url)
    migrate.upgrade(database)
    make_city(database, seed=1, households=500, visits=1500, days=365, until=clock.today())
    database.dispose()


@contextmanager
def serving(url: str) -> Iterator[str]:
    """The demonstration on a port that is free, for as long as the block lasts; gives its address."""
    listening = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    app = create_app(Settings(env="demo", database_url=url, base_url=address))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.05)
        yield address
    finally:
        server.should_exit = True
        thread.join()


def browser_on_this_machine() -> str:
    """The Chromium to use: CHROMIUM, or the first that is on the path."""
    named = os.environ.get("CHROMIUM")
    found = named or next((path for path in map(shutil.which, BROWSERS) if path), None)
    if not found:
        sys.exit("No Chromium here: install the chromium package, or set CHROMIUM to the program.")
    return found


def small_enough(browser: Browser, address: str) -> bytes:
    """Both pages side by side as one PNG, as sharp as the size allows."""
    for sharpness in SHARPNESS:
        picture = side_by_side(browser, list(pages(browser, address, sharpness)), sharpness)
        if len(picture) <= LARGEST:
            return picture
    sys.exit(f"The picture has {len(picture)} bytes even at its smallest; {LARGEST} are allowed.")


def pages(browser: Browser, address: str, sharpness: float) -> Iterator[bytes]:
    """The first page, then the form of the first door on it, each as much as a phone shows."""
    context = browser.new_context(
        viewport=PHONE, device_scale_factor=sharpness, locale="vi-VN", color_scheme="light"
    )
    page = context.new_page()
    sign_in(page, address)
    yield page.screenshot()
    page.locator('a[href^="/visits/new"]').first.click()
    page.locator("form[data-outbox]").first.wait_for(state="attached")
    page.evaluate("scrollTo(0, 0)")
    yield page.screenshot()
    context.close()


def sign_in(page: Page, address: str) -> None:
    """As the volunteer of the demonstration, up to the first page."""
    page.goto(f"{address}/sign-in")
    page.locator('input[name="tel"]').fill(VOLUNTEER)
    page.locator('input[name="pw"]').fill(PASSWORD)
    page.locator('button[type="submit"].go').click()
    page.wait_for_url(f"{address}/")


def side_by_side(browser: Browser, shots: list[bytes], sharpness: float) -> bytes:
    """The pictures in one row on a quiet ground, put together by the browser itself."""
    width = GAP + len(shots) * (PHONE["width"] + GAP)
    size: ViewportSize = {"width": width, "height": PHONE["height"] + 2 * GAP}
    context = browser.new_context(viewport=size, device_scale_factor=sharpness)
    page = context.new_page()
    images = "".join(
        f'<img width="{PHONE["width"]}" height="{PHONE["height"]}" src="data:image/png;base64,{base64.b64encode(shot).decode()}">'
        for shot in shots
    )
    page.set_content(
        f"<body style='margin:{GAP}px;display:flex;gap:{GAP}px;background:#e4e8ef'>{images}</body>",
        wait_until="load",
    )
    picture = page.screenshot()
    context.close()
    return picture


if __name__ == "__main__":
    main()
