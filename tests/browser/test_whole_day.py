"""A day without a network on a phone whose power goes: twenty doors, and in the evening all of them count at the ward."""

import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect
from sqlmodel import select

from skills import clock
from skills.areas.models import Area
from skills.households.find import DoorRow
from skills.reports.area import area_report
from skills.reports.forms import ReportQuery
from tests.browser.cable import Cable
from tests.browser.conftest import VOLUNTEER, Site, form_of
from tests.browser.pocket import ALL_SENT, KEPT_HERE, flag, save
from tests.browser.test_killed import kill, phone, processes
from tests.browser.test_offline import CONTROLLED, TAKEN
from tests.browser.test_offline import until as until_true

DOORS = 20
A_MINUTE = 60.0  # seconds from the network's return until the ward counts the last visit


def test_twenty_doors_in_a_day_without_a_network(site: Site, playwright: Any, tmp_path: Path) -> None:
    """The phone took its doors along once. Then there is no network: it is killed, opened from cold, used at ten doors, killed
    again, used at ten more. When the network is back, and nobody touches the page, the ward counts all twenty."""
    doors = site.doors()[:DOORS]
    before = counted(site, doors[0])
    cable, session = Cable(site.address), site.session_of(VOLUNTEER)
    with phone(cable.address, session, playwright, tmp_path) as page:
        page.goto("/")
        page.wait_for_function(CONTROLLED)
        until_true(page, TAKEN)
        kill(processes(tmp_path))
    cable.cut()
    for some in (doors[:10], doors[10:]):
        with phone(cable.address, session, playwright, tmp_path) as page:
            page.context.set_offline(True)
            for door in some:
                visit(page, door)
            assert site.saved() == []
            if some[-1] is not doors[-1]:
                kill(processes(tmp_path))
                continue
            expect(flag(page)).to_contain_text(str(DOORS))
            cable.mend()
            page.context.set_offline(False)
            back = time.monotonic()
            while counted(site, doors[0]) != before + DOORS:
                assert time.monotonic() < back + A_MINUTE, f"{len(site.saved())} of {DOORS} after a minute"
                page.wait_for_timeout(100)
            expect(flag(page)).to_contain_text(ALL_SENT)
            page.context.close()
    cable.close()
    assert {(visit.ward_id, visit.household_id) for visit in site.saved()} == {
        (door.ward_id, door.id) for door in doors
    }


def visit(page: Page, door: DoorRow) -> None:
    """From the form of a door to what the phone says when it has the visit."""
    page.goto(form_of(door))
    page.locator(".chips input[name=skill] + label").first.tap()
    save(page).tap()
    expect(page.get_by_text(KEPT_HERE).first).to_be_visible()


def counted(site: Site, door: DoorRow) -> int:
    """How many meetings of this month the ward's report says."""
    with site.database.reading() as db:
        ward = db.exec(select(Area).where(Area.id == door.ward_id)).one()
        figures = area_report(db, ward, ReportQuery(), clock.today(), clock.now()).figures
    assert figures is not None
    return int(figures["visits_met"] or 0)
