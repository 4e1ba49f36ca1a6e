"""What an answer to a hostile request must never be, whatever was sent."""

import csv
import io
import json
import re
import unicodedata
from typing import Any

from skills.text import door_number, fold
from tests.client import Page, check
from tests.hostile.corpus import CANARY

# 401 is for programs, 413 for what is too large, 415 and the like are not ours to say
ALLOWED = {200, 303, 304, 400, 401, 403, 404, 405, 409, 410, 413, 422, 429}

# What may change when a request is refused, and why.
EXCUSED = {
    "sign_in_failure": "counting the tries is what has to be remembered of a refused sign-in (skills/accounts/limits.py)",
    "enrolment": "and of a wrong PIN (skills/people/enrolments.py)",
}
_ADDRESSES = ("href", "src", "action", "formaction", "hx-get", "hx-post", "content", "data", "srcset")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# Words that `check` takes for something of ours that was left over, when they come out of the corpus.
_LOOKS_LEFT_OVER = ("{{", "}}", "{%", "%}", "None", "True", "False", "Undefined")


class Judge:
    """Keeps in mind which pages it has already seen, so that the same page is read once."""

    def __init__(self) -> None:
        self._good: set[int] = set()
        self._stored_some = False  # what may look left over is in the database now, and shown from there
        self._last: tuple[Any, Page] | None = None

    def wrong(
        self, answer: Any, sent: str, stored: frozenset[str], program: bool = False, piece: bool = False
    ) -> list[str]:
        """What is wrong with an answer. `sent`: the hostile text, as a person would read it; `stored`: the tables that it
        changed; `program`: the sender asked for JSON; `piece`: htmx asked for a piece of a page."""
        looks = any(mark in sent for mark in _LOOKS_LEFT_OVER)
        self._stored_some = self._stored_some or (looks and bool(stored))
        found = wrong_status(answer, stored) + wrong_headers(answer)
        kind = answer.headers.get("content-type", "")
        if kind.startswith("text/html") and answer.text:
            return found + self._page(answer, looks, piece)
        if kind.startswith("text/csv"):
            found += wrong_file(answer)
        if program and answer.status_code >= 400:
            found += wrong_problem(answer)
        if CANARY in answer.text and not kind.startswith(("application/", "text/csv")):
            found.append(f"the canary stands in {kind or 'an answer without a type'}")
        return found

    def read(self, answer: Any) -> Page:
        """The page in an answer; reading one takes longer than making it, so it is read once."""
        if self._last is None or self._last[0] is not answer:
            self._last = answer, Page(answer)
        return self._last[1]

    def _page(self, answer: Any, looks: bool, piece: bool) -> list[str]:
        same = hash((answer.status_code, _UUID.sub("", answer.text)))
        if same in self._good:
            return []
        skip = {"leftovers"} if looks or self._stored_some else set()
        page = self.read(answer)
        found = check(page, skip, whole=not piece)
        if CANARY in answer.text.lower():
            found += markup(page)
        if not found:
            self._good.add(same)
        return found


def wrong_status(answer: Any, stored: frozenset[str]) -> list[str]:
    """A failure of ours, a status that we never give, or something stored although it was refused."""
    status = answer.status_code
    found = [] if status in ALLOWED else [f"answered {status}"]
    kept = stored - EXCUSED.keys()
    if status >= 400 and kept:
        found.append(f"refused with {status}, and stored in {', '.join(sorted(kept))}")
    return found


def wrong_headers(answer: Any) -> list[str]:
    """A header that somebody else wrote, or a way off this site."""
    found = [
        f"{name!r} holds a control character"
        for name, value in answer.headers.raw
        if any(byte < 32 and byte != 9 for byte in name + value)
    ]
    for name in ("location", "hx-redirect"):
        target = answer.headers.get(name)
        if target is not None and (not target.startswith("/") or target.startswith(("//", "/\\"))):
            found.append(f"{name} leads off the site: {target!r}")
    if CANARY in answer.headers.get("set-cookie", ""):
        found.append("the canary stands in a cookie")
    return found


def wrong_problem(answer: Any) -> list[str]:
    """A program is told by problem+json (RFC 9457)."""
    if not answer.headers.get("content-type", "").startswith("application/problem+json"):
        return [f"a program was told {answer.status_code} as {answer.headers.get('content-type')}"]
    told = json.loads(answer.text)
    missing = [name for name in ("type", "title", "status", "detail") if not told.get(name)]
    return [f"a problem without {', '.join(missing)}"] if missing else []


def wrong_file(answer: Any) -> list[str]:
    """A cell that a spreadsheet would work out."""
    cells = [cell for row in csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))) for cell in row]
    return [
        f"a cell begins like a formula: {cell[:80]!r}"
        for cell in cells
        if cell.strip()[:1] in tuple("=+-@＝＋－＠\t\r") and cell.strip()
    ]


def markup(page: Page) -> list[str]:
    """Where the canary is more than text: a tag, an attribute, a script, an address that leads somewhere else."""
    found = []
    for element in page.elements:
        if CANARY in element.tag or any(CANARY in name for name in element.attrs):
            found.append(f"the canary became markup: <{element.tag} {element.attrs}>"[:300])
        if element.tag in ("script", "style", "template", "noscript") and CANARY in str(
            [c for c in element.children if isinstance(c, str)]
        ):
            found.append(f"the canary stands in <{element.tag}>")
        found += [
            f"the canary stands in an address: {name}={value!r}"[:300]
            for name, value in element.attrs.items()
            if name in _ADDRESSES and CANARY in value and (value[:1] not in "/#" or value.startswith("//"))
        ]
    if f"{CANARY}49" in page.text or f"49{CANARY}" in page.text:
        found.append("what was sent was worked out as a template")
    return found


def not_kept(page: Page, name: str, sent: str) -> list[str]:
    """A refused form shows what was typed, so that it can be put right and not typed again."""
    typed = plain(sent)
    shown = [
        "".join(child for child in e.children if isinstance(child, str)) if e.tag == "textarea" else value
        for e in page.elements
        if e.attrs.get("name") == name and (value := e.attrs.get("value", "")) is not None
    ]
    # what the domain reads may be shown as it is written: "số 12 a" as 12A
    as_read = (typed, fold(typed), fold(door_number(typed)))
    if not typed or not shown or any(plain(value) in as_read or fold(value) in as_read for value in shown):
        return []
    return [f"{name} was refused and is no longer there: {typed[:80]!r}, but {[s[:80] for s in shown]}"]


def plain(text: str) -> str:
    """As it is taken in: composed, without control characters, spaces apart."""
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\t", " "))
    return " ".join("".join(c for c in composed if c == "\n" or unicodedata.category(c) != "Cc").split())
