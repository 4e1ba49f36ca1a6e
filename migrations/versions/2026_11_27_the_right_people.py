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
    op.add_column("person", sa.Column("fold", sa.String(length=200), nullable=False, server_default=""))
    op.add_column("person", sa.Column("name_key", sa.String(length=200), nullable=False, server_default=""))
    _name_everybody()
    op.create_index(op.f("ix_person_name_key"), "person", ["name_key"])
    op.create_table(
        "people_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("invited", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_import")),
    )
    op.create_index(op.f("ix_people_import_area_id"), "people_import", ["area_id"])


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


def downgrade() -> None:
    op.drop_table("people_import")
    op.drop_index(op.f("ix_person_name_key"), "person")
    op.drop_column("person", "name_key")
    op.drop_column("person", "fold")
    op.drop_table("audit_entry")
    op.drop_table("enrolment")
