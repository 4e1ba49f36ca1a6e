"""However long the trail is, a page of it is read by an index: no chain is gone through for what is not shown."""

from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import event, text

from skills.admin.audit.find import find_page
from skills.admin.audit.forms import TrailQuery
from skills.audit import trail
from tests.audit.book import read
from tests.cast import City

SOMEBODY = "0198f000-0000-7000-8000-000000000001"


@pytest.mark.parametrize("what", ["changes", "reads"])
@pytest.mark.parametrize(
    "asked",
    [{}, {"actor": SOMEBODY}, {"subject": SOMEBODY}, {"day": "28/8/2026"}, {"before": "20260828T000000000000-332-5"}],
)  # fmt: skip
def test_every_page_goes_by_an_index(city: City, asked: dict[str, Any], what: str) -> None:
    """What SQLite says it would do: search by an index that begins with the ward, in the order of the page, without sorting a chain."""
    with city.database.writing() as db:
        for ward_id in (0, city.wards["Hải Châu"].id, city.wards["An Hải"].id):
            trail.write(db, ward_id, None, "totals.rebuilt", 1)
            read(db, ward_id, city.people["Hoài"].id)
    said: list[tuple[str, Any]] = []

    def listen(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if "_entry" in statement:
            said.append((statement, parameters))

    query = TrailQuery.model_validate({**asked, "what": what})
    with city.database.reading() as db:
        event.listen(city.database.reader, "before_cursor_execute", listen)
        find_page(db, city.viewer("Khánh"), query)
        event.remove(city.database.reader, "before_cursor_execute", listen)
        [(statement, parameters)] = said
        plan = [
            row.detail
            for row in db.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
    searched = [step for step in plan if "_entry" in step]
    assert len(searched) == 3  # one for each chain
    assert all("USING INDEX ix_" in step and "(ward_id=?" in step for step in searched), plan
    after = [follows for step, follows in pairwise(plan) if "_entry" in step]
    assert all(step.startswith("SCAN anon") for step in after), (
        plan
    )  # what is sorted is what is shown, not the chain


def test_a_plan_that_goes_through_everything_is_seen(city: City) -> None:
    """The detector works: without the ward there is no index to go by."""
    with city.database.reading() as db:
        plan = [
            row.detail for row in db.execute(text("EXPLAIN QUERY PLAN SELECT * FROM audit_entry ORDER BY at"))
        ]
    assert any(step.startswith("SCAN audit_entry") for step in plan)
