"""What the form of a visit weighs before Save can be tapped, as the browser itself counts it."""

from collections.abc import Callable

from playwright.sync_api import CDPSession, Page, expect

from tests.browser.conftest import VOLUNTEER, Site, form_of
from tests.browser.finger import is_on_top

MOST_BYTES, MOST_REQUESTS = 60 * 1024, 4


def test_the_form_is_light(site: Site, record_property: Callable[[str, object], None]) -> None:
    """On a cold cache, signed in: at most 60 KB and four requests, the page's icon counted, until Save answers a tap."""
    door = max(site.doors(), key=lambda row: len(row.last_skills))
    page = site.page(VOLUNTEER)
    network = page.context.new_cdp_session(page)
    asked: dict[str, str] = {}
    weighed: dict[str, int] = {}
    network.on(
        "Network.requestWillBeSent",
        lambda told: asked.update({told["requestId"]: told["request"]["url"]}),
    )
    network.on(
        "Network.loadingFinished",
        lambda told: weighed.update({told["requestId"]: int(told["encodedDataLength"])}),
    )
    network.send("Network.enable")

    page.goto(form_of(door))
    save = page.locator("form.if-met button.go")
    save.scroll_into_view_if_needed()
    expect(save).to_be_enabled()
    assert is_on_top(save), "Save is covered by something else"
    assert "submit" in listeners(network), "the outbox does not listen to Save"
    page.wait_for_load_state("networkidle")

    # A new phone is enrolled once Save answers already; nothing else of the page's own asking is left out.
    asked = {
        request: address for request, address in asked.items() if not address.endswith("/api/v1/devices")
    }
    # The browser draws its own controls out of data: addresses; nothing of them comes over the wire.
    told = [
        (address, weighed[request]) for request, address in asked.items() if not address.startswith("data:")
    ]
    if not any(
        "favicon" in address for address, _weight in told
    ):  # a browser without a window does not ask for it
        told.append(weigh_icon(page))
    total = sum(weight for _address, weight in told)
    record_property("bytes", total)
    record_property("requests", len(told))
    figures = f"{total} bytes in {len(told)} requests: {told}"
    assert total <= MOST_BYTES, figures
    assert len(told) <= MOST_REQUESTS, figures


def listeners(devtools: CDPSession) -> set[str]:
    """The kinds of events that scripts of the page listen to on the document."""
    document = devtools.send("Runtime.evaluate", {"expression": "document"})["result"]["objectId"]
    found = devtools.send("DOMDebugger.getEventListeners", {"objectId": document})["listeners"]
    return {listener["type"] for listener in found}


def weigh_icon(page: Page) -> tuple[str, int]:
    """The icon as a browser with a window fetches it: what is sent, and the lines above it."""
    address = page.locator("link[rel=icon]").get_attribute("href")
    assert address is not None
    answer = page.context.request.get(address, headers={"Accept-Encoding": "gzip, br"})
    assert answer.ok
    above = sum(len(line["name"]) + len(line["value"]) + 4 for line in answer.headers_array)
    return address, above + int(answer.headers.get("content-length", len(answer.body())))
