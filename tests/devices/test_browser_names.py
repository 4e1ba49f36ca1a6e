"""How a browser is called in the list of one's phones."""

import pytest
from starlette.requests import Request

from skills.web.browser_name import browser_name

MOZILLA = "Mozilla/5.0 "


@pytest.mark.parametrize(
    ("told", "name"),
    [
        (MOZILLA + "(Linux; Android 13; SM-A146P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36", "Chrome · Android"),
        (MOZILLA + "(Linux; Android 13) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0 Mobile Safari/537.36", "Samsung · Android"),
        (MOZILLA + "(iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1", "Safari · iPhone"),
        (MOZILLA + "(iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Zalo iOS/614", "Zalo · iPhone"),
        (MOZILLA + "(Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36 Edg/126.0", "Edge · Windows"),
        (MOZILLA + "(X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox · Linux"),
        ("curl/8.5.0", ""),
        ("<script>alert(1)</script>" * 100, ""),
        ("", ""),
    ],
)  # fmt: skip
def test_a_name_that_its_owner_knows(told: str, name: str) -> None:
    """Browser and system, of a list of our own; nothing else of what was sent is ever shown."""
    assert browser_name(Request({"type": "http", "headers": [(b"user-agent", told.encode())]})) == name
