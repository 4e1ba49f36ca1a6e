"""A browser for tests: looks at every page it is given, the way a person with a screen reader and a strict browser would."""

import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient

from skills.web.headers import CONTENT_SECURITY_POLICY

_VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
_UNSEEN = {"script", "style", "template", "title"}
_UNLABELLED = {"hidden", "submit", "button", "image", "reset"}
CHECKS = (
    "doctype", "lang", "title", "h1", "ids", "labels", "actions", "inline", "csp", "buttons", "links", "images",
    "leftovers", "references",
)  # fmt: skip


@dataclass
class Element:
    """A tag of a page, with what stands inside it."""

    tag: str
    attrs: dict[str, str]
    parent: "Element | None" = None
    children: list["Element | str"] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What can be read, with single spaces."""
        return " ".join(self._texts().split())

    @property
    def name(self) -> str:
        """What a screen reader says: label, text, or the labels of the pictures inside."""
        inside = [e.attrs.get("aria-label") or e.attrs.get("alt") or "" for e in self.walk()]
        return (self.attrs.get("aria-label") or self.text or " ".join(inside)).strip()

    def walk(self) -> "list[Element]":
        """All elements inside, in the order of the page."""
        found: list[Element] = []
        waiting = [child for child in reversed(self.children) if isinstance(child, Element)]
        while waiting:
            here = waiting.pop()
            found.append(here)
            waiting += [child for child in reversed(here.children) if isinstance(child, Element)]
        return found

    def within(self, tag: str) -> "Element | None":
        """The nearest element around this one with that tag."""
        here = self.parent
        while here is not None and here.tag != tag:
            here = here.parent
        return here

    def _texts(self) -> str:
        if self.tag in _UNSEEN:
            return " "
        return "".join(child if isinstance(child, str) else f" {child._texts()} " for child in self.children)


class Page(HTMLParser):
    """A page or a piece of one, to be asked things."""

    def __init__(self, response: Any) -> None:
        super().__init__(convert_charrefs=True)
        self.response = response
        self.source: str = response if isinstance(response, str) else response.text
        self.root = Element("", {})
        self._here = self.root
        self.feed(self.source)
        self.close()
        self.elements = self.root.walk()

    def updatepos(self, i: int, j: int) -> int:  # noqa: ARG002
        """Nobody asks on which line a tag stands, and counting lines takes a tenth of the time."""
        return j

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self._here)
        self._here.children.append(element)
        if tag not in _VOID:
            self._here = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._here.children.append(Element(tag, {name: value or "" for name, value in attrs}, self._here))

    def handle_endtag(self, tag: str) -> None:
        opened: Element | None = self._here
        while opened is not None and opened.tag != tag:
            opened = opened.parent
        if opened is not None and opened.parent is not None:
            self._here = opened.parent

    def handle_data(self, data: str) -> None:
        self._here.children.append(data)

    @property
    def text(self) -> str:
        """All that can be read on the page."""
        return self.root.text

    @property
    def h1(self) -> str:
        """The heading."""
        return self.one("h1").text

    @property
    def title(self) -> str:
        """What stands in the browser's tab."""
        return "".join(c for c in self.one("title").children if isinstance(c, str)).strip()

    def all(self, tag: str, **attrs: str) -> list[Element]:
        """Every element of that tag with these attributes (`class_` for class, `_` for -)."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attrs.items()}
        return [
            e
            for e in self.elements
            if e.tag == tag and all(_has(e, name, value) for name, value in wanted.items())
        ]

    def one(self, tag: str, **attrs: str) -> Element:
        """The only one; an assertion when there are more or none."""
        found = self.all(tag, **attrs)
        assert len(found) == 1, f"{len(found)} times <{tag} {attrs}> in {self.source[:4000]}"
        return found[0]

    def link(self, text: str) -> str:
        """Where the link with these words leads."""
        found = [e.attrs["href"] for e in self.all("a") if text in (e.text, e.name) and "href" in e.attrs]
        assert found, f"no link {text!r} among {[e.name for e in self.all('a')]}"
        return found[0]

    def form(self, action: str) -> dict[str, list[str]]:
        """What the form posts when it is sent as it stands, without pressing any particular button."""
        forms = [e for e in self.all("form") if e.attrs.get("action", "").partition("?")[0] == action]
        assert forms, f"no form posts to {action}: {[e.attrs.get('action') for e in self.all('form')]}"
        sent: dict[str, list[str]] = {}
        for e in forms[0].walk():
            for value in _sends(e):
                sent.setdefault(e.attrs["name"], []).append(value)
        return sent


class Client:
    """A browser of one person; checks every HTML page that it is given. `skip`: names of CHECKS to leave out."""

    def __init__(self, app: FastAPI, skip: tuple[str, ...] = (), **headers: str) -> None:
        self.app = app
        self.skip = set(skip)
        self.pages: list[Page] = []
        self.http = TestClient(
            app, follow_redirects=False, headers={"Sec-Fetch-Site": "same-origin", **headers}
        )

    @property
    def cookies(self) -> Any:
        """The cookie jar."""
        return self.http.cookies

    def get(self, url: str, **options: Any) -> Any:
        """The answer to GET."""
        return self.request("GET", url, **options)

    def post(self, url: str, data: dict[str, Any] | None = None, **options: Any) -> Any:
        """The answer to a form: `data` has strings, or lists of them for repeated names."""
        return self.request("POST", url, data=data, **options)

    def page(self, url: str, **options: Any) -> Page:
        """The page at an address; an assertion when it is not there."""
        response = self.get(url, **options)
        assert response.status_code == 200, f"{url}: {response.status_code} {response.text[:2000]}"
        return Page(response)

    def submit(self, page: Page, action: str, **values: Any) -> Any:
        """Sends the page's form with some fields changed; None takes a field out."""
        fields: dict[str, Any] = dict(page.form(action))
        fields |= values
        return self.post(action, {name: value for name, value in fields.items() if value is not None})

    def request(self, method: str, url: str, **options: Any) -> Any:
        """Any request; a page in the answer is looked at before it is given back."""
        skip = self.skip | set(options.pop("skip", ()))
        response = self.http.request(method, url, **options)
        if response.headers.get("content-type", "").startswith("text/html") and response.text:
            whole = "hx-request" not in {name.lower() for name in options.get("headers") or {}}
            wrong = check(response, skip, whole)
            assert not wrong, f"{method} {url} ({response.status_code}):\n  " + "\n  ".join(wrong)
        return response


def check(response: Any, skip: set[str] | tuple[str, ...] = (), whole: bool = True) -> list[str]:
    """What is wrong with a page, or with a piece of one, in sentences that begin with the name of the check. `response`: the
    answer, or the page that was read out of it."""
    page = response if isinstance(response, Page) else Page(response)
    of_a_page = {"doctype", "lang", "title", "h1", "references"}
    return [
        f"{name}: {sentence}"
        for name in CHECKS
        if name not in skip and (whole or name not in of_a_page)
        for sentence in globals()[f"_check_{name}"](page)
    ]


def _check_doctype(page: Page) -> list[str]:
    return [] if page.source.lower().startswith("<!doctype html>") else ["the page has no doctype"]


def _check_lang(page: Page) -> list[str]:
    wrong = [
        f"html lang={e.attrs.get('lang')!r}"
        for e in page.all("html")
        if e.attrs.get("lang") not in ("vi", "en")
    ]
    told = page.response.headers.get("content-language")
    said = [e.attrs.get("lang") for e in page.all("html")]
    return wrong if [told] == said else [*wrong, f"Content-Language is {told}, the page says {said}"]


def _check_title(page: Page) -> list[str]:
    titles = ["".join(map(str, e.children)) for e in page.all("title") if e.within("svg") is None]
    if len(titles) != 1:
        return [f"{len(titles)} titles"]
    own = titles[0].removesuffix(" · Từng Nhà").strip()
    return [] if own and own != "Từng Nhà" else [f"the title says nothing of this page: {titles[0]!r}"]


def _check_h1(page: Page) -> list[str]:
    found = [e.name for e in page.all("h1")]
    return [] if len(found) == 1 and found[0] else [f"h1: {found}"]


def _check_ids(page: Page) -> list[str]:
    counted = Counter(
        e.attrs["id"] for e in page.elements if "id" in e.attrs and e.within("template") is None
    )
    return [f"id {name!r} stands {n} times" for name, n in counted.items() if n > 1 or not name]


def _check_labels(page: Page) -> list[str]:
    labelled = {e.attrs.get("for") for e in page.all("label")}
    return [
        f"<{e.tag} name={e.attrs.get('name')!r}> has no label"
        for tag in ("input", "select", "textarea")
        for e in page.all(tag)
        if e.attrs.get("type") not in _UNLABELLED
        and not (e.attrs.get("id") in labelled or e.within("label") or _named(page, e))
    ]


def _check_actions(page: Page) -> list[str]:
    return [
        f"a form without an address: {e.attrs}"
        for e in page.all("form")
        if not e.attrs.get("action", "").startswith("/")
        or e.attrs.get("method", "get").lower() not in ("get", "post")
    ]


def _check_inline(page: Page) -> list[str]:
    wrong = [f"<{e.tag}> has style=" for e in page.elements if "style" in e.attrs]
    wrong += [
        f"<{e.tag}> has {n}=" for e in page.elements for n in e.attrs if re.match(r"on[a-z]+$|hx-on", n)
    ]
    wrong += ["<style> in the page" for e in page.all("style")]
    wrong += [
        "<script> in the page"
        for e in page.all("script")
        if "src" not in e.attrs and e.attrs.get("type") != "application/json"
    ]
    wrong += [
        f"javascript: in {e.attrs['href']}"
        for e in page.all("a")
        if e.attrs.get("href", "").startswith("javascript")
    ]
    wrong += [
        f"<{e.tag}> loads {e.attrs[n]}"
        for e in page.elements
        for n in ("src", "srcset")
        if n in e.attrs and not e.attrs[n].startswith("/")
    ]
    return wrong


def _check_csp(page: Page) -> list[str]:
    policy = page.response.headers.get("content-security-policy")
    return [] if policy == CONTENT_SECURITY_POLICY else [f"Content-Security-Policy is {policy!r}"]


def _check_buttons(page: Page) -> list[str]:
    return [f"a button that says nothing: {e.attrs}" for e in page.all("button") if not e.name] + [
        f"a button without a type: {e.name}" for e in page.all("button") if "type" not in e.attrs
    ]


def _check_links(page: Page) -> list[str]:
    return [f"a link that says nothing: {e.attrs}" for e in page.all("a") if not e.name]


def _check_images(page: Page) -> list[str]:
    wrong = [f"an image without alt: {e.attrs}" for e in page.all("img") if "alt" not in e.attrs]
    return wrong + [
        f"a drawing neither hidden nor labelled: {e.attrs}"
        for e in page.all("svg")
        if not (
            {"hidden", "aria-label", "aria-labelledby"} & e.attrs.keys()
            or e.attrs.get("aria-hidden") == "true"
        )
        and e.within("svg") is None
    ]


def _check_leftovers(page: Page) -> list[str]:
    wrong = [f"{mark!r} is left over" for mark in ("{{", "}}", "{%", "%}") if mark in page.source]
    shown = " ".join(
        [page.text, *(v for e in page.elements for n, v in e.attrs.items() if n not in ("d", "id"))]
    )
    return wrong + [
        f"{word!r} is shown"
        for word in ("None", "Undefined", "True", "False")
        if re.search(rf"\b{word}\b", shown)
    ]


def _check_references(page: Page) -> list[str]:
    ids = {e.attrs.get("id") for e in page.elements}
    return [
        f"{name}={e.attrs[name]!r} points at nothing"
        for e in page.elements
        for name in ("for", "aria-labelledby", "aria-describedby", "aria-controls")
        if name in e.attrs and not set(e.attrs[name].split()) <= ids
    ] + [
        f"#{e.attrs['href'][1:]} is nowhere on the page"
        for e in page.all("a")
        if e.attrs.get("href", "").startswith("#") and e.attrs["href"][1:] not in ids
    ]


def _named(page: Page, element: Element) -> bool:
    return bool({"aria-label", "aria-labelledby"} & element.attrs.keys())


def _has(element: Element, name: str, value: str) -> bool:
    given = element.attrs.get(name)
    return value in (given or "").split() if name == "class" else given == value


def _sends(element: Element) -> list[str]:
    attrs = element.attrs
    if "name" not in attrs or "disabled" in attrs:
        return []
    if element.tag == "textarea":
        text = "".join(child for child in element.children if isinstance(child, str))
        return [text.removeprefix("\n")]
    if element.tag == "select":
        options = [e for e in element.walk() if e.tag == "option"]
        chosen = [e for e in options if "selected" in e.attrs] or options[:1]
        return [e.attrs.get("value", e.text) for e in chosen]
    if element.tag != "input" or attrs.get("type") in ("submit", "button", "image", "reset", "file"):
        return []
    if attrs.get("type") in ("checkbox", "radio"):
        return [attrs.get("value", "on")] if "checked" in attrs else []
    return [attrs.get("value", "")]
