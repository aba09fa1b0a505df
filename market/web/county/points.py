"""What the points programme gives and costs, month by month."""

from flask import render_template

from market.kernel.db import db
from market.ledger.queries import balance
from market.ledger.rules import POINTS_COST, POINTS_PROGRAMME
from market.points.queries import programme_months
from market.points.rules import FEN_PER_POINT
from market.web.county import bp
from market.web.points_text import KINDS

# These move a buyer's points among her own accounts and cost the programme nothing.
WITHIN = ("points.vested", "points.debt_paid")


@bp.get("/points")
def points() -> str:
    """Points given, used, lapsed and taken back, what is outstanding, and what points have paid for."""
    session = db.session()
    return render_template(
        "county/points.html",
        months=programme_months(session),
        kinds={kind: word for kind, word in KINDS.items() if kind not in WITHIN},
        outstanding=balance(session, POINTS_PROGRAMME),
        outstanding_fen=balance(session, POINTS_PROGRAMME) * FEN_PER_POINT,
        cost_fen=balance(session, POINTS_COST),
    )
