"""Listings with the price that a visitor of the county pays: the same on a list as on the product's page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from market.catalog.models import Listing
from market.catalog.rules import best_grade
from market.kernel.clock import local_date
from market.subsidies import queries, rules


@dataclass(frozen=True, slots=True)
class Offer:
    """One piece of a listing: `final_fen` is left to pay after the `subsidy_fen` of the state."""

    listing: Listing
    grade: int | None
    subsidy_fen: int

    @property
    def final_fen(self) -> int:
        return self.listing.price_fen - self.subsidy_fen


def offers(session: Session, listings: Iterable[Listing], county_code: str, now: datetime) -> list[Offer]:
    """An offer per listing, each decided by itself as for somebody who has used no subsidy yet."""
    on_offer = queries.open_programmes(session, county_code, now)
    programmes = [programme for programme, _ in on_offer]
    left = {programme.id: pot.budget - pot.held - pot.committed - pot.paid for programme, pot in on_offer}
    found = []
    for listing in listings:
        grade = best_grade(listing.product.labels, local_date(now))
        category = listing.product.category.subsidy_category
        item = rules.Item(str(listing.id), category, grade, 1, listing.price_fen)
        decision = rules.quote([item], programmes, {}, left, now)[0]
        found.append(Offer(listing, grade, decision.amount_fen))
    return found
