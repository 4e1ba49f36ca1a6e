"""What the document of /api/v1 says to phones is true: whatever is sent with whatever ticket or cookie, each answer is one that it promises.

As tests/reports/test_api_contract.py does it for programs; and what a real phone sends fits the shapes that are called the meant ones.
"""

from collections import Counter
from typing import Any

import jsonschema_rs
import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.failures import Failure, FailureGroup

from tests.cast import City
from tests.client import Client
from tests.conftest import AsPerson
from tests.examples import EXAMPLES, Record
from tests.phone import Phone
from tests.reports.test_api_contract import CHECKS, AnyCase, operations

CASES = min(EXAMPLES, 1000)
HAND_IN, END_OF_DAY = "POST /api/v1/sync", "POST /api/v1/sync/ledger"
ENROL, TAKE_ALONG = "POST /api/v1/devices", "GET /api/v1/package"
NOBODY, FORGED, ANOTHER_SITE = "nobody", "a forged ticket", "another site"
TOLD = {  # what each may be told; all of it has to be seen
    (HAND_IN, NOBODY): {401},
    (HAND_IN, FORGED): {401},
    (HAND_IN, ANOTHER_SITE): {401, 403},  # with a ticket that it makes up, and without
    (HAND_IN, "Hoài"): {200, 422},
    (END_OF_DAY, NOBODY): {401},
    (END_OF_DAY, "Hoài"): {200, 422},
    (ENROL, NOBODY): {401},
    (ENROL, ANOTHER_SITE): {403},
    (ENROL, "Hoài"): {200},
    (ENROL, "Khánh"): {403},  # city administrator: logs no visits
    (TAKE_ALONG, NOBODY): {401},
    (TAKE_ALONG, "Hoài"): {200},
    (TAKE_ALONG, "Thu"): {200},  # ward lead
    (TAKE_ALONG, "Yến"): {403},  # auditor
}
UNREAD = {400, 413}  # now and then


def send_all(operation: Any, sent: dict[str, dict[str, str]]) -> Counter[int]:
    """How often each status was the answer; raises for the smallest case that is answered otherwise than the document says."""
    told: Counter[int] = Counter()
    modes = [GenerationMode.POSITIVE] + ([GenerationMode.NEGATIVE] if operation.body else [])

    @settings(max_examples=CASES)
    @given(case=st.one_of(*(operation.as_strategy(generation_mode=mode, **sent) for mode in modes)))
    def one(case: AnyCase) -> None:
        answer = case.call()
        case.validate_response(answer, checks=CHECKS)
        told[answer.status_code] += 1

    one()
    return told


def shown(operation: str, who: str, as_person: AsPerson) -> dict[str, dict[str, str]]:
    """The headers and cookies that somebody sends; another site has the cookie of whoever looks at it."""
    if who == FORGED:
        return {"headers": {"Authorization": "Bearer never-issued"}, "cookies": {}}
    site = {"Sec-Fetch-Site": "cross-site" if who == ANOTHER_SITE else "same-origin"}
    if who == NOBODY:
        return {"headers": site, "cookies": {}}
    client = as_person("Hoài" if who == ANOTHER_SITE else who)
    if operation in (ENROL, TAKE_ALONG) or who == ANOTHER_SITE:
        return {"headers": site, "cookies": dict(client.cookies)}
    return {"headers": {"Authorization": f"Bearer {Phone(client).ticket}"}, "cookies": {}}


def by_label(app: FastAPI) -> dict[str, Any]:
    """The operations of the document by method and path."""
    return {operation.label: operation for operation in operations(app)}


def test_the_document_names_all_that_others_may_rely_on(app: FastAPI) -> None:
    """Those of phones, the figures, and no page."""
    assert by_label(app).keys() == {HAND_IN, END_OF_DAY, ENROL, TAKE_ALONG, "GET /api/v1/totals"}


@pytest.mark.parametrize(("operation", "who"), TOLD, ids=str)
def test_every_answer_is_one_that_the_document_promises(
    app: FastAPI, as_person: AsPerson, operation: str, who: str, record_property: Record
) -> None:
    asked = by_label(app)[operation]
    told = send_all(asked, shown(operation, who, as_person))
    assert sum(told.values()) >= (CASES if asked.body else 1), told  # without a body there is one way to ask
    assert told.keys() - UNREAD == TOLD[operation, who], told
    record_property("examples", [f"{operation}, {who}", sum(told.values())])


def test_an_answer_of_another_shape_is_seen(
    app: FastAPI, as_person: AsPerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: an epoch that is a number."""
    monkeypatch.setattr("skills.sync.take_in.epoch", lambda _db: 7)
    with pytest.raises((Failure, FailureGroup), match="Response violates schema"):
        send_all(by_label(app)[HAND_IN], shown(HAND_IN, "Hoài", as_person))


def test_what_a_phone_sends_is_what_is_meant(stranger: Client, city: City, as_person: AsPerson) -> None:
    """Open and sealed; and each answer fits its own shape, the accepted, the held, the refused."""
    phone = Phone(as_person("Hoài"))
    told = stranger.get("/api/v1/openapi.json").json()["paths"]["/api/v1/sync"]["post"]
    batch = told["requestBody"]["content"]["application/json"]["schema"]
    item, sealed, _whatever = batch["properties"]["items"]["items"]["anyOf"]
    doors = list(city.doors)[:3]
    visit, poison, other = (
        phone.visit(city, door, people=people)
        for door, people in zip(doors, ("1", "hai mươi", "1"), strict=True)
    )
    closed = phone.sealed(other)
    assert jsonschema_rs.is_valid(item, visit)
    assert not jsonschema_rs.is_valid(item, visit | {"op": "gossip"})
    assert jsonschema_rs.is_valid(sealed, closed)
    assert not jsonschema_rs.is_valid(sealed, visit)
    results = phone.hand_in(visit, poison, closed)
    answer = told["responses"]["200"]["content"]["application/json"]["schema"]
    shapes = answer["properties"]["results"]["items"]["anyOf"]
    fits = [[jsonschema_rs.is_valid(shape, each) for shape in shapes] for each in results]
    assert [row.count(True) for row in fits] == [1, 1, 1], results
    assert fits[0] != fits[1]
