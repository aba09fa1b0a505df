"""Owners prove themselves a second time before money leaves, and clerks order for people at the counter."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from market.kernel.seal import SEALED

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


PURPOSES = ("account", "sms", "subsidy")


def _purposes(*purposes: str) -> None:
    listed = ", ".join(f"'{purpose}'" for purpose in purposes)
    op.drop_constraint(op.f("ck_consents_purpose"), "consents", type_="check")
    op.create_check_constraint(op.f("ck_consents_purpose"), "consents", f"purpose IN ({listed})")


def upgrade() -> None:
    _purposes(*PURPOSES, "assisted")
    op.add_column("account_sessions", sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "second_factors",
        sa.Column("account_id", sa.UUID(), nullable=False),
        sa.Column("secret_sealed", sa.Text(), nullable=False),
        sa.Column("pending_sealed", sa.Text(), nullable=False),
        sa.Column("last_counter", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            f"secret_sealed = '' OR secret_sealed ~ '{SEALED}'", name=op.f("ck_second_factors_secret_sealed")
        ),
        sa.CheckConstraint(
            f"pending_sealed = '' OR pending_sealed ~ '{SEALED}'",
            name=op.f("ck_second_factors_pending_sealed"),
        ),
        sa.CheckConstraint("(secret_sealed = '') = (since IS NULL)", name=op.f("ck_second_factors_in_force")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_second_factors_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_second_factors")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("account_id", sa.UUID(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_recovery_codes_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
        sa.UniqueConstraint("account_id", "code_hash", name=op.f("uq_recovery_codes_account_id_code_hash")),
    )
    states = ("asked", "agreed", "placed")
    state = sa.Enum(*states, name="assiststate", native_enum=False, create_constraint=True, length=32)
    op.create_table(
        "assisted_orders",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("shop_id", sa.UUID(), nullable=False),
        sa.Column("clerk_id", sa.UUID(), nullable=False),
        sa.Column("account_id", sa.UUID(), nullable=True),
        sa.Column("state", state, nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=True),
        sa.Column("wrong_tries", sa.BigInteger(), nullable=False),
        sa.Column("paper_jpeg", sa.LargeBinary(), nullable=True),
        sa.Column("consent_version", sa.BigInteger(), nullable=True),
        sa.Column("draft", postgresql.JSONB(), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'asked') = (agreed_at IS NULL)", name=op.f("ck_assisted_orders_agreed")),
        sa.CheckConstraint(
            "agreed_at IS NULL OR account_id IS NOT NULL", name=op.f("ck_assisted_orders_agreed_by_somebody")
        ),
        sa.CheckConstraint(
            "(agreed_at IS NULL) = (consent_version IS NULL)", name=op.f("ck_assisted_orders_versioned")
        ),
        sa.CheckConstraint(
            "(state = 'placed') = (order_id IS NOT NULL)", name=op.f("ck_assisted_orders_placed")
        ),
        sa.CheckConstraint(
            "code_hash IS NOT NULL OR agreed_at IS NOT NULL", name=op.f("ck_assisted_orders_by_code_or_paper")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_assisted_orders_shop_id_shops")),
        sa.ForeignKeyConstraint(
            ["clerk_id"], ["accounts.id"], name=op.f("fk_assisted_orders_clerk_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_assisted_orders_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_assisted_orders_order_id_orders")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assisted_orders")),
        sa.UniqueConstraint("order_id", name=op.f("uq_assisted_orders_order_id")),
    )
    op.create_index("ix_assisted_orders_shop_id_created_at", "assisted_orders", ["shop_id", "created_at"])
    op.create_index("ix_assisted_orders_account_id", "assisted_orders", ["account_id"])


def downgrade() -> None:
    op.drop_table("assisted_orders")
    op.execute("DELETE FROM consents WHERE purpose = 'assisted'")
    _purposes(*PURPOSES)
    op.drop_table("recovery_codes")
    op.drop_table("second_factors")
    op.drop_column("account_sessions", "proved_at")
