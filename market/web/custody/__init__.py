"""The signing desk: whoever holds an old thing hands it on here, and whoever takes it signs for it.

For couriers, the county's hub, recyclers and dismantlers alike; a consumer sees the code she shows the
courier, and the certificates of what was hers.
"""

from flask import Blueprint

bp = Blueprint("custody", __name__, url_prefix="/custody")

from market.web.custody import certificates, desk, documents  # noqa: E402 - the views need the blueprint

__all__ = ["bp", "certificates", "desk", "documents"]
