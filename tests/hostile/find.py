"""Finds what can be attacked, by itself: every form of every page that a person can reach, and every parameter that a route or a
link names."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

from fastapi import FastAPI
from starlette.routing import compile_path

from tests.client import Element, Page
from tests.test_gates import walk

_CONTROLS = ("input", "select", "textarea", "button")
_SENDING = ("submit", "image")
_SILENT = ("button", "reset", "file")
MOST_FACTS = (
    8  # pages about a door or a visit that are opened, of each kind: they differ in what happened there
)


@dataclass(frozen=True)
class Control:
    """A name that a form sends, with what the page offers for it."""

    name: str
    kind: str  # hidden, text, search, tel, password, textarea, select, radio, checkbox, submit, one-time-code
    offered: tuple[str, ...]  # what the page would send, or could be made to send
    sent: tuple[str, ...]  # what it sends as it stands

    @property
    def typed(self) -> bool:
        """Whether a person types it, so that it has to be shown again when it is refused."""
        return self.kind not in ("hidden", "select", "radio", "checkbox", "submit", "password", "script")

    @property
    def shown_again(self) -> bool:
        """Whether it comes back when it is refused: what is good for once is typed anew, like a password."""
        return self.typed and self.kind != "one-time-code"


@dataclass(frozen=True)
class FoundForm:
    """A form of a page, as one of the cast saw it."""

    who: str
    page: str  # address of the page
    method: str
    action: str
    to: str  # route that it is sent to
    controls: tuple[Control, ...]
    provoked: tuple["FoundForm", tuple[tuple[str, str], ...]] | None = (
        None  # it stands on the answer to this form, so filled in
    )

    @property
    def identity(self) -> tuple[str, str, tuple[str, ...]]:
        """The same form, whoever sees it and wherever it stands."""
        return self.method, self.to, tuple(sorted(control.name for control in self.controls))


@dataclass
class Found:
    """What a walk over all pages saw."""

    forms: list[FoundForm] = field(default_factory=list)
    queries: dict[str, set[str]] = field(default_factory=dict)  # names in the query of links, by route
    pages: dict[tuple[str, str], Page] = field(default_factory=dict)  # by person and address


class Routes:
    """The addresses that the application answers."""

    def __init__(self, app: FastAPI) -> None:
        self.declared: list[tuple[str, frozenset[str], Any]] = [
            (path, frozenset(getattr(route, "methods", None) or ()), route)
            for path, route in walk(app.routes)
        ]
        self._compiled = [(path, methods, compile_path(path)[0]) for path, methods, _ in self.declared]

    def named(self, path: str, method: str = "GET") -> str:
        """The route that answers a path, as it is declared; "" when none does."""
        return next(
            (
                declared
                for declared, methods, pattern in self._compiled
                if method in methods and pattern.match(path)
            ),
            "",
        )

    def plain(self) -> list[str]:
        """Pages whose address needs nothing filled in."""
        return [path for path, methods, _ in self.declared if "GET" in methods and "{" not in path]

    def parameters(self) -> Iterator[tuple[str, str, str, str]]:
        """(route, method, "path" or "query", name) of each parameter that a route declares, in its signature or its document."""
        for path, methods, route in self.declared:
            dependant = getattr(route, "dependant", None)
            if dependant is None:
                continue
            method = "GET" if "GET" in methods else min(methods)
            yield from ((path, method, "path", each.alias) for each in _flat(dependant, "path_params"))
            yield from ((path, method, "query", each.alias) for each in _flat(dependant, "query_params"))
            told = (getattr(route, "openapi_extra", None) or {}).get("parameters", [])
            yield from ((path, method, each["in"], each["name"]) for each in told)


def walk_pages(
    routes: Routes, who: str, open_page: Callable[[str], Any], read: Callable[[Any], Page], found: Found
) -> None:
    """Opens the pages that somebody can reach by links, from those whose address needs nothing filled in: each page about a door
    or a visit up to a number, and of all others those whose address asks for something new."""
    waiting, met, facts = routes.plain(), set(routes.plain()), Counter[str]()
    asked: set[tuple[str, str]] = set()  # route and name in the query
    while waiting:
        address = waiting.pop(0)
        route, names = routes.named(urlsplit(address).path), parse_qs(urlsplit(address).query)
        new = {(route, name) for name in names} - asked
        asked |= new
        if "{" in route or "household" in names:
            facts[route] += 1
            new = new if facts[route] > MOST_FACTS else {(route, "")}
        if not route or (names and not new):
            continue
        answer = open_page(address)
        onward = [answer.headers["location"]] if "location" in answer.headers else []
        if answer.headers.get("content-type", "").startswith("text/html") and answer.text:
            page = read(answer)
            found.pages[who, address] = page
            found.forms += forms_of(routes, page, who, address)
            onward += [e.attrs["href"] for e in page.all("a") if "href" in e.attrs]
            onward += [e.attrs["hx-get"] for e in page.elements if "hx-get" in e.attrs]
        for link in onward:
            target = urljoin(address, link).partition("#")[0]
            if target.startswith("/") and target not in met:
                met.add(target)
                waiting.append(target)
                split = urlsplit(target)
                found.queries.setdefault(routes.named(split.path), set()).update(parse_qs(split.query))


def forms_of(routes: Routes, page: Page, who: str, address: str) -> list[FoundForm]:
    """The forms of a page; a control belongs to the form around it, or to the one that it names."""
    found = []
    forms = page.all("form")
    controls_of: dict[int, list[Element]] = {}
    for element in page.elements:
        if element.tag in _CONTROLS and element.attrs.get("name"):
            controls_of.setdefault(id(_form_around(forms, element)), []).append(element)
    for form in forms:
        action = form.attrs.get("action") or address
        method = form.attrs.get("method", "get").upper()
        controls = list(_controls(controls_of.get(id(form), [])))
        if "data-outbox" in form.attrs:
            controls.append(Control("saved_at", "script", (), ()))  # the script adds when it was saved
        found.append(
            FoundForm(
                who,
                address,
                method,
                action.partition("?")[0],
                routes.named(urlsplit(action).path, method),
                tuple(controls),
            )
        )
    return found


def _form_around(forms: list[Element], element: Element) -> Element | None:
    named = element.attrs.get("form")
    if named is None:
        return element.within("form")
    return next((form for form in forms if form.attrs.get("id") == named), None)


def _controls(elements: list[Element]) -> Iterator[Control]:
    """One for each name, in the order of the page."""
    offered: dict[str, list[str]] = {}
    sent: dict[str, list[str]] = {}
    kinds: dict[str, str] = {}
    for element in elements:
        attrs = element.attrs
        name, kind = attrs["name"], _kind(element)
        if kind in _SILENT:
            continue
        kinds.setdefault(name, kind)
        for value, chosen in _values(element, kind):
            offered.setdefault(name, []).append(value)
            if chosen:
                sent.setdefault(name, []).append(value)
    for name, kind in kinds.items():
        values = offered.get(name, [])
        # a form is sent by a button: the last one that has a name, as a choice of its own
        stands = values[-1:] if kind == "submit" else sent.get(name, [])
        yield Control(name, kind, tuple(values), tuple(stands))


def _kind(element: Element) -> str:
    if element.tag in ("textarea", "select"):
        return element.tag
    if element.attrs.get("autocomplete") == "one-time-code":
        return "one-time-code"
    kind = element.attrs.get("type", "submit" if element.tag == "button" else "text")
    return "submit" if kind in _SENDING else kind


def _values(element: Element, kind: str) -> Iterator[tuple[str, bool]]:
    attrs = element.attrs
    if kind == "textarea":
        yield "".join(child for child in element.children if isinstance(child, str)).removeprefix("\n"), True
    elif kind == "select":
        options = [e for e in element.walk() if e.tag == "option"]
        chosen = next((e for e in options if "selected" in e.attrs), options[0] if options else None)
        for option in options:
            yield option.attrs.get("value", option.text), option is chosen
    elif kind in ("radio", "checkbox"):
        yield attrs.get("value", "on"), "checked" in attrs
    else:
        yield attrs.get("value", ""), True


def _flat(dependant: Any, what: str) -> list[Any]:
    return [
        *getattr(dependant, what),
        *(each for inner in dependant.dependencies for each in _flat(inner, what)),
    ]
