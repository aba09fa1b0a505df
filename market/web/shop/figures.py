"""Figures that help: what sells, what comes back and why, and what looking leads to."""

from flask import g, render_template
from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from market.aftersales.rules import Ground
from market.catalog.models import Listing
from market.catalog.queries import whole
from market.insights.rules import columns
from market.insights.shop_figures import MOST_LISTINGS, REFUSED, WEEKS, figures
from market.kernel import clock
from market.kernel.db import db
from market.settlements.queries import shop_balance
from market.subsidies import evidence, review_queries
from market.subsidies.models import ClaimState
from market.web.aftersales_text import GROUNDS
from market.web.shop import bp

WIDTH, HEIGHT = 600, 120
REASONS: dict[str, LazyString] = {
    **{ground.value: GROUNDS[ground] for ground in Ground},
    REFUSED: _("送到时没收"),
}
_LACKING = (ClaimState.delivered, ClaimState.installed)


@bp.get("/figures", endpoint="figures")
def figures_page() -> str:
    """The last weeks of the shop."""
    session = db.session()
    found = figures(session, g.shop.id, clock.now())
    items = found.items[:MOST_LISTINGS]
    listed = select(Listing).where(Listing.id.in_([item.listing_id for item in items]))
    claims = review_queries.shop_claims(session, g.shop.id)
    lacking = [claim for claim in claims if claim.state in _LACKING and evidence.missing(session, claim)]
    return render_template(
        "shop/figures.html",
        figures=found,
        weeks=WEEKS,
        items=items,
        everything=found.items,
        listings={listing.id: listing for listing in session.scalars(listed.options(*whole()))},
        drawn=columns([week.goods_fen for week in found.weeks], WIDTH, HEIGHT),
        width=WIDTH,
        height=HEIGHT,
        reasons=REASONS,
        balance=shop_balance(session, g.shop.id),
        lacking=len(lacking),
    )
