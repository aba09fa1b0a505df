"""Her points: how many, where from, until when, and by which rules."""

from flask import render_template
from flask_login import current_user

from market.kernel import clock
from market.kernel.db import db
from market.kernel.together import Together
from market.points import queries
from market.web.guards import signed_in
from market.web.points_text import KINDS, sentences
from market.web.storefront import bp

_PAGE = Together(queries.BALANCE, queries.LOTS, queries.MOVEMENTS)


@bp.get("/points")
@signed_in
def points() -> str:
    """Balance, history and rules."""
    now, me = clock.now(), current_user.id
    balance, lots, movements = _PAGE.read(db.session(), account_id=me, now=now, codes=queries.codes_of(me))
    return render_template(
        "storefront/points.html",
        balance=queries.balance_of(balance),
        lapsing=queries.lapsing(lots, now),
        lots=lots,
        movements=queries.movements_of(movements),
        kinds=KINDS,
        sentences=sentences(),
    )
