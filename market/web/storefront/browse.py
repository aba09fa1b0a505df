"""Find an appliance: the home page and a category."""

from collections.abc import Sequence
from urllib.parse import urlencode

from flask import abort, render_template, request

from market.catalog.browse import Counted, Order
from market.catalog.browse import browse as find
from market.catalog.models import Listing
from market.fairs.queries import near_as_json, near_stops
from market.kernel import clock
from market.kernel.db import db
from market.subsidies.queries import offers_of
from market.web.county_choice import all_counties, visitor_region
from market.web.kept import kept
from market.web.storefront import bp
from market.web.storefront.offers import priced
from market.web.storefront.paid_out import county_and_offers, county_and_running
from market.web.storefront.season import season

_ORDERS = (Order.newest, Order.price_up, Order.price_down)
_SHELF = 8
_CANDIDATES = 60


@bp.get("/")
@kept
def home() -> str:
    """The season, all categories, the newest of the green zone, what subsidies hold, the next fairs."""
    (county, running), now = county_and_running(), clock.now()
    today = clock.local_date(now)
    green = find(
        db.session(), county.code, today, zone=True, limit=_CANDIDATES, count=Counted.on_sale,
        beside=near_as_json(visitor_region(), today),
    )  # fmt: skip
    shelf = _mixed(green.listings, season(today).categories)
    return render_template(
        "storefront/home.html",
        county=county,
        counties=all_counties(),
        season=season(today),
        categories=[category for category in green.counts if category.count],
        offers=priced(shelf, offers_of(running), county.code, now, green.shops),
        pots=running,
        fairs=near_stops(green.beside),
    )


def _mixed(listings: Sequence[Listing], first: Sequence[str]) -> list[Listing]:
    """A shelf with one listing a category, those of the season in front."""
    by_category = {listing.product.category_code: listing for listing in reversed(listings)}
    codes = sorted(by_category, key=lambda code: first.index(code) if code in first else len(first))
    return [by_category[code] for code in codes[:_SHELF]]


@bp.get("/category/<code>")
@kept
def category(code: str) -> str:
    """Everything for sale of one category."""
    (county, on_offer), now, order = county_and_offers(), clock.now(), _order()
    page = find(
        db.session(),
        county.code,
        clock.local_date(now),
        category=code,
        order=order,
        after=request.args.get("after"),
        count=Counted.on_sale,
    )
    found = next((kind for kind in page.counts if kind.code == code), None)
    if found is None:
        abort(404)
    return render_template(
        "storefront/category.html",
        county=county,
        category=found,
        order=order,
        offers=priced(page.listings, on_offer, county.code, now, page.shops),
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
