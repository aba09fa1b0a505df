"""Paying online: away to the hosted page, and back. Coming back proves nothing; the provider is asked."""

import uuid
from collections.abc import Callable

import stripe
from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import get_locale, gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.kernel.ids import parse_id
from market.payments.models import Payment
from market.payments.pay import begin, open_page
from market.payments.provider import PaymentProvider, StripeProvider
from market.payments.queries import open_payment
from market.payments.settle import settle
from market.web.guards import signed_in
from market.web.messages import sentence
from market.web.storefront import bp
from market.web.storefront.orders import own_order
from market.web.storefront.progress import awaits_payment


@bp.post("/orders/<uuid:order_id>/pay")
@signed_in
def pay(order_id: uuid.UUID) -> Response:
    """Open the hosted page of the order's one open payment, and go there."""
    return to_hosted_page(
        lambda: begin(db.session(), current_user.id, order_id, clock.now()),
        paid_url=url_for("storefront.pay_return", order=order_id, _external=True),
        back_url=url_for("storefront.order", order_id=order_id, _external=True),
    )


@bp.get("/pay/return")
@signed_in
def pay_return() -> str | Response:
    """Back from the hosted page: ask the provider now, rather than wait for its news."""
    order_id = parse_id(request.args.get("order", "")) or abort(404)
    order = own_order(order_id)
    if awaits_payment(order):
        ask_provider(open_payment(db.session(), order_id))
        db.session.refresh(order)
    if awaits_payment(order):
        return render_template("storefront/pay_return.html", order=order)
    return redirect(url_for("storefront.order", order_id=order_id), 303)


def provider() -> PaymentProvider:
    """This process's payment provider."""
    extensions = current_app.extensions
    if "payment_provider" not in extensions:
        extensions["payment_provider"] = StripeProvider(extensions["settings"])
    found: PaymentProvider = extensions["payment_provider"]
    return found


def to_hosted_page(begin_payment: Callable[[], Payment], *, paid_url: str, back_url: str) -> Response:
    """Begin a payment and go to the provider's page; where that fails, `back_url` says why."""
    try:
        payment = begin_payment()
        db.session.commit()
        page_url = open_page(
            db.session(),
            provider(),
            payment,
            locale=str(get_locale()),
            success_url=paid_url,
            cancel_url=back_url,
        )
        db.session.commit()
        return redirect(page_url, 303)
    except Refused as refused:
        flash(sentence(refused), "bad")
    except stripe.StripeError:
        flash(gettext("付款页面暂时打不开，您没有被扣钱，请过一会儿再试"), "bad")
    db.session.rollback()
    return redirect(back_url, 303)


def ask_provider(payment_id: uuid.UUID | None) -> None:
    """Look whether the payment has come, rather than wait for the provider's news."""
    if payment_id is None:
        return
    try:
        settle(db.session(), provider(), payment_id, clock.now())
        db.session.commit()
    except stripe.StripeError:
        db.session.rollback()  # the webhook or the sweeper will tell
