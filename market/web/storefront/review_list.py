"""The reviews of a shop or a listing, a page at a time, in an order that is named."""

import uuid
from collections.abc import Sequence
from typing import Any

from flask import abort, render_template, request, url_for
from sqlalchemy import bindparam

from market.catalog.queries import LISTING
from market.credit import review_queries
from market.credit.models import Review
from market.credit.review_queries import PAGE, Order
from market.kernel import clock
from market.kernel.db import db
from market.kernel.together import Together
from market.places.queries import COUNTIES
from market.web.county_choice import remember_counties
from market.web.credit_text import ORDERS
from market.web.kept import kept
from market.web.storefront import bp
from market.web.storefront.review import words

_MOST_PAGES = 500
_LISTING = Together(
    LISTING, review_queries.outlines_of(Review.listing_id == bindparam("listing_id")), COUNTIES
)


@bp.get("/listing/<uuid:listing_id>/reviews")
@kept
def listing_reviews(listing_id: uuid.UUID) -> str:
    """Every review of a listing that is for sale."""
    listings, rows, counties = _LISTING.read(db.session(), listing_id=listing_id)
    remember_counties(counties)
    if not listings or not listings[0][0].is_for_sale:
        abort(404)
    shown = page_of(rows, "storefront.listing_reviews", listing_id=listing_id)
    return render_template("storefront/reviews.html", listing=listings[0][0], **shown)


def page_of(rows: Sequence[Any], endpoint: str, **ids: Any) -> dict[str, Any]:
    """Those of the reviews, read as outlines, that the address asks for, their figures, and the ways to the
    other orders and pages."""
    order, page = _asked()
    session = db.session()
    reviews, figures = review_queries.page_of(session, rows, order, clock.now(), page)
    more = len(reviews) > PAGE
    return {
        "reviews": reviews[:PAGE],
        "figures": figures,
        "order": order,
        "order_links": [
            (kind, word, url_for(endpoint, order=kind.value, **ids)) for kind, word in ORDERS.items()
        ],
        "first_url": url_for(endpoint, order=order.value, **ids) if page > 1 else None,
        "next_url": url_for(endpoint, order=order.value, page=page + 1, **ids) if more else None,
        **words(),
    }


def _asked() -> tuple[Order, int]:
    """The order and page of the address; what it does not know is the newest, first page."""
    asked = request.args.get("order", "")
    page = request.args.get("page", "1")
    order = Order(asked) if asked in set(Order) else Order.newest
    return order, min(int(page), _MOST_PAGES) if page.isascii() and page.isdigit() and int(page) else 1
