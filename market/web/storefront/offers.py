"""Listings with the price that a visitor of the county pays: the same on a list as on the product's page."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

from sqlalchemy.orm import Session

from market.catalog.models import LabelRecord, Listing, Product
from market.catalog.rules import is_valid
from market.kernel.clock import local_date
from market.subsidies import queries, rules

_UNKNOWN: Mapping[uuid.UUID, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Offer:
    """One piece: `label` proves its best grade; `final_fen` is left after the state's `subsidy_fen`.

    `badges` are the schemes whose certificates stand, `shops` how many of the county offer the model. What
    somebody paid to have shown is an `advertisement`, and every page marks it so; nothing here makes one.
    """

    listing: Listing
    label: LabelRecord | None
    subsidy_fen: int
    badges: list[str]
    shops: int = 1
    advertisement: bool = False

    @property
    def final_fen(self) -> int:
        return self.listing.price_fen - self.subsidy_fen


def offers(
    session: Session,
    listings: Iterable[Listing],
    county_code: str,
    now: datetime,
    shops: Mapping[uuid.UUID, int] = _UNKNOWN,
) -> list[Offer]:
    """An offer per listing, each decided by itself as for somebody who has used no subsidy yet."""
    return priced(listings, queries.offers(session, county_code, now), county_code, now, shops)


def priced(
    listings: Iterable[Listing],
    on_offer: Sequence[rules.Offer],
    county_code: str,
    now: datetime,
    shops: Mapping[uuid.UUID, int] = _UNKNOWN,
) -> list[Offer]:
    """An offer per listing under what the county pays out of."""
    anybody, today = rules.Buyer(county_code=county_code), local_date(now)
    found = []
    for listing in listings:
        label = best_label(listing.product, today)
        category = listing.product.category.subsidy_category
        grade = label.grade if label else None
        item = rules.Item(str(listing.id), category, grade, 1, listing.price_fen)
        decision = rules.quote([item], anybody, on_offer, now)[0]
        badges, sellers = listing.product.badges_on(today), shops.get(listing.id, 1)
        found.append(Offer(listing, label, decision.amount_fen, badges, sellers))
    return found


def best_label(product: Product, today: date) -> LabelRecord | None:
    """The label that proves the product's best grade on that day; None where nothing is proven."""
    valid = (label for label in product.labels if is_valid(label, today))
    return min(valid, key=lambda label: label.grade, default=None)
