"""The corpus in every parameter of every address, in the headers that are read, and at the interface for programs."""

from urllib.parse import urlencode

import pytest

from skills.forms import Form
from skills.people import sessions
from skills.reports.forms import FileQuery, ReportQuery, TotalsQuery
from tests.hostile.corpus import HEADERS, Hostile
from tests.hostile.enough import AT_LEAST
from tests.hostile.find import Found
from tests.hostile.siege import Siege, who_may_open
from tests.hostile.wire import Pairs

READ = (
    "accept", "accept-language", "authorization", "content-type", "cookie", "hx-boosted", "hx-history-restore-request", "hx-request",
    "origin", "referer", "sec-fetch-site", "user-agent", "x-forwarded-for", "x-person",
)  # fmt: skip
# Not read, or read by what stands around the application; they are sent once each.
OTHERS = (
    "accept-encoding",
    "content-encoding",
    "content-length",
    "host",
    "if-none-match",
    "range",
    "referer",
    "transfer-encoding",
)
_QUERIES: dict[str, type[Form]] = {
    "/reports": ReportQuery,
    "/reports/download.csv": FileQuery,
    "/api/v1/totals": TotalsQuery,
}
OPEN = (
    "/healthz", "/readyz", "/language", "/sign-in", "/sign-out", "/switch", "/join", "/join/{token}", "/api/v1/openapi.json",
)  # fmt: skip


@pytest.fixture(scope="module")
def attacked(besieged: Siege) -> Found:
    """What was found; every parameter has been attacked."""
    found = besieged.explore("a stranger", "Hoài", "Thu")
    for route, method, where, name in sorted(parameters_of(besieged, found)):
        who = _who(route)
        if where == "path":
            besieged.attack_path(route, method, name, besieged.there, who)
        else:
            besieged.attack_query(route, method, name, route, _query(besieged, route, name), who)
    return found


def parameters_of(siege: Siege, found: Found) -> set[tuple[str, str, str, str]]:
    """Those that routes declare, those that links have, those that forms send by GET, and those that a form class names."""
    declared = set(siege.routes.parameters())
    linked = {(route, "GET", "query", name) for route, names in found.queries.items() for name in names}
    sent = {
        (form.to, "GET", "query", control.name)
        for form in found.forms
        for control in form.controls
        if form.method == "GET"
    }
    named = {
        (route, "GET", "query", field.alias or name)
        for route, form in _QUERIES.items()
        for name, field in form.model_fields.items()
    }
    return {each for each in declared | linked | sent | named if each[0]}


def _who(route: str) -> str:
    """Somebody who may open it."""
    if route in OPEN:
        return "a stranger"
    return who_may_open(route)


def _query(siege: Siege, route: str, name: str) -> Pairs:
    """What else the address asks for."""
    if route == "/visits/new":
        return [("ward", siege.there["ward"]), ("household", siege.there["household"])]
    if name in ("from", "to"):
        return [("from", "1/8/2026"), ("to", "20/8/2026")]
    return (
        [("period", "2026-08")] if "period" in siege.names or route.startswith(("/reports", "/api")) else []
    )


def test_every_parameter_was_attacked(besieged: Siege, attacked: Found) -> None:
    """And nothing went wrong."""
    assert besieged.complaints == []
    assert besieged.parameters == parameters_of(besieged, attacked)
    assert len(besieged.parameters) >= 45
    assert {where for _route, _method, where, _name in besieged.parameters} == {"path", "query"}


def test_every_header_that_is_read_was_attacked(besieged: Siege, attacked: Found) -> None:
    """On a page, at a form that changes something, and at the interface for programs."""
    sent = besieged.sent
    for name in READ:
        for hostile in HEADERS:
            headers = [(name.encode(), hostile.sent)]
            told = Hostile(f"{name}: {hostile.name}", hostile.value)
            besieged.attack_raw("Hoài", "GET", "/households", told, headers=headers)
            besieged.attack_raw("Hoài", "POST", "/language", told, b"language=en&next=/", headers)
            besieged.attack_raw("Thu", "GET", "/api/v1/totals", told, headers=headers)
    for name in OTHERS:
        for hostile in HEADERS:
            told = Hostile(f"{name}: {hostile.name}", hostile.value)
            besieged.attack_raw("Hoài", "GET", "/", told, headers=[(name.encode(), hostile.sent)])
    assert besieged.complaints == []
    assert besieged.sent - sent >= 800


@pytest.mark.parametrize("name", ["sid", "device", "language", "__Host-sid", "x"])
def test_cookies_of_somebody_elses_making(besieged: Siege, name: str) -> None:
    """Whatever is in them, one is either signed in or not."""
    for hostile in HEADERS:
        cookie = [(b"cookie", name.encode() + b"=" + hostile.sent), (b"sec-fetch-site", b"same-origin")]
        for method, target in (("GET", "/"), ("GET", "/sign-in"), ("POST", "/sign-out")):
            besieged.attack_raw("a stranger", method, target, hostile, headers=cookie, own=False)
    assert besieged.complaints == []


def test_nobody_from_another_site_changes_anything(besieged: Siege) -> None:
    """Whatever the headers say that a browser sets: refused, and nothing is stored."""
    for site in (
        b"cross-site",
        b"same-site",
        b"none",
        b"",
        b"same-origin, cross-site",
        b"\xff",
    ):
        for origin in (b"https://hostile7f.example", b"null", b"", b"http://testserver.hostile7f.example"):
            headers = [
                (b"sec-fetch-site", site),
                (b"origin", origin),
                (b"cookie", besieged.wires["Hoài"].cookie),
            ]
            told = Hostile(f"from {site!r}, {origin!r}", site)
            answer = besieged.attack_raw("Hoài", "POST", "/sign-out", told, headers=headers, own=False)
            assert answer.status_code == 403 or site == b"none", (site, origin, answer.status_code)
    assert besieged.complaints == []


def test_methods_that_nobody_offers(besieged: Siege) -> None:
    """On every address: told so, or nothing there."""
    for path, methods, _route in besieged.routes.declared:
        target = path.format(**besieged.there) if "{path" not in path else "/static/x"
        for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "HEAD", "X" * 200):
            answer = besieged.attack_raw("Hoài", method, target, Hostile(method[:20], ""))
            assert answer.status_code in (200, 303, 403, 404, 405), (
                method,
                path,
                answer.status_code,
                methods,
            )
    assert besieged.complaints == []


def test_a_token_of_another_program_is_judged_alike(besieged: Siege) -> None:
    """The interface answers a good token, and tells every other one the same."""
    with besieged.app.state.database.writing() as db:
        token = sessions.issue_api_token(db, besieged.person("Thu"), "siege")
    besieged.watch.stored()
    good = besieged.attack_raw(
        "a stranger", "GET", "/api/v1/totals?" + urlencode({"period": "2026-08"}), Hostile("a token", token),
        headers=[(b"authorization", f"Bearer {token}".encode())],
    )  # fmt: skip
    assert good.status_code == 200
    for hostile in HEADERS:
        bad = besieged.attack_raw(
            "a stranger",
            "GET",
            "/api/v1/totals",
            hostile,
            headers=[(b"authorization", b"Bearer " + hostile.sent)],
        )
        assert (bad.status_code, bad.headers["www-authenticate"]) == (401, "Bearer")
    assert besieged.complaints == []


def test_there_were_enough(besieged: Siege, attacked: Found) -> None:
    """Parameters and headers together."""
    print(f"\n{besieged.sent} hostile requests to addresses: {dict(besieged.answered.most_common())}")  # noqa: T201
    assert besieged.sent >= AT_LEAST["parameters"]
