"""List many items at once: a handful of statements for any number of them, and all or none."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.catalog.change_price import check_prices, record_prices
from market.catalog.drafts import ItemDraft, ProductDraft
from market.catalog.models import Category, Listing, ListingState, Product
from market.catalog.recalled import whole_of
from market.catalog.running_cost import yearly_energy_kwh
from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id
from market.shops.checklist import check_permits

_ByModel = Mapping[tuple[str, str], Product]


def list_items(
    session: Session,
    shop_id: uuid.UUID,
    drafts: Sequence[ItemDraft],
    account_id: uuid.UUID | None,
    now: datetime,
) -> list[Listing]:
    """The shop's new listings, in the drafts' order. A model somebody listed before keeps what it has.

    A barcode that the model does not have is kept as this variant's own. Where one is refused the caller
    rolls all of it back. Raises NotFound for an unknown category; Refused: ``catalog.price_*``;
    ``shops.permit_needed``, ``catalog.other_category``, ``catalog.already_listed``, ``catalog.recalled``
    (field model); ``catalog.gtin_taken`` (field gtin); ``catalog.own_number_taken`` (field own_number).
    """
    categories = _categories(session, shop_id, {draft.category_code for draft in drafts})
    for draft in drafts:
        check_prices(draft.offer.list_price_fen, draft.offer.price_fen, [])
    products = _products(session, categories, drafts, now)
    models = [products[_model(draft.product)] for draft in drafts]
    if whole_of(session, {model.id for model in models}):
        raise Refused("catalog.recalled", field="model")
    gtins = own_gtins(session, [(model, it.product.gtin) for model, it in zip(models, drafts, strict=True)])
    _check_free(session, shop_id, [draft.offer.own_number for draft in drafts], gtins)
    rows = [
        _row(shop_id, model.id, draft, gtin, now)
        for model, draft, gtin in zip(models, drafts, gtins, strict=True)
    ]
    listings = _insert(session, rows)
    record_prices(session, listings, account_id, now)
    return listings


def own_gtins(session: Session, asked: Sequence[tuple[Product, str | None]]) -> list[str | None]:
    """Each barcode as a variant's own: None where it is the product's.

    Raises Refused(``catalog.gtin_taken``).
    """
    own = [None if gtin == product.gtin else gtin for product, gtin in asked]
    if any(own) and session.scalar(select(Product.id).where(Product.gtin.in_(filter(None, own))).limit(1)):
        raise Refused("catalog.gtin_taken", field="gtin")
    return own


def _categories(session: Session, shop_id: uuid.UUID, codes: Collection[str]) -> dict[str, Category]:
    found = {row.code: row for row in session.scalars(select(Category).where(Category.code.in_(codes)))}
    if len(found) < len(codes):
        raise NotFound
    for code in sorted(codes):
        check_permits(session, shop_id, code)
    return found


def _model(draft: ProductDraft) -> tuple[str, str]:
    return draft.brand, draft.model


def _products(
    session: Session, categories: Mapping[str, Category], drafts: Sequence[ItemDraft], now: datetime
) -> _ByModel:
    """The products of those brands and models; an INSERT decides who is first when two list one at once."""
    first = {_model(draft.product): draft for draft in reversed(drafts)}
    found = _of_models(session, first)
    # In one order, so that two sheets that bring the same models never wait for each other.
    unknown = sorted(first.keys() - found.keys())
    if unknown:
        rows = [_product(first[key].product, categories[first[key].category_code], now) for key in unknown]
        session.execute(insert(Product).on_conflict_do_nothing(), rows)
        found |= _of_models(session, unknown)
    for draft in drafts:
        product = found.get(_model(draft.product))
        if product is None:
            raise Refused("catalog.gtin_taken", field="gtin")
        if product.category_code != draft.category_code:
            raise Refused("catalog.other_category", field="model")
    return found


def _of_models(session: Session, models: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Product]:
    named = select(Product).where(tuple_(Product.brand, Product.model).in_(list(models)))
    return {(product.brand, product.model): product for product in session.scalars(named)}


def _product(draft: ProductDraft, category: Category, now: datetime) -> dict[str, Any]:
    product = Product(id=new_id(), category_code=category.code, created_at=now, **asdict(draft))
    product.index_for_search(category)
    product.badges = []
    product.yearly_kwh = yearly_energy_kwh(category.code, draft.specs, {})
    return {column.key: getattr(product, column.key) for column in Product.__table__.columns}


def _check_free(
    session: Session, shop_id: uuid.UUID, numbers: Iterable[str | None], gtins: Iterable[str | None]
) -> None:
    """Raises Refused where another listing of the shop has one of the numbers or of the barcodes."""
    own = select(Listing.id).where(Listing.shop_id == shop_id).limit(1)
    named = [number for number in numbers if number]
    if named and session.scalar(own.where(Listing.own_number.in_(named))):
        raise Refused("catalog.own_number_taken", field="own_number")
    barred = [gtin for gtin in gtins if gtin]
    if barred and session.scalar(own.where(Listing.gtin.in_(barred))):
        raise Refused("catalog.gtin_taken", field="gtin")


def _row(
    shop_id: uuid.UUID, product_id: uuid.UUID, draft: ItemDraft, gtin: str | None, now: datetime
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "shop_id": shop_id,
        "product_id": product_id,
        "gtin": gtin,
        "state": ListingState.active if draft.activate else ListingState.draft,
        "created_at": now,
        "updated_at": now,
        **asdict(draft.offer),
    }


def _insert(session: Session, rows: Sequence[dict[str, Any]]) -> list[Listing]:
    once = insert(Listing).on_conflict_do_nothing(index_elements=["shop_id", "product_id", "variant"])
    found = {listing.id: listing for listing in session.scalars(once.returning(Listing), rows)}
    if len(found) < len(rows):
        raise Refused("catalog.already_listed", field="model")
    return [found[row["id"]] for row in rows]
