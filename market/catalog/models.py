"""Categories, standards, products, listings, labels and the record of prices."""

import uuid
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Numeric, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.catalog.evidence import Certificate
from market.catalog.rules import LabelKind, LabelState
from market.catalog.running_cost import yearly_cost_fen, yearly_energy_kwh
from market.catalog.traits import size, traits
from market.kernel.db import Base, Id
from market.kernel.states import States
from market.shops.models import Shop, ShopState
from market.words.segment import grams, model_key, terms, words


class InstallSkill(StrEnum):
    none = "none"
    general = "general"
    gas = "gas"
    electric = "electric"


class ListingState(StrEnum):
    draft = "draft"
    active = "active"
    paused = "paused"
    recalled = "recalled"


LISTING_STATES = States(
    "listing",
    {
        ListingState.draft: {ListingState.active, ListingState.recalled},
        ListingState.active: {ListingState.paused, ListingState.recalled},
        ListingState.paused: {ListingState.active, ListingState.recalled},
        ListingState.recalled: {ListingState.paused},
    },
)
LABEL_STATES = States(
    "label",
    {
        LabelState.declared: {LabelState.verified, LabelState.rejected},
        LabelState.verified: {LabelState.rejected},
        LabelState.rejected: set(),
    },
)


class MadeToOrder(StrEnum):
    """Whether a listing is made to the buyer's own wish: what a shop says counts once the county approves."""

    no = "no"
    asked = "asked"
    approved = "approved"
    rejected = "rejected"


MADE_TO_ORDER_STATES = States(
    "made_to_order",
    {
        MadeToOrder.no: {MadeToOrder.asked},
        MadeToOrder.asked: {MadeToOrder.approved, MadeToOrder.rejected, MadeToOrder.no},
        MadeToOrder.approved: {MadeToOrder.rejected, MadeToOrder.no},
        MadeToOrder.rejected: {MadeToOrder.asked, MadeToOrder.no},
    },
)


class Category(Base):
    """A kind of appliance with the defaults a shop starts from; null `subsidy_category` is never subsidized.

    `label_standard` is the standard its energy label usually cites, or None where it carries none.
    """

    __tablename__ = "categories"
    __table_args__ = (
        CheckConstraint("people_required IN (1, 2)", name="people"),
        CheckConstraint("install_seconds >= 0", name="install_seconds"),
    )

    code: Mapped[str] = mapped_column(primary_key=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    sort: Mapped[int]
    subsidy_category: Mapped[str | None]
    label_standard: Mapped[str | None]
    install_skill: Mapped[InstallSkill]
    install_seconds: Mapped[int]
    people_required: Mapped[int]
    upright: Mapped[bool]
    accepts_trade_in: Mapped[bool]
    accepts_mail_in: Mapped[bool]


class Standard(Base):
    """One version of an efficiency standard, as it was read at `source`.

    `kinds` are the labels that cite it, the usual one first. `metrics` lists what a grade is measured by (see
    `rules.Metric`), `variants` the types of product it tells apart; null limits and `grades` are unknown.
    Labels must cite it from `label_from`, and old stock may be sold under it until `old_stock_until` after it
    was replaced; null is unknown. `verified` is False where the figures are recalled rather than read, and
    pages then say so.
    """

    __tablename__ = "standards"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="validity"),
        CheckConstraint("grades BETWEEN 1 AND 5", name="grades"),
    )

    number: Mapped[str] = mapped_column(primary_key=True)
    title_zh: Mapped[str]
    kinds: Mapped[list[Any]]
    category_codes: Mapped[list[Any]]
    grades: Mapped[int | None]
    variants: Mapped[list[Any]]
    metrics: Mapped[list[Any]]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    replaces: Mapped[str | None]
    label_from: Mapped[date | None]
    old_stock_until: Mapped[date | None]
    source: Mapped[str]
    confidence: Mapped[str]
    verified: Mapped[bool]
    observed_at: Mapped[date]


class Product(Base):
    """A model of a brand, with what a courier and a subsidy need to know of it. Sizes are of the package.

    `interop` are systems that its seller claims it works with. `yearly_kwh` and `badges` follow from specs,
    labels and certificates (`prove.py`): they are kept here so that lists filter, sort and show by one table.
    What begins with `search_`, and `size` in `size_unit`, follow from the names (`index_for_search`).
    """

    __tablename__ = "products"
    __table_args__ = (
        UniqueConstraint("brand", "model"),
        CheckConstraint(
            "least(net_weight_grams, packed_length_mm, packed_width_mm, packed_height_mm) > 0",
            name="measures",
        ),
        CheckConstraint("yearly_kwh > 0", name="yearly_kwh"),
        CheckConstraint("gtin ~ '^[0-9]{13}$'", name="gtin_shape"),
        Index("ix_products_category_code", "category_code"),
    )

    id: Mapped[Id]
    brand: Mapped[str]
    model: Mapped[str]
    category_code: Mapped[str] = mapped_column(ForeignKey("categories.code"))
    name_zh: Mapped[str]
    name_en: Mapped[str | None]
    gtin: Mapped[str | None] = mapped_column(unique=True)
    specs: Mapped[dict[str, Any]] = mapped_column(default=dict)
    net_weight_grams: Mapped[int]
    packed_length_mm: Mapped[int]
    packed_width_mm: Mapped[int]
    packed_height_mm: Mapped[int]
    upright: Mapped[bool] = mapped_column(default=False)
    interop: Mapped[list[Any]] = mapped_column(default=list)
    yearly_kwh: Mapped[Decimal | None] = mapped_column(Numeric(10, 1))
    badges: Mapped[list[Any]] = mapped_column(default=list)
    search_text: Mapped[str] = mapped_column(deferred=True)
    search_terms: Mapped[list[int]] = mapped_column(ARRAY(Integer), deferred=True)
    search_words: Mapped[list[str]] = mapped_column(ARRAY(Text), deferred=True)
    size: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))
    size_unit: Mapped[str | None]
    created_at: Mapped[datetime]

    category: Mapped[Category] = relationship()
    certificates: Mapped[list[Certificate]] = relationship(order_by=Certificate.id)
    labels: Mapped[list["LabelRecord"]] = relationship(order_by="LabelRecord.id", back_populates="product")

    @property
    def packed_weight_grams(self) -> int:
        """What a courier lifts: the net weight and an assumed tenth of it for the packaging, rounded up."""
        return -(-self.net_weight_grams * 11 // 10)

    @property
    def packed_volume_cm3(self) -> int:
        """Volume of the package in cm³, rounded up."""
        return -(-self.packed_length_mm * self.packed_width_mm * self.packed_height_mm // 1000)

    @property
    def yearly_cost_fen(self) -> int | None:
        """What its electricity costs in a year at the reference tariff, in fen; None where unknown."""
        return yearly_cost_fen(self.yearly_kwh)

    def badges_on(self, day: date) -> list[str]:
        """The schemes whose certificates stand on that day."""
        return [row["scheme"] for row in self.badges if row["until"] is None or row["until"] >= str(day)]

    def measure_running_cost(self) -> None:
        """Compute `yearly_kwh` anew from the specs and the verified labels."""
        verified = [label.measured for label in self.labels if label.state is LabelState.verified]
        measured = {name: value for figures in verified for name, value in figures.items()}
        self.yearly_kwh = yearly_energy_kwh(self.category_code, self.specs, measured)

    @property
    def longest_side_mm(self) -> int:
        """The package's longest side."""
        return max(self.packed_length_mm, self.packed_width_mm, self.packed_height_mm)

    def index_for_search(self, category: Category) -> None:
        """Refresh what the product is found by; to be called whenever a name changes."""
        names = (self.name_zh, self.brand, self.model, self.name_en or "", category.name_zh, category.name_en)
        self.search_text = " ".join(names).lower()
        found = size(self.name_zh)
        self.size, self.size_unit = (found.value, found.unit) if found else (None, None)
        self.search_words = words(f"{self.name_zh} {category.name_zh}")
        self.search_terms = sorted({*self._terms(category)})

    def _terms(self, category: Category) -> list[int]:
        """Parts of all names; whole words; what it is above all (titles end in it); its kind; its traits."""
        titled = words(self.name_zh)
        keys = [category.name_zh, *titled[-1:], self.brand, model_key(self.model)]
        return [
            *terms("gram", grams(self.search_text)),
            *terms("word", [*self.search_words, *keys]),
            *terms("key", keys),
            *terms("category", [category.code]),
            *terms("brand", [self.brand.lower()]),
            *terms("trait", traits(self.name_zh, self.specs or {})),
        ]


class Listing(Base):
    """A shop's offer. `list_price_fen` is the filed price, `price_fen` what it costs now, never more.

    One model in several colors is one product with a listing for each `variant` (empty: there is but one),
    which has a price, a stock and mostly a `gtin` of its own. `own_number` is what the shop calls it.
    `photos` are the SHA-256 of its pictures in the order they are shown; without any the category's drawing
    stands for it. `low_at` pieces or fewer are few.
    `made_to_order_words` is what is made to the buyer's own wish, `made_to_order_reason` why the county does
    not agree.
    """

    __tablename__ = "listings"
    __table_args__ = (
        UniqueConstraint("shop_id", "product_id", "variant"),
        UniqueConstraint("shop_id", "own_number"),
        UniqueConstraint("shop_id", "gtin"),
        CheckConstraint("gtin ~ '^[0-9]{13}$'", name="gtin_shape"),
        CheckConstraint("char_length(own_number) BETWEEN 1 AND 40", name="own_number_length"),
        CheckConstraint("char_length(variant) <= 20", name="variant_length"),
        CheckConstraint("low_at BETWEEN 0 AND 9999", name="low_at"),
        CheckConstraint("price_fen > 0 AND price_fen <= list_price_fen", name="price_filed"),
        CheckConstraint("people_required IN (1, 2)", name="people"),
        CheckConstraint("install_seconds >= 0", name="install_seconds"),
        CheckConstraint("install_skill <> 'none' OR install_seconds = 0", name="install_skilled"),
        CheckConstraint("(made_to_order = 'no') = (made_to_order_words IS NULL)", name="made_to_order_told"),
        CheckConstraint(
            "(made_to_order = 'rejected') = (made_to_order_reason IS NOT NULL)", name="made_to_order_rejected"
        ),
        Index("ix_listings_product_id", "product_id"),
        Index("ix_listings_price_fen_id", "price_fen", "id", postgresql_where="state = 'active'"),
    )

    id: Mapped[Id]
    shop_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("shops.id"))
    product_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("products.id"))
    list_price_fen: Mapped[int]
    price_fen: Mapped[int]
    state: Mapped[ListingState] = mapped_column(default=ListingState.draft)
    people_required: Mapped[int]
    install_skill: Mapped[InstallSkill]
    install_seconds: Mapped[int]
    made_to_order: Mapped[MadeToOrder] = mapped_column(default=MadeToOrder.no)
    made_to_order_words: Mapped[str | None]
    made_to_order_reason: Mapped[str | None]
    variant: Mapped[str] = mapped_column(default="")
    own_number: Mapped[str | None]
    gtin: Mapped[str | None]
    photos: Mapped[list[Any]] = mapped_column(default=list)
    low_at: Mapped[int] = mapped_column(default=2)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    shop: Mapped[Shop] = relationship()
    product: Mapped[Product] = relationship()

    @property
    def is_for_sale(self) -> bool:
        """Whether it can be bought now, stock aside."""
        return self.state is ListingState.active and self.shop.state is ShopState.open

    @property
    def barcode(self) -> str | None:
        """What a scanner reads off this variant's box."""
        return self.gtin or self.product.gtin


class PriceChange(Base):
    """What a listing's prices became, when, and by whom (None: by the market itself)."""

    __tablename__ = "price_changes"
    __table_args__ = (Index("ix_price_changes_listing_id_changed_at", "listing_id", "changed_at"),)

    id: Mapped[Id]
    listing_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("listings.id"))
    list_price_fen: Mapped[int]
    price_fen: Mapped[int]
    changed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    changed_at: Mapped[datetime]


class LabelRecord(Base):
    """An entry of the label register that was declared for a product, and what an operator made of it.

    `measured` holds the label's figures by metric of the standard's `variant`, where they were declared;
    `produced_on` is the day on the name plate. A rejected record may be declared again.
    `verified_by` and `verified_at` say who compared it with the register, whichever way that went.
    """

    __tablename__ = "label_records"
    __table_args__ = (
        CheckConstraint(r"record_number ~ '^\d{8}-\d{6}-\d{17}$'", name="record_shape"),
        CheckConstraint("grade BETWEEN 1 AND 5", name="grade"),
        CheckConstraint("expires_on IS NULL OR expires_on > issued_on", name="expires_later"),
        CheckConstraint("(state = 'declared') = (verified_at IS NULL)", name="looked_at"),
        CheckConstraint("(state = 'rejected') = (reason IS NOT NULL)", name="reasoned"),
        Index("ix_label_records_product_id", "product_id"),
        Index(
            "uq_label_records_standing",
            "record_number",
            unique=True,
            postgresql_where=text("state <> 'rejected'"),
        ),
    )

    id: Mapped[Id]
    product_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("products.id"))
    kind: Mapped[LabelKind]
    grade: Mapped[int]
    standard_number: Mapped[str] = mapped_column(ForeignKey("standards.number"))
    record_number: Mapped[str]
    variant: Mapped[str | None]
    measured: Mapped[dict[str, Any]] = mapped_column(default=dict)
    issued_on: Mapped[date]
    expires_on: Mapped[date | None]
    produced_on: Mapped[date | None]
    scan_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("product_scans.id"))
    state: Mapped[LabelState] = mapped_column(default=LabelState.declared)
    reason: Mapped[str | None]
    declared_at: Mapped[datetime]
    verified_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    verified_at: Mapped[datetime | None]

    product: Mapped[Product] = relationship(back_populates="labels")
    standard: Mapped[Standard] = relationship()
