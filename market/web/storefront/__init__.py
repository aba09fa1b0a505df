"""The storefront: find an appliance, see its true price, buy it, follow it, rate it.

Public pages need no sign-in. A visitor's cart hangs on a cookie of its own, because signing in starts a
fresh session; the first page after that moves the cart to the account.
"""

import importlib
import importlib.util

from flask import Blueprint

bp = Blueprint("storefront", __name__)

_VIEWS: tuple[str, ...] = ("browse", "inbox", "points", "region", "shop")
if importlib.util.find_spec("market.delivery.queries"):
    _VIEWS += ("cart", "checkout", "orders", "pay", "product", "review")
for _name in _VIEWS:
    importlib.import_module(f"market.web.storefront.{_name}")
