"""Privacy: an account that has ended has no number, and what was sent in outlives the address it came from."""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

NUMBER = "phone ~ '^1[3-9][0-9]{9}$'"
ADDRESS = "fk_recycling_orders_address_id"


def upgrade() -> None:
    op.drop_constraint(op.f("ck_accounts_phone_shape"), "accounts", type_="check")
    ended = "state = 'closed' AND phone ~ '^x[0-9a-f]{32}$'"
    op.create_check_constraint(op.f("ck_accounts_phone_shape"), "accounts", f"{NUMBER} OR {ended}")
    op.drop_constraint(op.f(ADDRESS), "recycling_orders", type_="foreignkey")
    op.create_foreign_key(
        op.f(ADDRESS), "recycling_orders", "addresses", ["address_id"], ["id"], ondelete="SET NULL"
    )


def downgrade() -> None:
    op.drop_constraint(op.f(ADDRESS), "recycling_orders", type_="foreignkey")
    op.create_foreign_key(op.f(ADDRESS), "recycling_orders", "addresses", ["address_id"], ["id"])
    op.drop_constraint(op.f("ck_accounts_phone_shape"), "accounts", type_="check")
    # Ended accounts get a number that nobody was ever given, or the check could not stand.
    op.execute(
        "UPDATE accounts SET phone = '199' || lpad((row_number - 1)::text, 8, '0') FROM"
        " (SELECT id AS ended_id, row_number() OVER (ORDER BY id) FROM accounts WHERE phone LIKE 'x%') ended"
        " WHERE id = ended_id"
    )
    op.create_check_constraint(op.f("ck_accounts_phone_shape"), "accounts", NUMBER)
