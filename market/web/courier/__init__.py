"""The courier's door, made for a phone held in one hand: today's sheet, and one page per stop.

Where the browser can, the same pages open from the phone itself and work with no signal (`phone`, `sync`).

For couriers only. A stop of another courier's run, or of a run that is not released yet, is not found.
"""

import importlib

from flask import Blueprint, abort, g
from flask_login import current_user
from werkzeug.wrappers import Response

from market.delivery.queries import courier_of
from market.kernel.db import db
from market.web.courier import worker
from market.web.guards import to_sign_in

__all__ = ["bp", "worker"]

bp = Blueprint("courier", __name__, url_prefix="/courier")


@bp.before_request
def require_courier() -> Response | None:
    """Let in couriers; `g.courier` is the one who is here."""
    if stranger := to_sign_in():
        return stranger
    g.courier = courier_of(db.session(), current_user.id) or abort(404)
    return None


for _name in ("sheet", "stop", "cash", "phone", "sync", "rating"):
    importlib.import_module(f"market.web.courier.{_name}")
