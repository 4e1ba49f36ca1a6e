"""However long the trail is, a page of it is read by an index: no chain is gone through for what is not shown."""

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
    [{}, {"actor": SOMEBODY}, {"subject": SOMEBODY}, {"day": "28/8/2026"}, {"actor": SOMEBODY, "action": "session.started"}, {"before": "20260828T000000000000-332-5"}],
)  # fmt: skip
@pytest.mark.parametrize(("name", "chains"), [("Khánh", 3), ("Thu", 1), ("Hoài", 2 * 2), ("Lộc", 2 * 2 * 3)])
def test_every_page_goes_by_an_index(
    city: City, asked: dict[str, Any], what: str, name: str, chains: int
) -> None:
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
        find_page(db, city.viewer(name), query)
        event.remove(city.database.reader, "before_cursor_execute", listen)
        plans = [
            [row.detail for row in db.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {each}", parameters)]
            for each, parameters in said
        ]
    assert len(plans) == chains
    for plan in plans:
        [step] = plan  # one search, and nothing is sorted
        assert step.startswith("SEARCH")
        assert "USING INDEX ix_" in step
        assert "(ward_id=?" in step
        few = asked.get("actor") or asked.get("subject") or name in ("Hoài", "Lộc")
        # one day of one chain is short too
        assert not few or "day" in asked or "_actor " in step or "_person " in step or "_subject " in step


def test_a_plan_that_goes_through_everything_is_seen(city: City) -> None:
    """The detector works: without the ward there is no index to go by."""
    with city.database.reading() as db:
        plan = [
            row.detail for row in db.execute(text("EXPLAIN QUERY PLAN SELECT * FROM audit_entry ORDER BY at"))
        ]
    assert any(step.startswith("SCAN audit_entry") for step in plan)
