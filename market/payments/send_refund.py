"""A refund's way to the provider and back, or over the hub's counter."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.kernel.errors import NotFound, Refused
from market.ledger.post import post
from market.ledger.rules import BANK, REFUNDS_DUE, STRIPE_CLEARING, Account, credit, debit
from market.notices.notify import notify
from market.orders.models import Order, ShopOrder
from market.payments.models import REFUND, Payment, Refund, RefundState
from market.payments.provider import PaymentProvider, RefundTruth

STALE_AFTER = timedelta(minutes=1)
MOST_NAME_CHARS = 40


def send(session: Session, provider: PaymentProvider, refund_id: uuid.UUID, now: datetime) -> None:
    """Send an approved refund to the provider; its id and attempt are the key, so a repeat is harmless."""
    refund = session.get_one(Refund, refund_id, with_for_update=True)
    if refund.state is not RefundState.approved or refund.payment_id is None:
        return
    payment = session.get_one(Payment, refund.payment_id)
    if payment.capture_reference is None:
        raise ValueError(f"payment {payment.id} was never captured")
    key = f"{refund.id}:{refund.attempt}"
    _settle(session, refund, provider.refund(payment.capture_reference, refund.amount_fen, key), now)


def settle_refund(session: Session, provider: PaymentProvider, refund_id: uuid.UUID, now: datetime) -> None:
    """Bring a refund to what the provider says of it; one that had arrived may have come back."""
    refund = session.get_one(Refund, refund_id, with_for_update=True)
    if refund.state in (RefundState.sent, RefundState.succeeded) and refund.provider_reference:
        _settle(session, refund, provider.fetch_refund(refund.provider_reference), now)


def stale(session: Session, now: datetime) -> list[uuid.UUID]:
    """Refunds that have been on their way long enough for news of them to have been lost."""
    return list(
        session.scalars(
            select(Refund.id).where(Refund.state == RefundState.sent, Refund.created_at < now - STALE_AFTER)
        )
    )


def pay_out_in_cash(
    session: Session,
    county_code: str,
    operator_id: uuid.UUID,
    refund_id: uuid.UUID,
    recipient_name: str,
    now: datetime,
) -> Refund:
    """The hub hands an approved refund that no payment can take back over the counter. Unchanged the second
    time.

    The cash is drawn from the bank for it: what couriers bring in goes to the bank whole.

    Raises NotFound where it is another county's or goes another way; Refused(``refund.recipient``, field
    recipient_name | ``state.illegal_move``).
    """
    refund = session.scalars(
        select(Refund)
        .where(Refund.id == refund_id, Refund.payment_id.is_(None), Refund.county_code == county_code)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if refund is None:
        raise NotFound
    if refund.state is RefundState.succeeded:
        return refund
    if not 1 <= len(recipient_name.strip()) <= MOST_NAME_CHARS:
        raise Refused("refund.recipient", field="recipient_name")
    REFUND.move(refund, RefundState.succeeded)
    refund.provider_reference = f"cash:{refund.id}"
    refund.paid_to, refund.paid_out_by_id = recipient_name.strip(), operator_id
    _book(session, refund, BANK, now)
    _tell(session, refund, "payment.refunded_in_cash", now)
    session.flush()
    return refund


def _settle(session: Session, refund: Refund, truth: RefundTruth, now: datetime) -> None:
    was = refund.state
    refund.provider_reference = truth.reference
    if truth.state is was:
        return
    if was is RefundState.succeeded and truth.state is not RefundState.failed:
        return
    REFUND.move(refund, truth.state)
    refund.failure = truth.failure
    if refund.state is RefundState.succeeded:
        _book(session, refund, STRIPE_CLEARING, now)
        _tell(session, refund, "payment.refunded", now)
    elif was is RefundState.succeeded:
        lines = [debit(STRIPE_CLEARING, refund.amount_fen), credit(REFUNDS_DUE, refund.amount_fen)]
        key = f"refund:{refund.id}:{refund.attempt}:bounced"
        post(session, "refund.bounced", refund.reference, key, lines, now)
    session.flush()


def _book(session: Session, refund: Refund, source: Account, now: datetime) -> None:
    refund.settled_at = now
    lines = [debit(REFUNDS_DUE, refund.amount_fen), credit(source, refund.amount_fen)]
    key = f"refund:{refund.id}:{refund.attempt}"
    post(session, "refund.succeeded", refund.reference, key, lines, now)


def _tell(session: Session, refund: Refund, kind: str, now: datetime) -> None:
    order_id = _order_id(session, refund)
    if order_id is None:
        return  # a deposit's: the room that it was paid to tells of it
    order = session.get_one(Order, order_id)
    notify(
        session,
        refund.account_id,
        kind,
        {"number": order.number, "fen": refund.amount_fen},
        now,
        reference=f"order:{order.id}",
        dedupe_key=f"payment.refunded:{refund.id}",
    )


def _order_id(session: Session, refund: Refund) -> uuid.UUID | None:
    if refund.payment_id is not None:
        return session.get_one(Payment, refund.payment_id).order_id
    if refund.shop_order_id is not None:
        return session.get_one(ShopOrder, refund.shop_order_id).order_id
    return None
