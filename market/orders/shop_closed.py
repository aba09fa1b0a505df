"""A shop has closed: what it had not handed over goes back to its buyers; what left goes on its way."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.orders.models import Fulfillment, ShopOrder
from market.orders.undo import decline_locked, lock_all

NOT_HANDED_OVER = (Fulfillment.placed, Fulfillment.confirmed)
CLOSED = "shop_closed"
WORDS = "店铺已经关门"


def give_up_orders(session: Session, shop_id: uuid.UUID, now: datetime) -> None:
    """Decline every order that has not left the shop, unpaid ones too. The second time nothing is left."""
    left = select(ShopOrder.order_id).where(
        ShopOrder.shop_id == shop_id, ShopOrder.state.in_(NOT_HANDED_OVER)
    )
    for order_id in session.scalars(left.order_by(ShopOrder.order_id)).all():
        order = lock_all(session, order_id)
        for part in order.shop_orders:
            if part.shop_id == shop_id and part.state in NOT_HANDED_OVER:
                decline_locked(session, order, part, CLOSED, WORDS, now)
