"""Programmes are drafted, replayed and published by two people; subsidies can ask for a name and a coupon."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KEEP_FUNCTION = """
CREATE FUNCTION published_programme_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a published programme is never changed' USING ERRCODE = 'restrict_violation';
END $$
"""
KEEP_TRIGGER = """
CREATE TRIGGER published_programme_is_kept BEFORE UPDATE OR DELETE ON programmes
FOR EACH ROW WHEN (OLD.state = 'published') EXECUTE FUNCTION published_programme_is_kept()
"""
PURPOSES_BEFORE = ("account", "sms")
YEAR = "to_char(claims.created_at AT TIME ZONE 'Asia/Shanghai', 'YYYY')"
# What a claim counts within: the year where its programme forgets every year, else the whole programme.
PERIOD = f"CASE WHEN programmes.rules->>'period_reset' = 'calendar_year' THEN {YEAR} ELSE '' END"


def one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def may_be(table: str, column: str, name: str, values: tuple[str, ...]) -> None:
    """Let `column` of `table` hold just these values."""
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    allowed = ", ".join(f"'{value}'" for value in values)
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, f"{column} IN ({allowed})")


def upgrade() -> None:
    may_be("consents", "purpose", "purpose", (*PURPOSES_BEFORE, "subsidy"))
    _programmes_have_authors()
    _claims_count_within_a_period()
    _quotas_belong_to_all_versions()
    op.add_column("pots", sa.Column("requires_coupon", sa.Boolean(), nullable=False, server_default="false"))
    op.alter_column("pots", "requires_coupon", server_default=None)
    _create_real_names()
    _create_pools_and_chances()
    _create_lottery()
    _create_coupons()


def _programmes_have_authors() -> None:
    for name, table, column in (
        ("county_code", "counties", "code"),
        ("drafted_by", "accounts", "id"),
        ("published_by", "accounts", "id"),
    ):
        kind = sa.Text() if table == "counties" else sa.UUID()
        op.add_column("programmes", sa.Column(name, kind, nullable=True))
        op.create_foreign_key(op.f(f"fk_programmes_{name}"), "programmes", table, [name], [column])
    for name in ("drafted_at", "published_at"):
        op.add_column("programmes", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(op.f("ck_programmes_four_eyes"), "programmes", "drafted_by <> published_by")
    op.execute(KEEP_FUNCTION)
    op.execute(KEEP_TRIGGER)


def _claims_count_within_a_period() -> None:
    op.add_column("claims", sa.Column("period", sa.Text(), nullable=True))
    op.execute(
        f"UPDATE claims SET period = {PERIOD} FROM programmes WHERE programmes.id = claims.programme_id"  # noqa: S608
    )
    op.alter_column("claims", "period", nullable=False)
    op.add_column("claims", sa.Column("deducted_fen", sa.BigInteger(), nullable=False, server_default="0"))
    op.alter_column("claims", "deducted_fen", server_default=None)
    op.create_check_constraint(
        op.f("ck_claims_deducted"), "claims", "deducted_fen BETWEEN 0 AND base_fen - amount_fen"
    )


def _quotas_belong_to_all_versions() -> None:
    op.drop_constraint(op.f("pk_quotas"), "quotas", type_="primary")
    op.drop_constraint(op.f("fk_quotas_programme_id"), "quotas", type_="foreignkey")
    op.add_column("quotas", sa.Column("period", sa.Text(), nullable=True))
    # Until now every programme ran in one calendar year: the year it began in is that of its use.
    op.execute(
        "UPDATE quotas SET period = CASE WHEN programmes.rules->>'period_reset' = 'calendar_year' "
        "THEN to_char(programmes.valid_from AT TIME ZONE 'Asia/Shanghai', 'YYYY') ELSE '' END "
        "FROM programmes WHERE programmes.id = quotas.programme_id"
    )
    op.alter_column("quotas", "period", nullable=False)
    op.alter_column("quotas", "programme_id", new_column_name="programme_code")
    op.execute("UPDATE quotas SET programme_code = split_part(programme_code, ':', 1)")
    op.create_primary_key(op.f("pk_quotas"), "quotas", ["programme_code", "period", "account_id", "category"])


def _create_real_names() -> None:
    op.create_table(
        "real_names",
        sa.Column("account_id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("masked", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_real_names_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_real_names")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_real_names_fingerprint")),
    )


def _create_pools_and_chances() -> None:
    op.create_table(
        "coupon_pools",
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("taken BETWEEN 0 AND total", name=op.f("ck_coupon_pools_within_total")),
        sa.ForeignKeyConstraint(
            ["programme_id", "county_code"],
            ["pots.programme_id", "pots.county_code"],
            name="fk_coupon_pools_pot",
        ),
        sa.PrimaryKeyConstraint("programme_id", "county_code", "category", name=op.f("pk_coupon_pools")),
    )
    op.create_table(
        "coupon_chances",
        sa.Column("programme_code", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("account_id", sa.UUID(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("chances", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("used BETWEEN 0 AND chances", name=op.f("ck_coupon_chances_within_chances")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_coupon_chances_account_id")),
        sa.PrimaryKeyConstraint(
            "programme_code", "period", "account_id", "category", name=op.f("pk_coupon_chances")
        ),
    )


def _create_lottery() -> None:
    op.create_table(
        "lottery_rounds",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("places", sa.BigInteger(), nullable=False),
        sa.Column("tickets", sa.BigInteger(), nullable=False),
        sa.Column("seed_hash", sa.Text(), nullable=False),
        sa.Column("sealed_seed", sa.Text(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=True),
        sa.Column("state", one_of("roundstate", "open", "drawn"), nullable=False),
        sa.Column("opened_by", sa.UUID(), nullable=False),
        sa.CheckConstraint(
            "(state = 'drawn') = (seed IS NOT NULL)", name=op.f("ck_lottery_rounds_seed_when_drawn")
        ),
        sa.CheckConstraint("opens_at < closes_at", name=op.f("ck_lottery_rounds_period")),
        sa.CheckConstraint("places > 0", name=op.f("ck_lottery_rounds_places")),
        sa.ForeignKeyConstraint(["opened_by"], ["accounts.id"], name=op.f("fk_lottery_rounds_opened_by")),
        sa.ForeignKeyConstraint(
            ["programme_id", "county_code", "category"],
            ["coupon_pools.programme_id", "coupon_pools.county_code", "coupon_pools.category"],
            name="fk_lottery_rounds_pool",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lottery_rounds")),
    )
    op.create_index("ix_lottery_rounds_county_code_closes_at", "lottery_rounds", ["county_code", "closes_at"])
    op.create_table(
        "lottery_tickets",
        sa.Column("round_id", sa.UUID(), nullable=False),
        sa.Column("account_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("won", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_lottery_tickets_account_id")),
        sa.ForeignKeyConstraint(
            ["round_id"], ["lottery_rounds.id"], name=op.f("fk_lottery_tickets_round_id")
        ),
        sa.PrimaryKeyConstraint("round_id", "account_id", name=op.f("pk_lottery_tickets")),
        sa.UniqueConstraint("round_id", "number", name=op.f("uq_lottery_tickets_round_id_number")),
    )


def _create_coupons() -> None:
    op.create_table(
        "coupons",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("account_id", sa.UUID(), nullable=False),
        sa.Column("round_id", sa.UUID(), nullable=True),
        sa.Column("state", one_of("couponstate", "claimed", "used", "lapsed"), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(state = 'used') = (reference IS NOT NULL)", name=op.f("ck_coupons_used_by_a_line")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_coupons_account_id")),
        sa.ForeignKeyConstraint(["round_id"], ["lottery_rounds.id"], name=op.f("fk_coupons_round_id")),
        sa.ForeignKeyConstraint(
            ["programme_id", "county_code", "category"],
            ["coupon_pools.programme_id", "coupon_pools.county_code", "coupon_pools.category"],
            name="fk_coupons_pool",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupons")),
        sa.UniqueConstraint("reference", name=op.f("uq_coupons_reference")),
    )
    op.create_index(
        "uq_coupons_live",
        "coupons",
        ["account_id", "programme_id", "category"],
        unique=True,
        postgresql_where=sa.text("state = 'claimed'"),
    )


def downgrade() -> None:
    for table in (
        "coupons",
        "lottery_tickets",
        "lottery_rounds",
        "coupon_chances",
        "coupon_pools",
        "real_names",
    ):
        op.drop_table(table)
    op.execute(
        "DELETE FROM outbox WHERE kind IN "
        "('subsidies.coupon_lapses', 'subsidies.round_closes', 'subsidies.version_begins')"
    )
    op.drop_column("pots", "requires_coupon")
    _quotas_belong_to_one_version()
    op.drop_constraint(op.f("ck_claims_deducted"), "claims", type_="check")
    op.drop_column("claims", "deducted_fen")
    op.drop_column("claims", "period")
    op.execute("DROP TRIGGER published_programme_is_kept ON programmes")
    op.execute("DROP FUNCTION published_programme_is_kept()")
    op.drop_constraint(op.f("ck_programmes_four_eyes"), "programmes", type_="check")
    for name in ("county_code", "drafted_by", "published_by"):
        op.drop_constraint(op.f(f"fk_programmes_{name}"), "programmes", type_="foreignkey")
    for name in ("county_code", "drafted_by", "drafted_at", "published_by", "published_at"):
        op.drop_column("programmes", name)
    op.execute("DELETE FROM consents WHERE purpose = 'subsidy'")
    may_be("consents", "purpose", "purpose", PURPOSES_BEFORE)


def _quotas_belong_to_one_version() -> None:
    """Each person's use goes back to the version whose claims it came from."""
    op.drop_constraint(op.f("pk_quotas"), "quotas", type_="primary")
    op.drop_column("quotas", "period")
    op.alter_column("quotas", "programme_code", new_column_name="programme_id")
    op.execute("DELETE FROM quotas")
    op.execute(
        "INSERT INTO quotas (programme_id, account_id, category, used, quota) "
        "SELECT claims.programme_id, account_id, category, sum(units - returned_units), "
        "greatest(sum(units - returned_units), max((rules->'categories'->category->>'qty_limit')::bigint)) "
        "FROM claims JOIN programmes ON programmes.id = claims.programme_id "
        "WHERE claims.state <> 'released' GROUP BY claims.programme_id, account_id, category"
    )
    op.create_foreign_key(op.f("fk_quotas_programme_id"), "quotas", "programmes", ["programme_id"], ["id"])
    op.create_primary_key(op.f("pk_quotas"), "quotas", ["programme_id", "account_id", "category"])
