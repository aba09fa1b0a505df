"""Finding: entries that follow the catalog by triggers, its words, and counties' rulings on dialect words.

`market migrate` fills the entries of a market that has goods already (`market.search.rebuild`).
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
CREATE VIEW search_current AS
SELECT listings.id AS listing_id, listings.product_id, shops.county_code, products.category_code,
  products.brand, listings.price_fen,
  coalesce((products.yearly_kwh * 10)::bigint, 100000000000000) AS cost_key,
  best.grade, best.expires_on AS grade_until, water.grade AS water_grade, water.expires_on AS water_until,
  categories.subsidy_category, stars.rating, pieces.in_stock, products.size, products.size_unit,
  (pieces.in_stock::int * 1000 + coalesce(6 - best.grade, 0) * 100 + (5 - stars.rating) * 10)::bigint
    AS score,
  products.search_terms AS terms
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
WHERE listings.state = 'active'
""",
    """
CREATE FUNCTION search_refresh(ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM search_entries WHERE listing_id = ANY (ids)
    AND NOT EXISTS (SELECT FROM search_current now WHERE now.listing_id = search_entries.listing_id);
  INSERT INTO search_entries (listing_id, product_id, county_code, category_code, brand, price_fen, cost_key, grade, grade_until, water_grade, water_until, subsidy_category, rating, in_stock, size, size_unit, score, terms)
  SELECT listing_id, product_id, county_code, category_code, brand, price_fen, cost_key, grade, grade_until, water_grade, water_until, subsidy_category, rating, in_stock, size, size_unit, score, terms FROM search_current WHERE listing_id = ANY (ids) ORDER BY listing_id
  ON CONFLICT (listing_id) DO UPDATE SET (product_id, county_code, category_code, brand, price_fen, cost_key, grade, grade_until, water_grade, water_until, subsidy_category, rating, in_stock, size, size_unit, score, terms) = (excluded.product_id, excluded.county_code, excluded.category_code, excluded.brand, excluded.price_fen, excluded.cost_key, excluded.grade, excluded.grade_until, excluded.water_grade, excluded.water_until, excluded.subsidy_category, excluded.rating, excluded.in_stock, excluded.size, excluded.size_unit, excluded.score, excluded.terms)
  WHERE (search_entries.product_id, search_entries.county_code, search_entries.category_code, search_entries.brand, search_entries.price_fen, search_entries.cost_key, search_entries.grade, search_entries.grade_until, search_entries.water_grade, search_entries.water_until, search_entries.subsidy_category, search_entries.rating, search_entries.in_stock, search_entries.size, search_entries.size_unit, search_entries.score, search_entries.terms) IS DISTINCT FROM (excluded.product_id, excluded.county_code, excluded.category_code, excluded.brand, excluded.price_fen, excluded.cost_key, excluded.grade, excluded.grade_until, excluded.water_grade, excluded.water_until, excluded.subsidy_category, excluded.rating, excluded.in_stock, excluded.size, excluded.size_unit, excluded.score, excluded.terms);
END $$
""",
    """
CREATE FUNCTION search_follow_listings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM search_refresh(ARRAY(SELECT id FROM changed));
  RETURN NULL;
END $$
""",
    """
CREATE FUNCTION search_follow_products() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM search_refresh(ARRAY(SELECT listings.id FROM listings JOIN changed ON changed.id = listings.product_id));
  RETURN NULL;
END $$
""",
    """
CREATE FUNCTION search_follow_shops() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM search_refresh(ARRAY(SELECT listings.id FROM listings JOIN changed ON changed.id = listings.shop_id));
  RETURN NULL;
END $$
""",
    """
CREATE FUNCTION search_follow_label_records() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM search_refresh(ARRAY(SELECT listings.id FROM listings JOIN changed USING (product_id)));
  RETURN NULL;
END $$
""",
    """
CREATE TRIGGER search_follow_listings_insert AFTER insert ON listings REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION search_follow_listings()
""",
    """
CREATE TRIGGER search_follow_listings_update AFTER update ON listings REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION search_follow_listings()
""",
    """
CREATE TRIGGER search_follow_products_update AFTER update ON products REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION search_follow_products()
""",
    """
CREATE TRIGGER search_follow_shops_update AFTER update ON shops REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION search_follow_shops()
""",
    """
CREATE TRIGGER search_follow_label_records_insert AFTER insert ON label_records REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION search_follow_label_records()
""",
    """
CREATE TRIGGER search_follow_label_records_update AFTER update ON label_records REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION search_follow_label_records()
""",
    """
CREATE FUNCTION search_follow_stock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM search_refresh(ARRAY[NEW.listing_id]);
  RETURN NULL;
END $$
""",
    """
CREATE TRIGGER search_follow_stock_insert AFTER INSERT ON stock
FOR EACH ROW EXECUTE FUNCTION search_follow_stock()
""",
    """
CREATE TRIGGER search_follow_stock_update AFTER UPDATE ON stock FOR EACH ROW
WHEN ((NOT OLD.frozen AND OLD.on_hand > OLD.reserved + OLD.allocated)
  IS DISTINCT FROM (NOT NEW.frozen AND NEW.on_hand > NEW.reserved + NEW.allocated))
EXECUTE FUNCTION search_follow_stock()
""",
    """
CREATE FUNCTION search_follow_ratings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.subject_kind = 'shop' THEN
    PERFORM search_refresh(ARRAY(SELECT id FROM listings WHERE shop_id = NEW.subject_id));
  END IF;
  RETURN NULL;
END $$
""",
    """
CREATE TRIGGER search_follow_ratings_insert AFTER INSERT ON ratings
FOR EACH ROW EXECUTE FUNCTION search_follow_ratings()
""",
    """
CREATE TRIGGER search_follow_ratings_update AFTER UPDATE ON ratings FOR EACH ROW
WHEN ((OLD.grade, OLD.known_events >= 5, OLD.reasons) IS DISTINCT FROM
  (NEW.grade, NEW.known_events >= 5, NEW.reasons))
EXECUTE FUNCTION search_follow_ratings()
""",
    """
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
""",
    """
CREATE TRIGGER search_collect_words_insert AFTER insert ON products REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION search_collect_words()
""",
    """
CREATE TRIGGER search_collect_words_update AFTER update ON products REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION search_collect_words()
""",
)
DROP = (
    "DROP FUNCTION IF EXISTS search_follow_listings() CASCADE",
    "DROP FUNCTION IF EXISTS search_follow_products() CASCADE",
    "DROP FUNCTION IF EXISTS search_follow_shops() CASCADE",
    "DROP FUNCTION IF EXISTS search_follow_label_records() CASCADE",
    "DROP FUNCTION IF EXISTS search_follow_stock() CASCADE",
    "DROP FUNCTION IF EXISTS search_follow_ratings() CASCADE",
    "DROP FUNCTION IF EXISTS search_collect_words() CASCADE",
    "DROP FUNCTION IF EXISTS search_refresh(uuid[])",
    "DROP VIEW IF EXISTS search_current",
)


def upgrade() -> None:
    op.drop_index("ix_products_search_grams", table_name="products")
    op.drop_column("products", "search_grams")
    for name, kind in (("search_terms", sa.Integer()), ("search_words", sa.Text())):
        op.add_column(
            "products", sa.Column(name, postgresql.ARRAY(kind), server_default="{}", nullable=False)
        )
        op.alter_column("products", name, server_default=None)
    op.add_column("products", sa.Column("size", sa.Numeric(10, 2), nullable=True))
    op.add_column("products", sa.Column("size_unit", sa.Text(), nullable=True))
    _entries()
    _words()
    for statement in STATEMENTS:
        op.execute(statement)


def _entries() -> None:
    op.create_table(
        "search_entries",
        sa.Column("listing_id", sa.UUID(), nullable=False),
        sa.Column("product_id", sa.UUID(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("category_code", sa.Text(), nullable=False),
        sa.Column("brand", sa.Text(), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("cost_key", sa.BigInteger(), nullable=False),
        sa.Column("grade", sa.BigInteger(), nullable=True),
        sa.Column("grade_until", sa.Date(), nullable=True),
        sa.Column("water_grade", sa.BigInteger(), nullable=True),
        sa.Column("water_until", sa.Date(), nullable=True),
        sa.Column("subsidy_category", sa.Text(), nullable=True),
        sa.Column("rating", sa.BigInteger(), nullable=False),
        sa.Column("in_stock", sa.Boolean(), nullable=False),
        sa.Column("size", sa.Numeric(10, 2), nullable=True),
        sa.Column("size_unit", sa.Text(), nullable=True),
        sa.Column("score", sa.BigInteger(), nullable=False),
        sa.Column("terms", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"],
            ["listings.id"],
            name=op.f("fk_search_entries_listing_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("listing_id", name=op.f("pk_search_entries")),
    )
    op.create_index("ix_search_entries_terms", "search_entries", ["terms"], postgresql_using="gin")
    place = ["county_code", "category_code"]
    for key in ("score", "price_fen", "cost_key", "rating"):
        op.create_index(f"ix_search_entries_{key}", "search_entries", [*place, key, "listing_id"])
    op.create_index("ix_search_entries_newest", "search_entries", [*place, "listing_id"])
    op.create_index(
        "ix_search_entries_county_score", "search_entries", ["county_code", "score", "listing_id"]
    )
    op.create_index(
        "ix_search_entries_county_price", "search_entries", ["county_code", "price_fen", "listing_id"]
    )
    op.create_index("ix_search_entries_county_newest", "search_entries", ["county_code", "listing_id"])
    op.create_index("ix_search_entries_product_id", "search_entries", ["product_id"])


def _words() -> None:
    op.create_table(
        "search_words",
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("word", "kind", name=op.f("pk_search_words")),
    )
    op.create_table(
        "search_rulings",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("means", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum("suggested", "reviewed", "off", name="verdict", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.UUID(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "verdict IN ('suggested', 'reviewed', 'off')", name=op.f("ck_search_rulings_verdict")
        ),
        sa.CheckConstraint(
            "char_length(means) BETWEEN 1 AND 12", name=op.f("ck_search_rulings_means_length")
        ),
        sa.CheckConstraint("char_length(word) BETWEEN 1 AND 12", name=op.f("ck_search_rulings_word_length")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_search_rulings_version")),
        sa.CheckConstraint("word <> means", name=op.f("ck_search_rulings_says_something")),
        sa.ForeignKeyConstraint(
            ["county_code"], ["counties.code"], name=op.f("fk_search_rulings_county_code")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["accounts.id"], name=op.f("fk_search_rulings_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_rulings")),
        sa.UniqueConstraint(
            "county_code",
            "word",
            "means",
            "version",
            name=op.f("uq_search_rulings_county_code_word_means_version"),
        ),
    )


def downgrade() -> None:
    for statement in DROP:
        op.execute(statement)
    for table in ("search_rulings", "search_words", "search_entries"):
        op.drop_table(table)
    for name in ("size_unit", "size", "search_words", "search_terms"):
        op.drop_column("products", name)
    op.add_column(
        "products",
        sa.Column("search_grams", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
    )
    op.alter_column("products", "search_grams", server_default=None)
    _fill_grams()
    op.create_index("ix_products_search_grams", "products", ["search_grams"], postgresql_using="gin")


def _fill_grams() -> None:
    """Every character and every pair of neighbors within a word, as the code before expects them."""
    op.execute("""
UPDATE products SET search_grams = ARRAY(
  SELECT DISTINCT substr(word, place, size) FROM regexp_split_to_table(search_text, '\\s+') AS word,
  generate_series(1, char_length(word)) AS place, generate_series(1, 2) AS size
  WHERE place + size - 1 <= char_length(word) ORDER BY 1)
""")
