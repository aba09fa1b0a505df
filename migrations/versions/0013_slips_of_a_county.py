"""A desk's slip numbers are unique within their county: two counties' banks may use one number."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLE = "trade_in_dues"
OLD = "uq_trade_in_dues_slip_number"
NEW = "uq_trade_in_dues_county_code_slip_number"
COUNTY = "fk_trade_in_dues_county_code"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("county_code", sa.Text(), nullable=True))
    op.execute(
        "UPDATE trade_in_dues SET county_code = trade_ins.county_code"
        " FROM trade_ins WHERE trade_ins.id = trade_in_dues.trade_in_id"
    )
    op.alter_column(TABLE, "county_code", nullable=False)
    op.create_foreign_key(COUNTY, TABLE, "counties", ["county_code"], ["code"])
    op.create_unique_constraint(NEW, TABLE, ["county_code", "slip_number"])
    op.drop_constraint(OLD, TABLE, type_="unique")


def downgrade() -> None:
    op.create_unique_constraint(OLD, TABLE, ["slip_number"])
    op.drop_constraint(NEW, TABLE, type_="unique")
    op.drop_constraint(COUNTY, TABLE, type_="foreignkey")
    op.drop_column(TABLE, "county_code")
