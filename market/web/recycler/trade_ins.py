"""Old appliances that the couriers brought to the hub: weighed, looked at, taken over or re-offered."""

import uuid

from flask import Response as Image
from flask import abort, flash, g, make_response, redirect, render_template, url_for
from flask_babel import gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from market.catalog.models import Category
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.recycling import custody, prices, queries
from market.recycling.assess_trade_in import assess_trade_in, told_faults
from market.recycling.custody_models import Device
from market.recycling.held import party_of
from market.recycling.models import DeviceKind, TradeIn
from market.recycling.states import TradeInState
from market.web.custody_text import trail_steps
from market.web.once import once
from market.web.recycler import bp
from market.web.recycler.forms import AssessTradeInForm
from market.web.recycler.hand_on import PAGES, forms_for
from market.web.recycling_text import TRADE_INS_AT_WORK, reason
from market.web.refusals import show
from market.web.text import local_name


@bp.get("/trade-ins/<uuid:trade_in_id>")
def trade_in(trade_in_id: uuid.UUID) -> str:
    """What the buyer said of it, and the scale."""
    return _fresh(trade_in_id, None)


@bp.get("/trade-ins/<uuid:trade_in_id>/photo")
def trade_in_photo(trade_in_id: uuid.UUID) -> Image:
    """The photo of the assessment."""
    seen = queries.trade_in_assessment(db.session(), _here(trade_in_id).id)
    if seen is None or seen.jpeg is None:
        abort(404)
    return make_response(seen.jpeg, {"Content-Type": "image/jpeg", "Cache-Control": "private, max-age=86400"})


@bp.post("/trade-ins/<uuid:trade_in_id>")
@once("recycler.trade_in")
def assess_old(trade_in_id: uuid.UUID) -> Response | tuple[str, int]:
    """As told: take it over. Worse: the buyer is asked."""
    old = _here(trade_in_id)
    form = _of(AssessTradeInForm(), old)
    if form.validate_on_submit():
        try:
            _assess(form, old)
            return redirect(url_for("recycler.home"), 303)
        except Refused as refused:
            show(form, refused)
    return _page(old, form), 422


def _fresh(trade_in_id: uuid.UUID, sent: FlaskForm | None) -> str:
    old = _here(trade_in_id)
    form = _of(AssessTradeInForm(formdata=None), old)
    form.age_years.data, form.faults.data = old.age_years, told_faults(old)
    return _page(old, form, sent)


PAGES[DeviceKind.trade_in] = _fresh


def _assess(form: AssessTradeInForm, old: TradeIn) -> None:
    seen = assess_trade_in(
        db.session(),
        g.recycler,
        current_user.id,
        old.id,
        form.weight_grams.data,
        form.age_years.data,
        form.faults.data or [],
        form.note.data or "",
        (form.photo.data.read() if form.photo.data else None) or None,
        clock.now(),
    )
    taken = seen.state is TradeInState.confirmed
    flash(
        gettext("%(code)s 已收下", code=seen.code)
        if taken
        else gettext("%(code)s 已报新价，等客户决定，请单独存放", code=seen.code)
    )


def _here(trade_in_id: uuid.UUID) -> TradeIn:
    return queries.trade_in_for(db.session(), g.recycler, trade_in_id)


def _of(form: AssessTradeInForm, old: TradeIn) -> AssessTradeInForm:
    """The faults that the quote's own price table knows."""
    table = prices.version(db.session(), old.price_table_id).table
    form.faults.choices = [(fault.code, local_name(fault)) for fault in table.faults]
    return form


def _page(old: TradeIn, form: AssessTradeInForm, sent: FlaskForm | None = None) -> str:
    session = db.session()
    seen = queries.trade_in_assessment(session, old.id)
    table = prices.version(db.session(), old.price_table_id).table
    return render_template(
        "recycler/trade_in.html",
        trade_in=old,
        category=db.session.get_one(Category, old.category_code),
        state_word=TRADE_INS_AT_WORK[old.state],
        waits=old.state is TradeInState.collected,
        here=session.get_one(Device, old.id).holder == str(party_of(g.recycler)),
        on=forms_for(session, old, sent),
        device_id=old.id,
        trail=trail_steps(session, custody.trail(session, old.id)[1:], TRADE_INS_AT_WORK),
        seen=seen,
        reasons=[reason(table, code, seen.age_years) for code in seen.reasons] if seen else [],
        form=form,
    )
