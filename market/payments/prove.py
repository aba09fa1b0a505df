"""The payment slip of an order that was paid online, for the claims of its lines."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.orders.models import Order
from market.payments.models import Payment, PaymentState
from market.subsidies import evidence


def prove_payment(session: Session, order_id: uuid.UUID, now: datetime) -> None:
    """What the provider captured is evidence for every claim of the order. Once."""
    payment = session.scalars(
        select(Payment)
        .where(Payment.order_id == order_id, Payment.state == PaymentState.captured)
        .order_by(Payment.settled_at)
        .limit(1)
    ).one_or_none()
    if payment is None:
        return
    slip = {
        "method": payment.method,
        "capture": payment.capture_reference,
        "amount_fen": payment.amount_fen,
        "at": payment.settled_at.isoformat() if payment.settled_at else None,
    }
    order = session.get_one(Order, order_id)
    lines = [line for part in order.shop_orders for line in part.lines]
    for line in sorted(lines, key=lambda line: line.id):
        evidence.gather(session, line.reference, {evidence.PAYMENT: slip}, now)
