"""The county operator's door: hub, batches and runs, cash, labels, refunds, settlements, points, fleet.

For the staff of one county. What is another county's is not found.
"""

import importlib

from flask import Blueprint, abort, g
from flask_login import current_user
from werkzeug.wrappers import Response

from market.kernel.db import db
from market.people.queries import county_of_staff
from market.web.guards import to_sign_in

bp = Blueprint("county", __name__, url_prefix="/county")


@bp.before_request
def require_operator() -> Response | None:
    """Let in the county's staff; `g.county_code` is their county."""
    if stranger := to_sign_in():
        return stranger
    g.county_code = county_of_staff(db.session(), current_user.id) or abort(404)
    return None


for _name in (
    "desk",
    "hub",
    "cash",
    "batches",
    "labels",
    "proofs",
    "fleet",
    "refunds",
    "settlements",
    "invoices",
    "points",
):
    importlib.import_module(f"market.web.county.{_name}")
