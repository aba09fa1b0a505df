"""A listing's page: what it is, what its label proves, what it costs in truth, and how it comes."""

import uuid
from datetime import datetime

from flask import abort, render_template

from market.catalog.models import Listing
from market.catalog.rules import LabelState
from market.catalog.zone import judge_known
from market.catalog.zone_rule import certifies
from market.credit import review_queries
from market.credit.effects import offer_order
from market.credit.queries import few_reviews
from market.delivery.queries import next_day
from market.delivery.rules import fee
from market.inventory.on_offer import OnOffer, with_others
from market.kernel import clock
from market.kernel.db import db
from market.orders.cart import CartEntry
from market.orders.models import Place
from market.orders.quote import price_for_anybody
from market.subsidies.queries import live_coupons, offers_of
from market.web.guards import signed_in_id
from market.web.kept import kept
from market.web.label_text import METRICS, SCHEMES, zone_reason
from market.web.storefront import bp
from market.web.storefront.forms import PutForm
from market.web.storefront.offers import best_label
from market.web.storefront.paid_out import county_and_running
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
    whole = with_others(session, listing_id) if listing_id else None
    if whole is None:
        abort(404)
    found, rating = whole.own.listing, whole.own.rating
    home, running = county_and_running(found.shop.county_code)
    price = price_for_anybody(CartEntry(found, 1, True), offers_of(running), home.code, now).lines[0]
    paid_by = price.decision.programme_id
    told = review_queries.newest_of_listing(session, found.id, now, _REVIEWS) if whole.is_reviewed else None
    others = [offer for offer in whole.offers if offer.listing.shop_id != found.shop_id]
    return render_template(
        "storefront/product.html",
        listing=found,
        form=form,
        county=home,
        label=best_label(found.product, today),
        verdict=judge_known(found.product, whole.is_recalled, now),
        zone_reason=zone_reason,
        today=today,
        schemes=SCHEMES,
        metrics=METRICS,
        certificates=[one for one in found.product.certificates if certifies(one, today)],
        labels=[label for label in found.product.labels if label.state is not LabelState.rejected],
        price=price,
        why=why,
        coupon_missing=price.decision.with_coupon and not _holds_coupon(paid_by, found, now),
        programme=next((row for row, _pot in running if row.id == paid_by), None),
        left=whole.own.left,
        day=next_day(home, now),
        fees={place.value: _fee(found, place) for place in Place},
        rating=rating,
        few=rating is None or few_reviews(rating),
        reviews=told[0] if told else [],
        figures=told[1] if told else None,
        ratings={offer.listing.shop_id: offer.rating for offer in whole.offers},
        variants=[
            offer.listing
            for offer in whole.offers
            if offer.listing.shop_id == found.shop_id and offer.listing.id != found.id
        ],
        others=[offer.listing for offer in sorted(others, key=_place)],
        **words(),
    )


def _place(offer: OnOffer) -> tuple[bool, int, int]:
    """As `credit.effects` publishes it: no shop can pay for a place."""
    return offer_order(offer.letter, offer.listing.price_fen)


def _fee(found: Listing, place: Place) -> int:
    return fee(place.value, found.product.packed_weight_grams, found.product.packed_volume_cm3)


def _holds_coupon(programme_id: str | None, found: Listing, now: datetime) -> bool:
    account_id = signed_in_id()
    if account_id is None or programme_id is None:
        return False
    category = found.product.category.subsidy_category
    return category in live_coupons(db.session(), account_id, programme_id, now)
