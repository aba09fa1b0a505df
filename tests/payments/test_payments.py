"""Paying online, against the real SDK and a real sandbox process."""

import json
import time
from datetime import timedelta

import pytest
import stripe
from sqlalchemy import func, select

from market import audit
from market.kernel.errors import NotFound, Refused
from market.ledger.queries import balance
from market.ledger.rules import REFUNDS_DUE, STRIPE_CLEARING
from market.orders.models import Order, OrderState
from market.orders.models import PaymentState as OrderPaymentState
from market.orders.undo import cancel_order, lapse
from market.payments import reconcile, send_refund, settle, webhook
from market.payments.models import (
    Payment,
    PaymentBreak,
    PaymentState,
    Refund,
    RefundKind,
    RefundState,
    WebhookEvent,
)
from market.payments.pay import begin
from market.payments.refund_by_itself import refund_by_itself, refund_undone
from market.people.models import Account
from tests.builders.catalog import a_listing
from tests.builders.life import a_begun_payment, begun, clean
from tests.builders.orders import an_order
from tests.builders.people import an_account
from tests.builders.shops import a_shop
from tests.builders.stripe_sandbox import SECRET, pay


@pytest.fixture
def payment(session, provider, now):
    """A payment whose hosted page is open; `order` and `buyer` are those it is for."""
    return a_begun_payment(session, provider, now)[2]


@pytest.fixture
def order(session, payment):
    return session.get_one(Order, payment.order_id)


@pytest.fixture
def buyer(session, order):
    return session.get_one(Account, order.account_id)


def test_a_second_click_opens_the_same_page(session, provider, payment, buyer, order, now):
    again = begun(session, provider, buyer, order, now)
    assert (again.id, again.checkout_url) == (payment.id, payment.checkout_url)


def test_paying_by_alipay_moves_the_order_once_however_often_it_is_told(
    session, provider, payment, buyer, order, now
):
    assert settle.settle(session, provider, payment.id, now) is PaymentState.open
    pay(payment.checkout_url)
    for _ in range(3):
        assert settle.settle(session, provider, payment.id, now) is PaymentState.captured
    assert (order.payment_state, payment.method) == (OrderPaymentState.paid, "alipay")
    assert balance(session, STRIPE_CLEARING) == order.payable_fen
    assert list(reconcile.breaks(session, provider)) == []
    assert clean(session, now)


def test_an_order_of_somebody_else_cannot_be_paid(session, order, now):
    with pytest.raises(NotFound):
        begin(session, an_account(session, now).id, order.id, now)
    assert session.scalar(select(func.count()).select_from(Payment)) == 1


def test_a_cash_order_is_not_paid_online(session, buyer, now):
    listing = a_listing(session, a_shop(session, now), now)
    order = an_order(session, buyer, [(listing, 1)], now, key="in cash")
    with pytest.raises(Refused, match=r"payment\.not_due"):
        begin(session, buyer.id, order.id, now)


def test_money_for_a_canceled_order_goes_back_by_itself(session, provider, payment, buyer, order, now):
    pay(payment.checkout_url)
    lapse(session, order.id, order.pay_before)  # the webhook was slower than the clock
    settle.close_pages(session, provider, order.id, now)
    [back] = session.scalars(select(Refund)).all()
    assert (back.amount_fen, back.state) == (order.payable_fen, RefundState.approved)
    send_refund.send(session, provider, back.id, now)
    send_refund.send(session, provider, back.id, now)
    assert back.state is RefundState.sent  # Alipay refunds arrive later
    settled_in_time(session, provider, back, now)
    assert (balance(session, STRIPE_CLEARING), balance(session, REFUNDS_DUE)) == (0, 0)
    assert order.state is OrderState.canceled
    assert list(reconcile.breaks(session, provider)) == []
    assert clean(session, now)


def settled_in_time(session, provider, back, now):
    deadline = time.monotonic() + 10
    while back.state is RefundState.sent and time.monotonic() < deadline:
        send_refund.settle_refund(session, provider, back.id, now)
        time.sleep(0.1)
    assert back.state is RefundState.succeeded


def test_a_paid_order_that_is_canceled_is_refunded_in_full_and_no_more(
    session, provider, payment, buyer, order, now
):
    pay(payment.checkout_url, "wechat_pay")
    settle.settle(session, provider, payment.id, now)
    cancel_order(session, buyer.id, order.id, now)
    [part] = order.shop_orders
    for _ in range(2):
        refund_undone(session, part.id, part.payable_fen, now)
    [back] = session.scalars(select(Refund)).all()
    assert back.amount_fen == order.payable_fen
    with pytest.raises(Refused, match=r"refund\.too_much"):
        refund_by_itself(session, payment, RefundKind.unclaimed, 1, "late:1", now)
    send_refund.send(session, provider, back.id, now)
    settled_in_time(session, provider, back, now)
    assert clean(session, now)


def test_a_captured_sum_that_differs_is_a_break_and_pays_nothing(
    session, provider, payment, buyer, order, now
):
    pay(payment.checkout_url)
    payment.amount_fen += 1
    assert settle.settle(session, provider, payment.id, now) is PaymentState.broken
    assert order.payment_state is OrderPaymentState.due
    [found] = session.scalars(select(PaymentBreak)).all()
    assert found.detail == f"expected {order.payable_fen + 1} cny, captured {order.payable_fen} cny"
    assert [it.book for it in audit.run(session, now)] == ["payments"]


def test_a_payment_whose_webhook_was_lost_is_found(session, provider, payment, buyer, order, now):
    assert settle.stale(session, now + timedelta(minutes=1)) == []
    assert settle.stale(session, now + timedelta(minutes=3)) == [payment.id]


def signed(event, secret=SECRET):
    """A webhook's body and signature header, as Stripe sends them."""
    body = json.dumps(event)
    moment = int(time.time())
    signature = stripe.WebhookSignature._compute_signature(f"{moment}.{body}", secret)
    return body.encode(), f"t={moment},v1={signature}"


def an_event(payment, kind="checkout.session.completed"):
    return {
        "id": "evt_1",
        "object": "event",
        "type": kind,
        "data": {"object": {"id": payment.checkout_reference, "object": "checkout.session"}},
    }


def test_a_webhook_is_stored_once_and_settles_what_it_is_about(session, provider, payment, buyer, order, now):
    pay(payment.checkout_url)
    for _ in range(2):
        webhook.receive(session, *signed(an_event(payment)), SECRET, now)
    assert session.scalars(select(WebhookEvent.id)).all() == ["evt_1"]
    webhook.process(session, provider, "evt_1", now)
    assert order.payment_state is OrderPaymentState.paid


def test_a_webhook_with_a_wrong_signature_is_refused_and_not_stored(client, session, now):
    body, signature = signed(
        {"id": "evt_1", "object": "event", "type": "x.y", "data": {"object": {"id": "z"}}}, "wrong"
    )
    answer = client.post("/stripe/webhook", data=body, headers={"Stripe-Signature": signature})
    assert answer.status_code == 400
    assert session.scalars(select(WebhookEvent.id)).all() == []


def test_news_that_claims_payment_changes_nothing_until_the_provider_says_so(
    session, provider, payment, order, now
):
    webhook.receive(session, *signed(an_event(payment)), SECRET, now)
    webhook.process(session, provider, "evt_1", now)
    assert (payment.state, order.payment_state) == (PaymentState.open, OrderPaymentState.due)


def test_an_orphan_charge_and_a_missing_one_are_each_reported(session, provider, payment, buyer, order, now):
    pay(payment.checkout_url)
    settle.settle(session, provider, payment.id, now)
    known = payment.capture_reference
    payment.capture_reference = "pi_unknown"
    session.flush()
    assert list(reconcile.breaks(session, provider)) == [
        f"charge {known} of {order.payable_fen} fen has no payment here",
        f"payment pi_unknown of {order.payable_fen} fen is unknown to the provider",
    ]
