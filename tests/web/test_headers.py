"""The headers that keep pages safe are on every answer, and only our own pages may change something."""

from typing import Any

import pytest
from fastapi import FastAPI

from skills.app import create_app
from skills.web.gate import Anyone
from skills.web.headers import CONTENT_SECURITY_POLICY
from skills.web.render import environment
from tests.accounts.second_factor import give_second_factor
from tests.cast import PASSWORD, City
from tests.client import Client
from tests.conftest import AsPerson
from tests.test_gates import walk

# Every one, to the letter: what is changed in the program has to be changed here too.
HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), "
    "payment=(), usb=()",
}
OVER_HTTPS = {"strict-transport-security": "max-age=63072000"}  # two years
OTHERS = {
    "content-type", "content-length", "content-encoding", "content-language", "content-disposition", "vary", "cache-control",
    "etag", "last-modified", "accept-ranges", "location", "allow", "retry-after", "www-authenticate", "set-cookie",
}  # fmt: skip


def safe(answer: Any) -> dict[str, str]:
    """What an answer says besides what it is about."""
    return {name: value for name, value in answer.headers.items() if name not in OTHERS}


@pytest.fixture
def paths() -> dict[str, str]:
    """One address of each kind of answer."""
    return {
        "page": "/sign-in",
        "text": "/healthz",
        "redirect": "/households",
        "error": "/nowhere",
        "json": "/api/v1/totals",
        "static": environment().globals["asset"]("app.css"),  # type: ignore[operator]
        "no such file": "/static/nothing.css",
        "document": "/api/v1/openapi.json",
        "worker": "/sw.js",
        "manifest": "/manifest.webmanifest",
        "shell": "/shell/vi",
    }


def test_every_answer_has_them(stranger: Client, paths: dict[str, str]) -> None:
    """These, and no other that tells something of the server."""
    for kind, path in paths.items():
        assert safe(stranger.get(path)) == HEADERS, kind
        assert safe(stranger.request("HEAD", path)) == HEADERS, kind
        assert safe(stranger.request("DELETE", path)) == HEADERS, kind


@pytest.mark.parametrize("name", ["Hoài", "Lộc", "Thu", "Tâm", "Khánh", "Yến", "Lạ"])
def test_every_page_of_every_role_has_them(app: FastAPI, as_person: AsPerson, name: str) -> None:
    """Whatever can be asked for without naming anything, and whatever is answered; no page of anybody is kept by a cache."""
    client = as_person(name)
    asked = 0
    for path, route in walk(app.routes):
        if "{" in path or "GET" not in (getattr(route, "methods", None) or ()):
            continue
        answer = client.get(path)
        asked += 1
        # a card's page is told to nobody by a search engine
        assert safe(answer) == HEADERS | ({"x-robots-tag": "noindex"} if path == "/join" else {}), path
        if answer.headers.get("content-type", "").startswith("text/html"):
            assert answer.headers["cache-control"] == "no-store", path
    assert asked >= 15


def test_over_https_browsers_are_told_to_stay_there(city: City, paths: dict[str, str]) -> None:
    """On every answer."""
    settings = city.settings.model_copy(update={"base_url": "https://tungnha.example"})
    client = Client(create_app(settings))
    for kind, path in paths.items():
        assert safe(client.get(path)) == HEADERS | OVER_HTTPS, kind


def test_what_nobody_foresaw_has_them_too(app: FastAPI) -> None:
    """An error of ours is no way around them."""

    @app.get("/broken")
    def broken(viewer: Anyone) -> None:
        raise RuntimeError("x")

    answer = Client(app).get("/broken")
    assert (answer.status_code, safe(answer)) == (500, HEADERS)
    assert answer.headers["cache-control"] == "no-store"


def test_what_sets_a_cookie_is_kept_by_no_cache(stranger: Client, city: City) -> None:
    """A redirect too: the session in it is somebody's."""
    signed_in = stranger.post("/sign-in", {"tel": "0905000001", "pw": PASSWORD})
    language = stranger.post("/language", {"language": "en"})
    out = stranger.post("/sign-out")
    for answer in (signed_in, language, out):
        assert answer.status_code == 303
        assert "set-cookie" in answer.headers
        assert answer.headers["cache-control"] == "no-store"


def test_the_cookies_are_as_they_were_promised(city: City) -> None:
    """Over https with the name that binds them to this host, over http, in demo and test, by the plain one."""
    give_second_factor(city, "Khánh")
    for base_url, prefix, secure in (
        ("https://testserver", "__Host-", ["Secure"]),
        ("http://testserver", "", []),
    ):
        app = create_app(city.settings.model_copy(update={"base_url": base_url}))
        found = {}
        for tel in ("0905000001", "0905000005"):
            for cookie in (
                Client(app).post("/sign-in", {"tel": tel, "pw": PASSWORD}).headers.get_list("set-cookie")
            ):
                marks = cookie.split("; ")
                name, _, value = marks[0].partition("=")
                if value not in ("", '""'):
                    assert len(value) >= 43  # 256 bits
                    assert len(cookie) < 4096
                    found[name] = sorted(
                        mark for mark in marks[1:] if not mark.startswith(("Max-Age", "expires"))
                    )
        marks = sorted(["HttpOnly", "Path=/", "SameSite=lax", *secure])
        assert found == {f"{prefix}{name}": marks for name in ("sid", "device", "half")}


def test_errors_before_the_routes_have_them_too(stranger: Client) -> None:
    """A refused origin, a body too large."""
    refused = stranger.post("/language", headers={"Sec-Fetch-Site": "cross-site"})
    large = stranger.post("/language", {"language": "x" * 2_000_000})
    assert [refused.status_code, large.status_code] == [403, 413]
    for answer in (refused, large):
        assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"}, False),
        ({"Sec-Fetch-Site": "", "Origin": "http://testserver"}, True),
        ({"Sec-Fetch-Site": "", "Origin": "http://evil.example"}, False),
        ({"Sec-Fetch-Site": "", "Origin": "null"}, False),
        ({"Sec-Fetch-Site": ""}, False),  # neither header: no browser of ours
        ({"Sec-Fetch-Site": "cross-site", "Authorization": "Bearer x"}, True),
        ({"Sec-Fetch-Site": "cross-site", "Authorization": "Basic x"}, False),
    ],
)
@pytest.mark.parametrize("path", ["/language", "/sign-in", "/sign-out", "/visits", "/households"])
def test_only_our_own_pages_may_post(
    stranger: Client, path: str, headers: dict[str, str], allowed: bool
) -> None:
    """Sec-Fetch-Site, else Origin, else no; a bearer token can't be sent by another site."""
    assert (stranger.post(path, headers=headers).status_code != 403) is allowed


def test_reading_is_open_to_links_from_elsewhere(stranger: Client) -> None:
    """Somebody may send a link by Zalo."""
    assert stranger.get("/sign-in", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_pages_are_compressed_and_built_files_not_twice(stranger: Client) -> None:
    """A page in gzip; a file as it was built."""
    assert stranger.get("/sign-in").headers["content-encoding"] == "gzip"
    path = environment().globals["asset"]("app.css")  # type: ignore[operator]
    assert stranger.get(path, headers={"Accept-Encoding": "br, gzip"}).headers["content-encoding"] == "br"


def test_nothing_is_told_to_a_telemetry_of_the_framework(app: FastAPI) -> None:
    """FastAPI could be configured from the environment to send traces somewhere."""
    told = app._telemetry
    assert [told[name] for name in ("tracing", "metrics", "logs", "auto_configure")] == [False] * 4
