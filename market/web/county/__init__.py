"""The county operator's door: hub, batches, runs, cash, labels, refunds, subsidies, claims, treasury, fleet.

For the staff of one county. What is another county's is not found.
"""

import importlib

from flask import Blueprint, abort, g, request
from flask_login import current_user
from werkzeug.wrappers import Response

from market.kernel.db import db
from market.people.queries import county_of_staff
from market.subsidies.review_queries import auditors_county
from market.web.guards import to_sign_in

bp = Blueprint("county", __name__, url_prefix="/county")
_AUDITED = ("claims", "claim", "claim_photo", "decide_claim", "lift_flag")
AUDITED = frozenset(f"county.{name}" for name in _AUDITED)


@bp.before_request
def require_operator() -> Response | None:
    """Let in the county's staff; `g.county_code` is their county.

    Its auditors, who are nobody's staff, come in for the claims alone; `g.is_auditor` is true for them.
    """
    if stranger := to_sign_in():
        return stranger
    own = county_of_staff(db.session(), current_user.id)
    audits = None if own else auditors_county(db.session(), current_user.id)
    g.is_auditor = bool(audits)
    if audits and request.endpoint not in AUDITED:
        abort(404)
    g.county_code = own or audits or abort(404)
    return None


for _name in (
    "navigation",
    "owner_factor",
    "desk",
    "hub",
    "cash",
    "batches",
    "closed_days",
    "change_plan",
    "sheets",
    "labels",
    "made_to_order",
    "groups",
    "fairs",
    "scenes",
    "edits",
    "proofs",
    "recalls",
    "recall_units",
    "fleet",
    "fraud",
    "refunds",
    "settlements",
    "statements",
    "invoices",
    "points",
    "trade_ins",
    "returns",
    "repairs",
    "shop_register",
    "recycler_register",
    "collection_points",
    "inspections",
    "cases",
    "reviews",
    "appeals",
    "mail_in",
    "freight",
    "mass_balance",
    "owner_factor",
    "claims",
    "treasury",
    "programmes",
    "search_words",
):
    importlib.import_module(f"market.web.county.{_name}")
