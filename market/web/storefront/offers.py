"""Listings with the price that a visitor of the county pays: the same on a list as on the product's page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from market.catalog.cards import Card
from market.catalog.models import LabelRecord, Product
from market.catalog.rules import is_valid
from market.subsidies import rules


@dataclass(frozen=True, slots=True)
class Offer:
    """What a list shows of one piece: `final_fen` is left after the state's `subsidy_fen`.

    What somebody paid to have shown is an `advertisement`, and every page marks it; nothing here makes one.
    """

    card: Card
    subsidy_fen: int
    advertisement: bool = False

    @property
    def final_fen(self) -> int:
        return self.card.price_fen - self.subsidy_fen


def priced(
    cards: Iterable[Card], on_offer: Sequence[rules.Offer], county_code: str, now: datetime
) -> list[Offer]:
    """An offer per card under what the county pays out of."""
    found = []
    for card in cards:
        asked = card.subsidy_category, card.grade, card.price_fen
        found.append(Offer(card, subsidy_fen(*asked, on_offer, county_code, now)))
    return found


def subsidy_fen(
    category: str | None,
    grade: int | None,
    price_fen: int,
    on_offer: Sequence[rules.Offer],
    county_code: str,
    now: datetime,
) -> int:
    """What the state adds to one piece, decided by itself as for somebody who has used no subsidy yet."""
    item = rules.Item("", category, grade, 1, price_fen)
    return rules.quote([item], rules.Buyer(county_code=county_code), on_offer, now)[0].amount_fen


def best_label(product: Product, today: date) -> LabelRecord | None:
    """The label that proves the product's best grade on that day; None where nothing is proven."""
    valid = (label for label in product.labels if is_valid(label, today))
    return min(valid, key=lambda label: label.grade, default=None)
