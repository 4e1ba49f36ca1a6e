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
    op.create_index(op.f("ix_audit_entry_actor_id"), "audit_entry", ["actor_id"])
    op.create_table(
        "follow_up_keeper",
        sa.Column("ward_id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("handed_by", sa.Uuid(), nullable=False),
        sa.Column("handed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["handed_by"], ["person.id"], name=op.f("fk_follow_up_keeper_handed_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_follow_up_keeper_person_id")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_follow_up_keeper_team_id")),
        sa.PrimaryKeyConstraint("ward_id", "visit_id", name=op.f("pk_follow_up_keeper")),
    )
    op.create_index(op.f("ix_follow_up_keeper_person_id"), "follow_up_keeper", ["person_id"])
    op.create_table(
        "former_wording",
        sa.Column("of", sa.String(length=9), nullable=False),
        sa.Column("of_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("replaced_at", MOMENT, nullable=False),
        sa.Column("name_vi", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("short_vi", sa.String(length=22), nullable=False),
        sa.Column("short_en", sa.String(length=22), nullable=False),
        sa.Column("check_vi", sa.String(length=200), nullable=False),
        sa.Column("check_en", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("of", "of_id", "replaced_at", name=op.f("pk_former_wording")),
    )
    for table in ("skill", "audience"):
        op.add_column(table, sa.Column("changed_at", MOMENT, nullable=True))


def downgrade() -> None:
    for table in ("audience", "skill"):
        op.drop_column(table, "changed_at")
    op.drop_table("former_wording")
    op.drop_table("follow_up_keeper")
    op.drop_table("audit_entry")
    op.drop_table("enrolment")
