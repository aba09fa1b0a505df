"""Stripe promises no order: whichever of four events comes first, the order ends the same."""

from itertools import permutations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from market import audit
from market.ledger.queries import balance
from market.ledger.rules import REFUNDS_DUE, STRIPE_CLEARING
from market.orders.undo import lapse
from market.payments import reconcile, send_refund, settle, webhook
from market.payments.models import Refund
from tests.builders.life import a_begun_payment
from tests.builders.stripe_sandbox import eventually, pay
from tests.payments.test_payments import signed

PAID = (
    "checkout.session.completed",
    "payment_intent.succeeded",
    "charge.succeeded",
    "payment_intent.created",
)
GIVEN_BACK = ("checkout.session.completed", "payment_intent.succeeded", "charge.succeeded", "refund.updated")


@pytest.fixture
def order(session, provider, now):
    """An order whose buyer has paid on the hosted page, and of which no news has come yet."""
    _, order, payment = a_begun_payment(session, provider, now)
    pay(payment.checkout_url)
    return order


def news(sandbox, kinds):
    """The sandbox's own events of these kinds, the first of each."""
    sent = {event.type: event for event in sandbox.stripe.v1.events.list({"limit": 100})}
    return [sent[kind].to_dict() for kind in kinds]


def told(client, connection, provider, events, now):
    """What becomes of everything when `events` arrive so: read, and taken back."""
    attempt = connection.begin_nested()
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        for event in events:
            body, signature = signed(event, "whsec_tests")
            answer = client.post("/stripe/webhook", data=body, headers={"Stripe-Signature": signature})
            assert answer.status_code == 204
            webhook.process(session, provider, event["id"], now)
            session.commit()
        ended = (
            {row.id: row.state for row in session.scalars(select(Refund))},
            balance(session, STRIPE_CLEARING),
            balance(session, REFUNDS_DUE),
            list(reconcile.breaks(session, provider)),
            [it for it in audit.run(session, now) if it.book != "outbox"],
        )
    attempt.rollback()
    return ended


def test_a_paid_order_is_paid_in_all_24_orders(session, connection, client, sandbox, provider, order, now):
    payable_fen = order.payable_fen
    session.commit()
    events = news(sandbox, PAID)
    for arrived in permutations(events):
        assert told(client, connection, provider, arrived, now) == ({}, payable_fen, 0, [], [])


def test_money_that_came_too_late_is_back_in_all_24_orders(
    session, connection, client, sandbox, provider, order, now
):
    lapse(session, order.id, order.pay_before)
    settle.close_pages(session, provider, order.id, now)
    back = session.scalars(select(Refund)).one()
    send_refund.send(session, provider, back.id, now)
    session.commit()
    refund_id = back.id
    eventually(lambda: "refund.updated" in [it.type for it in sandbox.stripe.v1.events.list({"limit": 100})])
    for arrived in permutations(news(sandbox, GIVEN_BACK)):
        assert told(client, connection, provider, arrived, now) == ({refund_id: "succeeded"}, 0, 0, [], [])
