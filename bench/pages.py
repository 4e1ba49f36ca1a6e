"""The pages of the daily work, role by role, asked for by many people at many doors; and what each of them weighs."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from urllib.parse import quote_plus, urlencode

import brotli
from sqlmodel import col, select

from bench.call import Answer, Ask
from bench.ground import Ground
from bench.people import Goer
from bench.rows import Bar, Limit, Row, timed_row
from skills.visits.models import Visit
from skills.web.assets import DIST, PREFIX

QUICK = Bar("≤ 100 ms (p95) at 1 million visits", 100, 1_000_000)
LIGHT = Bar("≤ 60 KB over the wire", 60 * 1024)
FORM = "volunteer: the form of a visit"


@dataclass(frozen=True)
class Page:
    """A page of somebody's day. `weighs`: its weight is a row too."""

    name: str
    asks: Sequence[Ask]
    weighs: bool = True


def pages(ground: Ground) -> list[Page]:
    """Every page of the daily work, with the addresses at which it is asked for."""
    return [
        page
        for page in (*_volunteers(ground), *_leaders(ground), *_ward_leads(ground), *_offices(ground))
        if page.asks
    ]


def measure_pages(ground: Ground) -> Iterator[Row]:
    """The time of each page at the server, beside an empty route and a bare page of the same size."""
    yield timed_row(
        "machine", "empty FastAPI route", ground.limits.empty_route, Limit("itself", ground.limits.empty_route.p50)
    )  # fmt: skip
    for page in pages(ground):
        times, answer = ground.time(page.asks)
        yield timed_row(
            "pages", page.name, times, ground.limits.empty(), ground.limits.page(len(answer.body)), *_by_hand(ground, page),
            bar=QUICK, statements=ground.statements(page.asks[0]), bytes=len(answer.body),
        )  # fmt: skip


def weigh_pages(ground: Ground) -> Iterator[Row]:
    """What each page weighs as it is sent, with what a browser that has nothing yet fetches besides."""
    for page in pages(ground):
        if not page.weighs:
            continue
        answer = max(
            (ground.caller.get(ask) for ask in page.asks[: ground.effort.repetitions][:8]),
            key=lambda answer: len(answer.body),
        )
        linked = linked_assets(answer)
        assets = sum(weight_of(name) for name in linked)
        yield Row(
            "weights", page.name, "bytes", len(answer.sent) + assets,
            (Limit("page and assets as small as brotli makes them", len(brotli.compress(answer.body)) + assets),),
            bar=replace(LIGHT, words="≤ 60 KB over the wire, ≤ 4 requests") if page.name == FORM else None,
            more={
                "page": len(answer.body), "page_sent": len(answer.sent), "assets": assets, "requests": 1 + len(linked),
            },
        )  # fmt: skip


def linked_assets(answer: Answer) -> set[str]:
    """The files that a page makes the browser fetch."""
    if not answer.headers.get("content-type", "").startswith("text/html"):
        return set()
    links = re.findall(rf'(?:href|src)="{PREFIX}([^"#]+)', answer.body.decode())
    return set(links)


@cache
def weight_of(name: str) -> int:
    """Bytes of an asset as a browser gets it that takes brotli."""
    return (DIST / f"{name}.br").stat().st_size


def _by_hand(ground: Ground, page: Page) -> list[Limit]:
    """A search has a limit more: the same word looked for in the addresses of the ward, in SQL."""
    if "search" not in page.name:
        return []
    goers = ground.cast.ward_leads if page.name.startswith("ward") else ground.cast.volunteers
    ward = goers[0].doors[0][0]
    return [Limit("LIKE over the ward's doors", ground.limits.like(ward, goers[0].words[0].split()[-1]))]


def _volunteers(ground: Ground) -> Iterator[Page]:
    goers = ground.cast.volunteers
    own = _own_visits(ground, goers)
    yield Page("volunteer: first page", [Ask("/", one.cookie) for one in goers])
    yield Page("volunteer: all doors", [Ask("/households", one.cookie) for one in goers])
    yield Page(
        "volunteer: doors of a group",
        [Ask(f"/households?group={group}", one.cookie) for one in goers for group in one.groups],
    )
    yield Page("volunteer: search as typed", _searches(ground, goers), weighs=False)
    yield Page("volunteer: a door", _at_doors(ground, goers, lambda ward, door: f"/households/{ward}/{door}"))
    yield Page(FORM, _at_doors(ground, goers, lambda ward, door: f"/visits/new?ward={ward}&household={door}"))
    yield Page("volunteer: own visits", [Ask("/visits", one.cookie) for one in goers])
    yield Page("volunteer: a visit", own)
    yield Page(
        "volunteer: history of a door",
        _at_doors(ground, goers, lambda ward, door: f"/households/{ward}/{door}/visits"),
    )
    yield Page("volunteer: own figures", [Ask("/reports", one.cookie) for one in goers])


def _leaders(ground: Ground) -> Iterator[Page]:
    goers = ground.cast.leaders
    yield Page("team leader: first page", [Ask("/", one.cookie) for one in goers])
    yield Page("team leader: all doors", [Ask("/households", one.cookie) for one in goers])
    yield Page("team leader: the team's figures", [Ask("/reports", one.cookie) for one in goers])


def _ward_leads(ground: Ground) -> Iterator[Page]:
    goers = ground.cast.ward_leads
    of_groups = [(one, group) for one in goers for group in one.groups[:4]]
    yield Page("ward lead: first page", [Ask("/", one.cookie) for one in goers])
    yield Page("ward lead: a group's page", [Ask(f"/?group={group}", one.cookie) for one, group in of_groups])
    yield Page("ward lead: all doors", [Ask("/households", one.cookie) for one in goers])
    yield Page(
        "ward lead: doors of a group",
        [Ask(f"/households?group={group}", one.cookie) for one, group in of_groups],
    )
    yield Page(
        "ward lead: doors with a follow-up", [Ask("/households?mark=back", one.cookie) for one in goers]
    )
    yield Page("ward lead: search as typed", _searches(ground, goers), weighs=False)
    yield Page("ward lead: a door", _at_doors(ground, goers, lambda ward, door: f"/households/{ward}/{door}"))
    yield Page("ward lead: report of the ward", [Ask("/reports", one.cookie) for one in goers])


def _offices(ground: Ground) -> Iterator[Page]:
    cookie, city = ground.cast.city
    yield Page("officer: district report", [Ask("/reports", one) for one, _area in ground.cast.officers])
    yield Page("city: report", [Ask("/reports", cookie)])
    yield Page(
        "city: report, sorted",
        [Ask(f"/reports?sort={name}&desc=1", cookie) for name in ("visits", "change", "reached")],
        weighs=False,
    )
    yield Page("city: report as a file", [Ask("/reports/download.csv", cookie)])
    yield Page("city: skills as a file", [Ask("/reports/download.csv?by=skill", cookie)])
    for by in ("area", "skill", "day"):
        asked = urlencode({"area": city, "by": by})
        yield Page(f"program: totals by {by}", [Ask(f"/api/v1/totals?{asked}", token=ground.cast.token)])


def _searches(ground: Ground, goers: Sequence[Goer]) -> list[Ask]:
    """What people type: a number and a street, a number alone, a street alone; folded, as htmx sends it."""
    found = []
    for one in goers:
        words = ground.chance.choice(one.words).split()
        typed = ground.chance.choice((f"{words[0]} {words[-1]}", words[0], " ".join(words[-2:])))
        found.append(Ask(f"/households?q={quote_plus(typed)}", one.cookie, htmx=True))
    return found


def _at_doors(ground: Ground, goers: Sequence[Goer], address: Callable[[int, object], str]) -> list[Ask]:
    """At several doors of each."""
    return [
        Ask(address(ward, door), one.cookie)
        for one in goers
        for ward, door in ground.chance.sample(one.doors, min(3, len(one.doors)))
    ]


def _own_visits(ground: Ground, goers: Sequence[Goer]) -> list[Ask]:
    """Visits that their authors look at again, at doors that they still go to."""
    found = []
    with ground.database.reading() as db:
        for one in goers:
            rows = select(Visit.ward_id, Visit.id).where(
                col(Visit.author_id) == one.viewer.person_id, col(Visit.voided_at).is_(None)
            )
            asks = [Ask(f"/visits/{ward}/{visit}", one.cookie) for ward, visit in db.execute(rows.limit(3))]
            found += [ask for ask in asks if ground.caller.ask(ask).status == 200]
    return found
