"""A phone whose power goes the moment that "Đã lưu" stands on the screen: what it called saved is there when it comes back."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import FLAGS, VOLUNTEER, Site, form_of, program
from tests.browser.pocket import DRAFTS, KEPT, deaf, save, until

NOTE = "Hẹn buổi tối"
READY = "Mất mạng vẫn lưu được trên máy này."


def test_what_was_called_saved_is_there_after_a_kill(site: Site, playwright: Any, tmp_path: Path) -> None:
    """Twenty times on one phone: saved, killed, opened again; every item is there, in its order."""
    kill_often(site, playwright, tmp_path, 20)


@pytest.mark.prove
def test_two_hundred_times(site: Site, playwright: Any, tmp_path: Path) -> None:
    """The same, ten times as often."""
    kill_often(site, playwright, tmp_path, 200)


def test_a_draft_survives_a_kill_too(site: Site, playwright: Any, tmp_path: Path) -> None:
    """What was written down half a second after the last letter is put back."""
    with that_hears_nothing(site, playwright, tmp_path) as page:
        page.goto(form_of(site.doors()[0]))
        page.get_by_label("Ghi chú cho lần sau").fill(NOTE)
        until(page, DRAFTS, bool)
        kill(processes(tmp_path))
    with that_hears_nothing(site, playwright, tmp_path) as page:
        page.goto(form_of(site.doors()[0]))
        expect(page.get_by_text("Bản ghi dở lúc")).to_be_visible()
        expect(page.get_by_label("Ghi chú cho lần sau")).to_have_value(NOTE)
        page.context.close()


def kill_often(site: Site, playwright: Any, folder: Path, times: int) -> None:
    """Saves one visit in each life of the browser, and asks in the next one what is there: each of them, by the counter of the phone."""
    doors = site.doors()
    for life in range(times + 1):
        with that_hears_nothing(site, playwright, folder) as page:
            page.goto(form_of(doors[life % len(doors)]))
            expect(page.locator("form.if-met [data-ready-text]")).to_have_text(READY)
            assert [entry["seq"] for entry in page.evaluate(KEPT)] == list(range(1, life + 1))
            if life == times:
                page.context.close()
                return
            alive = processes(folder)
            save(page).click()
            page.wait_for_selector("main[data-saved]")
            kill(alive)


@contextmanager
def that_hears_nothing(site: Site, playwright: Any, folder: Path) -> Iterator[Page]:
    """A phone of the volunteer that can't hand anything in."""
    with phone(site.address, site.session_of(VOLUNTEER), playwright, folder) as page:
        deaf(site, page.context)
        yield page


@contextmanager
def phone(address: str, session: str, playwright: Any, folder: Path) -> Iterator[Page]:
    """A browser with a disk of its own, touched with a finger; whoever has the session is signed in."""
    (folder / "SingletonLock").unlink(missing_ok=True)  # of the life before
    context = playwright.chromium.launch_persistent_context(
        folder, executable_path=program(), args=FLAGS, base_url=address, viewport={"width": 360, "height": 640},
        locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh", has_touch=True,
    )  # fmt: skip
    # a browser writes cookies down half a minute late: one that is killed sooner would forget who is signed in
    context.add_cookies([{"name": "sid", "value": session, "url": address}])
    yield context.pages[0]


def processes(folder: Path) -> list[int]:
    """Every process of the browser that runs on this disk."""
    listing = subprocess.run(
        ["ps", "-ww", "-eo", "pid,args"], capture_output=True, text=True, check=True
    ).stdout
    lines = (line.strip().partition(" ") for line in listing.splitlines())
    found = [int(pid) for pid, _, command in lines if f"--user-data-dir={folder}" in command]
    assert found, "no browser runs on this disk"
    return found


def kill(alive: list[int]) -> None:
    """The power goes."""
    for pid in alive:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
