"""Find an appliance: the home page and a category."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import abort, render_template, request

from market.catalog import queries
from market.catalog.browse import Order
from market.catalog.browse import browse as find
from market.catalog.models import Listing
from market.kernel import clock
from market.kernel.db import db
from market.subsidies.queries import pots
from market.web.county_choice import all_counties, visitor_county
from market.web.storefront import bp
from market.web.storefront.offers import offers
from market.web.storefront.season import season

_ORDERS = (Order.newest, Order.price_up, Order.price_down)
_SHELF = 8
_CANDIDATES = 60


@bp.get("/")
def home() -> str:
    """The season, all categories, the newest of the green zone, and what the subsidies still hold."""
    session, county, now = db.session(), visitor_county(), clock.now()
    today = clock.local_date(now)
    green = find(session, county.code, today, zone=True, limit=_CANDIDATES)
    shelf = _mixed(green.listings, season(today).categories)
    counts = queries.category_counts(session, county.code)
    return render_template(
        "storefront/home.html",
        county=county,
        counties=all_counties(),
        season=season(today),
        categories=[category for category, _ in counts],
        offers=offers(session, shelf, county.code, now, green.shops),
        pots=[(row, pot) for row, pot in pots(session, county.code) if row.valid_from <= now <= row.valid_to],
    )


def _mixed(listings: Sequence[Listing], first: Sequence[str]) -> list[Listing]:
    """A shelf with one listing a category, those of the season in front."""
    by_category = {listing.product.category_code: listing for listing in reversed(listings)}
    codes = sorted(by_category, key=lambda code: first.index(code) if code in first else len(first))
    return [by_category[code] for code in codes[:_SHELF]]


@bp.get("/category/<code>")
def category(code: str) -> str:
    """Everything for sale of one category."""
    found = next((kind for kind in queries.categories(db.session()) if kind.code == code), None)
    if found is None:
        abort(404)
    return _list("storefront/category.html", category=found)


def _list(template: str, category: Any) -> str:
    session, county, now = db.session(), visitor_county(), clock.now()
    order = _order()
    page = find(
        session,
        county.code,
        clock.local_date(now),
        category=category.code,
        order=order,
        after=request.args.get("after"),
    )
    return render_template(
        template,
        county=county,
        category=category,
        order=order,
        offers=offers(session, page.listings, county.code, now, page.shops),
        here=_here,
        first_url=_here(after=None) if "after" in request.args else None,
        next_url=_here(after=page.after) if page.after else None,
    )


def _order() -> Order:
    wanted = request.args.get("order", "")
    return Order(wanted) if wanted in _ORDERS else Order.newest


def _here(**changes: str | None) -> str:
    """This page's address with some of its query changed; None takes a part out."""
    query = {**request.args.to_dict(), **changes}
    return f"{request.path}?{urlencode({name: value for name, value in query.items() if value})}"
