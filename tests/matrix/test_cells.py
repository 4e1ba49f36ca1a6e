"""Every cell of the table on SQLite: what is answered, what is seen in it, and what it leaves behind."""

from tests.matrix.cells import every_cell, never_seen, odd_requests, unconfirmed
from tests.matrix.table import Table
from tests.matrix.walk import Walk
from tests.matrix.world import unmarked

AT_LEAST = 3_000  # requests


def test_everything_that_somebody_wrote_is_marked(walk: Walk) -> None:
    """A text without a canary could leak unseen."""
    assert unmarked(walk.world) == []


def test_every_cell_is_answered_as_the_table_says(walk: Walk, table: Table) -> None:
    """And shows nothing of anybody whom the subject may not see, and a refusal changes nothing."""
    assert every_cell(walk, table) == []
    assert walk.sent >= AT_LEAST
    assert never_seen(walk, table) == set()


def test_whoever_proved_themselves_long_ago_is_asked_again(walk: Walk, table: Table) -> None:
    """Behind every gate that says so, whatever the role."""
    assert list(unconfirmed(walk, table.lines)) == []


def test_a_request_in_disguise_gets_no_further(walk: Walk, table: Table) -> None:
    """Other methods, other spellings, names given twice, foreign ids in headers and in fields that no form has."""
    before = walk.sent
    assert odd_requests(walk, table) == []
    assert walk.sent - before >= AT_LEAST
