"""Find an appliance: the home page and a category."""

from collections.abc import Sequence
from urllib.parse import urlencode

from flask import abort, render_template, request

from market.catalog.cards import Card
from market.fairs.queries import NEAR_AS_JSON, near_stops, near_values
from market.kernel import clock
from market.kernel.db import db
from market.search.browse import Order, Shelf, of_category, shelves
from market.subsidies.queries import offers_of
from market.web.county_choice import all_counties, visitor_region
from market.web.kept import kept
from market.web.storefront import bp
from market.web.storefront.offers import priced
from market.web.storefront.paid_out import county_and_offers, county_and_running
from market.web.storefront.season import season

_ORDERS = (Order.newest, Order.price_up, Order.price_down)
_SHELF = 8


@bp.get("/")
@kept
def home() -> str:
    """The season, all categories, the newest of the green zone, what subsidies hold, the next fairs."""
    (county, running), now = county_and_running(), clock.now()
    today = clock.local_date(now)
    near = near_values(visitor_region(), today)
    every, fairs = shelves(db.session(), county.code, today, NEAR_AS_JSON, **near)
    return render_template(
        "storefront/home.html",
        county=county,
        counties=all_counties(),
        season=season(today),
        categories=[shelf for shelf in every if shelf.is_sold],
        offers=priced(_mixed(every, season(today).categories), offers_of(running), county.code, now),
        pots=running,
        fairs=near_stops(fairs),
    )


def _mixed(every: Sequence[Shelf], first: Sequence[str]) -> list[Card]:
    """The newest of a few categories, those of the season in front, then what came last."""
    cards = sorted((it.newest for it in every if it.newest), key=lambda card: card.id, reverse=True)
    cards.sort(
        key=lambda card: first.index(card.category_code) if card.category_code in first else len(first)
    )
    return cards[:_SHELF]


@bp.get("/category/<code>")
@kept
def category(code: str) -> str:
    """Everything for sale of one category."""
    (county, on_offer), now, order = county_and_offers(), clock.now(), _order()
    found = of_category(
        db.session(),
        county.code,
        clock.local_date(now),
        code,
        order=order,
        after=request.args.get("after"),
    )
    if found is None:
        abort(404)
    page = found.page
    return render_template(
        "storefront/category.html",
        county=county,
        category=found,
        order=order,
        offers=priced(page.cards, on_offer, county.code, now),
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
