"""Points earned on refunded money are taken back, and what was spent of them is owed."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NEW = (
    ("points_accounts", "debt", "debt >= 0"),
    ("points_lots", "taken_back", "taken_back BETWEEN 0 AND points"),
)


def upgrade() -> None:
    for table, name, law in NEW:
        op.add_column(table, sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
        op.alter_column(table, name, server_default=None)
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, law)


def downgrade() -> None:
    for table, name, _ in NEW:
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
        op.drop_column(table, name)
