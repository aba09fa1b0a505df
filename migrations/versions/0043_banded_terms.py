"""An entry's price and grades are terms as well, so that the term index narrows by them."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

_HASH = "(uuid_hash(listing_id) & 255)"
_TIERS = (
    f"{_HASH} < 4",
    f"{_HASH} >= 4 AND {_HASH} < 16",
    f"{_HASH} >= 16 AND {_HASH} < 64",
    f"{_HASH} >= 64",
)
_BANDS = """
CREATE FUNCTION search_bands(price_fen bigint, grade bigint, water bigint) RETURNS int[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT ARRAY(
  SELECT (100000 * (level + 1) + least(price_fen / (10000 << level), 99999))::int
  FROM generate_series(0, 6) level
  UNION ALL SELECT generate_series(grade, 5)::int
  UNION ALL SELECT generate_series(10 + water, 15)::int
) $$
"""
_VIEW = """
CREATE OR REPLACE VIEW search_current AS
SELECT listings.id AS listing_id, listings.product_id, shops.county_code, products.category_code,
  products.brand, listings.price_fen,
  coalesce((products.yearly_kwh * 10)::bigint, 100000000000000) AS cost_key,
  best.grade, best.expires_on AS grade_until, water.grade AS water_grade, water.expires_on AS water_until,
  categories.subsidy_category, stars.rating, pieces.in_stock, products.size, products.size_unit,
  (pieces.in_stock::int * 1000 + coalesce(6 - best.grade, 0) * 100 + (5 - stars.rating) * 10)::bigint
    AS score,
  products.search_terms{bands} AS terms,
  CASE WHEN stay.id IS NOT NULL THEN coalesce(stay.last_day, '9999-12-31') END AS zone_until
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
LEFT JOIN zone_memberships stay ON stay.product_id = products.id AND stay.until IS NULL
WHERE listings.state = 'active'
"""


def upgrade() -> None:
    op.execute(_BANDS)
    op.execute(_VIEW.format(bands=" || search_bands(listings.price_fen, best.grade, water.grade)"))
    _write("terms || search_bands(price_fen, grade, water_grade)")


def downgrade() -> None:
    op.execute(_VIEW.format(bands=""))
    op.execute("DROP FUNCTION search_bands(bigint, bigint, bigint)")
    _write("(SELECT search_terms FROM products WHERE products.id = search_entries.product_id)")


def _write(terms: str) -> None:
    """Change every entry with the term indexes away: to build them anew takes a third of the time."""
    for number in range(len(_TIERS)):
        op.drop_index(f"ix_search_entries_terms_{number}", table_name="search_entries")
    op.execute(f"UPDATE search_entries SET terms = {terms}")  # noqa: S608 - ours
    for number, tier in enumerate(_TIERS):
        op.create_index(
            f"ix_search_entries_terms_{number}",
            "search_entries",
            ["terms"],
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
            postgresql_where=sa.text(tier),
        )
