"""The door of a village station: what stands there for whom, handed out against the pick-up code."""

from flask import Blueprint, abort, g
from flask_login import current_user
from werkzeug.wrappers import Response

from market.kernel.db import db
from market.people.queries import station_of_keeper
from market.places.models import Station
from market.web.guards import to_sign_in

bp = Blueprint("station", __name__, url_prefix="/station")


@bp.before_request
def require_keeper() -> Response | None:
    """Let in who keeps a station; to anyone else this door does not exist."""
    if stranger := to_sign_in():
        return stranger
    station_id = station_of_keeper(db.session(), current_user.id) or abort(404)
    g.station = db.session().get_one(Station, station_id)
    return None


from market.web.station import counter, old_things  # noqa: E402 - the views need the blueprint

__all__ = ["bp", "counter", "old_things"]
