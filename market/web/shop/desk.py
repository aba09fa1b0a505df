"""The clerk's first page: what waits for the shop now."""

from flask import g, render_template

from market.aftersales.queries import returns_of_shop
from market.catalog.queries import listings_of_shop
from market.credit import queries as credit
from market.credit.models import SubjectKind
from market.inventory.queries import running_low
from market.kernel.db import db
from market.orders.models import Fulfillment
from market.orders.queries import shop_orders
from market.places.queries import county
from market.web.credit_text import EVENTS
from market.web.shop import bp


@bp.get("/")
def home() -> str:
    """Orders to confirm and to hand over by cut-off, what runs low, the rating with its reasons."""
    session = db.session()
    waiting = shop_orders(session, g.shop.id, [Fulfillment.placed, Fulfillment.confirmed])
    rating = credit.rating(session, SubjectKind.shop, g.shop.id)
    return render_template(
        "shop/home.html",
        to_confirm=[order for order in waiting if order.state is Fulfillment.placed],
        to_hand_over=[order for order in waiting if order.state is Fulfillment.confirmed],
        county=county(session, g.shop.county_code),
        low=running_low(session, g.shop.id),
        rating=rating,
        returns=returns_of_shop(session, g.shop.id),
        few=rating is None or credit.few_reviews(rating),
        changes=credit.changes(session, SubjectKind.shop, g.shop.id, limit=5),
        change_names=EVENTS,
        has_listings=bool(listings_of_shop(session, g.shop.id, limit=1)),
    )
