"""The published rules: programmes, the green zone, points and ratings, as the code applies them."""

from flask import render_template

from market.catalog.rules import ZONE_GRADE
from market.credit.criteria import criteria
from market.credit.models import SubjectKind
from market.insights import queries
from market.kernel.db import db
from market.points import rules as points
from market.web.open import bp


@bp.get("/programmes")
def programmes() -> str:
    """Every subsidy programme on record, with its source."""
    return render_template("open/programmes.html", programmes=queries.programmes(db.session()))


@bp.get("/rules")
def rules() -> str:
    """The green zone, points and ratings."""
    return render_template(
        "open/rules.html",
        zone_grade=ZONE_GRADE,
        points=points,
        criteria=[(kind.value, criteria(kind)) for kind in SubjectKind],
    )
