"""What a shop has, found by what a row may call it: a handful of statements for any number of rows."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session, joinedload

from market.bulk.columns import Cell, Column, Values, columns
from market.bulk.rules import Flaws, Outcome, Present, Verdict, judge_known, judge_new, keys_of, read_cells
from market.catalog.change_price import COMPARED_FOR
from market.catalog.edit_models import EditState, ListingEdit
from market.catalog.models import Listing, ListingState, PriceChange, Product
from market.catalog.queries import categories
from market.kernel.errors import Refused

_BLOCK = 1_000


@dataclass(frozen=True, slots=True)
class Judged:
    """A row's verdict, and the listing it is about; None where it is new or nothing is known."""

    verdict: Verdict
    listing: Listing | None


class Known:
    """The shop's listings and what else decides over its rows, as of one moment."""

    def __init__(self, session: Session, shop_id: uuid.UUID, now: datetime) -> None:
        self._session = session
        self._categories = {category.code: category for category in categories(session)}
        self.columns = columns({category.name_zh: code for code, category in self._categories.items()})
        own = select(Listing).where(Listing.shop_id == shop_id)
        self._listings = session.scalars(own.options(joinedload(Listing.product))).all()
        self._by_key = {key: listing for listing in self._listings for key in keys_of(current(listing))}
        self._waits = _waits(session, shop_id)
        self._recent = _recent_list_prices(session, shop_id, now)

    def judge(self, rows: Sequence[dict[str, Cell]]) -> list[Judged]:
        """Each row, in their order. One that is called like a row above it is wrong."""
        read = [read_cells(row, self.columns) for row in rows]
        taken = self._products([values for values, _ in read])
        seen: dict[tuple[Any, ...], int] = {}
        found = []
        for number, (values, flaws) in enumerate(read):
            self._check_keys(values, flaws, seen, number)
            found.append(self._judge(values, flaws, taken))
        return found

    def _judge(self, values: Values, flaws: Flaws, taken: "_Products") -> Judged:
        found = [self._by_key.get(key) for key in keys_of(values)]
        known = list(dict.fromkeys(listing for listing in found if listing is not None))
        if len(known) > 1:
            flaws.setdefault("gtin" if "gtin" in values else "model", Refused("bulk.two_listings"))
        listing = known[0] if known else None
        taken.check(values, flaws, listing)
        if listing is not None:
            self._check_recalled(listing, flaws)
            verdict = judge_known(values, flaws, self._present(listing))
        else:
            verdict = judge_new(values, flaws, self.columns, self._categories)
        return Judged(verdict, listing)

    def _present(self, listing: Listing) -> Present:
        return Present(current(listing), self._waits.get(listing.id, {}), self._recent.get(listing.id, []))

    @staticmethod
    def _check_recalled(listing: Listing, flaws: Flaws) -> None:
        if listing.state is ListingState.recalled:
            flaws.setdefault("row", Refused("catalog.recalled"))

    @staticmethod
    def _check_keys(values: Values, flaws: Flaws, seen: dict[tuple[Any, ...], int], number: int) -> None:
        for key in keys_of(values):
            if seen.setdefault(key, number) != number:
                flaws.setdefault(key[0], Refused("bulk.row_twice"))

    def _products(self, rows: Sequence[Values]) -> "_Products":
        models = sorted({(row["brand"], row["model"]) for row in rows if "brand" in row and "model" in row})
        gtins = sorted({row["gtin"] for row in rows if "gtin" in row})
        found: dict[uuid.UUID, Product] = {}
        for start in range(0, max(len(models), len(gtins)), _BLOCK):
            few = slice(start, start + _BLOCK)
            named = tuple_(Product.brand, Product.model).in_(models[few])
            either = select(Product).where(named | Product.gtin.in_(gtins[few]))
            found |= {product.id: product for product in self._session.scalars(either)}
        return _Products(list(found.values()))


class _Products:
    """Models that anybody lists, by their names and by their barcodes."""

    def __init__(self, products: Sequence[Product]) -> None:
        self._by_model: dict[tuple[Any, Any], Product] = {
            (product.brand, product.model): product for product in products
        }
        self._by_gtin: dict[Any, Product] = {product.gtin: product for product in products if product.gtin}

    def check(self, values: Values, flaws: Flaws, listing: Listing | None) -> None:
        """Add what stands against a row: a model of another kind, a barcode that another model has."""
        product = self._by_model.get((values.get("brand"), values.get("model")))
        if product and listing is None and values.get("category") not in (None, product.category_code):
            flaws.setdefault("model", Refused("catalog.other_category"))
        own = listing.product if listing else product
        bearer = self._by_gtin.get(values.get("gtin"))
        if bearer is not None and bearer is not own:
            flaws.setdefault("gtin", Refused("catalog.gtin_taken"))
        if listing is not None and product is not None and product is not listing.product:
            flaws.setdefault("model", Refused("catalog.model_taken"))


def current(listing: Listing) -> Values:
    """What the listing says, by column."""
    product = listing.product
    return {
        "own_number": listing.own_number,
        "gtin": listing.barcode,
        "category": product.category_code,
        "brand": product.brand,
        "model": product.model,
        "variant": listing.variant,
        "name_zh": product.name_zh,
        "price_fen": listing.price_fen,
        "list_price_fen": listing.list_price_fen,
        "low_at": listing.low_at,
        "net_weight_grams": product.net_weight_grams,
        "packed_length_mm": product.packed_length_mm,
        "packed_width_mm": product.packed_width_mm,
        "packed_height_mm": product.packed_height_mm,
        "upright": product.upright,
        "people_required": listing.people_required,
        "install_skill": listing.install_skill,
        "install_seconds": listing.install_seconds,
        "specs": product.specs,
        "interop": product.interop,
        "on_sale": listing.state is ListingState.active,
    }


def _waits(session: Session, shop_id: uuid.UUID) -> dict[uuid.UUID, Values]:
    waiting = (
        select(ListingEdit.listing_id, ListingEdit.changes)
        .join(ListingEdit.listing)
        .where(Listing.shop_id == shop_id, ListingEdit.state == EditState.waiting)
    )
    return {
        listing_id: {name: pair[1] for name, pair in changes.items()}
        for listing_id, changes in session.execute(waiting)
    }


def _recent_list_prices(session: Session, shop_id: uuid.UUID, now: datetime) -> dict[uuid.UUID, list[int]]:
    """The filed prices of the last seven days by listing, with the one that stood when they began."""
    changes = (
        select(PriceChange.listing_id, PriceChange.list_price_fen, PriceChange.changed_at)
        .join(Listing, Listing.id == PriceChange.listing_id)
        .where(Listing.shop_id == shop_id)
        .order_by(PriceChange.changed_at.desc(), PriceChange.id.desc())
    )
    found: dict[uuid.UUID, list[int]] = defaultdict(list)
    begun: set[uuid.UUID] = set()
    for listing_id, list_price_fen, changed_at in session.execute(changes):
        if listing_id not in begun:
            found[listing_id].append(list_price_fen)
        if changed_at <= now - COMPARED_FOR:
            begun.add(listing_id)
    return found


__all__ = ["Column", "Judged", "Known", "Outcome", "current"]
