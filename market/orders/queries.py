"""Orders as each actor may see them: not yours is not found."""

import uuid
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Integer, Select, bindparam, or_, select
from sqlalchemy.orm import Session, contains_eager

from market.kernel.together import Together, hang
from market.orders.models import (
    Fulfillment,
    Order,
    OrderLine,
    PaymentMethod,
    PaymentState,
    ShopOrder,
    ShopOrderStep,
    Tender,
)


def _whole(which: Select[Order]) -> Together:
    """The orders of `which` with their parts, the lines and steps of these, and how they are paid."""
    ids = select(which.with_only_columns(Order.id).subquery().c.id)
    parts = select(ShopOrder.id).where(ShopOrder.order_id.in_(ids))
    return Together(
        select(Order).where(Order.id.in_(ids)).order_by(Order.placed_at.desc(), Order.id.desc()),
        select(ShopOrder).where(ShopOrder.order_id.in_(ids)).order_by(ShopOrder.number),
        select(OrderLine).where(OrderLine.shop_order_id.in_(parts)).order_by(OrderLine.id),
        select(ShopOrderStep)
        .where(ShopOrderStep.shop_order_id.in_(parts))
        .order_by(ShopOrderStep.at, ShopOrderStep.id),
        select(Tender).where(Tender.order_id.in_(ids)).order_by(Tender.kind),
    )


_OWN = select(Order).where(Order.account_id == bindparam("account_id"))
_ONE = _whole(_OWN.where(Order.id == bindparam("order_id")))
_LATEST = _whole(
    _OWN.where(Order.placed_at < bindparam("before", type_=DateTime(timezone=True)))
    .order_by(Order.placed_at.desc(), Order.id.desc())
    .limit(bindparam("most", type_=Integer))
)
_OF_LINE = _whole(
    _OWN.join(ShopOrder, ShopOrder.order_id == Order.id)
    .join(OrderLine, OrderLine.shop_order_id == ShopOrder.id)
    .where(OrderLine.id == bindparam("line_id"))
)
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)


def _read(session: Session, whole: Together, **values: Any) -> list[Order]:
    orders, parts, lines, steps, tenders = whole.read(session, **values)
    hang(Order.shop_orders, orders, parts)
    hang(Order.tenders, orders, tenders)
    hang(ShopOrder.lines, parts, lines)
    hang(ShopOrder.steps, parts, steps)
    return orders


def orders_of(
    session: Session, account_id: uuid.UUID, before: datetime | None = None, limit: int = 20
) -> list[Order]:
    """The buyer's orders, newest first; `before` continues after a page's last `placed_at`."""
    return _read(session, _LATEST, account_id=account_id, before=before or _NEVER, most=limit)


def order_of(session: Session, account_id: uuid.UUID, order_id: uuid.UUID) -> Order | None:
    """One order of the buyer's, with its parts."""
    return next(iter(_read(session, _ONE, account_id=account_id, order_id=order_id)), None)


def line_of(session: Session, account_id: uuid.UUID, line_id: uuid.UUID) -> OrderLine | None:
    """One line of the buyer's orders, with the whole order."""
    found = _read(session, _OF_LINE, account_id=account_id, line_id=line_id)
    lines = (line for order in found for part in order.shop_orders for line in part.lines)
    return next((line for line in lines if line.id == line_id), None)


def shop_orders(
    session: Session,
    shop_id: uuid.UUID,
    states: Sequence[Fulfillment] | None = None,
    limit: int = 100,
) -> list[ShopOrder]:
    """What the shop has to do or has done, oldest first. Orders not yet paid online are not shown."""
    found = _ready().where(ShopOrder.shop_id == shop_id)
    if states is not None:
        found = found.where(ShopOrder.state.in_(states))
    return list(session.scalars(found.order_by(Order.placed_at, ShopOrder.id).limit(limit)).unique())


def shop_order_of(
    session: Session, shop_id: uuid.UUID, shop_order_id: uuid.UUID, *, lock: bool = False
) -> ShopOrder | None:
    """One shop order of the shop's."""
    found = _ready().where(ShopOrder.id == shop_order_id, ShopOrder.shop_id == shop_id)
    if lock:
        found = found.with_for_update(of=ShopOrder)
    return session.scalars(found).unique().one_or_none()


def county_shop_orders(
    session: Session, county_code: str, states: Sequence[Fulfillment], limit: int = 200
) -> list[ShopOrder]:
    """The county's shop orders in `states`, oldest first."""
    found = _ready().where(Order.county_code == county_code, ShopOrder.state.in_(states))
    return list(session.scalars(found.order_by(Order.placed_at, ShopOrder.id).limit(limit)).unique())


def county_shop_order(
    session: Session, county_code: str, shop_order_id: uuid.UUID, *, lock: bool = False
) -> ShopOrder | None:
    """One shop order of the county's."""
    found = _ready().where(ShopOrder.id == shop_order_id, Order.county_code == county_code)
    if lock:
        found = found.with_for_update(of=ShopOrder)
    return session.scalars(found).unique().one_or_none()


def buyer_of(session: Session, number: str) -> uuid.UUID | None:
    """The account that placed the order of that number."""
    return session.scalar(select(Order.account_id).where(Order.number == number))


def buyers_of(session: Session, numbers: Collection[str]) -> dict[str, uuid.UUID]:
    """The accounts that placed the orders of those numbers, by number."""
    rows = session.execute(select(Order.number, Order.account_id).where(Order.number.in_(numbers)))
    return {row.number: row.account_id for row in rows}


def order_numbers(session: Session, shop_order_ids: Collection[uuid.UUID]) -> set[str]:
    """The numbers of the orders that these shops' parts are of."""
    found = select(Order.number).join(ShopOrder, ShopOrder.order_id == Order.id)
    return set(session.scalars(found.where(ShopOrder.id.in_(shop_order_ids))))


def by_reference(session: Session, reference: str, *, lock: bool = False) -> ShopOrder | None:
    """The shop order that ``shop_order:ID`` names; None where it names something else."""
    kind, _, identifier = reference.partition(":")
    if kind != "shop_order":
        return None
    return session.get(ShopOrder, uuid.UUID(identifier), with_for_update=lock)


def of_line(session: Session, reference: str) -> ShopOrder | None:
    """The shop order of the line that ``order_line:ID`` names; the caller has checked whose it is."""
    identifier = reference.removeprefix("order_line:")
    return session.scalar(
        select(ShopOrder).join(ShopOrder.lines).where(OrderLine.id == uuid.UUID(identifier))
    )


def _ready() -> Select[ShopOrder]:
    paid_or_cash = or_(Order.payment_method == PaymentMethod.cash, Order.payment_state == PaymentState.paid)
    return (
        select(ShopOrder).join(ShopOrder.order).options(contains_eager(ShopOrder.order)).where(paid_or_cash)
    )


def county_shop_order_by_number(session: Session, county_code: str, number: str) -> ShopOrder | None:
    """The county's shop order of that number; an order's own number finds its first part."""
    found = _ready().where(
        Order.county_code == county_code, or_(ShopOrder.number == number, Order.number == number)
    )
    return session.scalars(found.order_by(ShopOrder.number).limit(1)).unique().one_or_none()
