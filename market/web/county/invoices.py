"""What the county's shops invoiced, month by month."""

from flask import g, render_template

from market.invoices.queries import county_months
from market.kernel.db import db
from market.web.county import bp


@bp.get("/invoices")
def invoices() -> str:
    """Blue and red totals of every shop and month."""
    return render_template("county/invoices.html", months=county_months(db.session(), g.county_code))
