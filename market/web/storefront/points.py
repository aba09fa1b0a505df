"""Her points: how many, where from, until when, and by which rules."""

from flask import render_template
from flask_login import current_user

from market.kernel import clock
from market.kernel.db import db
from market.points import queries
from market.web.guards import signed_in
from market.web.points_text import KINDS, sentences
from market.web.storefront import bp


@bp.get("/points")
@signed_in
def points() -> str:
    """Balance, history and rules."""
    session, now = db.session(), clock.now()
    return render_template(
        "storefront/points.html",
        balance=queries.balance(session, current_user.id, now),
        lapsing=queries.lapsing(session, current_user.id, now),
        lots=queries.lots(session, current_user.id),
        movements=queries.movements(session, current_user.id),
        kinds=KINDS,
        sentences=sentences(),
    )
