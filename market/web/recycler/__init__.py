"""The recycler's door: parcels by their code, from the scale to the certificate. Nobody's name is here."""

from flask import Blueprint, abort, g
from flask_login import current_user
from werkzeug.wrappers import Response

from market.kernel.db import db
from market.recycling.queries import recycler_of
from market.web.guards import to_sign_in

bp = Blueprint("recycler", __name__, url_prefix="/recycler")


@bp.before_request
def require_recycler() -> Response | None:
    """Let in who works for a recycler; to anyone else this door does not exist."""
    if stranger := to_sign_in():
        return stranger
    g.recycler = recycler_of(db.session(), current_user.id)
    if g.recycler is None:
        abort(404)
    return None


from market.web.recycler import (  # noqa: E402 - the views need the blueprint
    arrivals,
    hand_on,
    inbox,
    oversight,
    parcel,
    rating,
    statements,
    trade_ins,
)

__all__ = ["arrivals", "bp", "hand_on", "inbox", "oversight", "parcel", "rating", "statements", "trade_ins"]
