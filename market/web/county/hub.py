"""The hub's gate: what shops have handed over, received one by one."""

import uuid

from flask import flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from market.delivery.queries import kept_too_long
from market.kernel import clock
from market.kernel.db import db
from market.orders.fulfill import receive_at_hub
from market.orders.models import Fulfillment
from market.orders.queries import county_shop_orders
from market.orders.refuse import refused_back_at_hub
from market.places.models import Station
from market.web.county import bp
from market.web.once import once


@bp.get("/hub")
def hub() -> str:
    """Shop orders on their way to the hub, and those that stand there."""
    session = db.session()
    return render_template(
        "county/hub.html",
        arriving=county_shop_orders(session, g.county_code, [Fulfillment.handed_over]),
        coming_back=county_shop_orders(session, g.county_code, [Fulfillment.refused]),
        unclaimed=[
            (kept, session.get_one(Station, kept.station_id))
            for kept in kept_too_long(session, g.county_code, clock.now())
        ],
        standing=county_shop_orders(session, g.county_code, [Fulfillment.at_hub]),
    )


@bp.post("/hub/<uuid:shop_order_id>/receive")
@once("county.receive")
def receive(shop_order_id: uuid.UUID) -> Response:
    """The goods are at the hub."""
    received = receive_at_hub(db.session(), g.county_code, shop_order_id, clock.now())
    flash(_("已收到 %(number)s", number=received.number))
    return redirect(url_for("county.hub"), 303)


@bp.post("/hub/<uuid:shop_order_id>/back")
@once("county.back_at_hub")
def back(shop_order_id: uuid.UUID) -> Response:
    """Refused goods are at the hub again."""
    received = refused_back_at_hub(db.session(), g.county_code, shop_order_id, clock.now())
    flash(_("已收回 %(number)s，等店铺来取", number=received.number))
    return redirect(url_for("county.hub"), 303)
