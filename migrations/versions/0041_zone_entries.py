"""What can be found says itself until when it is in the green zone; every order has an index to walk by."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0039"
branch_labels = None
depends_on = None

_COLUMNS = (
    "product_id", "county_code", "category_code", "brand", "price_fen", "cost_key", "grade", "grade_until",
    "water_grade", "water_until", "subsidy_category", "rating", "in_stock", "size", "size_unit", "score",
    "terms",
)  # fmt: skip
_VIEW = """
CREATE VIEW search_current AS
SELECT listings.id AS listing_id, listings.product_id, shops.county_code, products.category_code,
  products.brand, listings.price_fen,
  coalesce((products.yearly_kwh * 10)::bigint, 100000000000000) AS cost_key,
  best.grade, best.expires_on AS grade_until, water.grade AS water_grade, water.expires_on AS water_until,
  categories.subsidy_category, stars.rating, pieces.in_stock, products.size, products.size_unit,
  (pieces.in_stock::int * 1000 + coalesce(6 - best.grade, 0) * 100 + (5 - stars.rating) * 10)::bigint
    AS score,
  products.search_terms AS terms{more}
FROM listings
JOIN shops ON shops.id = listings.shop_id AND shops.state IN ('open', 'holiday')
JOIN products ON products.id = listings.product_id
JOIN categories ON categories.code = products.category_code
LEFT JOIN ratings ON ratings.subject_kind = 'shop' AND ratings.subject_id = shops.id
  AND (ratings.known_events >= 5 OR ratings.reasons->'gates' <> '[]'::jsonb)
CROSS JOIN LATERAL (SELECT CASE ratings.grade WHEN 'A+' THEN 0 WHEN 'A' THEN 1 WHEN 'C' THEN 3 WHEN 'D'
  THEN 4 ELSE 2 END::bigint AS rating) stars
CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM stock WHERE stock.listing_id = listings.id
  AND NOT stock.frozen AND stock.on_hand > stock.reserved + stock.allocated) AS in_stock) pieces
LEFT JOIN LATERAL (SELECT grade, expires_on FROM label_records WHERE product_id = products.id
  AND state = 'verified' ORDER BY grade, expires_on DESC NULLS FIRST LIMIT 1) best ON true
LEFT JOIN LATERAL (SELECT grade, expires_on FROM label_records WHERE product_id = products.id
  AND state = 'verified' AND kind = 'water' ORDER BY grade, expires_on DESC NULLS FIRST LIMIT 1) water ON true
{join}WHERE listings.state = 'active'
"""
_WALKS = (("cost", "cost_key"), ("rating", "rating"))
_UNTIL = ",\n  CASE WHEN stay.id IS NOT NULL THEN coalesce(stay.last_day, '9999-12-31') END AS zone_until"
_STAY = "LEFT JOIN zone_memberships stay ON stay.product_id = products.id AND stay.until IS NULL\n"
_REFRESH = """
CREATE OR REPLACE FUNCTION search_refresh(ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM search_entries WHERE listing_id = ANY (ids)
    AND NOT EXISTS (SELECT FROM search_current now WHERE now.listing_id = search_entries.listing_id);
  INSERT INTO search_entries (listing_id, {listed})
  SELECT listing_id, {listed} FROM search_current WHERE listing_id = ANY (ids) ORDER BY listing_id
  ON CONFLICT (listing_id) DO UPDATE SET ({listed}) = ({new})
  WHERE ({old}) IS DISTINCT FROM ({new});
END $$
"""
_FOLLOW = """
CREATE FUNCTION search_follow_zone_memberships() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM search_refresh(ARRAY(SELECT listings.id FROM listings JOIN changed USING (product_id)));
  RETURN NULL;
END $$
"""
_TRIGGER = """
CREATE TRIGGER search_follow_zone_memberships_{name} AFTER {name} ON zone_memberships
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION search_follow_zone_memberships()
"""


def _replace(columns: tuple[str, ...], more: str, join: str) -> None:
    op.execute("DROP VIEW search_current")
    op.execute(_VIEW.format(more=more, join=join))
    op.execute(
        _REFRESH.format(
            listed=", ".join(columns),
            new=", ".join(f"excluded.{name}" for name in columns),
            old=", ".join(f"search_entries.{name}" for name in columns),
        )
    )


def upgrade() -> None:
    op.add_column("search_entries", sa.Column("zone_until", sa.Date(), nullable=True))
    _replace((*_COLUMNS, "zone_until"), _UNTIL, _STAY)
    op.execute(_FOLLOW)
    for name in ("insert", "update"):
        op.execute(_TRIGGER.format(name=name))
    op.execute(
        "UPDATE search_entries SET zone_until = coalesce(last_day, '9999-12-31') FROM zone_memberships stay"
        " WHERE stay.product_id = search_entries.product_id AND stay.until IS NULL"
    )
    op.create_index(
        "ix_search_entries_zone",
        "search_entries",
        ["county_code", "category_code", "listing_id"],
        postgresql_where=sa.text("zone_until IS NOT NULL"),
    )
    # Without them a word that is no category's was sorted over the whole county: 7 seconds at a million.
    for name, key in _WALKS:
        op.create_index(
            f"ix_search_entries_county_{name}", "search_entries", ["county_code", key, "listing_id"]
        )


def downgrade() -> None:
    for name, _ in _WALKS:
        op.drop_index(f"ix_search_entries_county_{name}", table_name="search_entries")
    op.drop_index("ix_search_entries_zone", table_name="search_entries")
    op.execute("DROP FUNCTION search_follow_zone_memberships() CASCADE")
    _replace(_COLUMNS, "", "")
    op.drop_column("search_entries", "zone_until")
