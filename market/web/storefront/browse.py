"""Find an appliance: the home page, a category, and words."""

from collections.abc import Sequence
from urllib.parse import urlencode

from flask import abort, render_template, request

from market.catalog.browse import Counted, Found, Order, Page
from market.catalog.browse import browse as find
from market.catalog.models import Listing
from market.kernel import clock
from market.kernel.db import db
from market.subsidies.queries import offers_of
from market.web.county_choice import all_counties
from market.web.kept import kept
from market.web.reading import is_asked_for
from market.web.storefront import bp
from market.web.storefront.offers import priced
from market.web.storefront.paid_out import county_and_offers, county_and_running
from market.web.storefront.season import season

_ORDERS = (Order.newest, Order.price_up, Order.price_down)
_SHELF = 8
_CANDIDATES = 60
_WORD_CHARS = 60


@bp.get("/")
@kept
def home() -> str:
    """The season, all categories, the newest of the green zone, and what the subsidies still hold."""
    (county, running), now = county_and_running(), clock.now()
    today = clock.local_date(now)
    green = find(db.session(), county.code, today, zone=True, limit=_CANDIDATES, count=Counted.on_sale)
    shelf = _mixed(green.listings, season(today).categories)
    return render_template(
        "storefront/home.html",
        county=county,
        counties=all_counties(),
        season=season(today),
        categories=[category for category in green.counts if category.count],
        offers=priced(shelf, offers_of(running), county.code, now, green.shops),
        pots=running,
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
    page = _find(_order(), category=code, count=Counted.on_sale)
    found = next((kind for kind in page.counts if kind.code == code), None)
    if found is None:
        abort(404)
    return _list("storefront/category.html", page, category=found)


@bp.get("/search")
@kept
def search() -> str:
    """What holds every word of `q`."""
    typed = "".join(char if char.isprintable() else " " for char in request.args.get("q", ""))
    q = typed.strip()[:_WORD_CHARS]
    return _list("storefront/search.html", _find(_order(), q=q) if q else Page((), None), q=q)


def _list(template: str, page: Page, category: Found | None = None, q: str | None = None) -> str:
    (county, on_offer), now = county_and_offers(), clock.now()
    return render_template(
        template,
        county=county,
        category=category,
        q=q,
        order=_order(),
        offers=priced(page.listings, on_offer, county.code, now, page.shops),
        here=_here,
        asks_large=is_asked_for(q or ""),
        first_url=_here(after=None) if "after" in request.args else None,
        next_url=_here(after=page.after) if page.after else None,
    )


def _find(
    order: Order, category: str | None = None, q: str | None = None, count: Counted = Counted.nothing
) -> Page:
    county, _offers = county_and_offers()
    return find(
        db.session(),
        county.code,
        clock.local_date(clock.now()),
        category=category,
        q=q,
        order=order,
        after=request.args.get("after"),
        count=count,
    )


def _order() -> Order:
    wanted = request.args.get("order", "")
    return Order(wanted) if wanted in _ORDERS else Order.newest


def _here(**changes: str | None) -> str:
    """This page's address with some of its query changed; None takes a part out."""
    query = {**request.args.to_dict(), **changes}
    return f"{request.path}?{urlencode({name: value for name, value in query.items() if value})}"
