"""Refunds: what was asked for is approved by somebody else, what failed is sent again, cash is paid out."""

import uuid

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import StringField

from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.orders.models import Fulfillment, ShopOrder
from market.orders.queries import county_shop_order, county_shop_order_by_number
from market.payments import refund
from market.payments.models import Refund, RefundState
from market.payments.queries import county_refunds, last_refunds
from market.payments.send_refund import MOST_NAME_CHARS, pay_out_in_cash
from market.web.county import bp
from market.web.messages import sentence
from market.web.once import once
from market.web.refunds import KINDS, STATES, RefundForm, ask
from market.web.refusals import show

Page = str | tuple[str, int] | Response


class PayOutForm(FlaskForm):
    """Who took the cash."""

    recipient_name = StringField(lazy_gettext("领款人"), render_kw={"maxlength": MOST_NAME_CHARS})


@bp.get("/refunds")
def refunds() -> Page:
    """What waits for a decision, what failed, what is to be paid out, and what was done last."""
    number = request.args.get("number", "").strip()
    if number:
        found = county_shop_order_by_number(db.session(), g.county_code, number)
        if found and found.state is Fulfillment.delivered:
            return redirect(url_for("county.refund_form", shop_order_id=found.id))
        flash(_("没有找到已送达的 %(number)s", number=number), "bad")
    return _list()


@bp.post("/refunds/<uuid:refund_id>/approve")
@once("county.approve_refund")
def approve_refund(refund_id: uuid.UUID) -> Response:
    """The county agrees."""
    try:
        refund.approve(db.session(), g.county_code, current_user.id, refund_id, clock.now())
        flash(_("已批准，钱会自动退"))
    except Refused as refused:
        flash(sentence(refused), "bad")
    return redirect(url_for("county.refunds"), 303)


@bp.post("/refunds/<uuid:refund_id>/reject")
@once("county.reject_refund")
def reject_refund(refund_id: uuid.UUID) -> Response:
    """The county does not agree."""
    refund.reject(db.session(), g.county_code, current_user.id, refund_id, clock.now())
    flash(_("已退回，没有批准"))
    return redirect(url_for("county.refunds"), 303)


@bp.post("/refunds/<uuid:refund_id>/again")
@once("county.refund_again")
def refund_again(refund_id: uuid.UUID) -> Response:
    """Send what failed once more."""
    refund.try_again(db.session(), g.county_code, refund_id, clock.now())
    flash(_("已重新发出"))
    return redirect(url_for("county.refunds"), 303)


@bp.post("/refunds/<uuid:refund_id>/pay-out")
@once("county.refund_pay_out")
def pay_out_refund(refund_id: uuid.UUID) -> Page:
    """Cash over the counter."""
    form = PayOutForm()
    if form.validate_on_submit():
        try:
            who = (db.session(), g.county_code, current_user.id, refund_id)
            pay_out_in_cash(*who, form.recipient_name.data or "", clock.now())
        except Refused as refused:
            show(form, refused)
        else:
            flash(_("已记下，现金已交给买家"))
            return redirect(url_for("county.refunds"), 303)
    return _list({refund_id: form}), 422


@bp.get("/refunds/new/<uuid:shop_order_id>")
def refund_form(shop_order_id: uuid.UUID) -> Page:
    """What to ask for."""
    found = _delivered(shop_order_id)
    return _page(found, RefundForm(formdata=None, kind="goodwill", bearer="county").of(found))


@bp.post("/refunds/new/<uuid:shop_order_id>")
@once("county.refund")
def ask_refund(shop_order_id: uuid.UUID) -> Page:
    """Ask; another operator approves."""
    found = _delivered(shop_order_id)
    form = RefundForm().of(found)
    if ask(form, found):
        flash(_("已记下，请另一位同事批准"))
        return redirect(url_for("county.refunds"), 303)
    return _page(found, form), 422


def _list(forms: dict[uuid.UUID, PayOutForm] | None = None) -> str:
    def of(*states: RefundState) -> list[tuple[Refund, ShopOrder | None]]:
        return county_refunds(db.session(), g.county_code, states)

    approved = of(RefundState.approved)
    return render_template(
        "county/refunds.html",
        waiting=of(RefundState.requested),
        failed=of(RefundState.failed),
        in_cash=[pair for pair in approved if pair[0].payment_id is None],
        on_the_way=[pair for pair in approved if pair[0].payment_id] + of(RefundState.sent),
        done=last_refunds(db.session(), g.county_code, (RefundState.succeeded, RefundState.rejected)),
        pay_out_form=lambda refund_id: (forms or {}).get(refund_id) or PayOutForm(formdata=None),
        kinds=KINDS,
        states=STATES,
    )


def _delivered(shop_order_id: uuid.UUID) -> ShopOrder:
    found = county_shop_order(db.session(), g.county_code, shop_order_id)
    return found if found and found.state is Fulfillment.delivered else abort(404)


def _page(found: ShopOrder, form: RefundForm) -> str:
    return render_template("county/refund.html", order=found, form=form, back=url_for("county.refunds"))
