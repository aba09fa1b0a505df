"""The provider's own list of payments and refunds against the book."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.payments.models import Payment, PaymentState, Refund, RefundState
from market.payments.provider import PaymentProvider


def breaks(session: Session, provider: PaymentProvider) -> Iterator[str]:
    """Sentences, one for each difference between the provider's list and ours."""
    ours = {
        reference: (amount_fen, int(refunded))
        for reference, amount_fen, refunded in session.execute(
            select(
                Payment.capture_reference,
                Payment.amount_fen,
                func.coalesce(func.sum(Refund.amount_fen), 0),
            )
            .outerjoin(
                Refund,
                (Refund.payment_id == Payment.id)
                & Refund.state.in_((RefundState.sent, RefundState.succeeded)),
            )
            .where(Payment.state == PaymentState.captured)
            .group_by(Payment.id)
        )
    }
    for theirs in provider.captured():
        known = ours.pop(theirs.reference, None)
        told = (theirs.amount_fen, theirs.refunded_fen)
        if known is None:
            yield f"charge {theirs.reference} of {theirs.amount_fen} fen has no payment here"
        elif known != told:
            yield f"charge {theirs.reference}: provider says {told}, book says {known} (amount, refunded)"
    for reference, (amount_fen, _) in ours.items():
        yield f"payment {reference} of {amount_fen} fen is unknown to the provider"
