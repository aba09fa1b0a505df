"""The same news fifty times at once, and twenty refunds that do not all fit."""

from collections import Counter

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market import audit
from market.kernel.outbox import OutboxRow
from market.ledger.models import Entry
from market.ledger.queries import balance
from market.ledger.rules import STRIPE_CLEARING
from market.orders.models import Order
from market.orders.models import PaymentState as OrderPaymentState
from market.payments import settle, webhook
from market.payments.models import Payment, Refund, RefundKind, WebhookEvent
from market.payments.refund_by_itself import refund_by_itself
from tests.builders.life import a_begun_payment, at_once
from tests.builders.stripe_sandbox import SECRET, pay
from tests.payments.test_payments import an_event, signed

pytestmark = pytest.mark.race


@pytest.fixture
def payment(fresh_engine, provider, now):
    """The id of an open payment, committed, whose buyer has just paid at the provider's."""
    with Session(fresh_engine, expire_on_commit=False) as session:
        _, _, payment = a_begun_payment(session, provider, now)
        session.commit()
        pay(payment.checkout_url)
        return payment


def test_one_webhook_fifty_times_at_once_has_one_effect(fresh_engine, provider, payment, now):
    news = signed(an_event(payment))

    def receive_and_process(session, _):
        webhook.receive(session, *news, SECRET, now)
        session.commit()
        webhook.process(session, provider, "evt_1", now)

    assert at_once(fresh_engine, 50, receive_and_process) == {"done": 50}
    with Session(fresh_engine) as session:
        assert session.scalars(select(WebhookEvent.id)).all() == ["evt_1"]
        order = session.scalars(select(Order)).one()
        assert order.payment_state is OrderPaymentState.paid
        assert balance(session, STRIPE_CLEARING) == order.payable_fen
        captured = select(func.count()).select_from(Entry).where(Entry.kind == "order.captured")
        assert session.scalar(captured) == 1
        kinds = Counter(session.scalars(select(OutboxRow.kind)))
        assert (kinds["orders.paid"], kinds["payments.webhook_received"]) == (1, 1)
        assert audit.run(session, now) == []


def test_of_twenty_refunds_of_sixty_percent_at_once_one_succeeds(fresh_engine, provider, payment, now):
    with Session(fresh_engine) as session:
        settle.settle(session, provider, payment.id, now)
        session.commit()
    amount_fen = payment.amount_fen * 60 // 100

    def ask(session, number):
        captured = session.get_one(Payment, payment.id, with_for_update=True)
        refund_by_itself(session, captured, RefundKind.unclaimed, amount_fen, f"late:{number}", now)

    assert at_once(fresh_engine, 20, ask) == {"done": 1, "refund.too_much": 19}
    with Session(fresh_engine) as session:
        assert session.scalars(select(Refund.amount_fen)).all() == [amount_fen]
