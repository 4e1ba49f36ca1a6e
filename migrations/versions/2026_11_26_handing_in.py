"""What phones hand in: the tray, what was refused, reports of phones, sealing keys, the epoch; monthly counts of groups.

Revision: 2026_11_26_handing_in, after 2026_11_25_reports_read_less.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_handing_in"
down_revision = "2026_11_25_reports_read_less"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    # no ticket was ever issued before this revision, so nothing is carried over
    op.drop_table("upload_ticket")
    op.create_table(
        "upload_ticket",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("issued_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload_ticket")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_upload_ticket_token_hash")),
    )
    op.create_index(op.f("ix_upload_ticket_person_id"), "upload_ticket", ["person_id"])
    op.create_index(op.f("ix_upload_ticket_device_id"), "upload_ticket", ["device_id"])
    with op.batch_alter_table("receipt") as table:
        table.add_column(sa.Column("sent_hash", sa.String(length=64), nullable=False, server_default=""))
        table.add_column(sa.Column("op", sa.String(length=12), nullable=False, server_default="visit"))
        table.add_column(sa.Column("status", sa.String(length=10), nullable=False, server_default="accepted"))
        table.add_column(sa.Column("device_id", sa.Uuid(), nullable=True))
    op.create_index("ix_receipt_author", "receipt", ["author_id", "received_at"])
    with op.batch_alter_table("receipt") as table:
        for name in ("sent_hash", "op", "status"):
            table.alter_column(name, server_default=None)
    op.create_table(
        "held_item",
        sa.Column("ward_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.Uuid(), nullable=False),
        sa.Column("tray_id", sa.Integer(), nullable=False),
        sa.Column("op", sa.String(length=12), nullable=False),
        sa.Column("fact_id", sa.Uuid(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("answer", sa.String(length=20), nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["answered_by"], ["person.id"], name=op.f("fk_held_item_answered_by")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_held_item_author_id")),
        sa.PrimaryKeyConstraint("ward_id", "item", name=op.f("pk_held_item")),
    )
    op.create_index("ix_held_item_tray", "held_item", ["tray_id", "state", "received_at"])
    op.create_index("ix_held_item_author", "held_item", ["author_id", "state"])
    op.create_table(
        "rejected_item",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "item", name=op.f("pk_rejected_item")),
    )
    op.create_table(
        "phone_report",
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("pending", sa.Integer(), nullable=False),
        sa.Column("oldest_at", MOMENT, nullable=True),
        sa.Column("skew_ms", sa.Integer(), nullable=False),
        sa.Column("app", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("device_id", "person_id", name=op.f("pk_phone_report")),
    )
    op.create_index(op.f("ix_phone_report_person_id"), "phone_report", ["person_id"])
    op.create_table(
        "sealing_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(length=100), nullable=False),
        sa.Column("wrapped", sa.String(length=400), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealing_key")),
    )
    op.create_table(
        "epoch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("value", sa.Uuid(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_epoch")),
    )
    op.create_table(
        "group_count",
        sa.Column("ward_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.Uuid(), nullable=False),
        sa.Column("disabled", sa.Integer(), nullable=True),
        sa.Column("minority", sa.Integer(), nullable=True),
        sa.Column("poor", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_group_count_author_id")),
        sa.ForeignKeyConstraint(["group_id"], ["area.id"], name=op.f("fk_group_count_group_id")),
        sa.PrimaryKeyConstraint("ward_id", "group_id", "month", "version", name=op.f("pk_group_count")),
    )
    op.create_index("ix_group_count_group", "group_count", ["group_id", "month"])
    op.create_index(op.f("ix_posting_area_id"), "posting", ["area_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_posting_area_id"), table_name="posting")
    for name in ("group_count", "epoch", "sealing_key", "phone_report", "rejected_item", "held_item"):
        op.drop_table(name)
    op.drop_index("ix_receipt_author", table_name="receipt")
    with op.batch_alter_table("receipt") as table:
        for name in ("device_id", "status", "op", "sent_hash"):
            table.drop_column(name)
    op.drop_table("upload_ticket")
    op.create_table(
        "upload_ticket",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("issued_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_upload_ticket")),
    )
    op.create_index(op.f("ix_upload_ticket_person_id"), "upload_ticket", ["person_id"])
    op.create_index(op.f("ix_upload_ticket_device_id"), "upload_ticket", ["device_id"])
