"""The shop's door: what to confirm and hand over today, its listings and its stock.

For the people of one shop, whatever state it is in: a suspended shop still has orders to hand over. What is
another shop's is not found.
"""

from flask import Blueprint, abort, g
from flask_login import current_user
from werkzeug.wrappers import Response

from market.kernel.db import db
from market.shops.queries import shop_of
from market.web.guards import to_sign_in

bp = Blueprint("shop", __name__, url_prefix="/shop")


@bp.before_request
def require_clerk() -> Response | None:
    """Let in who works for a shop; `g.shop` is that shop."""
    if stranger := to_sign_in():
        return stranger
    g.shop = shop_of(db.session(), current_user.id) or abort(404)
    return None


from market.web.shop import (  # noqa: E402 - the views need the blueprint
    claims,
    desk,
    invoices,
    item,
    listings,
    made_to_order,
    orders,
    papers,
    photos,
    proofs,
    rating,
    recalls,
    refunds,
    returns,
    reviews,
    settlements,
    sheets,
    stock,
    trade_ins,
)

__all__ = [
    "bp",
    "claims",
    "desk",
    "invoices",
    "item",
    "listings",
    "made_to_order",
    "orders",
    "papers",
    "photos",
    "proofs",
    "rating",
    "recalls",
    "refunds",
    "returns",
    "reviews",
    "settlements",
    "sheets",
    "stock",
    "trade_ins",
]
