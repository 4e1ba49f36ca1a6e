"""What adds up is kept by week as well; which blocks a ward has doors in is told by an index alone.

Revision: 2026_11_25_reports_read_less, after 2026_11_24_first.
"""

from alembic import op

revision = "2026_11_25_reports_read_less"
down_revision = "2026_11_24_first"
branch_labels = None
depends_on = None

MONDAY = {
    "sqlite": "date(period, 'weekday 0', '-6 days')",
    "postgresql": "CAST(date_trunc('week', period) AS date)",
}
DISTINCT = (
    "(1, 2, 3)"  # households met, helped and met again: kept by week already, and never the sum of days
)


def upgrade() -> None:
    monday = MONDAY[op.get_bind().dialect.name]
    op.execute(
        f"""
        INSERT INTO unit_period (ward_id, unit_id, calendar, kind, period, measure, n)
        SELECT ward_id, unit_id, calendar, 'week', {monday}, measure, sum(n) FROM unit_period
        WHERE unit_id = 0 AND calendar = 'civil' AND kind = 'day' AND measure NOT IN {DISTINCT}
        GROUP BY ward_id, unit_id, calendar, {monday}, measure
        """
    )
    op.drop_index("ix_ward_block_block", table_name="ward_block")
    op.create_index("ix_ward_block_block", "ward_block", ["block_id", "ward_id", "households"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_ward_block_block", table_name="ward_block")
    op.create_index("ix_ward_block_block", "ward_block", ["block_id", "ward_id"], unique=False)
    op.execute(f"DELETE FROM unit_period WHERE unit_id = 0 AND kind = 'week' AND measure NOT IN {DISTINCT}")
