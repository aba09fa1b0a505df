"""Who is licensed: shops and recyclers, with the state they are in and how they are rated."""

from flask import render_template

from market.insights import queries
from market.kernel import clock
from market.kernel.db import db
from market.recycling.queries import is_licensed
from market.web.collection_text import kind_names
from market.web.open import bp
from market.web.open.county import county_or_404


@bp.get("/<county_code>/shops")
def shops(county_code: str) -> str:
    """The county's licensed shops."""
    county = county_or_404(county_code)
    return render_template(
        "open/shops.html", county=county, shops=queries.licensed_shops(db.session(), county.code)
    )


@bp.get("/<county_code>/recyclers")
def recyclers(county_code: str) -> str:
    """The county's licensed recyclers and what each may take in."""
    county = county_or_404(county_code)
    today = clock.local_date(clock.now())
    found = queries.licensed_recyclers(db.session(), county.code)
    return render_template(
        "open/recyclers.html",
        county=county,
        recyclers=[(recycler, rating, is_licensed(recycler, today)) for recycler, rating in found],
        names=kind_names(db.session()),
    )
