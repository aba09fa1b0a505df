"""Payments and refunds against the book."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from market.ledger.queries import balance
from market.ledger.rules import REFUNDS_DUE, STRIPE_CLEARING
from market.orders.models import UNDONE, Order, PaymentMethod, ShopOrder
from market.orders.models import PaymentState as OrderPaymentState
from market.payments.models import Payment, PaymentBreak, PaymentState, Refund, RefundLine, RefundState

_OWED = (RefundState.approved, RefundState.sent, RefundState.failed)


def breaks(session: Session) -> Iterator[str]:
    """Sentences, one for each difference that a person has to look at."""
    yield from _clearing_breaks(session)
    yield from _due_breaks(session)
    yield from _over_refunded(session)
    yield from _line_breaks(session)
    for row in session.scalars(select(PaymentBreak).where(PaymentBreak.resolved_at.is_(None))):
        yield f"payment {row.payment_id}: {row.detail}"


def _clearing_breaks(session: Session) -> Iterator[str]:
    captured = session.scalar(select(_sum(Payment.amount_fen)).where(Payment.state == PaymentState.captured))
    refunded = session.scalar(
        select(_sum(Refund.amount_fen)).where(
            Refund.state == RefundState.succeeded, Refund.payment_id.is_not(None)
        )
    )
    # Its room counts it a moment later.
    waiting = session.scalar(
        select(_sum(Payment.amount_fen)).where(
            Payment.state == PaymentState.captured, Payment.bill.is_not(None), Payment.credited_at.is_(None)
        )
    )
    expected = (captured or 0) - (waiting or 0) - (refunded or 0)
    booked = balance(session, STRIPE_CLEARING)
    if booked != expected:
        yield f"Stripe clearing: book {booked} fen, captured less refunded {expected} fen"


def _due_breaks(session: Session) -> Iterator[str]:
    """What buyers are owed is in a document, or in an undone shop order whose document is being made."""
    documents = session.scalar(select(_sum(Refund.amount_fen)).where(Refund.state.in_(_OWED)))
    undocumented = session.scalar(
        select(_sum(ShopOrder.payable_fen))
        .join(Order, Order.id == ShopOrder.order_id)
        .outerjoin(Refund, (Refund.shop_order_id == ShopOrder.id) & (Refund.kind == "undone"))
        .where(
            Order.payment_method == PaymentMethod.stripe,
            Order.payment_state == OrderPaymentState.paid,
            ShopOrder.state.in_(UNDONE),
            Refund.id.is_(None),
        )
    )
    owed, booked = (documents or 0) + (undocumented or 0), balance(session, REFUNDS_DUE)
    if booked != owed:
        yield f"refunds due: book {booked} fen, documents and undone orders {owed} fen"


def _over_refunded(session: Session) -> Iterator[str]:
    found = session.execute(
        select(Payment.id, Payment.amount_fen, func.sum(Refund.amount_fen))
        .join(Refund, Refund.payment_id == Payment.id)
        .where(Refund.state != RefundState.rejected)
        .group_by(Payment.id)
        .having(func.sum(Refund.amount_fen) > Payment.amount_fen)
    )
    for payment_id, amount_fen, refunded in found:
        yield f"payment {payment_id} of {amount_fen} fen has refunds of {refunded} fen"


def _line_breaks(session: Session) -> Iterator[str]:
    """A return's or a price cut's sum is that of its lines and the delivery fee, less earlier goodwill."""
    money = func.coalesce(func.sum(RefundLine.money_fen), 0) + Refund.delivery_fee_fen
    paid = Refund.amount_fen + Refund.deposit_fen + Refund.to_county_fen + Refund.to_shop_fen
    found = session.execute(
        select(Refund.id, paid, money)
        .outerjoin(RefundLine, RefundLine.refund_id == Refund.id)
        .where(Refund.kind.in_(("returned", "reduced")))
        .group_by(Refund.id)
        .having(paid != money)
    )
    for refund_id, told, summed in found:
        yield f"refund {refund_id}: {told} fen, its lines {summed} fen"


def _sum(column: ColumnElement[int] | InstrumentedAttribute[int]) -> ColumnElement[int]:
    return func.coalesce(func.sum(column), 0)
