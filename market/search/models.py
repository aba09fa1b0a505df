"""Entries, the catalog's words, and what counties say of dialect words."""

import uuid
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Numeric, UniqueConstraint, event, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from market.kernel.db import Base, Id
from market.search.schema import DROP, STATEMENTS

_HASH = "(uuid_hash(listing_id) & 255)"
TIERS = (f"{_HASH} < 4", *(f"{_HASH} >= {low} AND {_HASH} < {4 * low}" for low in (4, 16)), f"{_HASH} >= 64")
"""A sixty-fourth of all entries by chance, then what makes it a sixteenth, a quarter, and all of them.

Each tier has a term index of its own, so that a common word is answered by the first (tiered indexes:
Manning, Raghavan, Schütze, Introduction to Information Retrieval, 2008, §7.2.1; there by quality).
"""
_WALKS = ("score", "price_fen", "cost_key", "rating")


class Entry(Base):
    """A listing that can be found now: a copy kept by triggers, never written by hand.

    `cost_key` is its yearly electricity in tenths of a kWh, 10^14 where unknown; `rating` the shop's, 0 the
    best; `grade` stands until `grade_until`; `score` is what plain relevance sorts by (`schema.py`).
    `zone_until` is the last day in the green zone, the year 9999's where none is set, None outside.
    """

    __tablename__ = "search_entries"
    __table_args__ = (
        *(
            Index(
                f"ix_search_entries_terms_{number}",
                "terms",
                postgresql_using="gin",
                postgresql_with={"fastupdate": "off"},
                postgresql_where=text(tier),
            )
            for number, tier in enumerate(TIERS)
        ),
        *(
            Index(f"ix_search_entries_{key}", "county_code", "category_code", key, "listing_id")
            for key in _WALKS
        ),
        Index("ix_search_entries_newest", "county_code", "category_code", "listing_id"),
        Index("ix_search_entries_county_score", "county_code", "score", "listing_id"),
        Index("ix_search_entries_county_price", "county_code", "price_fen", "listing_id"),
        Index("ix_search_entries_county_cost", "county_code", "cost_key", "listing_id"),
        Index("ix_search_entries_county_rating", "county_code", "rating", "listing_id"),
        Index("ix_search_entries_county_newest", "county_code", "listing_id"),
        Index("ix_search_entries_product_id", "product_id"),
        Index(
            "ix_search_entries_zone",
            "county_code",
            "category_code",
            "listing_id",
            postgresql_where=text("zone_until IS NOT NULL"),
        ),
    )

    listing_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("listings.id", ondelete="CASCADE"), primary_key=True
    )
    product_id: Mapped[uuid.UUID]
    county_code: Mapped[str]
    category_code: Mapped[str]
    brand: Mapped[str]
    price_fen: Mapped[int]
    cost_key: Mapped[int]
    grade: Mapped[int | None]
    grade_until: Mapped[date | None]
    water_grade: Mapped[int | None]
    water_until: Mapped[date | None]
    subsidy_category: Mapped[str | None]
    rating: Mapped[int]
    in_stock: Mapped[bool]
    size: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))
    size_unit: Mapped[str | None]
    score: Mapped[int]
    terms: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    zone_until: Mapped[date | None]


class CatalogWord(Base):
    """A word, brand or model that a product of the catalog has had; a trigger collects them."""

    __tablename__ = "search_words"

    word: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)


class Verdict(StrEnum):
    """What a county says of a word: a suggestion to look at, right, or not in use here."""

    suggested = "suggested"
    reviewed = "reviewed"
    off = "off"


class Ruling(Base):
    """One version of a county's word on "`word` means `means`"; the latest counts, all are kept."""

    __tablename__ = "search_rulings"
    __table_args__ = (
        UniqueConstraint("county_code", "word", "means", "version"),
        CheckConstraint("char_length(word) BETWEEN 1 AND 12", name="word_length"),
        CheckConstraint("char_length(means) BETWEEN 1 AND 12", name="means_length"),
        CheckConstraint("word <> means", name="says_something"),
        CheckConstraint("version >= 1", name="version"),
    )

    id: Mapped[Id]
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"))
    word: Mapped[str]
    means: Mapped[str]
    region: Mapped[str]
    source: Mapped[str]
    verdict: Mapped[Verdict]
    version: Mapped[int]
    decided_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    decided_at: Mapped[datetime]


for _statement in STATEMENTS:
    event.listen(Base.metadata, "after_create", _statement)
for _statement in DROP:
    event.listen(Base.metadata, "before_drop", _statement)
