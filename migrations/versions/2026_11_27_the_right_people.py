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


def _name_everybody() -> None:
    """Fills the names by which people are searched and listed."""
    from skills.people.models import name_key
    from skills.text import fold

    person = sa.table(
        "person", sa.column("id", sa.Uuid()), sa.column("full_name"), sa.column("fold"), sa.column("name_key")
    )
    everybody = op.get_bind().execute(sa.select(person.c.id, person.c.full_name)).all()
    renamed = [{"of": id, "f": fold(name)[:200], "k": name_key(name)} for id, name in everybody]
    if renamed:
        set_names = person.update().where(person.c.id == sa.bindparam("of"))
        op.get_bind().execute(set_names.values(fold=sa.bindparam("f"), name_key=sa.bindparam("k")), renamed)


def upgrade() -> None:
    op.create_table(
        "enrolment",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
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
        "at": ["at"],
        "actor": ["actor_id", "at"],
        "subject": ["subject", "at"],
        "action": ["action", "at"],
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
    op.add_column("sign_in_failure", sa.Column("closed_until", MOMENT, nullable=True))
    op.create_table(
        "second_factor",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.String(length=200), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("set_up_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_second_factor")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("person_id", "code_hash", name=op.f("pk_recovery_code")),
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=True),
        sa.Column("code_until", MOMENT, nullable=True),
        sa.Column("full_name", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=16), nullable=True),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("issued_by", sa.Uuid(), nullable=False),
        sa.Column("issued_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.Column("used_by", sa.Uuid(), nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
    )
    for column in ("phone", "area_id", "person_id", "issued_by"):
        op.create_index(op.f(f"ix_invitation_{column}"), "invitation", [column])

    # a session from before is taken to have been seen and proven when it began
    for name in ("seen_at", "confirmed_at"):
        op.add_column("login_session", sa.Column(name, MOMENT, nullable=True))
    op.add_column(
        "login_session", sa.Column("browser", sa.String(length=40), nullable=False, server_default="")
    )
    op.execute("UPDATE login_session SET seen_at = created_at, confirmed_at = created_at")
    with op.batch_alter_table("login_session") as sessions:
        sessions.alter_column("seen_at", existing_type=MOMENT, nullable=False)
        sessions.alter_column("confirmed_at", existing_type=MOMENT, nullable=False)
        sessions.alter_column("browser", existing_type=sa.String(length=40), server_default=None)
        sessions.add_column(sa.Column("device_hash", sa.String(length=64), nullable=True))
        sessions.create_index(op.f("ix_login_session_device_hash"), ["device_hash"])
    op.add_column("device", sa.Column("device_hash", sa.String(length=64), nullable=True))
    op.add_column("person", sa.Column("fold", sa.String(length=200), nullable=False, server_default=""))
    op.add_column("person", sa.Column("name_key", sa.String(length=200), nullable=False, server_default=""))
    _name_everybody()
    op.create_index(op.f("ix_person_name_key"), "person", ["name_key"])
    op.create_table(
        "people_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_import")),
    )
    op.create_index(op.f("ix_people_import_made_by"), "people_import", ["made_by"])
    op.create_table(
        "people_import_invitation",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("invitation_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("import_id", "invitation_id", name=op.f("pk_people_import_invitation")),
    )
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
    op.drop_table("recovery_code")
    op.drop_table("second_factor")
    with op.batch_alter_table("sign_in_failure") as sign_in_failure:
        sign_in_failure.drop_column("closed_until")
    op.drop_table("day_seal")
    op.drop_table("read_entry")
    op.drop_table("audit_head")
    op.drop_table("people_import_invitation")
    op.drop_table("people_import")
    op.drop_index(op.f("ix_person_name_key"), "person")
    op.drop_column("person", "name_key")
    op.drop_column("person", "fold")
    op.drop_table("invitation")
    op.drop_column("device", "device_hash")
    with op.batch_alter_table("login_session") as sessions:
        sessions.drop_index(op.f("ix_login_session_device_hash"))
        for name in ("device_hash", "browser", "confirmed_at", "seen_at"):
            sessions.drop_column(name)
    op.drop_table("audit_entry")
    op.drop_table("enrolment")
