"""Reads of the catalog: what a visitor finds, and what a shop and an operator see of their own."""

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select, bindparam, or_, select
from sqlalchemy.orm import Session, joinedload, undefer
from sqlalchemy.orm.interfaces import ORMOption

from market.catalog.evidence import Certificate, ProductRecall, Scan
from market.catalog.models import (
    Category,
    LabelRecord,
    Listing,
    PriceChange,
    Product,
    Standard,
)
from market.catalog.rules import LabelState
from market.catalog.zone_rule import CertificateState
from market.shops.models import Shop


def whole(*, few: bool = False) -> tuple[ORMOption, ...]:
    """Load a listing with everything a card shows, in two statements however many there are.

    Of a few listings in one: a row then comes once for each label, so the result has to be made `unique`.
    """
    product = joinedload(Listing.product)
    return (
        joinedload(Listing.shop),
        product.joinedload(Product.category),
        product.joinedload(Product.labels) if few else product.selectinload(Product.labels),
    )


WITH_LISTING = (Listing, Shop, Product, Category)
"""What `kernel.together` selects of a listing: all of it but the labels of its product."""


def with_listing(found: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """`found`, which has listings, joined to the rest of `WITH_LISTING`."""
    return (
        found.join(Shop, Shop.id == Listing.shop_id)
        .join(Product, Product.id == Listing.product_id)
        .join(Category, Category.code == Product.category_code)
    )


def labels_of(product_ids: Select[uuid.UUID]) -> Select[LabelRecord]:
    """The labels of those products, to be hung on them."""
    return select(LabelRecord).where(LabelRecord.product_id.in_(product_ids)).order_by(LabelRecord.id)


LISTING = with_listing(select(*WITH_LISTING).select_from(Listing)).where(
    Listing.id == bindparam("listing_id")
)
LISTING_LABELS = labels_of(select(Listing.product_id).where(Listing.id == bindparam("listing_id")))


def for_sale(session: Session, listing_id: uuid.UUID) -> Listing | None:
    """The listing, if it is active and its shop open."""
    listing = session.get(Listing, listing_id, options=whole(few=True))
    return listing if listing and listing.is_for_sale else None


def listing_of(
    session: Session, shop_id: uuid.UUID, listing_id: uuid.UUID, *, lock: bool = False
) -> Listing | None:
    """One listing of the shop's own, in any state."""
    found = select(Listing).where(Listing.id == listing_id, Listing.shop_id == shop_id).options(*whole())
    return session.scalar(found.with_for_update(of=Listing) if lock else found)


def listings_of_shop(
    session: Session,
    shop_id: uuid.UUID,
    *,
    q: str = "",
    after: uuid.UUID | None = None,
    limit: int = 50,
) -> Sequence[Listing]:
    """The shop's own listings, newest first; `after` is the last one of the page before.

    `q` is a barcode, the shop's own number, or part of a name or of the variant.
    """
    found = select(Listing).where(Listing.shop_id == shop_id).options(*whole())
    if q:
        found = found.join(Listing.product).where(
            or_(
                Listing.gtin == q,
                Product.gtin == q,
                Listing.own_number == q,
                Listing.variant == q,
                Product.search_text.contains(q.lower(), autoescape=True),
            )
        )
    if after is not None:
        found = found.where(Listing.id < after)
    return session.scalars(found.order_by(Listing.id.desc()).limit(limit)).all()


CATEGORIES = select(Category).order_by(Category.sort)
"""What `categories` asks, for `kernel.together`."""


def categories(session: Session) -> Sequence[Category]:
    """All categories in their fixed order."""
    return session.scalars(CATEGORIES).all()


def standards_for(session: Session, category_code: str) -> Sequence[Standard]:
    """The standards a label of the category may cite, the latest version first."""
    return session.scalars(
        select(Standard)
        .where(Standard.category_codes.contains([category_code]))
        .order_by(Standard.valid_from.desc().nulls_last(), Standard.number)
    ).all()


def labels_to_verify(session: Session, county_code: str) -> Sequence[LabelRecord]:
    """The declared labels of products that the county's shops sell, the longest waiting first."""
    return session.scalars(
        _labels_in(county_code)
        .where(LabelRecord.state == LabelState.declared)
        .options(joinedload(LabelRecord.product), joinedload(LabelRecord.standard))
        .order_by(LabelRecord.declared_at, LabelRecord.id)
    ).all()


def label_in_county(
    session: Session, county_code: str, label_id: uuid.UUID, *, lock: bool = False
) -> LabelRecord | None:
    """One label of a product that the county's shops sell."""
    found = _labels_in(county_code).where(LabelRecord.id == label_id)
    return session.scalar(found.with_for_update(of=LabelRecord) if lock else found)


def price_history(session: Session, listing_id: uuid.UUID, limit: int = 50) -> Sequence[PriceChange]:
    """What the listing cost, the latest first."""
    return session.scalars(
        select(PriceChange)
        .where(PriceChange.listing_id == listing_id)
        .order_by(PriceChange.changed_at.desc(), PriceChange.id.desc())
        .limit(limit)
    ).all()


def product_in_county(session: Session, county_code: str, product_id: uuid.UUID) -> Product | None:
    """One product that the county's shops sell."""
    return session.scalar(
        select(Product).where(Product.id == product_id, Product.id.in_(_sold_in(county_code)))
    )


def products_in_county(session: Session, county_code: str, words: str, limit: int = 10) -> Sequence[Product]:
    """Products that the county's shops sell whose brand, model or name holds `words`; none for no words."""
    if not words.strip():
        return []
    return session.scalars(
        select(Product)
        .where(
            Product.id.in_(_sold_in(county_code)),
            Product.search_text.contains(words.strip().lower(), autoescape=True),
        )
        .order_by(Product.id)
        .limit(limit)
    ).all()


def certificates_in_county(
    session: Session, county_code: str, states: Iterable[CertificateState]
) -> list[tuple[Certificate, Product]]:
    """The certificates in those states of products that the county's shops sell, the oldest first."""
    rows = session.execute(
        select(Certificate, Product)
        .join(Product, Product.id == Certificate.product_id)
        .where(Certificate.product_id.in_(_sold_in(county_code)), Certificate.state.in_(list(states)))
        .order_by(Certificate.declared_at, Certificate.id)
    )
    return [(certificate, product) for certificate, product in rows]


def certificate_in_county(
    session: Session, county_code: str, certificate_id: uuid.UUID, *, lock: bool = False
) -> Certificate | None:
    """One certificate of a product that the county's shops sell."""
    found = select(Certificate).where(
        Certificate.id == certificate_id, Certificate.product_id.in_(_sold_in(county_code))
    )
    return session.scalar(found.with_for_update() if lock else found)


def recalls_in_county(session: Session, county_code: str) -> list[tuple[ProductRecall, Product]]:
    """The recalls of products that the county's shops sell, those still open first, then the latest."""
    rows = session.execute(
        select(ProductRecall, Product)
        .join(Product, Product.id == ProductRecall.product_id)
        .where(ProductRecall.product_id.in_(_sold_in(county_code)))
        .order_by(ProductRecall.lifted_at.is_not(None), ProductRecall.opened_at.desc(), ProductRecall.id)
    )
    return [(recall, product) for recall, product in rows]


def scan_in_county(session: Session, county_code: str, scan_id: uuid.UUID) -> Scan | None:
    """A scan of a product that the county's shops sell."""
    return session.scalar(
        select(Scan)
        .where(Scan.id == scan_id, Scan.product_id.in_(_sold_in(county_code)))
        .options(undefer(Scan.jpeg))
    )


def scan_of_shop(session: Session, shop_id: uuid.UUID, scan_id: uuid.UUID) -> Scan | None:
    """A scan of a product that the shop lists."""
    listed = select(Listing.product_id).where(Listing.shop_id == shop_id)
    return session.scalar(
        select(Scan).where(Scan.id == scan_id, Scan.product_id.in_(listed)).options(undefer(Scan.jpeg))
    )


def _sold_in(county_code: str) -> Select[uuid.UUID]:
    return select(Listing.product_id).join(Listing.shop).where(Shop.county_code == county_code)


def _labels_in(county_code: str) -> Select[LabelRecord]:
    return select(LabelRecord).where(LabelRecord.product_id.in_(_sold_in(county_code)))
