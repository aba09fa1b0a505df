"""Whether what came back is accounted for: every recycler's balance, and the county's."""

from flask import g, render_template

from market.kernel.db import db
from market.recycling import mass_balance as masses
from market.web.county import bp
from market.web.custody_text import ROLES


@bp.get("/mass-balance")
def mass_balance() -> str:
    """Received, sold, dismantled, returned and in stock, by count and by gram."""
    session = db.session()
    found = masses.by_recycler(session, g.county_code)
    waiting = masses.on_the_way(session, g.county_code)
    return render_template(
        "county/mass_balance.html",
        balances=found,
        total=masses.total(balance for _, balance in found),
        on_the_way=[(ROLES[role], count) for role, count in waiting.items()],
    )
