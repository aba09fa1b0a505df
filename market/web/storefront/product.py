"""A listing's page: what it is, what its label proves, what it costs in truth, and how it comes."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime

from flask import abort, render_template

from market.catalog.models import Listing
from market.catalog.queries import offers as other_offers
from market.catalog.queries import on_show
from market.catalog.rules import LabelState
from market.catalog.zone import judge
from market.catalog.zone_rule import certifies
from market.credit import review_queries
from market.credit.effects import offer_order
from market.credit.models import Rating, SubjectKind
from market.credit.queries import few_reviews, ratings
from market.delivery.queries import next_day
from market.delivery.rules import fee
from market.inventory.queries import left
from market.kernel import clock
from market.kernel.db import db
from market.orders.cart import CartEntry
from market.orders.models import Place
from market.orders.quote import price_one
from market.places.queries import county
from market.subsidies.queries import live_coupons, programme
from market.web.guards import signed_in_id
from market.web.kept import kept
from market.web.label_text import METRICS, SCHEMES, zone_reason
from market.web.storefront import bp
from market.web.storefront.forms import PutForm
from market.web.storefront.offers import best_label
from market.web.storefront.review import words
from market.web.storefront.seen import count_view
from market.web.subsidy_text import why

_REVIEWS = 5


@bp.get("/listing/<uuid:listing_id>")
@kept
def listing(listing_id: uuid.UUID) -> str:
    """One listing."""
    page = product_page(listing_id, PutForm(listing_id=listing_id))
    count_view(listing_id)
    return page


def product_page(listing_id: uuid.UUID | None, form: PutForm) -> str:
    """The page with `form` as it was sent. 404 where the listing is not on show."""
    session, now = db.session(), clock.now()
    today = clock.local_date(now)
    found = on_show(session, listing_id) if listing_id else None
    home = county(session, found.shop.county_code) if found else None
    if found is None or home is None:
        abort(404)
    price = price_one(session, CartEntry(found, 1, True), home.code, now).lines[0]
    offered = other_offers(session, found.product_id, home.code)
    rated = ratings(session, SubjectKind.shop, [found.shop_id, *(offer.shop_id for offer in offered)])
    shop_rating = rated.get(found.shop_id)
    of_it = review_queries.of_listing(found.id)
    return render_template(
        "storefront/product.html",
        listing=found,
        form=form,
        county=home,
        label=best_label(found.product, today),
        verdict=judge(session, found.product, now),
        zone_reason=zone_reason,
        today=today,
        schemes=SCHEMES,
        metrics=METRICS,
        certificates=[one for one in found.product.certificates if certifies(one, today)],
        labels=[label for label in found.product.labels if label.state is not LabelState.rejected],
        price=price,
        why=why,
        coupon_missing=price.decision.with_coupon
        and not _holds_coupon(price.decision.programme_id, found, now),
        programme=programme(session, price.decision.programme_id),
        left=left(session, [found.id]).get(found.id, 0),
        day=next_day(home, now),
        fees={place.value: _fee(found, place) for place in Place},
        rating=shop_rating,
        few=shop_rating is None or few_reviews(shop_rating),
        reviews=review_queries.listed(session, of_it, review_queries.Order.newest, size=_REVIEWS)[:_REVIEWS],
        figures=review_queries.figures(session, of_it, now),
        ratings=rated,
        variants=[other for other in offered if other.shop_id == found.shop_id and other.id != found.id],
        others=_in_order([other for other in offered if other.shop_id != found.shop_id], rated),
        **words(),
    )


def _in_order(offers: Iterable[Listing], rated: Mapping[uuid.UUID, Rating]) -> list[Listing]:
    """As `credit.effects` publishes it: no shop can pay for a place."""

    def place(offer: Listing) -> tuple[bool, int, int]:
        rating = rated.get(offer.shop_id)
        return offer_order(rating.letter if rating else None, offer.price_fen)

    return sorted(offers, key=place)


def _fee(found: Listing, place: Place) -> int:
    return fee(place.value, found.product.packed_weight_grams, found.product.packed_volume_cm3)


def _holds_coupon(programme_id: str | None, found: Listing, now: datetime) -> bool:
    account_id = signed_in_id()
    if account_id is None or programme_id is None:
        return False
    category = found.product.category.subsidy_category
    return category in live_coupons(db.session(), account_id, programme_id, now)
