"""What keeps the entries true inside PostgreSQL: a view that says what they should be, and triggers.

Triggers, because state, price and stock are changed by statements over many rows as well as by objects, and
all of them must show on the next request. Where two transactions change two sources of one entry at once, one
may write what the other has just changed; pages check state and shop again when they load a listing, and
`market search rebuild` and `market audit` compare with the view.
"""

from sqlalchemy import DDL

from market.search.bands import BANDS

UNKNOWN_COST = 10**14  # as the view says

# Score: in stock, then the proven grade, then the shop's letter; no place is for sale (open rules).
CURRENT_VIEW = DDL("""
CREATE VIEW search_current AS
SELECT listings.id AS listing_id, listings.product_id, shops.county_code, products.category_code,
  products.brand, listings.price_fen,
  coalesce((products.yearly_kwh * 10)::bigint, 100000000000000) AS cost_key,
  best.grade, best.expires_on AS grade_until, water.grade AS water_grade, water.expires_on AS water_until,
  categories.subsidy_category, stars.rating, pieces.in_stock, products.size, products.size_unit,
  (pieces.in_stock::int * 1000 + coalesce(6 - best.grade, 0) * 100 + (5 - stars.rating) * 10)::bigint
    AS score,
  products.search_terms || search_bands(listings.price_fen, best.grade, water.grade) AS terms,
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
""")

COLUMNS = (
    "product_id", "county_code", "category_code", "brand", "price_fen", "cost_key", "grade", "grade_until",
    "water_grade", "water_until", "subsidy_category", "rating", "in_stock", "size", "size_unit", "score",
    "terms", "zone_until",
)  # fmt: skip
_LISTED = ", ".join(COLUMNS)

_INTO = ", ".join(f"excluded.{name}" for name in COLUMNS)
_FROM = ", ".join(f"search_entries.{name}" for name in COLUMNS)
_REFRESH = """
CREATE FUNCTION search_refresh(ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM search_entries WHERE listing_id = ANY (ids)
    AND NOT EXISTS (SELECT FROM search_current now WHERE now.listing_id = search_entries.listing_id);
  INSERT INTO search_entries (listing_id, {listed})
  SELECT listing_id, {listed} FROM search_current WHERE listing_id = ANY (ids) ORDER BY listing_id
  ON CONFLICT (listing_id) DO UPDATE SET ({listed}) = ({new})
  WHERE ({old}) IS DISTINCT FROM ({new});
END $$
"""
REFRESH = DDL(_REFRESH.format(listed=_LISTED, new=_INTO, old=_FROM))

_SOURCES = {
    "listings": "SELECT id FROM changed",
    "products": "SELECT listings.id FROM listings JOIN changed ON changed.id = listings.product_id",
    "shops": "SELECT listings.id FROM listings JOIN changed ON changed.id = listings.shop_id",
    "label_records": "SELECT listings.id FROM listings JOIN changed USING (product_id)",
    "zone_memberships": "SELECT listings.id FROM listings JOIN changed USING (product_id)",
}
FOLLOW = tuple(
    DDL(f"""
CREATE FUNCTION search_follow_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM search_refresh(ARRAY({found}));
  RETURN NULL;
END $$
""")
    for table, found in _SOURCES.items()
)
_TRIGGER = """
CREATE TRIGGER search_follow_{table}_{name} AFTER {name} ON {table} REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION search_follow_{table}()
"""
_TRIGGERS = tuple(
    DDL(_TRIGGER.format(table=table, name=name))
    for table in _SOURCES
    for name in ("insert", "update")
    if (table, name) not in {("products", "insert"), ("shops", "insert")}
)

STOCK = DDL("""
CREATE FUNCTION search_follow_stock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM search_refresh(ARRAY[NEW.listing_id]);
  RETURN NULL;
END $$
""")
STOCK_INSERT = DDL("""
CREATE TRIGGER search_follow_stock_insert AFTER INSERT ON stock
FOR EACH ROW EXECUTE FUNCTION search_follow_stock()
""")
# Only where the last piece goes or the first comes: checkout pays nothing else for it.
STOCK_UPDATE = DDL("""
CREATE TRIGGER search_follow_stock_update AFTER UPDATE ON stock FOR EACH ROW
WHEN ((NOT OLD.frozen AND OLD.on_hand > OLD.reserved + OLD.allocated)
  IS DISTINCT FROM (NOT NEW.frozen AND NEW.on_hand > NEW.reserved + NEW.allocated))
EXECUTE FUNCTION search_follow_stock()
""")
RATINGS = DDL("""
CREATE FUNCTION search_follow_ratings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.subject_kind = 'shop' THEN
    PERFORM search_refresh(ARRAY(SELECT id FROM listings WHERE shop_id = NEW.subject_id));
  END IF;
  RETURN NULL;
END $$
""")
RATINGS_INSERT = DDL("""
CREATE TRIGGER search_follow_ratings_insert AFTER INSERT ON ratings
FOR EACH ROW EXECUTE FUNCTION search_follow_ratings()
""")
RATINGS_UPDATE = DDL("""
CREATE TRIGGER search_follow_ratings_update AFTER UPDATE ON ratings FOR EACH ROW
WHEN ((OLD.grade, OLD.known_events >= 5, OLD.reasons) IS DISTINCT FROM
  (NEW.grade, NEW.known_events >= 5, NEW.reasons))
EXECUTE FUNCTION search_follow_ratings()
""")

WORDS = DDL("""
CREATE FUNCTION search_collect_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO search_words (word, kind)
  SELECT DISTINCT word, kind FROM changed CROSS JOIN LATERAL (
    SELECT brand, 'brand' UNION ALL SELECT model, 'model'
    UNION ALL SELECT unnest(search_words), 'word') AS said(word, kind)
  ORDER BY kind, word
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$
""")
_WORD_TRIGGERS = tuple(
    DDL(f"""
CREATE TRIGGER search_collect_words_{name} AFTER {name} ON products REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION search_collect_words()
""")
    for name in ("insert", "update")
)

# Without it every tier is taken for a third of the entries, and its index for one not worth opening.
TIER_STATISTICS = DDL(
    "CREATE STATISTICS search_entries_tier ON ((uuid_hash(listing_id) & 255)) FROM search_entries"
)

STATEMENTS = (
    TIER_STATISTICS, BANDS, CURRENT_VIEW, REFRESH, *FOLLOW, *_TRIGGERS, STOCK, STOCK_INSERT, STOCK_UPDATE,
    RATINGS, RATINGS_INSERT, RATINGS_UPDATE, WORDS, *_WORD_TRIGGERS,
)  # fmt: skip
DROP = (
    *(DDL(f"DROP FUNCTION IF EXISTS search_follow_{table}() CASCADE")
      for table in (*_SOURCES, "stock", "ratings")),
    DDL("DROP FUNCTION IF EXISTS search_collect_words() CASCADE"),
    DDL("DROP FUNCTION IF EXISTS search_refresh(uuid[])"),
    DDL("DROP VIEW IF EXISTS search_current"),
    DDL("DROP FUNCTION IF EXISTS search_bands(bigint, bigint, bigint)"),
)  # fmt: skip
