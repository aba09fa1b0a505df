"""What payments tell an order."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.kernel.outbox import emit
from market.ledger.rules import STRIPE_CLEARING, Account
from market.notices.notify import notify
from market.orders import book
from market.orders.events import OrderPaid
from market.orders.models import PAYMENT_STATES, Order, OrderState, PaymentState, ShopOrder


def lock(session: Session, order_id: uuid.UUID) -> Order:
    """The order, locked until the transaction ends."""
    return session.scalars(
        select(Order).where(Order.id == order_id).with_for_update().execution_options(populate_existing=True)
    ).one()


def mark_paid(session: Session, order: Order, now: datetime) -> bool:
    """The buyer's online payment has been captured: book it, and let the shops begin.

    False where the order no longer waits for it (canceled, or paid before): the money is then to be
    refunded by the caller.
    """
    if order.state is not OrderState.placed or order.payment_state is not PaymentState.due:
        return False
    order.payment_state = PAYMENT_STATES.step(order.payment_state, PaymentState.paid)
    order.paid_at = now
    for shop_order in order.shop_orders:
        book.capture(session, shop_order, STRIPE_CLEARING, now)
    emit(session, OrderPaid(order.id), now, dedupe_key=f"paid:{order.id}")
    notify(
        session,
        order.account_id,
        "order.paid",
        {"number": order.number, "fen": order.payable_fen},
        now,
        reference=f"order:{order.id}",
        dedupe_key=f"order.paid:{order.id}",
    )
    return True


def mark_cash_collected(session: Session, shop_order: ShopOrder, source: Account, now: datetime) -> None:
    """The courier took the cash for one shop order: book it; the order is paid with its last part."""
    book.capture(session, shop_order, source, now)
    order = shop_order.order
    if order.payment_state is PaymentState.due and order_is_covered(order):
        order.payment_state = PAYMENT_STATES.step(order.payment_state, PaymentState.paid)
        order.paid_at = now


def order_is_covered(order: Order) -> bool:
    """Whether every part of a cash order has been delivered or undone."""
    return all(part.is_over for part in order.shop_orders)
