"""The storefront: find an appliance, see its true price, buy it, follow it, rate it.

Public pages need no sign-in. A visitor's cart hangs on a cookie of its own, because signing in starts a
fresh session; the first page after that moves the cart to the account.
"""

from flask import Blueprint

bp = Blueprint("storefront", __name__)

from market.web.storefront import (  # noqa: E402 - the views need the blueprint
    aftersales,
    browse,
    cart,
    cases,
    checkout,
    fairs,
    groups,
    inbox,
    instead,
    invoices,
    model,
    offline,
    orders,
    pay,
    pictures,
    points,
    product,
    recalls,
    region,
    repair_fee,
    review,
    review_list,
    review_weight,
    savings,
    scenes,
    search,
    shop,
    subsidies,
    suggestions,
    trade_ins,
    zone,
)

__all__ = [
    "aftersales",
    "bp",
    "browse",
    "cart",
    "cases",
    "checkout",
    "fairs",
    "groups",
    "inbox",
    "instead",
    "invoices",
    "model",
    "offline",
    "orders",
    "pay",
    "pictures",
    "points",
    "product",
    "recalls",
    "region",
    "repair_fee",
    "review",
    "review_list",
    "review_weight",
    "savings",
    "scenes",
    "search",
    "shop",
    "subsidies",
    "suggestions",
    "trade_ins",
    "zone",
]
