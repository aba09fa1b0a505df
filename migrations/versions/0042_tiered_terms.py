"""A common word is answered by the first tier of entries; category and brand are terms like the rest."""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

_HASH = "(uuid_hash(listing_id) & 255)"
_TIERS = (
    f"{_HASH} < 4",
    f"{_HASH} >= 4 AND {_HASH} < 16",
    f"{_HASH} >= 16 AND {_HASH} < 64",
    f"{_HASH} >= 64",
)
# What finding knows nothing of yet stays blank, so that `market migrate` sees it.
_SET = """
UPDATE products SET search_terms = {terms}
FROM unnest(CAST(:codes AS text[]), CAST(:code_terms AS int[])) categories (code, term),
  unnest(CAST(:brands AS text[]), CAST(:brand_terms AS int[])) brands (brand, term)
WHERE products.category_code = categories.code AND lower(products.brand) = brands.brand
  AND cardinality(search_terms) > 0
"""
_SORTED = "ARRAY(SELECT DISTINCT it FROM unnest({terms}) it ORDER BY it)"


def upgrade() -> None:
    op.drop_index("ix_search_entries_terms", table_name="search_entries")
    added = "search_terms || categories.term || brands.term"
    _change(_SORTED.format(terms=added))
    op.execute(f"CREATE STATISTICS search_entries_tier ON ({_HASH}) FROM search_entries")
    for number, tier in enumerate(_TIERS):
        op.create_index(
            f"ix_search_entries_terms_{number}",
            "search_entries",
            ["terms"],
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
            postgresql_where=sa.text(tier),
        )


def downgrade() -> None:
    for number in range(len(_TIERS)):
        op.drop_index(f"ix_search_entries_terms_{number}", table_name="search_entries")
    op.execute("DROP STATISTICS search_entries_tier")
    _change("array_remove(array_remove(search_terms, categories.term), brands.term)")
    op.create_index("ix_search_entries_terms", "search_entries", ["terms"], postgresql_using="gin")


def _change(terms: str) -> None:
    """Set every product's terms, and what is kept of them by itself rather than through the triggers."""
    codes = op.get_bind().execute(sa.text("SELECT DISTINCT category_code FROM products")).scalars().all()
    brands = op.get_bind().execute(sa.text("SELECT DISTINCT lower(brand) FROM products")).scalars().all()
    op.execute("ALTER TABLE products DISABLE TRIGGER USER")
    op.get_bind().execute(
        sa.text(_SET.format(terms=terms)),
        {
            "codes": codes,
            "code_terms": [_term("category", code) for code in codes],
            "brands": brands,
            "brand_terms": [_term("brand", brand) for brand in brands],
        },
    )
    op.execute("ALTER TABLE products ENABLE TRIGGER USER")
    op.execute(
        "UPDATE search_entries SET terms = products.search_terms FROM products"
        " WHERE products.id = search_entries.product_id"
    )


def _term(kind: str, text: str) -> int:
    digest = hashlib.blake2b(f"{kind}:{text}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big", signed=True)
