"""Give money back: requested, sent to the provider, succeeded or failed."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.kernel.errors import Refused
from market.kernel.ids import new_id
from market.kernel.outbox import emit
from market.ledger.post import post
from market.ledger.rules import REFUNDS_DUE, STRIPE_CLEARING, credit, debit
from market.notices.notify import notify
from market.orders.models import Order, ShopOrder
from market.payments.events import RefundRequested
from market.payments.models import REFUND, Payment, PaymentState, Refund, RefundState
from market.payments.provider import PaymentProvider, RefundTruth

STALE_AFTER = timedelta(minutes=2)


def refund_shop_order(session: Session, shop_order_id: uuid.UUID, amount_fen: int, now: datetime) -> None:
    """Give back what a buyer paid for a shop order that was undone. Once; nothing where nothing was paid."""
    if amount_fen == 0:
        return
    shop_order = session.get_one(ShopOrder, shop_order_id)
    payment = session.scalars(
        select(Payment)
        .where(Payment.order_id == shop_order.order_id, Payment.state == PaymentState.captured)
        .order_by(Payment.settled_at)
        .limit(1)
        .with_for_update()
    ).one()
    request_refund(session, payment, amount_fen, shop_order.reference, now)


def request_refund(
    session: Session, payment: Payment, amount_fen: int, reference: str, now: datetime
) -> Refund:
    """A refund document for `reference`, and its way to the provider. The same reference gives the same one.

    The caller holds the payment's lock. Raises Refused(``refund.too_much``) beyond what was captured.
    """
    known = session.scalar(select(Refund).where(Refund.reference == reference))
    if known is not None:
        return known
    refunded = session.scalar(
        select(func.coalesce(func.sum(Refund.amount_fen), 0)).where(
            Refund.payment_id == payment.id, Refund.state != RefundState.failed
        )
    )
    if (refunded or 0) + amount_fen > payment.amount_fen:
        raise Refused("refund.too_much", left_fen=payment.amount_fen - int(refunded or 0))
    refund = Refund(
        id=new_id(),
        payment_id=payment.id,
        reference=reference,
        amount_fen=amount_fen,
        state=RefundState.requested,
        created_at=now,
    )
    session.add(refund)
    session.flush()
    emit(session, RefundRequested(refund.id), now, dedupe_key=f"refund:{refund.id}")
    return refund


def send(session: Session, provider: PaymentProvider, refund_id: uuid.UUID, now: datetime) -> None:
    """Send a requested refund to the provider; the refund's id is the key, so a repeat is harmless."""
    refund = session.get_one(Refund, refund_id, with_for_update=True)
    if refund.state is not RefundState.requested:
        return
    payment = session.get_one(Payment, refund.payment_id)
    if payment.capture_reference is None:
        raise ValueError(f"payment {payment.id} was never captured")
    _settle(
        session, refund, provider.refund(payment.capture_reference, refund.amount_fen, str(refund.id)), now
    )


def settle_refund(session: Session, provider: PaymentProvider, refund_id: uuid.UUID, now: datetime) -> None:
    """Bring a sent refund to what the provider says of it."""
    refund = session.get_one(Refund, refund_id, with_for_update=True)
    if refund.state is RefundState.sent and refund.provider_reference:
        _settle(session, refund, provider.fetch_refund(refund.provider_reference), now)


def stale(session: Session, now: datetime) -> list[uuid.UUID]:
    """Refunds that have been on their way long enough for a webhook to have been lost."""
    return list(
        session.scalars(
            select(Refund.id).where(Refund.state == RefundState.sent, Refund.created_at < now - STALE_AFTER)
        )
    )


def _settle(session: Session, refund: Refund, truth: RefundTruth, now: datetime) -> None:
    refund.provider_reference = truth.reference
    if truth.state is not refund.state:
        REFUND.move(refund, truth.state)
    if refund.state is RefundState.succeeded:
        refund.settled_at = now
        lines = [debit(REFUNDS_DUE, refund.amount_fen), credit(STRIPE_CLEARING, refund.amount_fen)]
        post(session, "refund.succeeded", refund.reference, f"refund:{refund.id}", lines, now)
        _tell(session, refund, now)
    session.flush()


def _tell(session: Session, refund: Refund, now: datetime) -> None:
    order = session.scalars(
        select(Order).join(Payment, Payment.order_id == Order.id).where(Payment.id == refund.payment_id)
    ).one()
    notify(
        session,
        order.account_id,
        "payment.refunded",
        {"number": order.number, "fen": refund.amount_fen},
        now,
        reference=f"order:{order.id}",
        dedupe_key=f"payment.refunded:{refund.id}",
    )
