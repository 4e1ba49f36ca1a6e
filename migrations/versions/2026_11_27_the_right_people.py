"""The right people: who may open a phone with a PIN, and the trail of what everybody changed.

Revision: 2026_11_27_the_right_people, after 2026_11_26_handing_in.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_27_the_right_people"
down_revision = "2026_11_26_handing_in"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "enrolment",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("pin_hash", sa.String(length=200), nullable=True),
        sa.Column("wrong_pins", sa.Integer(), nullable=False),
        sa.Column("enrolled_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("token_hash", "person_id", name=op.f("pk_enrolment")),
    )
    op.create_index(op.f("ix_enrolment_person_id"), "enrolment", ["person_id"])
    op.create_table(
        "audit_entry",
        sa.Column("ward_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("fields", sa.String(length=400), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("ward_id", "seq", name=op.f("pk_audit_entry")),
    )
    for name, columns in {
        "at": ["at"], "actor": ["actor_id", "at"], "subject": ["subject", "at"], "action": ["action", "at"]
    }.items():
        op.create_index(f"ix_audit_entry_{name}", "audit_entry", ["ward_id", *columns, "seq"])
    op.create_table(
        "audit_head",
        sa.Column("ward_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reads", sa.Integer(), nullable=False),
        sa.Column("reads_hash", sa.String(length=64), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("ward_id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "read_entry",
        sa.Column("ward_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("page", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("why", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("ward_id", "day", "n", name=op.f("pk_read_entry")),
    )
    for name, columns in {"at": ["at"], "person": ["person_id", "at"], "subject": ["subject", "at"]}.items():
        op.create_index(f"ix_read_entry_{name}", "read_entry", ["ward_id", *columns, "n"])
    op.create_table(
        "day_seal",
        sa.Column("ward_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reads", sa.Integer(), nullable=False),
        sa.Column("reads_hash", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("entry_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("ward_id", "day", name=op.f("pk_day_seal")),
    )


def downgrade() -> None:
    op.drop_table("day_seal")
    op.drop_table("read_entry")
    op.drop_table("audit_head")
    op.drop_table("audit_entry")
    op.drop_table("enrolment")
