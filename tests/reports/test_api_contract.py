"""The document of /api/v1 is true: whatever is sent by whomever, each answer is one that it promises, and none is a 5xx.

Schemathesis reads the document that the application itself gives, and thinks of cases that fit it and of cases that don't. They
go to the application in this process, for each of the people below: at least a hundred an operation in `make test`, the same ones
in every run, and a thousand in `make prove`.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse
from hypothesis import given, settings
from hypothesis import strategies as st
from schemathesis import CheckFunction, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from skills.people import sessions
from skills.reports import contract
from skills.totals.periods import Kind, containing
from skills.web.gate import Anyone
from tests.cast import City
from tests.client import Client
from tests.examples import EXAMPLES, Record

AnyCase = schemathesis.Case[Any]
CASES = min(EXAMPLES, 1000)
# Not positive_data_acceptance: a document can't say that `from` needs `to`, that an area is within reach, or that a day has come.
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
_NOWHERE = 2_000_000_000  # the number of no area: who may read the whole city is told 404 of nothing else
NO_TOKEN, BAD_TOKEN = "no token", "a bad token"
TOLD = {  # what each may be told; all of it has to be seen, or the cases were too tame
    NO_TOKEN: {401},
    BAD_TOKEN: {401},
    "Hoài": {403},  # a volunteer
    "Lạ": {403},  # nobody's
    "Thu": {200, 404, 422},  # ward lead
    "Tâm": {200, 404, 422},  # officer
    "Khánh": {200, 404, 422},  # city administrator
    "Yến": {200, 404, 422},  # auditor
}


def operations(app: FastAPI) -> Iterator[Any]:
    """Every operation of the application's own document. Those of phones are tried in tests/sync/test_api_contract.py."""
    for found in schemathesis.openapi.from_asgi("/api/v1/openapi.json", app).get_all_operations():
        assert isinstance(found, Ok), f"an operation that can't be read: {found}"
        yield found.ok()


def totals(app: FastAPI) -> Any:
    """The one operation for other programs."""
    [found] = [operation for operation in operations(app) if operation.path == "/api/v1/totals"]
    return found


def cases(operation: Any, city: City, sent: dict[str, str]) -> st.SearchStrategy[AnyCase]:
    """Cases that fit the document, some of them about areas and periods that there are; and cases that don't fit it."""
    ids = [area.id for area in (*city.wards.values(), *city.groups.values(), city.district, city.whole)]
    ids += [_NOWHERE] * 6
    known = st.fixed_dictionaries(
        {"area": st.sampled_from(ids)}, optional={"period": st.sampled_from(["2026-08", "2025", "2026-Q3", "2025-W20", "2000"])}
    )  # fmt: skip
    # Given here, so that schemathesis neither thinks of a token of its own nor takes the meant one away.
    fitting, unfitting = (
        operation.as_strategy(generation_mode=mode, headers=sent, cookies={})
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    )
    return st.one_of(fitting, st.builds(_about, fitting, known), unfitting)


def _about(case: AnyCase, known: dict[str, Any]) -> AnyCase:
    query = {name: told for name, told in (case.query or {}).items() if name not in ("from", "to", "period")}
    case.query = query | known
    return case


def headers(city: City, who: str) -> dict[str, str]:
    """What a program sends for that person."""
    if who == NO_TOKEN:
        return {}
    if who == BAD_TOKEN:
        return {"Authorization": "Bearer never-issued"}
    with city.database.writing() as db:
        return {"Authorization": f"Bearer {sessions.issue_api_token(db, city.people[who].id, 'contract')}"}


def send_all(operation: Any, city: City, who: str, checks: list[CheckFunction]) -> Counter[int]:
    """How often each status was the answer; raises for the smallest case that is answered otherwise than the document says."""
    told: Counter[int] = Counter()
    sent = headers(city, who)

    @settings(max_examples=CASES)
    @given(case=cases(operation, city, sent))
    def one(case: AnyCase) -> None:
        answer = case.call()
        case.validate_response(answer, checks=checks)
        told[answer.status_code] += 1

    one()
    return told


@pytest.mark.parametrize("who", TOLD)
def test_every_answer_is_one_that_the_document_promises(
    app: FastAPI, city: City, who: str, record_property: Record
) -> None:
    operation = totals(app)
    told = send_all(operation, city, who, CHECKS)
    assert sum(told.values()) >= CASES, f"{operation.label} had {told} of {CASES}"
    assert told.keys() == TOLD[who], f"{operation.label}: {told}"
    record_property("examples", [f"{operation.label}, {who}", sum(told.values())])


def test_an_operation_that_fails_is_seen(app: FastAPI, city: City) -> None:
    """Planted: one that breaks on large numbers only, and one that answers what its document does not know."""

    @app.get("/api/v1/planted-error")
    def breaks(viewer: Anyone, n: int) -> dict[str, int]:
        return {"n": 1 // (n <= 1000)}

    @app.get("/api/v1/planted-answer")
    def surprises(viewer: Anyone, n: int) -> Response:
        return JSONResponse({}, 418 if n > 1000 else 200)

    planted = {operation.path: operation for operation in operations(app)}
    with pytest.raises((Failure, FailureGroup), match="Server error"):
        send_all(planted["/api/v1/planted-error"], city, "Thu", [not_a_server_error])
    with pytest.raises((Failure, FailureGroup), match="Undocumented status code"):
        send_all(planted["/api/v1/planted-answer"], city, "Thu", [status_code_conformance])


def test_a_document_that_promises_too_much_is_seen(app: FastAPI, city: City, monkeypatch: Any) -> None:
    """Planted: an answer without one of its figures, and a name that is read though the document forbids it."""
    operation = totals(app)
    with monkeypatch.context() as planted:
        planted.setattr("skills.reports.answer._period", lambda period: {"name": period.name})
        with pytest.raises((Failure, FailureGroup), match="Response violates schema"):
            send_all(operation, city, "Khánh", [response_schema_conformance])
    with monkeypatch.context() as planted:
        planted.setattr(
            "skills.reports.routes._typed", lambda _request: {"period": ["2026-08"]}
        )  # whatever is asked
        with pytest.raises((Failure, FailureGroup), match="Schema-violating request accepted"):
            send_all(operation, city, "Khánh", [negative_data_rejection])


def test_the_document_points_at_nothing_outside_itself(stranger: Client) -> None:
    """`calendar` used to point at a definition that was left behind."""
    document = stranger.get("/api/v1/openapi.json").json()
    told = document["paths"]["/api/v1/totals"]["get"]
    assert "$ref" not in str(told)
    assert told["security"] == [{"bearer": []}]
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert told["responses"].keys() == {"200", "401", "403", "404", "422", "500", "503"}
    enums = {one["name"]: one["schema"].get("enum") for one in told["parameters"]}
    assert enums["calendar"] == ["civil", "nd09"]
    assert enums["lens"] == ["then", "today"]
    assert enums["by"] == ["area", "skill", "audience", "ladder", "day"]


def test_what_the_document_calls_a_period_is_one() -> None:
    """Every name that the program gives to a period fits the pattern."""
    pattern = next(one for one in contract.parameters() if one["name"] == "period")["schema"]["pattern"]
    for kind in (kind for kind in Kind if kind is not Kind.RANGE):
        for month in range(1, 13):
            assert re.search(pattern, containing(date(2026, month, 28), kind).name)
    assert not re.search(pattern, "2026-Q5")
