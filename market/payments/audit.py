"""Payments and refunds against the book."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.ledger.queries import balance
from market.ledger.rules import STRIPE_CLEARING
from market.payments.models import Payment, PaymentBreak, PaymentState, Refund, RefundState


def breaks(session: Session) -> Iterator[str]:
    """Sentences, one for each difference that a person has to look at."""
    captured = session.scalar(
        select(func.coalesce(func.sum(Payment.amount_fen), 0)).where(Payment.state == PaymentState.captured)
    )
    refunded = session.scalar(
        select(func.coalesce(func.sum(Refund.amount_fen), 0)).where(Refund.state == RefundState.succeeded)
    )
    expected, booked = int(captured or 0) - int(refunded or 0), balance(session, STRIPE_CLEARING)
    if booked != expected:
        yield f"Stripe clearing: book {booked} fen, captured less refunded {expected} fen"
    for row in session.scalars(select(PaymentBreak).where(PaymentBreak.resolved_at.is_(None))):
        yield f"payment {row.payment_id}: {row.detail}"
    for refund in session.scalars(select(Refund).where(Refund.state == RefundState.failed)):
        yield f"refund {refund.id} of {refund.amount_fen} fen failed"
