"""Begin to pay an order, or what is due for its trade-in: one open payment, one hosted page."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id
from market.orders.models import Order, OrderState, PaymentMethod
from market.orders.models import PaymentState as OrderPaymentState
from market.orders.queries import order_of
from market.payments.models import Payment, PaymentState
from market.payments.provider import CheckoutRequest, PaymentProvider
from market.payments.queries import open_payment, open_payment_of_bill, open_payment_of_due
from market.recycling import balance
from market.recycling.queries import own_trade_in


def begin(session: Session, account_id: uuid.UUID, order_id: uuid.UUID, now: datetime) -> Payment:
    """The order's open payment, a new one if need be. Commit before `open_page`: the provider may answer
    faster than a transaction ends.

    Raises NotFound where the order is not hers; Refused(``payment.not_due``).
    """
    if order_of(session, account_id, order_id) is None:
        raise NotFound
    order = session.scalars(select(Order).where(Order.id == order_id).with_for_update()).one()
    waits = order.state is OrderState.placed and order.payment_state is OrderPaymentState.due
    if not waits or order.payment_method is not PaymentMethod.stripe:
        raise Refused("payment.not_due")
    known = open_payment(session, order.id)
    return session.get_one(Payment, known) if known else _open(session, order.id, order.payable_fen, now)


def begin_due(session: Session, account_id: uuid.UUID, trade_in_id: uuid.UUID, now: datetime) -> Payment:
    """The open payment of what she owes for her trade-in, a new one if need be. Commit before `open_page`.

    Raises NotFound where the trade-in is not hers; Refused(``payment.not_due``).
    """
    own_trade_in(session, account_id, trade_in_id)
    order_id = balance.lock(session, trade_in_id).reference.partition(":")[2]
    due = balance.open_due(session, trade_in_id)
    if due is None:
        raise Refused("payment.not_due")
    known = open_payment_of_due(session, due.id)
    if known:
        return session.get_one(Payment, known)
    return _open(session, uuid.UUID(order_id), due.amount_fen, now, due.id)


def begin_bill(
    session: Session, order_id: uuid.UUID | None, bill: str, amount_fen: int, now: datetime
) -> Payment:
    """The open payment of a bill that a higher room has locked and found due, a new one if need be."""
    known = open_payment_of_bill(session, bill)
    return session.get_one(Payment, known) if known else _open(session, order_id, amount_fen, now, bill=bill)


def _open(
    session: Session,
    order_id: uuid.UUID | None,
    amount_fen: int,
    now: datetime,
    due_id: uuid.UUID | None = None,
    bill: str | None = None,
) -> Payment:
    payment = Payment(
        id=new_id(),
        order_id=order_id,
        due_id=due_id,
        bill=bill,
        amount_fen=amount_fen,
        state=PaymentState.open,
        created_at=now,
    )
    session.add(payment)
    session.flush()
    return payment


def open_page(
    session: Session,
    provider: PaymentProvider,
    payment: Payment,
    *,
    locale: str,
    success_url: str,
    cancel_url: str,
) -> str:
    """The address of the payment's hosted page. Raises the provider's errors; a repeat is harmless."""
    if payment.checkout_url:
        return payment.checkout_url
    number = _number(session, payment)
    checkout = provider.open_checkout(
        CheckoutRequest(str(payment.id), number, payment.amount_fen, locale, success_url, cancel_url)
    )
    payment.checkout_reference, payment.checkout_url = checkout.reference, checkout.url
    session.flush()
    return checkout.url


def _number(session: Session, payment: Payment) -> str:
    """What the buyer reads on the hosted page; a deposit has no order yet."""
    if payment.order_id is None:
        return f"DJ-{payment.id.hex[-8:].upper()}"
    return session.get_one(Order, payment.order_id).number
