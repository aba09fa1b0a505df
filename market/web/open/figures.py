"""What was spent and what was delivered."""

from flask import render_template

from market.insights import queries
from market.insights.rules import Segment, bar
from market.kernel.db import db
from market.places import queries as places
from market.web.open import bp
from market.web.open.county import county_or_404

CHART_WIDTH = 600


@bp.get("", strict_slashes=False)
def home() -> str:
    """The counties whose books are open, and the rules."""
    return render_template("open/home.html", counties=places.counties(db.session()))


@bp.get("/<county_code>")
def county(county_code: str) -> str:
    """One county's pots and the grades of what it delivered."""
    session = db.session()
    found = county_or_404(county_code)
    delivered = queries.delivered_by_grade(session, found.code)
    return render_template(
        "open/county.html",
        county=found,
        path=places.region_path(session, found.code),
        pots=[(pot, _pot_bar(pot)) for pot in queries.pot_figures(session, found.code)],
        delivered=delivered,
        grades=_grade_bar(delivered),
        width=CHART_WIDTH,
    )


def _pot_bar(pot: queries.PotFigures) -> list[Segment]:
    parts = (("paid", pot.paid_fen), ("promised", pot.promised_fen), ("left", pot.left_fen))
    return bar(parts, CHART_WIDTH)


def _grade_bar(delivered: dict[int | None, int]) -> list[Segment]:
    graded = [(f"grade{grade}", delivered.get(grade, 0)) for grade in queries.GRADES]
    return bar([*graded, ("ungraded", delivered.get(None, 0))], CHART_WIDTH)
