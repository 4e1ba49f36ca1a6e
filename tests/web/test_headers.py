"""The headers that keep pages safe are on every answer, and only our own pages may change something."""

import pytest
from fastapi import FastAPI

from skills.app import create_app
from skills.web.headers import CONTENT_SECURITY_POLICY
from skills.web.render import environment
from tests.cast import City
from tests.client import Client


@pytest.fixture
def paths(stranger: Client) -> dict[str, str]:
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
    }


def test_every_answer_has_them(stranger: Client, paths: dict[str, str]) -> None:
    """The policy to the letter."""
    policy = (
        "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert policy == CONTENT_SECURITY_POLICY
    for kind, path in paths.items():
        headers = stranger.get(path).headers
        assert headers["content-security-policy"] == policy, kind
        assert headers["x-content-type-options"] == "nosniff", kind
        assert headers["referrer-policy"] == "same-origin", kind
        assert (
            headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
        )
        assert "geolocation=()" in headers["permissions-policy"], kind
        assert "strict-transport-security" not in headers, kind


def test_over_https_browsers_are_told_to_stay_there(city: City) -> None:
    """Two years."""
    settings = city.settings.model_copy(update={"base_url": "https://tungnha.example"})
    answer = Client(create_app(settings)).get("/healthz")
    assert answer.headers["strict-transport-security"] == "max-age=63072000"


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
