"""The reviews of a shop or a listing, a page at a time, in an order that is named."""

import uuid
from typing import Any

from flask import abort, render_template, request, url_for
from sqlalchemy import ColumnElement

from market.catalog.queries import for_sale
from market.credit import review_queries
from market.credit.review_queries import PAGE, Order
from market.kernel import clock
from market.kernel.db import db
from market.web.credit_text import ORDERS
from market.web.kept import kept
from market.web.storefront import bp
from market.web.storefront.review import words

_MOST_PAGES = 500


@bp.get("/listing/<uuid:listing_id>/reviews")
@kept
def listing_reviews(listing_id: uuid.UUID) -> str:
    """Every review of a listing that is for sale."""
    found = for_sale(db.session(), listing_id) or abort(404)
    shown = page_of(
        review_queries.of_listing(listing_id), "storefront.listing_reviews", listing_id=listing_id
    )
    return render_template("storefront/reviews.html", listing=found, **shown)


def page_of(which: ColumnElement[bool], endpoint: str, **ids: Any) -> dict[str, Any]:
    """The reviews that the address asks for, their figures, and the ways to the other orders and pages."""
    order, page = _asked()
    session = db.session()
    reviews, figures = review_queries.listed_with_figures(session, which, order, clock.now(), page)
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
