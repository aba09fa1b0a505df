"""The one function that moves a payment: lock it, fetch the truth, move it once."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.kernel.ids import new_id
from market.kernel.outbox import emit
from market.ledger.post import post
from market.ledger.rules import REFUNDS_DUE, STRIPE_CLEARING, credit, debit
from market.orders import pay as orders
from market.payments.events import BillPaid
from market.payments.models import PAYMENT, Payment, PaymentBreak, PaymentState, RefundKind
from market.payments.provider import CURRENCY, PaymentProvider, Truth
from market.payments.refund_by_itself import Payer, refund_by_itself
from market.recycling.pay_due import pay_online

STALE_AFTER = timedelta(minutes=1)


def settle(session: Session, provider: PaymentProvider, payment_id: uuid.UUID, now: datetime) -> PaymentState:
    """Bring the payment to what the provider says of it. Safe at any time, any number of times."""
    payment = session.get_one(Payment, payment_id, with_for_update=True)
    if payment.state is not PaymentState.open or payment.checkout_reference is None:
        return payment.state
    truth = provider.fetch(payment.checkout_reference)
    if truth.state is PaymentState.open:
        return payment.state
    payment.settled_at = now
    if truth.state is PaymentState.captured:
        _capture(session, payment, truth, now)
    else:
        PAYMENT.move(payment, PaymentState.expired)
    session.flush()
    return payment.state


def stale(session: Session, now: datetime) -> list[uuid.UUID]:
    """Payments that have been open long enough for a webhook to have been lost."""
    return list(
        session.scalars(
            select(Payment.id)
            .where(Payment.state == PaymentState.open, Payment.checkout_reference.is_not(None))
            .where(Payment.created_at < now - STALE_AFTER)
            .order_by(Payment.created_at)
        )
    )


def close_pages(session: Session, provider: PaymentProvider, order_id: uuid.UUID, now: datetime) -> None:
    """The order no longer waits for money: close its hosted page, and refund what came in meanwhile."""
    open_payments = session.scalars(
        select(Payment)
        .where(Payment.order_id == order_id, Payment.due_id.is_(None), Payment.bill.is_(None))
        .where(Payment.state == PaymentState.open)
    ).all()
    _close(session, provider, open_payments, now)


def close_bill(session: Session, provider: PaymentProvider, bill: str, now: datetime) -> None:
    """A higher room no longer waits for its bill: as `close_pages`."""
    found = select(Payment).where(Payment.bill == bill, Payment.state == PaymentState.open)
    _close(session, provider, session.scalars(found).all(), now)


def _close(
    session: Session, provider: PaymentProvider, open_payments: Sequence[Payment], now: datetime
) -> None:
    for payment in open_payments:
        if payment.checkout_reference is None:
            PAYMENT.move(payment, PaymentState.expired)
        else:
            provider.close_checkout(payment.checkout_reference)
            settle(session, provider, payment.id, now)


def _capture(session: Session, payment: Payment, truth: Truth, now: datetime) -> None:
    payment.capture_reference, payment.method = truth.capture_reference, truth.method
    payment.payer_hash = truth.payer_hash
    if (truth.amount_fen, truth.currency) != (payment.amount_fen, CURRENCY):
        PAYMENT.move(payment, PaymentState.broken)
        detail = f"expected {payment.amount_fen} {CURRENCY}, captured {truth.amount_fen} {truth.currency}"
        session.add(PaymentBreak(id=new_id(), payment_id=payment.id, detail=detail, found_at=now))
        return
    PAYMENT.move(payment, PaymentState.captured)
    session.flush()
    if payment.bill is not None:
        emit(session, BillPaid(payment.id, payment.bill), now, dedupe_key=f"bill_paid:{payment.id}")
    elif not _credit_it(session, payment, now):
        give_back(session, payment, now)


def _credit_it(session: Session, payment: Payment, now: datetime) -> bool:
    if payment.due_id is not None:
        return pay_online(session, payment.due_id, now)
    order_id = payment.order_id
    return order_id is not None and orders.mark_paid(session, orders.lock(session, order_id), now)


def give_back(session: Session, payment: Payment, now: datetime, payer: Payer | None = None) -> None:
    """It came too late, or a second time. Once. `payer` is named where the payment has no order."""
    reference = f"payment:{payment.id}"
    lines = [debit(STRIPE_CLEARING, payment.amount_fen), credit(REFUNDS_DUE, payment.amount_fen)]
    post(session, "payment.unclaimed", reference, f"unclaimed:{payment.id}", lines, now)
    refund_by_itself(session, payment, RefundKind.unclaimed, payment.amount_fen, reference, now, payer=payer)
