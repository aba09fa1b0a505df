"""Old appliances that the couriers brought to the hub: onto the scale, and taken over."""

import uuid

from flask import flash, g, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from market.catalog.models import Category
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.recycling import queries
from market.recycling.models import TradeIn
from market.recycling.trade_in import confirm_trade_in
from market.web.once import once
from market.web.recycler import bp
from market.web.recycler.forms import WeightForm
from market.web.recycling_text import TRADE_IN_STATES
from market.web.refusals import show


@bp.get("/trade-ins/<uuid:trade_in_id>")
def trade_in(trade_in_id: uuid.UUID) -> str:
    """What the buyer said of it, and the scale."""
    return _page(queries.trade_in_at(db.session(), g.recycler.county_code, trade_in_id), WeightForm())


@bp.post("/trade-ins/<uuid:trade_in_id>")
@once("recycler.trade_in")
def confirm(trade_in_id: uuid.UUID) -> Response | tuple[str, int]:
    """Take it over."""
    form = WeightForm()
    if form.validate_on_submit():
        try:
            weight = form.weight_grams.data
            taken = confirm_trade_in(db.session(), g.recycler, trade_in_id, weight, clock.now())
            flash(gettext("%(code)s 已收下", code=taken.code))
            return redirect(url_for("recycler.home"), 303)
        except Refused as refused:
            show(form, refused)
    return _page(queries.trade_in_at(db.session(), g.recycler.county_code, trade_in_id), form), 422


def _page(trade_in: TradeIn, form: WeightForm) -> str:
    return render_template(
        "recycler/trade_in.html",
        trade_in=trade_in,
        category=db.session.get_one(Category, trade_in.category_code),
        state_word=TRADE_IN_STATES[trade_in.state],
        form=form,
    )
