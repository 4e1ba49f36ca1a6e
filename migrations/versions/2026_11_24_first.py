"""The house as it was first built.

Revision: 2026_11_24_first, the first.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24_first"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_token",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_api_token")),
    )
    op.create_index(op.f("ix_api_token_person_id"), "api_token", ["person_id"], unique=False)
    op.create_table(
        "area",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("short_name", sa.String(length=200), nullable=False),
        sa.Column("fold", sa.String(length=200), nullable=False),
        sa.Column("sort_key", sa.String(length=900), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("cluster_from", sa.Date(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("area_km2", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area")),
    )
    op.create_index(op.f("ix_area_level"), "area", ["level"], unique=False)
    op.create_table(
        "audience",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("name_vi", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("short_vi", sa.String(length=22), nullable=False),
        sa.Column("short_en", sa.String(length=22), nullable=False),
        sa.Column("sensitive", sa.Boolean(), nullable=False),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audience")),
        sa.UniqueConstraint("code", name=op.f("uq_audience_code")),
    )
    op.create_table(
        "block",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("refined_from", sa.Integer(), nullable=True),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["refined_from"], ["block.id"], name=op.f("fk_block_refined_from")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_block")),
    )
    op.create_index(op.f("ix_block_refined_from"), "block", ["refined_from"], unique=False)
    op.create_table(
        "device",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
    )
    op.create_index(op.f("ix_device_person_id"), "device", ["person_id"], unique=False)
    op.create_table(
        "forward",
        sa.Column("ward_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("to_ward_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("ward_id", "id", name=op.f("pk_forward")),
    )
    op.create_index("ix_forward_to", "forward", ["to_ward_id", "to_id"], unique=False)
    op.create_table(
        "login_session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_login_session")),
    )
    op.create_index(op.f("ix_login_session_person_id"), "login_session", ["person_id"], unique=False)
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("full_name", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=16), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("phone", name=op.f("uq_person_phone")),
    )
    op.create_table(
        "receipt",
        sa.Column("ward_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.Uuid(), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("to_ward_id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("ward_id", "item", name=op.f("pk_receipt")),
    )
    op.create_table(
        "sign_in_failure",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_failure")),
    )
    op.create_index(op.f("ix_sign_in_failure_since"), "sign_in_failure", ["since"], unique=False)
    op.create_table(
        "skill",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("name_vi", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("short_vi", sa.String(length=22), nullable=False),
        sa.Column("short_en", sa.String(length=22), nullable=False),
        sa.Column("pillar", sa.String(length=3), nullable=False),
        sa.Column("digcomp", sa.Integer(), nullable=False),
        sa.Column("core", sa.String(length=1), nullable=True),
        sa.Column("check_vi", sa.String(length=200), nullable=False),
        sa.Column("check_en", sa.String(length=200), nullable=False),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("external_ref", sa.String(length=20), nullable=True),
        sa.CheckConstraint("core IN ('D', 'M', 'T', 'A', 'N')", name=op.f("ck_skill_core")),
        sa.CheckConstraint("pillar IN ('gov', 'eco', 'soc')", name=op.f("ck_skill_pillar")),
        sa.CheckConstraint("digcomp BETWEEN 1 AND 5", name=op.f("ck_skill_digcomp")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skill")),
        sa.UniqueConstraint("code", name=op.f("uq_skill_code")),
    )
    op.create_table(
        "unit_period",
        sa.Column("ward_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("unit_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("calendar", sa.String(length=5), nullable=False),
        sa.Column("kind", sa.String(length=7), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("measure", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "ward_id", "unit_id", "calendar", "kind", "period", "measure", name=op.f("pk_unit_period")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "upload_ticket",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_upload_ticket")),
    )
    op.create_index(op.f("ix_upload_ticket_device_id"), "upload_ticket", ["device_id"], unique=False)
    op.create_index(op.f("ix_upload_ticket_person_id"), "upload_ticket", ["person_id"], unique=False)
    op.create_table(
        "ward_lock",
        sa.Column("ward_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("ward_id", name=op.f("pk_ward_lock")),
    )
    op.create_table(
        "area_block",
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("block_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("is_given", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_area_block_area_id")),
        sa.ForeignKeyConstraint(["block_id"], ["block.id"], name=op.f("fk_area_block_block_id")),
        sa.PrimaryKeyConstraint("area_id", "block_id", "valid_from", name=op.f("pk_area_block")),
    )
    op.create_index("ix_area_block_block", "area_block", ["block_id", "area_id"], unique=False)
    op.create_table(
        "area_parent",
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_area_parent_area_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["area.id"], name=op.f("fk_area_parent_parent_id")),
        sa.PrimaryKeyConstraint("area_id", "parent_id", "valid_from", name=op.f("pk_area_parent")),
    )
    op.create_index(op.f("ix_area_parent_parent_id"), "area_parent", ["parent_id"], unique=False)
    op.create_table(
        "area_succession",
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("share", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["from_id"], ["area.id"], name=op.f("fk_area_succession_from_id")),
        sa.ForeignKeyConstraint(["to_id"], ["area.id"], name=op.f("fk_area_succession_to_id")),
        sa.PrimaryKeyConstraint("from_id", "to_id", "effective_on", name=op.f("pk_area_succession")),
    )
    op.create_table(
        "household",
        sa.Column("ward_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("block_id", sa.Integer(), nullable=False),
        sa.Column("street", sa.String(length=120), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("room", sa.String(length=40), nullable=False),
        sa.Column("is_business", sa.Boolean(), nullable=False),
        sa.Column("fold", sa.String(length=220), nullable=False),
        sa.Column("street_key", sa.String(length=600), nullable=False),
        sa.Column("door_key", sa.String(length=400), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["block_id"], ["block.id"], name=op.f("fk_household_block_id")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_household_created_by")),
        sa.ForeignKeyConstraint(["ward_id"], ["area.id"], name=op.f("fk_household_ward_id")),
        sa.PrimaryKeyConstraint("ward_id", "id", name=op.f("pk_household")),
    )
    op.create_index(
        "ix_household_block", "household", ["block_id", "ward_id", "street_key", "door_key"], unique=False
    )
    op.create_index("ix_household_fold", "household", ["ward_id", "fold"], unique=False)
    op.create_table(
        "posting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_posting_area_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_posting_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posting")),
    )
    op.create_index(op.f("ix_posting_person_id"), "posting", ["person_id"], unique=False)
    op.create_table(
        "team",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("decision_no", sa.String(length=60), nullable=False),
        sa.Column("decision_date", sa.Date(), nullable=True),
        sa.Column("dissolved_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_team_area_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
    )
    op.create_index(op.f("ix_team_area_id"), "team", ["area_id"], unique=False)
    op.create_table(
        "visit_version",
        sa.Column("ward_id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("item", sa.Uuid(), nullable=False),
        sa.Column("op", sa.String(length=10), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_visit_version_author_id")),
        sa.PrimaryKeyConstraint("ward_id", "visit_id", "version", name=op.f("pk_visit_version")),
    )
    op.create_table(
        "ward_block",
        sa.Column("ward_id", sa.Integer(), nullable=False),
        sa.Column("block_id", sa.Integer(), nullable=False),
        sa.Column("households", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["block_id"], ["block.id"], name=op.f("fk_ward_block_block_id")),
        sa.ForeignKeyConstraint(["ward_id"], ["area.id"], name=op.f("fk_ward_block_ward_id")),
        sa.PrimaryKeyConstraint("ward_id", "block_id", name=op.f("pk_ward_block")),
    )
    op.create_index("ix_ward_block_block", "ward_block", ["block_id", "ward_id"], unique=False)
    op.create_table(
        "door_state",
        sa.Column("ward_id", sa.Integer(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("mark", sa.String(length=6), nullable=False),
        sa.Column("last_outcome", sa.String(length=10), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_met_on", sa.Date(), nullable=True),
        sa.Column("away_times", sa.Integer(), nullable=False),
        sa.Column("follow_up_on", sa.Date(), nullable=True),
        sa.Column("last_skills", sa.String(length=400), nullable=False),
        sa.Column("alone_skills", sa.Integer(), nullable=False),
        sa.Column("cores", sa.String(length=5), nullable=False),
        sa.ForeignKeyConstraint(
            ["ward_id", "household_id"],
            ["household.ward_id", "household.id"],
            name=op.f("fk_door_state_ward_id_household_id"),
        ),
        sa.PrimaryKeyConstraint("ward_id", "household_id", name=op.f("pk_door_state")),
    )
    op.create_index("ix_door_state_follow_up", "door_state", ["ward_id", "follow_up_on"], unique=False)
    op.create_table(
        "household_core",
        sa.Column("ward_id", sa.Integer(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("core", sa.String(length=1), nullable=False),
        sa.Column("first_alone_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ward_id", "household_id"],
            ["household.ward_id", "household.id"],
            name=op.f("fk_household_core_ward_id_household_id"),
        ),
        sa.PrimaryKeyConstraint("ward_id", "household_id", "core", name=op.f("pk_household_core")),
    )
    op.create_index("ix_household_core_day", "household_core", ["ward_id", "first_alone_on"], unique=False)
    op.create_table(
        "household_identity",
        sa.Column("ward_id", sa.Integer(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=16), nullable=False),
        sa.Column("consent_version", sa.String(length=20), nullable=False),
        sa.Column("consented_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["person.id"], name=op.f("fk_household_identity_recorded_by")
        ),
        sa.ForeignKeyConstraint(
            ["ward_id", "household_id"],
            ["household.ward_id", "household.id"],
            name=op.f("fk_household_identity_ward_id_household_id"),
        ),
        sa.PrimaryKeyConstraint("ward_id", "household_id", name=op.f("pk_household_identity")),
    )
    op.create_table(
        "team_group",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["area.id"], name=op.f("fk_team_group_group_id")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_team_group_team_id")),
        sa.PrimaryKeyConstraint("team_id", "group_id", "valid_from", name=op.f("pk_team_group")),
    )
    op.create_index(op.f("ix_team_group_group_id"), "team_group", ["group_id"], unique=False)
    op.create_table(
        "team_member",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_team_member_person_id")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_team_member_team_id")),
        sa.PrimaryKeyConstraint("team_id", "person_id", "valid_from", name=op.f("pk_team_member")),
    )
    op.create_index(op.f("ix_team_member_person_id"), "team_member", ["person_id"], unique=False)
    op.create_table(
        "visit",
        sa.Column("ward_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("people_new", sa.Integer(), nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column("come_back_on", sa.Date(), nullable=True),
        sa.Column("five_by_one", sa.Boolean(), nullable=True),
        sa.Column("odd", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_visit_author_id")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_visit_team_id")),
        sa.ForeignKeyConstraint(
            ["ward_id", "household_id"],
            ["household.ward_id", "household.id"],
            name=op.f("fk_visit_ward_id_household_id"),
        ),
        sa.PrimaryKeyConstraint("ward_id", "id", name=op.f("pk_visit")),
    )
    op.create_index("ix_visit_author", "visit", ["author_id", "visited_on"], unique=False)
    op.create_index(
        "ix_visit_cover",
        "visit",
        ["ward_id", "visited_on", "household_id", "outcome", "people", "people_new"],
        unique=False,
    )
    op.create_index("ix_visit_household", "visit", ["ward_id", "household_id", "visited_on"], unique=False)
    op.create_index("ix_visit_team", "visit", ["team_id", "visited_on"], unique=False)
    op.create_table(
        "visit_audience",
        sa.Column("ward_id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("audience_id", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["audience_id"], ["audience.id"], name=op.f("fk_visit_audience_audience_id")),
        sa.ForeignKeyConstraint(
            ["ward_id", "visit_id"],
            ["visit.ward_id", "visit.id"],
            name=op.f("fk_visit_audience_ward_id_visit_id"),
        ),
        sa.PrimaryKeyConstraint("ward_id", "visit_id", "audience_id", name=op.f("pk_visit_audience")),
    )
    op.create_table(
        "visit_skill",
        sa.Column("ward_id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("skill_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["skill_id"], ["skill.id"], name=op.f("fk_visit_skill_skill_id")),
        sa.ForeignKeyConstraint(
            ["ward_id", "visit_id"],
            ["visit.ward_id", "visit.id"],
            name=op.f("fk_visit_skill_ward_id_visit_id"),
        ),
        sa.PrimaryKeyConstraint("ward_id", "visit_id", "skill_id", name=op.f("pk_visit_skill")),
    )


def downgrade() -> None:
    op.drop_table("visit_skill")
    op.drop_table("visit_audience")
    op.drop_index("ix_visit_team", table_name="visit")
    op.drop_index("ix_visit_household", table_name="visit")
    op.drop_index("ix_visit_cover", table_name="visit")
    op.drop_index("ix_visit_author", table_name="visit")
    op.drop_table("visit")
    op.drop_index(op.f("ix_team_member_person_id"), table_name="team_member")
    op.drop_table("team_member")
    op.drop_index(op.f("ix_team_group_group_id"), table_name="team_group")
    op.drop_table("team_group")
    op.drop_table("household_identity")
    op.drop_index("ix_household_core_day", table_name="household_core")
    op.drop_table("household_core")
    op.drop_index("ix_door_state_follow_up", table_name="door_state")
    op.drop_table("door_state")
    op.drop_index("ix_ward_block_block", table_name="ward_block")
    op.drop_table("ward_block")
    op.drop_table("visit_version")
    op.drop_index(op.f("ix_team_area_id"), table_name="team")
    op.drop_table("team")
    op.drop_index(op.f("ix_posting_person_id"), table_name="posting")
    op.drop_table("posting")
    op.drop_index("ix_household_fold", table_name="household")
    op.drop_index("ix_household_block", table_name="household")
    op.drop_table("household")
    op.drop_table("area_succession")
    op.drop_index(op.f("ix_area_parent_parent_id"), table_name="area_parent")
    op.drop_table("area_parent")
    op.drop_index("ix_area_block_block", table_name="area_block")
    op.drop_table("area_block")
    op.drop_table("ward_lock")
    op.drop_index(op.f("ix_upload_ticket_person_id"), table_name="upload_ticket")
    op.drop_index(op.f("ix_upload_ticket_device_id"), table_name="upload_ticket")
    op.drop_table("upload_ticket")
    op.drop_table("unit_period")
    op.drop_table("skill")
    op.drop_index(op.f("ix_sign_in_failure_since"), table_name="sign_in_failure")
    op.drop_table("sign_in_failure")
    op.drop_table("receipt")
    op.drop_table("person")
    op.drop_index(op.f("ix_login_session_person_id"), table_name="login_session")
    op.drop_table("login_session")
    op.drop_index("ix_forward_to", table_name="forward")
    op.drop_table("forward")
    op.drop_index(op.f("ix_device_person_id"), table_name="device")
    op.drop_table("device")
    op.drop_index(op.f("ix_block_refined_from"), table_name="block")
    op.drop_table("block")
    op.drop_table("audience")
    op.drop_index(op.f("ix_area_level"), table_name="area")
    op.drop_table("area")
    op.drop_index(op.f("ix_api_token_person_id"), table_name="api_token")
    op.drop_table("api_token")
