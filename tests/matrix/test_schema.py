"""Schemathesis as everybody: cases that fit a document of all routes and cases that don't, and no answer is a 5xx.

The program's own document tells of what it offers to other programs; this one is of every route, made here out of what the routes
declare and of the fields that their forms have. Ids are sometimes those of things that there are. Twenty cases an operation in `make test`,
of people drawn by lot; in `make prove` a hundred and twenty, twelve of each.
"""

import json
import os
import uuid
from collections import Counter
from typing import Any
from urllib.parse import quote, urlencode

import schemathesis
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from hypothesis import given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.result import Ok

from skills.reports import contract
from tests.hostile.wire import Headers
from tests.matrix.table import Line, Table
from tests.matrix.walk import Walk, left_behind
from tests.matrix.world import POSITIONS, SUBJECTS
from tests.test_gates import walk as walk_routes

EACH = int(os.environ.get("TUNGNHA_TEST_CASES", 2))  # of every subject
_REPORTS = {"/reports", "/reports/download.csv", "/api/v1/totals"}
_ITEM = {
    "type": "object",
    "properties": {
        "item": {"type": "string", "format": "uuid"}, "op": {"enum": ["visit", "correction", "void", "door", "group_count"]},
        "schema": {"type": "integer"}, "ward": {"type": "integer"}, "id": {"type": "string", "format": "uuid"}, "base": {"type": "integer"},
        "saved_at": {"type": "string"}, "needs": {"type": ["string", "null"]}, "key": {"type": "string", "format": "uuid"},
        "fields": {"type": "array", "items": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}},
        "mac": {"type": "string"}, "seq": {"type": "integer"}, "skew": {"type": "integer"}, "tries": {"type": "integer"},
        "sealed": {"type": "object"},
    },
    "required": ["item"],
}  # fmt: skip
_JSON: dict[str, dict[str, Any]] = {
    "POST /api/v1/devices": {"device": {"type": ["string", "null"], "format": "uuid"}, "label": {"type": "string"}},
    "POST /api/v1/sync": {
        "items": {"type": "array", "items": _ITEM, "maxItems": 5}, "sent_at": {"type": "string"}, "pending": {"type": "integer"},
        "oldest": {"type": ["string", "null"]}, "ask": {"type": "array", "items": {"type": "string", "format": "uuid"}}, "app": {"type": "string"},
    },
    "POST /api/v1/sync/ledger": {
        "day": {"type": "string", "format": "date"},
        "items": {"type": "array", "items": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}},
    },
}  # fmt: skip


def document(walk: Walk, lines: dict[str, list[Line]]) -> dict[str, Any]:
    """OpenAPI of every route, those for phones and pages too; `lines` are those of the table, by route."""
    routes = [route for _path, route in walk_routes(walk.app.routes) if hasattr(route, "dependant")]
    hidden = [route for route in routes if not route.include_in_schema]  # type: ignore[attr-defined]
    for route in hidden:
        route.include_in_schema = True  # type: ignore[attr-defined]
    bare = FastAPI(openapi_url=None)
    bare.router.routes.extend(routes)  # type: ignore[arg-type]
    told = get_openapi(title="everything", version="1", routes=bare.routes)
    for route in hidden:
        route.include_in_schema = False  # type: ignore[attr-defined]
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            name = f"{method.upper()} {path}"
            operation["responses"] = {"default": {"description": "anything below 500"}}
            if path in _REPORTS:
                operation["parameters"] = contract.parameters()
            kinds = _media(walk, name, lines.get(name, []))
            if kinds:
                operation["requestBody"] = {"content": kinds}
    return told


def _media(walk: Walk, route: str, lines: list[Line]) -> dict[str, Any]:
    """What may be sent to a route: JSON as told above, or a form with the fields that are usually sent."""
    if route in _JSON:
        return {"application/json": {"schema": {"type": "object", "properties": _JSON[route]}}}
    bodies = [walk.request(line, "W", line.positions[0])[1] for line in lines]
    sent = [body for body in bodies if body is not None]
    if not sent:
        return {}
    names = sorted({name for body in sent if not isinstance(body, bytes) for name in dict(body)})
    properties = {name: {"type": "string"} for name in names}
    schema = {"type": "object", "properties": properties, "required": names}
    return {"application/x-www-form-urlencoded": {"schema": schema}}


def test_nothing_that_anybody_sends_is_an_error_of_ours(walk: Walk, table: Table) -> None:
    """Nor is anything shown or stored that the table does not allow."""
    lines: dict[str, list[Line]] = {}
    for line in table.lines:
        lines.setdefault(line.route, []).append(line)
    whole = document(walk, lines)
    operations = [
        found.ok()
        for found in schemathesis.openapi.from_dict(whole).get_all_operations()
        if isinstance(found, Ok)
    ]
    assert {f"{one.method.upper()} {one.path}" for one in operations} == lines.keys()
    told: Counter[str] = Counter()
    for operation in operations:
        told += _send(walk, table, operation, lines[f"{operation.method.upper()} {operation.path}"])
    print(f"\n{sum(told.values())} cases: {dict(told.most_common())}")  # noqa: T201
    assert sum(told.values()) >= len(operations) * EACH * len(SUBJECTS)
    assert {"o", ">", "2", "3", "4", "s", "1"} <= told.keys(), "the cases were too tame"


def _send(walk: Walk, table: Table, operation: Any, lines: list[Line]) -> Counter[str]:
    """So many cases of one operation, as everybody."""
    told: Counter[str] = Counter()
    known = {str(thing.id): thing for kind in walk.world.things.values() for thing in kind.values()}
    fitting, unfitting = (
        operation.as_strategy(generation_mode=mode, headers={}, cookies={})
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    )
    plain = st.tuples(st.sampled_from(lines), st.sampled_from(POSITIONS))

    @settings(max_examples=EACH)
    @given(case=st.one_of(fitting, fitting, unfitting), there=plain, data=st.data())
    def one(case: Any, there: tuple[Line, str], data: Any) -> None:
        line, position = there
        for subject in SUBJECTS:
            address, body, headers = _raw(case)
            if data.draw(st.booleans(), label="about something that there is"):
                position = position if len(line.positions) > 1 else line.positions[0]
                address, usual = walk.request(line, subject, position)
                body = _mixed(case, usual) if usual is not None else body
            answer = walk.send(operation.method.upper(), address, subject, body, headers)
            status = answer.response.status_code
            assert status < 500, f"{subject} {operation.label} {address} {body!r}: {status}"
            leaked = {
                s for s in answer.seen if not any(table.may_see(one, subject, s.kind, s.of) for one in lines)
            }
            assert not leaked, f"{subject} {operation.label} {address}: {leaked}"
            left = left_behind(answer, line)
            assert not left, f"{subject} {operation.label}: {answer.letter}, {left}"
            told[answer.letter] += 1

    one()
    assert known
    return told


def _raw(case: Any) -> tuple[str, bytes, Headers]:
    """The case as it goes over the wire."""
    address = quote(case.formatted_path, safe="/%")
    query = [
        (name, each)
        for name, value in (case.query or {}).items()
        for each in (value if isinstance(value, list) else [value])
    ]
    if query:
        address += "?" + urlencode([(str(name), _said(value)) for name, value in query], errors="replace")
    kind = str(case.media_type or "application/json")
    body = case.body
    if isinstance(body, bytes):
        content = body
    elif isinstance(body, dict) and "json" not in kind:
        content = urlencode(
            [(str(name), _said(value)) for name, value in body.items()], errors="replace"
        ).encode()
    elif body is None or type(body).__name__ == "NotSet":
        content = b""
    else:
        content = json.dumps(body, default=str).encode("utf-8", "replace")
    return address, content, [(b"content-type", kind.encode())]


def _mixed(case: Any, usual: Any) -> bytes:
    """What is usually sent, with some fields of the case."""
    if isinstance(usual, bytes):
        return usual
    fields = dict(usual)
    if isinstance(case.body, dict):
        some = sorted(case.body)[:2]
        fields |= {str(name): _said(case.body[name]) for name in some}
    return urlencode(fields, errors="replace").encode()


def _said(value: Any) -> str:
    return (
        value
        if isinstance(value, str)
        else str(uuid.UUID(int=1))
        if value is None
        else json.dumps(value, default=str)
    )
