"""What ratings are made of and what they do, and those of shops, couriers and recyclers; never a buyer's."""

import uuid

from flask import abort, render_template

from market.credit import queries
from market.credit.appeal import APPEAL_WITHIN, DECIDE_WITHIN
from market.credit.criteria import criteria
from market.credit.effects import effects
from market.credit.models import Rating, SubjectKind
from market.credit.rules import GRADES
from market.credit.signals import KEEPS_MILLI
from market.credit.statistics import HALF_LIFE_DAYS
from market.insights.queries import Rated, rated, rated_in
from market.kernel.db import db
from market.web import ratings as shown
from market.web.credit_text import EFFECT_LETTERS, EVENTS, SIGNALS, SUBJECTS
from market.web.open import bp
from market.web.open.county import county_or_404

PUBLIC = (SubjectKind.shop, SubjectKind.courier, SubjectKind.recycler)


@bp.get("/ratings")
def ratings() -> str:
    """The one page that says how a rating is computed, and what it does."""
    return render_template(
        "open/ratings.html",
        criteria=[(SUBJECTS[kind], criteria(kind)) for kind in SubjectKind],
        event_words=EVENTS,
        grades=GRADES,
        effects=effects(),
        letters=EFFECT_LETTERS,
        half_life_days=HALF_LIFE_DAYS,
        signals=[(SIGNALS[kind.value], keeps // 10) for kind, keeps in KEEPS_MILLI.items()],
        appeal_days=APPEAL_WITHIN.days,
        decide_days=DECIDE_WITHIN.days,
    )


@bp.get("/<county_code>/ratings")
def ratings_of(county_code: str) -> str:
    """Everybody rated in a county."""
    session, county = db.session(), county_or_404(county_code)
    groups = [(kind, rated_in(session, kind, county.code)) for kind in PUBLIC]
    return render_template(
        "open/ratings_of.html",
        county=county,
        groups=[(SUBJECTS[kind], kind.value, _with_ratings(kind, found)) for kind, found in groups],
    )


@bp.get("/ratings/<kind>/<uuid:subject_id>")
def rating(kind: str, subject_id: uuid.UUID) -> str:
    """One rating: its trend, its reasons, and every change."""
    if kind not in PUBLIC:
        abort(404)
    found = rated(db.session(), SubjectKind(kind), subject_id) or abort(404)
    county = county_or_404(found.county_code)
    facts = shown.facts(SubjectKind(kind), subject_id)
    return render_template("open/rating.html", county=county, subject=found, **facts)


def _with_ratings(kind: SubjectKind, found: list[Rated]) -> list[tuple[Rated, Rating | None]]:
    known = queries.ratings(db.session(), kind, [it.id for it in found])
    return [(it, known.get(it.id)) for it in found]
