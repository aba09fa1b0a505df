"""The published rules: programmes, the green zone, points and ratings, as the code applies them."""

from flask import render_template

from market.catalog.queries import categories
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
from market.subsidies import lottery
from market.web.label_text import CONDITIONS as CONDITIONS_TEXT
from market.web.open import bp
from market.web.open.county import county_or_404
from market.web.programme_text import facts, names_of
from market.web.text import local_name


@bp.get("/programmes")
def programmes() -> str:
    """Every subsidy programme on record, with its source."""
    names = names_of(categories(db.session()))
    return render_template(
        "open/programmes.html",
        programmes=[(row, facts(row, names)) for row in queries.programmes(db.session())],
    )


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


@bp.get("/<county_code>/draws")
def draws(county_code: str) -> str:
    """Every draw of coupons with what anybody needs to repeat it."""
    session, found = db.session(), county_or_404(county_code)
    return render_template(
        "open/draws.html",
        county=found,
        rounds=[(it, lottery.winning_numbers(session, it.id)) for it in lottery.rounds(session, found.code)],
        names={kind.subsidy_category: local_name(kind) for kind in categories(session)},
        programmes={row.id: local_name(row) for row in queries.programmes(session)},
    )
