"""Move a shop order and write down when."""

from datetime import datetime

from sqlalchemy.orm import Session

from market.kernel.ids import new_id
from market.orders.models import (
    FULFILLMENT,
    ORDER_STATES,
    Fulfillment,
    Order,
    OrderState,
    ShopOrder,
    ShopOrderStep,
)


def advance(session: Session, shop_order: ShopOrder, to: Fulfillment, now: datetime) -> None:
    """Put `shop_order` in state `to`. Raises Refused(``state.illegal_move``)."""
    FULFILLMENT.move(shop_order, to)
    record(session, shop_order, now)


def moves(shop_order: ShopOrder) -> frozenset[Fulfillment]:
    """Where the shop order may go from here."""
    return FULFILLMENT[shop_order.state]


def record(session: Session, shop_order: ShopOrder, now: datetime) -> None:
    """Log the state the shop order is in."""
    shop_order.steps.append(
        ShopOrderStep(id=new_id(), shop_order_id=shop_order.id, state=shop_order.state, at=now)
    )
    session.flush()


def close_if_over(order: Order, now: datetime) -> bool:
    """End the order once every part has ended: completed if anything was delivered, else canceled."""
    if order.state is not OrderState.placed or not all(part.is_over for part in order.shop_orders):
        return False
    delivered = any(part.state is Fulfillment.delivered for part in order.shop_orders)
    ORDER_STATES.move(order, OrderState.completed if delivered else OrderState.canceled)
    order.ended_at = now
    return True
