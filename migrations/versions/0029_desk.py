"""The shop's desk: papers, history, holidays, staff by invitation, the second factor, packing by scan."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
PAPER_STATES = ("missing", "submitted", "accepted", "rejected", "waived", "expired")
OLD_STATES = ("applied", "open", "suspended", "closed")
NEW_STATES = ("applied", "in_review", "open", "holiday", "suspended", "closed")
OLD_ROLES, NEW_ROLES = ("owner", "clerk"), ("owner", "clerk", "driver")
HOLIDAY = (("holiday_from", sa.Date()), ("holiday_until", sa.Date()), ("holiday_words", sa.Text()))
# Shops that sold before the county kept photos of papers: their originals were seen when they came.
OF_OLD = ("business_licence", "contacts", "bank_account")


def upgrade() -> None:
    _checks("shops", "shopstate", "state", NEW_STATES)
    _checks("shop_staff", "shoprole", "role", NEW_ROLES)
    op.add_column(
        "shops", sa.Column("categories", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False)
    )
    for name, kind in HOLIDAY:
        op.add_column("shops", sa.Column(name, kind, nullable=True))
    op.drop_constraint(op.f("ck_shops_state_reasoned"), "shops", type_="check")
    op.create_check_constraint(
        op.f("ck_shops_state_reasoned"),
        "shops",
        "state IN ('applied', 'in_review', 'open') OR state_reason IS NOT NULL",
    )
    op.create_check_constraint(
        op.f("ck_shops_holiday_whole"),
        "shops",
        "num_nulls(holiday_from, holiday_until, holiday_words) IN (0, 3) AND holiday_from <= holiday_until",
    )
    op.create_check_constraint(
        op.f("ck_shops_holiday_ends"), "shops", "state <> 'holiday' OR holiday_until IS NOT NULL"
    )
    op.add_column("shop_orders", sa.Column("decline_code", sa.Text(), nullable=True))
    op.add_column("shop_orders", sa.Column("packed_at", MOMENT, nullable=True))
    op.add_column("shop_orders", sa.Column("packed_by_id", sa.UUID(), nullable=True))
    op.create_foreign_key(
        op.f("fk_shop_orders_packed_by_id"), "shop_orders", "accounts", ["packed_by_id"], ["id"]
    )
    _make_papers()
    _make_changes()
    _make_invitations()


def downgrade() -> None:
    op.drop_constraint(op.f("fk_shop_orders_packed_by_id"), "shop_orders", type_="foreignkey")
    for name in ("packed_by_id", "packed_at", "decline_code"):
        op.drop_column("shop_orders", name)
    op.drop_table("shop_invitations")
    op.drop_table("shop_changes")
    op.drop_table("shop_papers")
    for name in ("holiday_ends", "holiday_whole", "state_reasoned"):
        op.drop_constraint(op.f(f"ck_shops_{name}"), "shops", type_="check")
    op.execute("UPDATE shops SET state = 'applied' WHERE state = 'in_review'")
    op.execute("UPDATE shops SET state = 'suspended' WHERE state = 'holiday'")
    op.create_check_constraint(
        op.f("ck_shops_state_reasoned"), "shops", "state IN ('applied', 'open') OR state_reason IS NOT NULL"
    )
    for name, _ in HOLIDAY:
        op.drop_column("shops", name)
    op.drop_column("shops", "categories")
    op.execute("DELETE FROM shop_staff WHERE role = 'driver'")
    _checks("shop_staff", "shoprole", "role", OLD_ROLES)
    _checks("shops", "shopstate", "state", OLD_STATES)


def _checks(table: str, name: str, column: str, allowed: tuple[str, ...]) -> None:
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    words = ", ".join(f"'{one}'" for one in allowed)
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, f"{column} IN ({words})")


def _make_papers() -> None:
    state = sa.Enum(*PAPER_STATES, name="paperstate", native_enum=False, create_constraint=True, length=32)
    op.create_table(
        "shop_papers",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("shop_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", state, nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("jpeg", sa.LargeBinary(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("submitted_by_id", sa.UUID(), nullable=True),
        sa.Column("submitted_at", MOMENT, nullable=True),
        sa.Column("decided_by_id", sa.UUID(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.CheckConstraint("octet_length(jpeg) <= 1000000", name=op.f("ck_shop_papers_size")),
        sa.CheckConstraint(
            "state NOT IN ('rejected', 'waived') OR reason IS NOT NULL", name=op.f("ck_shop_papers_reasoned")
        ),
        sa.CheckConstraint(
            "state NOT IN ('submitted', 'accepted') OR jpeg IS NOT NULL", name=op.f("ck_shop_papers_seen")
        ),
        sa.CheckConstraint("state <> 'expired' OR valid_to IS NOT NULL", name=op.f("ck_shop_papers_dated")),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_shop_papers_shop_id")),
        sa.ForeignKeyConstraint(
            ["submitted_by_id"], ["accounts.id"], name=op.f("fk_shop_papers_submitted_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["accounts.id"], name=op.f("fk_shop_papers_decided_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_papers")),
        sa.UniqueConstraint("shop_id", "kind", name=op.f("uq_shop_papers_shop_id_kind")),
    )
    op.create_index(
        "ix_shop_papers_waiting", "shop_papers", ["shop_id"], postgresql_where=sa.text("state = 'submitted'")
    )
    for kind in OF_OLD:
        seen = sa.text(
            "INSERT INTO shop_papers (id, shop_id, kind, state, reason) SELECT gen_random_uuid(), id,"
            " :kind, 'waived', '上线前已看过原件' FROM shops WHERE state <> 'applied'"
        )
        op.execute(seen.bindparams(kind=kind))


def _make_changes() -> None:
    op.create_table(
        "shop_changes",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("shop_id", sa.UUID(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("became", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_id", sa.UUID(), nullable=True),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_shop_changes_shop_id")),
        sa.ForeignKeyConstraint(["by_id"], ["accounts.id"], name=op.f("fk_shop_changes_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_changes")),
    )
    op.create_index("ix_shop_changes_shop_id", "shop_changes", ["shop_id", "id"])


def _make_invitations() -> None:
    role = sa.Enum(*NEW_ROLES, name="shoprole", native_enum=False, create_constraint=True, length=32)
    op.create_table(
        "shop_invitations",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("shop_id", sa.UUID(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("role", role, nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("wrong_tries", sa.BigInteger(), nullable=False),
        sa.Column("invited_by_id", sa.UUID(), nullable=False),
        sa.Column("invited_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.CheckConstraint("phone ~ '^1[3-9][0-9]{9}$'", name=op.f("ck_shop_invitations_phone_shape")),
        sa.CheckConstraint("expires_at > invited_at", name=op.f("ck_shop_invitations_expires_later")),
        sa.CheckConstraint("wrong_tries BETWEEN 0 AND 5", name=op.f("ck_shop_invitations_tries")),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_shop_invitations_shop_id")),
        sa.ForeignKeyConstraint(
            ["invited_by_id"], ["accounts.id"], name=op.f("fk_shop_invitations_invited_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_invitations")),
    )
    op.create_index(
        "ix_shop_invitations_phone",
        "shop_invitations",
        ["phone"],
        postgresql_where=sa.text("ended_at IS NULL"),
    )
