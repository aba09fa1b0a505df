"""Undo what is not delivered: a shop declines, a buyer cancels, a payment never comes."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.credit.models import SubjectKind
from market.credit.record_event import record_event
from market.delivery.jobs import cancel_job
from market.delivery.queries import is_done
from market.inventory.come_back import serials_of, take_serials_back
from market.inventory.reserve import release
from market.kernel.errors import NotFound, Refused
from market.kernel.outbox import emit
from market.notices.notify import notify
from market.orders import book, queries, steps
from market.orders.events import ShopOrderUndone
from market.orders.models import (
    PAYMENT_STATES,
    Fulfillment,
    Order,
    OrderState,
    PaymentState,
    ShopOrder,
)
from market.points.rules import FEN_PER_POINT
from market.points.spend import restore
from market.recycling.queries import trade_in_of
from market.recycling.states import TradeInState
from market.recycling.trade_in import cancel_trade_in, withdraw_credit
from market.subsidies import claim

NOT_TAKEN = frozenset({TradeInState.awaiting_pickup, TradeInState.not_handed_in})
UNPAID = "unpaid"
BUYER_ASKED, CANNOT_REACH, OTHER = "buyer_asked", "cannot_reach", "other"
DECLINES = ("out_of_stock", "damaged", CANNOT_REACH, "price_wrong", BUYER_ASKED, OTHER)
CANCELABLE = frozenset({Fulfillment.placed, Fulfillment.declined, Fulfillment.canceled})


def decline_shop_order(
    session: Session,
    shop_id: uuid.UUID,
    shop_order_id: uuid.UUID,
    words: str,
    now: datetime,
    code: str = OTHER,
) -> ShopOrder:
    """The shop cannot deliver, for a reason that the buyer reads. Money, subsidy, points, stock go back.

    `code` is one of `DECLINES`; unless the buyer asked for it, it counts in the shop's rating. Raises
    NotFound where it is another shop's; Refused(``order.reason_missing`` | ``state.illegal_move``).
    """
    if not words.strip() or code not in DECLINES:
        raise Refused("order.reason_missing", field="reason")
    found = queries.shop_order_of(session, shop_id, shop_order_id)
    if found is None:
        raise NotFound
    order = lock_all(session, found.order_id)
    shop_order = next(part for part in order.shop_orders if part.id == shop_order_id)
    decline_locked(session, order, shop_order, code, words.strip(), now)
    return shop_order


def decline_locked(
    session: Session, order: Order, shop_order: ShopOrder, code: str, words: str, now: datetime
) -> None:
    """Decline a part of an order that is locked as a whole."""
    undo(session, order, shop_order, Fulfillment.declined, words, now)
    shop_order.decline_code = code
    end(session, order, now)
    if code != BUYER_ASKED:
        record_event(
            session, SubjectKind.shop, shop_order.shop_id, "declined_by_shop", shop_order.reference, now
        )
    params = {"number": shop_order.number, "shop": shop_order.shop_name, "reason": words}
    notify(
        session,
        order.account_id,
        "order.declined",
        params,
        now,
        reference=f"order:{order.id}",
        dedupe_key=f"order.declined:{shop_order.id}",
    )


def cancel_order(session: Session, account_id: uuid.UUID, order_id: uuid.UUID, now: datetime) -> Order:
    """The buyer takes her order back, while no shop has confirmed it.

    Raises NotFound where it is not hers; Refused(``order.too_late_to_cancel``).
    """
    if queries.order_of(session, account_id, order_id) is None:
        raise NotFound
    order = lock_all(session, order_id)
    if order.state is not OrderState.placed or not is_cancelable(order):
        raise Refused("order.too_late_to_cancel")
    _cancel(session, order, "buyer", now)
    return order


def is_cancelable(order: Order) -> bool:
    """Whether no shop has begun."""
    return {shop_order.state for shop_order in order.shop_orders} <= CANCELABLE


def lapse(session: Session, order_id: uuid.UUID, now: datetime) -> None:
    """The time to pay is over: cancel the order unless it was paid. Harmless at any other time."""
    order = lock_all(session, order_id)
    is_over = order.pay_before is not None and order.pay_before <= now
    if is_over and order.state is OrderState.placed and order.payment_state is PaymentState.due:
        _cancel(session, order, UNPAID, now)
        notify(
            session,
            order.account_id,
            "order.lapsed",
            {"number": order.number},
            now,
            reference=f"order:{order.id}",
            dedupe_key=f"order.lapsed:{order.id}",
        )


def lock_all(session: Session, order_id: uuid.UUID) -> Order:
    """The order and all its parts, locked until the transaction ends."""
    order = session.scalars(
        select(Order).where(Order.id == order_id).with_for_update().execution_options(populate_existing=True)
    ).one()
    session.scalars(
        select(ShopOrder)
        .where(ShopOrder.order_id == order_id)
        .order_by(ShopOrder.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    return order


def _cancel(session: Session, order: Order, reason: str, now: datetime) -> None:
    for shop_order in order.shop_orders:
        if shop_order.state is Fulfillment.placed:
            undo(session, order, shop_order, Fulfillment.canceled, reason, now)
    end(session, order, now)


def end(session: Session, order: Order, now: datetime) -> None:
    """Close the order once its last part is over; with nothing delivered its trade-in is off too."""
    if not steps.close_if_over(order, now):
        return
    canceled = order.state is OrderState.canceled
    if canceled:
        _leave_trade_in(session, order, now)
    if order.payment_state is PaymentState.due:
        # A cash order whose last open part is declined has been paid with the parts before it.
        settled = PaymentState.void if canceled else PaymentState.paid
        order.payment_state = PAYMENT_STATES.step(order.payment_state, settled)
    session.flush()


def _leave_trade_in(session: Session, order: Order, now: datetime) -> None:
    """The old appliance stays with the buyer. For one that is on the truck already she is made an offer."""
    trade_in = trade_in_of(session, f"order:{order.id}")
    if trade_in is None or trade_in.state not in NOT_TAKEN:
        return
    job = f"trade_in:{trade_in.id}"
    if not is_done(session, job):
        cancel_trade_in(session, trade_in.reference, now)
        cancel_job(session, job, now)


def undo(
    session: Session, order: Order, shop_order: ShopOrder, to: Fulfillment, reason: str, now: datetime
) -> None:
    """End a shop order that has not left its shop: stock, money and its job go back. The order is locked."""
    steps.advance(session, shop_order, to, now)
    shop_order.reason = reason
    for line in sorted(shop_order.lines, key=lambda line: line.listing_id):
        release(session, line.reference, now)
        if shop_order.packed_at:
            take_serials_back(
                session, line.reference, serials_of(session, line.reference), now, sellable=True
            )
    give_back(session, order, shop_order, now)
    cancel_job(session, shop_order.reference, now)


def give_back(session: Session, order: Order, shop_order: ShopOrder, now: datetime) -> None:
    """The buyer will not have these goods: subsidy, points and whatever she paid go back. Once."""
    # Her old appliance before points: it may give or take some, and its own moves lock it first.
    withdraw_credit(session, f"order:{order.id}", shop_order.trade_in_fen, now)
    # Points before pots, as at checkout: an order placed and one undone at once never wait crosswise.
    points = shop_order.points_fen // FEN_PER_POINT
    if points:
        restore(session, order.account_id, points, f"order:{order.id}", str(shop_order.id), now)
    for line in sorted(shop_order.lines, key=lambda line: line.listing_id):
        claim.release(session, line.reference, now, unpaid=shop_order.reason == UNPAID)
    paid = order.payment_state is PaymentState.paid
    if paid:
        book.undo_capture(session, shop_order, now)
    emit(
        session,
        ShopOrderUndone(shop_order.id, shop_order.payable_fen if paid else 0),
        now,
        dedupe_key=f"undone:{shop_order.id}",
    )
