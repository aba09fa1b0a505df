"""Her traded-in appliance: what was found, the re-offer, and what is to be paid."""

import uuid

from flask import abort, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import Length

from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.payments.pay import begin_due
from market.payments.queries import open_payment_of_due
from market.recycling import answer_trade_in, handover, queries
from market.recycling.custody_queries import waiting_offer
from market.recycling.models import TradeIn
from market.recycling.parties import CONSUMER, Party, Role
from market.recycling.states import DueState
from market.web.custody_text import trail_steps
from market.web.guards import signed_in
from market.web.once import once
from market.web.recycling_text import DUE_REASONS, TRADE_IN_STATES, reason, trade_in_pill
from market.web.refusals import show
from market.web.storefront import bp
from market.web.storefront.pay import ask_provider, to_hosted_page


class DisputeForm(FlaskForm):
    """Why the assessment is wrong."""

    words = TextAreaField(
        lazy_gettext("哪里不对"), [Length(max=300)], render_kw={"maxlength": 300, "rows": 3}
    )


@bp.get("/trade-ins/<uuid:trade_in_id>")
@signed_in
def trade_in(trade_in_id: uuid.UUID) -> str:
    """Where it is, and the one thing that can be done now."""
    return _page(_own(trade_in_id), DisputeForm(formdata=None))


@bp.get("/trade-ins/<uuid:trade_in_id>/photo")
@signed_in
def trade_in_photo(trade_in_id: uuid.UUID) -> Response:
    """The photo that the recycler took of it."""
    seen = queries.trade_in_assessment(db.session(), _own(trade_in_id).id)
    if seen is None or seen.jpeg is None:
        abort(404)
    return make_response(seen.jpeg, {"Content-Type": "image/jpeg", "Cache-Control": "private, max-age=86400"})


@bp.post("/trade-ins/<uuid:trade_in_id>/accept")
@signed_in
@once("trade_in.accept")
def accept_trade_in(trade_in_id: uuid.UUID) -> Response:
    """Take the lower credit."""
    answer_trade_in.accept_reoffer(db.session(), current_user.id, trade_in_id, clock.now())
    return _back(trade_in_id, gettext("好的，就按新的折价"))


@bp.post("/trade-ins/<uuid:trade_in_id>/decline")
@signed_in
@once("trade_in.decline")
def decline_trade_in(trade_in_id: uuid.UUID) -> Response:
    """Have it back."""
    answer_trade_in.decline_reoffer(db.session(), current_user.id, trade_in_id, clock.now())
    return _back(trade_in_id, gettext("好的，旧家电还给您"))


@bp.post("/trade-ins/<uuid:trade_in_id>/dispute")
@signed_in
@once("trade_in.dispute")
def dispute_trade_in(trade_in_id: uuid.UUID) -> Response | tuple[str, int]:
    """Say what is wrong with the assessment."""
    form = DisputeForm()
    if form.validate_on_submit():
        try:
            words = form.words.data or ""
            answer_trade_in.dispute_reoffer(db.session(), current_user.id, trade_in_id, words, clock.now())
            return _back(trade_in_id, gettext("已转给县服务中心，会有人来处理"))
        except Refused as refused:
            show(form, refused)
    return _page(_own(trade_in_id), form), 422


@bp.post("/trade-ins/<uuid:trade_in_id>/pay")
@signed_in
def pay_trade_in(trade_in_id: uuid.UUID) -> Response:
    """Open the hosted page of what is due, and go there."""
    return to_hosted_page(
        lambda: begin_due(db.session(), current_user.id, trade_in_id, clock.now()),
        paid_url=url_for("storefront.trade_in_paid", trade_in_id=trade_in_id, _external=True),
        back_url=url_for("storefront.trade_in", trade_in_id=trade_in_id, _external=True),
    )


@bp.get("/trade-ins/<uuid:trade_in_id>/paid")
@signed_in
def trade_in_paid(trade_in_id: uuid.UUID) -> Response:
    """Back from the hosted page: ask the provider now, rather than wait for its news."""
    for due in queries.trade_in_dues(db.session(), _own(trade_in_id).id):
        ask_provider(open_payment_of_due(db.session(), due.id))
    return redirect(url_for("storefront.trade_in", trade_in_id=trade_in_id), 303)


@bp.post("/trade-ins/<uuid:trade_in_id>/hand-over")
@signed_in
@once("trade_in.hand_over")
def hand_over_trade_in(trade_in_id: uuid.UUID) -> Response:
    """The code for the courier at the door; one that still waits is shown again."""
    session, old = db.session(), _own(trade_in_id)
    made = waiting_offer(session, old.id, clock.now()) or handover.offer(
        session, CONSUMER, current_user.id, old.county_code, Party(Role.courier), [old.id], clock.now()
    )
    return redirect(url_for("custody.document", handover_id=made.id), 303)


def _own(trade_in_id: uuid.UUID) -> TradeIn:
    return queries.own_trade_in(db.session(), current_user.id, trade_in_id)


def _back(trade_in_id: uuid.UUID, done: str) -> Response:
    flash(done)
    return redirect(url_for("storefront.trade_in", trade_in_id=trade_in_id), 303)


def _page(old: TradeIn, form: DisputeForm) -> str:
    found = queries.traded_in(db.session(), old.id)
    seen, table, dues = found.assessment, found.price.table, found.dues
    return render_template(
        "storefront/trade_in.html",
        old=old,
        order_id=old.reference.partition(":")[2],
        category=found.category,
        state_word=TRADE_IN_STATES[old.state],
        pill_kind=trade_in_pill(old.state),
        seen=seen,
        reasons=[reason(table, code, seen.age_years) for code in seen.reasons] if seen else [],
        due=next((due for due in dues if due.state is DueState.open), None),
        paid=[due for due in dues if due.state is DueState.paid],
        due_reasons=DUE_REASONS,
        certificate=found.certificate,
        trail=trail_steps(db.session(), found.trail, TRADE_IN_STATES),
        after_fen=max(0, old.granted_fen - (old.offer_fen or 0)),
        form=form,
    )
