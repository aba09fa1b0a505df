"""The signing desk: whoever holds an old thing hands it on here, and whoever takes it signs for it.

For couriers, the county's hub, recyclers and dismantlers alike; a consumer sees the code she shows the
courier, and the certificates of what was hers.
"""

from flask import Blueprint
from flask_login import current_user

from market.kernel.db import db
from market.web.roles import Door, doors_of

bp = Blueprint("custody", __name__, url_prefix="/custody")


@bp.context_processor
def _doors() -> dict[str, list[Door]]:
    """The way back to where she works; a consumer has none."""
    return {"doors": doors_of(db.session(), current_user.id) if current_user.is_authenticated else []}


from market.web.custody import certificates, desk, documents  # noqa: E402 - the views need the blueprint

__all__ = ["bp", "certificates", "desk", "documents"]
