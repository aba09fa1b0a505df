"""What a list shows of one listing: a row of plain columns instead of objects and all that hangs on them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import ColumnElement, Date, Select, Text, and_, bindparam, func, or_, select, true
from sqlalchemy.orm import aliased

from market.catalog.models import Category, LabelRecord, Listing, ListingState, Product
from market.catalog.rules import LabelKind, LabelState
from market.catalog.running_cost import yearly_cost_fen
from market.shops.models import ON_SHOW, Shop

COUNTY, TODAY = bindparam("county_code", type_=Text), bindparam("today", type_=Date)


@dataclass(frozen=True, slots=True)
class Card:
    """One listing for sale, in no language; `grade` of `kind` is the best that a label proves today.

    `badges` are the schemes whose certificates stand, `photo` the first one's SHA-256, and `shops` how many
    of the county offer the model.
    """

    id: uuid.UUID
    product_id: uuid.UUID
    category_code: str
    subsidy_category: str | None
    name_zh: str
    name_en: str | None
    variant: str
    photo: str | None
    price_fen: int
    yearly_kwh: Decimal | None
    badges: tuple[str, ...]
    shop_name: str
    kind: LabelKind | None
    grade: int | None
    shops: int

    @property
    def yearly_cost_fen(self) -> int | None:
        """What its electricity costs in a year at the reference tariff, in fen; None where unknown."""
        return yearly_cost_fen(self.yearly_kwh)


_NAMES = [column.name for column in fields(Card)]
_BADGES, _COLUMNS = _NAMES.index("badges"), len(_NAMES)


def cards_of(ids: Any, *more: ColumnElement[Any]) -> Select[Any]:
    """The columns that `card_in` reads, for the listings whose `ids` a subquery's column gives, then `more`.

    With the parameters ``county_code`` and ``today``. Whoever cannot be bought any more is left out.
    """
    label = _label()
    return (
        select(
            Listing.id,
            Listing.product_id,
            Product.category_code,
            Category.subsidy_category,
            Product.name_zh,
            Product.name_en,
            Listing.variant,
            Listing.photos[0].astext.label("photo"),
            Listing.price_fen,
            Product.yearly_kwh,
            Product.badges,
            Shop.name.label("shop_name"),
            label.c.kind,
            label.c.grade,
            _shops_offering().label("shops"),
            *more,
        )
        .join_from(ids.table, Listing, Listing.id == ids)
        .join(Shop, Shop.id == Listing.shop_id)
        .join(Product, Product.id == Listing.product_id)
        .join(Category, Category.code == Product.category_code)
        .outerjoin(label, true())
        .where(Listing.state == ListingState.active, Shop.state.in_(ON_SHOW))
    )


def card_in(row: Sequence[Any], today: date) -> Card:
    """The card at the head of a row of `cards_of`."""
    stands = (it["scheme"] for it in row[_BADGES] if it["until"] is None or it["until"] >= str(today))
    return Card(*[*row[:_BADGES], tuple(stands), *row[_BADGES + 1 : _COLUMNS]])


def _label() -> Any:
    """The valid label with the best grade: `rules.is_valid` in SQL."""
    return (
        select(LabelRecord.kind, LabelRecord.grade)
        .where(
            LabelRecord.product_id == Product.id,
            LabelRecord.state == LabelState.verified,
            or_(LabelRecord.expires_on.is_(None), LabelRecord.expires_on >= TODAY),
        )
        .order_by(LabelRecord.grade, LabelRecord.id)
        .limit(1)
        .correlate(Product)
        .lateral("label")
    )


def _shops_offering() -> ColumnElement[int]:
    """How many shops of the county offer the row's model."""
    other, shop = aliased(Listing), aliased(Shop)
    # A subquery of its own: joined, PostgreSQL reads all shops for every row.
    offers = (
        select(and_(shop.county_code == COUNTY, shop.state.in_(ON_SHOW)))
        .where(shop.id == other.shop_id)
        .correlate(other)
        .scalar_subquery()
    )
    counted = (
        select(func.count(other.shop_id.distinct()))
        .where(other.product_id == Listing.product_id, other.state == ListingState.active, offers)
        .correlate(Listing)
        .scalar_subquery()
    )
    return cast("ColumnElement[int]", counted)
