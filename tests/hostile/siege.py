"""Sends the corpus at everything that was found, and keeps what went wrong and what was attacked."""

import asyncio
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from fastapi import FastAPI

from tests.hostile.corpus import CORPUS, NAMES, Hostile
from tests.hostile.find import Control, Found, FoundForm, Routes, forms_of, walk_pages
from tests.hostile.judge import Judge, not_kept
from tests.hostile.watch import Watch
from tests.hostile.wire import FORM, HTMX, JSON, Pairs, Wire, encoded, escaped, escaped_value

# Where somebody types, a field gets a third of the corpus the first time, or a sixth where there is room for a word only. A field
# that is not typed, or was attacked on another form before, gets every fortieth value, others each time; of fields that are
# alike but for their number, each gets two or three. `thorough`, in `make prove`, gives every field all of it.
SHARES = {1: 6, 2: 3}  # by how much room there is
EVERY = 40
ALIKE = 80
FAMILIES = ("level-", "audience-")
NEED_A_FILE = {"/admin/people/sheet"}  # the corpus is text; files have a siege of their own
WHOLE = 200  # how many refusals lie between two at which every row of the database is compared


@dataclass
class Siege:
    """One application under attack.

    `fill`: what a person would type into a field of a form, where the page sends nothing. `again`: makes a form that is gone
    anew and gives the address of its page. `after`: puts right what an attack has spoilt, after it was judged. `door` and
    `visits` were there before. Everything that went wrong is in `complaints`.
    """

    app: FastAPI
    watch: Watch
    wires: dict[str, Wire]
    loop: asyncio.AbstractEventLoop
    fill: Callable[[FoundForm, str], str | None] = lambda _form, _name: None
    again: Callable[[FoundForm], str] = lambda form: form.page
    signed_in: frozenset[str] = frozenset()
    after: Callable[[frozenset[str]], None] = lambda _stored: None
    visits: dict[str, Any] = field(default_factory=dict)  # by address
    door: str = ""
    there: dict[str, str] = field(default_factory=dict)  # the parts of an address, by name, of what is there
    ticket: str = ""  # with which Hoài's phone hands in
    person: Callable[[str], uuid.UUID] = lambda _name: uuid.UUID(int=0)
    unsteady: frozenset[str] = frozenset()  # names that `fill` never fills in twice alike
    thorough: bool = False  # the whole corpus everywhere
    judge: Judge = field(default_factory=Judge)
    sent: int = 0
    answered: Counter[int] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)
    fields: set[tuple[Any, str]] = field(default_factory=set)  # attacked: identity of a form, name
    parameters: set[tuple[str, str, str, str]] = field(default_factory=set)
    names: set[str] = field(default_factory=set)  # every name that was attacked, wherever
    compared: int = 0  # how often the whole database was compared
    _times: Counter[str] = field(default_factory=Counter)
    _minted: dict[Any, frozenset[str] | None] = field(default_factory=dict)
    _turns: Counter[int] = field(
        default_factory=Counter
    )  # how often such a share was given: the next one comes then
    _shaped: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.routes = Routes(self.app)

    # What there is

    def explore(self, *of: str) -> Found:
        """Every page of everybody, or of some. A page that is not in order is a complaint."""
        found = Found()
        for who, wire in self.wires.items():
            if of and who not in of:
                continue
            walk_pages(self.routes, who, self._opening(wire), self.judge.read, found)
        return found

    def _opening(self, wire: Wire) -> Callable[[str], Any]:
        def open_page(address: str) -> Any:
            answer = wire.send("GET", escaped(address))
            stored = self.watch.stored()
            wrong = self.judge.wrong(answer, "", stored)
            self.complaints += [f"{wire.who} opens {address}: {each}" for each in wrong]
            return answer

        return open_page

    def provoke(self, form: FoundForm, **otherwise: str) -> list[FoundForm]:
        """The forms of the page with which a form comes back when it can't be taken as it is."""
        pairs = [pair for pair in self.stands(form) if pair[0] not in otherwise]
        answer = self.wires[form.who].send(
            "POST", escaped(form.action), encoded([*pairs, *otherwise.items()]), [FORM]
        )
        self.watch.stored()
        if not answer.headers.get("content-type", "").startswith("text/html"):
            return []
        forms = forms_of(self.routes, self.judge.read(answer), form.who, form.page)
        return [replace(each, provoked=(form, tuple(otherwise.items()))) for each in forms]

    # Forms

    def attack_form(self, form: FoundForm, briefly: bool = False) -> None:
        """Every field with its share of the corpus, then, once for each address, names that the form does not have and fields that
        are missing. `briefly`: one value a field, when somebody else attacked the same form already."""
        current = self.reopened(form, must=False) if briefly else self._take(form)
        for control in form.controls:
            if briefly and _family(control.name) != control.name:
                continue
            for hostile in self._share(control.name, _room_for(control), briefly):
                pairs = self.stands(current, control)
                place = next((n for n, (name, _) in enumerate(pairs) if name == control.name), len(pairs))
                pairs = [pair for pair in pairs if pair[0] != control.name]
                pairs.insert(place, (control.name, hostile.sent))
                current = self._fire(current, pairs, control, hostile)
            self.fields.add((form.identity, control.name))
        if (form.method, form.to) not in self._shaped:
            self._shaped.add((form.method, form.to))
            for hostile, pairs in self._shapes(current):
                current = self._fire(current, pairs, None, hostile)

    def _take(self, form: FoundForm) -> FoundForm:
        """Sends the form as a person would, so that what is refused afterwards is refused for the attack alone."""
        form = self.reopened(form)  # the forms of one page share its ids
        data = encoded(self.stands(form))
        if form.method == "GET":
            answer = self.wires[form.who].send("GET", escaped(form.action) + b"?" + data)
        else:
            answer = self.wires[form.who].send("POST", escaped(form.action), data, [FORM])
        if answer.status_code >= 400 and form.to not in NEED_A_FILE:
            self.complaints.append(
                f"{form.who}: {form.to} is refused as it stands ({answer.status_code}): {data!r}"
            )
        stored = self.watch.stored()
        self.after(stored)
        if not stored:
            return form
        anew = self.reopened(form)
        self._minted[form.identity] = self._only_ids_differ(form, anew)
        return anew

    def _only_ids_differ(self, form: FoundForm, anew: FoundForm) -> frozenset[str] | None:
        """The names of the ids that the page mints, when a form that was taken is offered again with nothing else changed: then
        minting them here is the same as opening the page, and much faster."""
        before, after = dict(self.stands(form)), dict(self.stands(anew))
        differ = frozenset(
            str(name) for name in before if before[name] != after.get(name) and name not in self.unsteady
        )
        ids = all(_is_id(before[name]) for name in differ)
        return differ if ids and form.page == anew.page and before.keys() == after.keys() else None

    def stands(self, form: FoundForm, attacked: Control | None = None) -> Pairs:
        """What the form sends when somebody fills it in sensibly. A choice that is attacked has all boxes ticked around it, so
        that a level is asked of a skill that was taught."""
        pairs: Pairs = []
        around = attacked is not None and not attacked.sent and attacked.kind in ("radio", "checkbox")
        for control in form.controls:
            values: Sequence[str] = [value for value in control.sent if value]
            if not values and (filled := self.fill(form, control.name)) is not None:
                values = [filled]
            if not values and around and control.kind == "checkbox":
                values = control.offered
            pairs += [(control.name, value) for value in values or control.sent]
        return pairs

    def _shapes(self, form: FoundForm) -> Iterable[tuple[Hostile, Pairs]]:
        """The form with something missing, doubled, or that it never had."""
        pairs = self.stands(form)
        names = [str(name) for name, _ in pairs]
        first = names[0] if names else "q"
        for name in _one_of_each(names):
            yield Hostile(f"without {name}", ""), [pair for pair in self.stands(form) if pair[0] != name]
            yield Hostile(f"{name} twice", "zz"), [*self.stands(form), (name, "zz")]
            yield Hostile(f"{name} twice, first", "zz"), [(name, "zz"), *self.stands(form)]
            yield Hostile(f"{name} in capitals", "zz"), [*self.stands(form), (name.upper(), "zz")]
        for named in NAMES:
            spelt = named.sent.replace(b"%", first.encode())
            yield named, [*self.stands(form), (spelt, "1")]
        yield Hostile("nothing at all", ""), []
        yield Hostile("hundreds of fields", "1"), [*self.stands(form), *((f"f{n}", "1") for n in range(990))]
        yield Hostile("thousands of fields", "1"), [(f"f{n}", "1") for n in range(5000)]
        yield Hostile("one field a thousand times", "1"), [(first, "1")] * 990

    def _fire(self, form: FoundForm, pairs: Pairs, control: Control | None, hostile: Hostile) -> FoundForm:
        """Sends it, judges the answer, and gives the form as it is offered now."""
        headers = self._manner(hostile)
        wire, data = self.wires[form.who], encoded(pairs)
        whole = self._whole_now()
        try:
            if form.method == "GET":
                answer = wire.send("GET", escaped(form.action) + b"?" + data, headers=headers)
            else:
                answer = wire.send("POST", escaped(form.action), data, [FORM, *headers])
        except Exception as error:
            self._complain(form.who, form.to, control, hostile, [f"raised {error!r}"[:300]])
            return form
        stored = self._judged(answer, whole, headers, form.who, form.to, control, hostile)
        shown = answer.headers.get("content-type", "").startswith("text/html")
        if control and control.shown_again and answer.status_code == 422 and shown and form.method == "POST":
            kept = not_kept(self.judge.read(answer), control.name, hostile.text)
            self._complain(form.who, form.to, control, hostile, kept)
        return self._anew(form) if stored and form.method == "POST" else form

    def _anew(self, form: FoundForm) -> FoundForm:
        """The same form with fresh ids, after it was taken."""
        minted = self._minted.get(form.identity)
        if minted is None:
            return self.reopened(form)
        controls = [
            replace(control, sent=(str(uuid.uuid4()),)) if control.name in minted else control
            for control in form.controls
        ]
        return replace(form, controls=tuple(controls))

    def reopened(self, form: FoundForm, must: bool = True) -> FoundForm:
        """The same form with fresh ids, after it was taken; on a page made anew when it is no longer offered there."""
        if form.provoked:
            before, otherwise = form.provoked
            offered = self.provoke(self.reopened(before), **dict(otherwise))
            return next((each for each in offered if each.identity == form.identity), form)
        ways: tuple[Callable[[FoundForm], str], ...] = (lambda same: same.page, *[self.again] * 5)
        for find_page in ways:
            address = find_page(form)
            page = self.wires[form.who].send("GET", escaped(address))
            self.watch.stored()
            if page.headers.get("content-type", "").startswith("text/html"):
                forms = forms_of(self.routes, self.judge.read(page), form.who, address)
                same = next((each for each in forms if each.identity == form.identity), None)
                if same:
                    return same
        if must:
            self.complaints.append(f"{form.who}: {form.to} is no longer offered at {form.page}")
        return form

    # Parameters

    def attack_path(self, route: str, method: str, name: str, values: dict[str, str], who: str) -> None:
        """One part of an address; the others as in an address that is there."""
        for hostile in self._share(name, 0):
            parts = {
                each: escaped_value(hostile.sent if each == name else value)
                for each, value in values.items()
                if f"{{{each}}}" in route
            }
            target = route.format(**parts)
            self._ask(who, method, target.encode(), (route, method, "path", name), hostile)

    def attack_query(self, route: str, method: str, name: str, address: str, query: Pairs, who: str) -> None:
        """One name of a query; the others as somebody would choose them."""
        room = 2 if name in ("q", "next", "period") else 0
        for hostile in self._share(name, room):
            pairs = [pair for pair in query if pair[0] != name] + [(name, hostile.sent)]
            target = escaped(address) + b"?" + encoded(pairs)
            self._ask(who, method, target, (route, method, "query", name), hostile)
        if (method, route) in self._shaped:
            return
        self._shaped.add((method, route))
        for value in ("zz", "", "2026"):  # given twice
            target = escaped(address) + b"?" + encoded([(name, value), *query, (name, value)])
            self._ask(who, method, target, (route, method, "query", name), Hostile(f"{value!r} twice", value))
        for named in NAMES:
            target = (
                escaped(address) + b"?" + encoded([*query, (named.sent.replace(b"%", name.encode()), "1")])
            )
            self._ask(who, method, target, (route, method, "query", name), named)

    def attack_raw(
        self,
        who: str,
        method: str,
        target: str | bytes,
        hostile: Hostile,
        body: bytes | Iterable[bytes] = b"",
        headers: Sequence[tuple[bytes, bytes]] = (),
        own: bool = True,
    ) -> Any:
        """Any request, byte by byte."""
        whole = self._whole_now()
        try:
            answer = self.wires[who].send(method, target, body, headers, own)
        except Exception as error:
            self._complain(who, str(target), None, hostile, [f"raised {error!r}"[:300]])
            return None
        self._judged(answer, whole, headers, who, f"{method} {target!r}"[:200], None, hostile)
        return answer

    def _ask(
        self, who: str, method: str, target: bytes, parameter: tuple[str, str, str, str], hostile: Hostile
    ) -> None:
        headers = self._manner(hostile)
        more = [FORM] if method == "POST" else []
        self.attack_raw(
            who,
            method,
            target,
            Hostile(f"{parameter[3]}: {hostile.name}", hostile.value),
            b"",
            [*more, *headers],
        )
        self.parameters.add(parameter)
        self.names.add(parameter[3])

    # Beneath

    def _share(self, name: str, room: int, briefly: bool = False) -> Sequence[Hostile]:
        """The values for a field: a large share the first time somebody may type there, else a small one, another each time."""
        family = _family(name)
        before, self._times[family] = self._times[family], self._times[family] + 1
        self.names.add(name)
        if family == name and not briefly and self.thorough:
            return CORPUS
        if family == name and not briefly and room and not before:
            self._turns[room] += 1
            return CORPUS[self._turns[room] % SHARES[room] :: SHARES[room]]
        step = len(CORPUS) if briefly else ALIKE if family != name else EVERY
        return CORPUS[before % step :: step]

    def _manner(self, hostile: Hostile) -> list[tuple[bytes, bytes]]:
        """As a page, unless it is no matter for the eyes: then in turn as a page, the outbox and htmx ask."""
        return [] if hostile.name.startswith("markup") else [[], [JSON], [HTMX], [JSON]][self.sent % 4]

    def _whole_now(self) -> dict[str, str]:
        return self.watch.whole() if self.sent % WHOLE == 0 else {}

    def _judged(
        self,
        answer: Any,
        whole: dict[str, str],
        headers: Sequence[tuple[bytes, bytes]],
        who: str,
        where: str,
        control: Control | None,
        hostile: Hostile,
    ) -> frozenset[str]:
        self.sent += 1
        self.answered[answer.status_code] += 1
        stored = self.watch.stored()
        api = where.startswith("/api/") or "b'/api/" in where
        wrong = self.judge.wrong(answer, hostile.text, stored, JSON in headers or api, HTMX in headers)
        sent_away = who in self.signed_in and answer.headers.get("location", "").startswith("/sign-in")
        somebody_else = {name for name, _ in headers} & {b"x-person", b"cookie"}
        back = (
            where == "/language"
        )  # open to everybody, and comes back to where it stood: the page for signing in too
        if sent_away and not somebody_else and not back and "/sign-" not in where:
            wrong.append("was signed out, so nothing was attacked")
        if whole and answer.status_code >= 400:
            after = self.watch.whole()
            self.compared += 1
            differ = {table for table in after if after[table] != whole.get(table)} - stored
            wrong += [f"{', '.join(sorted(differ))} changed and nobody saw it"] if differ else []
        self._complain(who, where, control, hostile, wrong)
        self.after(stored)
        return stored

    def _complain(
        self, who: str, where: str, control: Control | None, hostile: Hostile, wrong: Sequence[str]
    ) -> None:
        name = control.name if control else ""
        self.complaints += [
            f"{who} sends {hostile.name[:80]!r} as {name!r} to {where}: {each}" for each in wrong
        ]


def who_may_open(route: str) -> str:
    """Somebody of the cast who may, for an address that asks for somebody signed in."""
    if route.startswith("/admin/catalogue/"):
        return "Khánh"
    office = ("/reports", "/api/v1/totals", "/coverage/", "/admin", "/invitations", "/devices/{")
    return "Thu" if route.startswith(office) else "Hoài"


def _is_id(value: str | bytes) -> bool:
    try:
        return bool(uuid.UUID(str(value)))
    except ValueError:
        return False


def _room_for(control: Control) -> int:
    """How much somebody may type: 2 for anything, 1 for a word, a number or a day, 0 for nothing."""
    return 0 if not control.typed else 2 if control.kind in ("textarea", "search", "tel") else 1


def _family(name: str) -> str:
    return next((each for each in FAMILIES if name.startswith(each)), name)


def _one_of_each(names: list[str]) -> list[str]:
    """The names, with one for each family."""
    return list({_family(name): name for name in names}.values())
