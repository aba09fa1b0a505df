"""Refunds that follow from what happened, and wait for nobody's approval."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from market.kernel.errors import Refused
from market.kernel.ids import new_id
from market.kernel.outbox import emit
from market.orders.models import Order, ShopOrder
from market.payments.events import RefundRequested
from market.payments.models import Payment, PaymentState, Refund, RefundKind, RefundState


@dataclass(frozen=True, slots=True)
class Payer:
    """Whose money it is, and which county's desk looks after it."""

    account_id: uuid.UUID
    county_code: str


def refund_undone(session: Session, shop_order_id: uuid.UUID, amount_fen: int, now: datetime) -> None:
    """Give back what a buyer paid for a shop order that was undone. Once; nothing where nothing was paid."""
    if amount_fen == 0:
        return
    shop_order = session.get_one(ShopOrder, shop_order_id)
    payment = locked_payment(session, shop_order.order_id)
    reference = shop_order.reference
    refund_by_itself(
        session, payment, RefundKind.undone, amount_fen, reference, now, shop_order_id=shop_order_id
    )


def refund_by_itself(
    session: Session,
    payment: Payment,
    kind: RefundKind,
    amount_fen: int,
    reference: str,
    now: datetime,
    *,
    shop_order_id: uuid.UUID | None = None,
    payer: Payer | None = None,
) -> Refund:
    """A refund that follows from what happened and waits for nobody. The same reference gives the same one.

    The caller holds the payment's lock and has booked the refund due; `payer` is named where the payment has
    no order. Raises Refused(``refund.too_much``) beyond what was captured.
    """
    known = session.scalar(select(Refund).where(Refund.reference == reference))
    if known is not None:
        return known
    left = payment.amount_fen - reserved_fen(session, Refund.payment_id == payment.id)
    if amount_fen > left:
        raise Refused("refund.too_much", left_fen=left)
    payer = payer or _payer_of(session, payment)
    refund = _approved(payer, kind, amount_fen, reference, now)
    refund.payment_id, refund.shop_order_id = payment.id, shop_order_id
    session.add(refund)
    session.flush()
    to_be_sent(session, refund, now)
    return refund


def owe(
    session: Session, payer: Payer, kind: RefundKind, amount_fen: int, reference: str, now: datetime
) -> Refund:
    """Owe `payer` what no payment of hers can take back: the hub pays it out in cash. Once a reference.

    The caller has booked the refund due.
    """
    known = session.scalar(select(Refund).where(Refund.reference == reference))
    if known is not None:
        return known
    refund = _approved(payer, kind, amount_fen, reference, now)
    session.add(refund)
    session.flush()
    return refund


def to_be_sent(session: Session, refund: Refund, now: datetime) -> None:
    """An approved refund of a payment is on its way to the provider. Once an attempt."""
    if refund.payment_id and refund.state is RefundState.approved:
        key = f"refund:{refund.id}:{refund.attempt}"
        emit(session, RefundRequested(refund.id), now, dedupe_key=key)


def reserved_fen(session: Session, condition: ColumnElement[bool]) -> int:
    """The sum of the refunds of `condition` that were not rejected."""
    found = session.scalar(
        select(func.coalesce(func.sum(Refund.amount_fen), 0)).where(
            condition, Refund.state != RefundState.rejected
        )
    )
    return int(found or 0)


def locked_payment(session: Session, order_id: uuid.UUID) -> Payment:
    """The payment that paid the order: the first captured; a later one went back by itself."""
    return session.scalars(
        select(Payment)
        .where(Payment.order_id == order_id, Payment.due_id.is_(None), Payment.bill.is_(None))
        .where(Payment.state == PaymentState.captured)
        .order_by(Payment.settled_at)
        .limit(1)
        .with_for_update()
    ).one()


def _payer_of(session: Session, payment: Payment) -> Payer:
    order = session.get_one(Order, payment.order_id)
    return Payer(order.account_id, order.county_code)


def _approved(payer: Payer, kind: RefundKind, amount_fen: int, reference: str, now: datetime) -> Refund:
    return Refund(
        id=new_id(),
        kind=kind,
        account_id=payer.account_id,
        county_code=payer.county_code,
        reference=reference,
        amount_fen=amount_fen,
        state=RefundState.approved,
        decided_at=now,
        created_at=now,
    )
