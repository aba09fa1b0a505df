"""The published rules: programmes, the green zone, points and ratings, as the code applies them."""

from flask import render_template

from market.catalog.running_cost import (
    TARIFF_FEN_PER_KWH,
    WASHES_A_YEAR,
    WATER_LITERS_A_DAY,
    WATER_RISE_KELVIN,
)
from market.catalog.zone_rule import CONDITIONS, WORST_GRADE
from market.credit.criteria import criteria
from market.credit.models import SubjectKind
from market.insights import queries
from market.kernel.db import db
from market.points import rules as points
from market.web.label_text import CONDITIONS as CONDITIONS_TEXT
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
        zone_grade=WORST_GRADE,
        conditions=[condition.value for condition in CONDITIONS],
        conditions_text=CONDITIONS_TEXT,
        tariff=TARIFF_FEN_PER_KWH / 100,
        washes=WASHES_A_YEAR,
        liters=WATER_LITERS_A_DAY,
        kelvin=WATER_RISE_KELVIN,
        points=points,
        criteria=[(kind.value, criteria(kind)) for kind in SubjectKind],
    )
