"""The provider's own list of payments and refunds against ours, each by itself."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.payments.models import Payment, PaymentState, Refund, RefundState
from market.payments.provider import PaymentProvider, Refunded


def breaks(session: Session, provider: PaymentProvider) -> Iterator[str]:
    """Sentences, one for each difference between the provider's list and ours."""
    yield from _charge_breaks(session, provider)
    yield from _refund_breaks(session, provider)


def _charge_breaks(session: Session, provider: PaymentProvider) -> Iterator[str]:
    captured = session.scalars(select(Payment).where(Payment.state == PaymentState.captured))
    ours = {payment.capture_reference: payment.amount_fen for payment in captured}
    for theirs in provider.captured():
        known = ours.pop(theirs.reference, None)
        if known is None:
            yield f"charge {theirs.reference} of {theirs.amount_fen} fen has no payment here"
        elif known != theirs.amount_fen:
            yield f"charge {theirs.reference}: provider says {theirs.amount_fen} fen, book says {known} fen"
    for reference, amount_fen in ours.items():
        yield f"payment {reference} of {amount_fen} fen is unknown to the provider"


def _refund_breaks(session: Session, provider: PaymentProvider) -> Iterator[str]:
    rows = session.execute(select(Refund, Payment).join(Payment, Payment.id == Refund.payment_id)).all()
    ours = {refund.provider_reference: (refund, payment) for refund, payment in rows}
    by_key = {f"{refund.id}:{refund.attempt}": (refund, payment) for refund, payment in rows}
    seen = set()
    for theirs in provider.refunds():
        seen.add(theirs.reference)
        # A refund whose answer was lost is known by its key until it is asked for again.
        known = ours.get(theirs.reference) or by_key.get(theirs.key or "")
        if known is not None:
            yield from _differences(theirs, *known)
        elif theirs.state is not RefundState.failed:
            paid_by = theirs.capture_reference
            yield f"refund {theirs.reference} of {theirs.amount_fen} fen on {paid_by} has no refund here"
    for refund, _ in rows:
        if refund.provider_reference and refund.provider_reference not in seen:
            yield f"refund {refund.provider_reference} of {refund.amount_fen} fen is unknown to the provider"


def _differences(theirs: Refunded, refund: Refund, payment: Payment) -> Iterator[str]:
    told = (theirs.amount_fen, theirs.capture_reference)
    known = (refund.amount_fen, payment.capture_reference)
    if told != known:
        yield f"refund {theirs.reference}: provider says {told}, book says {known} (fen, charge)"
    arrived = {theirs.state is RefundState.succeeded, refund.state is RefundState.succeeded}
    # What is still on its way here is not a difference: its news may be too.
    if len(arrived) == 2 and refund.state not in (RefundState.approved, RefundState.sent):
        yield f"refund {theirs.reference}: provider says {theirs.state}, book says {refund.state}"
