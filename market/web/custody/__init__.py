"""The signing desk: whoever holds an old thing hands it on here, and whoever takes it signs for it.

For couriers, the county's hub, recyclers and dismantlers alike; a consumer sees the code she shows the
courier, and the certificates of what was hers.
"""

from flask import Blueprint
from flask_login import current_user

from market.kernel.db import db
from market.kernel.together import Together
from market.web.roles import ROLES, Door, doors_of

_MINE = Together(*ROLES)

bp = Blueprint("custody", __name__, url_prefix="/custody")


@bp.context_processor
def _doors() -> dict[str, list[Door]]:
    """The way back to where she works; a consumer has none."""
    if not current_user.is_authenticated:
        return {"doors": []}
    return {"doors": doors_of(*_MINE.read(db.session(), account_id=current_user.id))}


from market.web.custody import certificates, desk, documents  # noqa: E402 - the views need the blueprint

__all__ = ["bp", "certificates", "desk", "documents"]
