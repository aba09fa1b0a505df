"""The shop's door: what to confirm and hand over today, its listings and its stock.

For the people of one shop, whatever state it is in: a suspended shop still has orders to hand over. What is
another shop's is not found.
"""

from flask import Blueprint, abort, g, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from market.kernel.db import db
from market.shops.models import ShopRole
from market.shops.queries import role_of, shop_of
from market.web.guards import to_sign_in
from market.web.shop.roles import may

bp = Blueprint("shop", __name__, url_prefix="/shop")


@bp.before_request
def require_clerk() -> Response | None:
    """Let in who works for a shop, to what their role may do; `g.shop` is that shop, `g.role` the role."""
    if stranger := to_sign_in():
        return stranger
    g.shop = shop_of(db.session(), current_user.id) or abort(404)
    g.role = role_of(db.session(), current_user.id)
    endpoint = (request.endpoint or "").partition(".")[2]
    if g.role is ShopRole.driver and endpoint == "home":
        return redirect(url_for("shop.hand_overs"), 303)
    if not may(g.role, endpoint):
        abort(404)
    return None


@bp.context_processor
def _may() -> dict[str, object]:
    return {"may": lambda endpoint: may(g.role, endpoint.partition(".")[2])}


from market.web.shop import (  # noqa: E402 - the views need the blueprint
    assist,
    claims,
    desk,
    fairs,
    figures,
    groups,
    invoices,
    item,
    listings,
    made_to_order,
    navigation,
    orders,
    packing,
    papers,
    people,
    photos,
    proofs,
    rating,
    recalls,
    refunds,
    returns,
    reviews,
    scenes,
    settlements,
    sheets,
    stock,
    trade_ins,
)

__all__ = [
    "assist",
    "bp",
    "claims",
    "desk",
    "fairs",
    "figures",
    "groups",
    "invoices",
    "item",
    "listings",
    "made_to_order",
    "navigation",
    "orders",
    "packing",
    "papers",
    "people",
    "photos",
    "proofs",
    "rating",
    "recalls",
    "refunds",
    "returns",
    "reviews",
    "scenes",
    "settlements",
    "sheets",
    "stock",
    "trade_ins",
]
