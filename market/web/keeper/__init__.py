"""The keeper's door: what is brought to a collection point, by its code. Nobody's name is here."""

from flask import Blueprint, abort
from flask_login import current_user
from werkzeug.wrappers import Response

from market.collection.queries import kept_by
from market.kernel.db import db
from market.web.guards import to_sign_in

bp = Blueprint("keeper", __name__, url_prefix="/keeper")


@bp.before_request
def require_keeper() -> Response | None:
    """Let in who keeps a point; to anyone else this door does not exist."""
    if stranger := to_sign_in():
        return stranger
    if not kept_by(db.session(), current_user.id):
        abort(404)
    return None


from market.web.keeper import point  # noqa: E402 - the views need the blueprint

__all__ = ["bp", "point"]
