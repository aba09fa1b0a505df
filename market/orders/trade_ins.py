"""The old appliances that came in with a shop's sales."""

import uuid
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.catalog.models import Category
from market.orders.models import Order, ShopOrder
from market.recycling.models import TradeIn


def trade_ins_of_shop(
    session: Session, shop_id: uuid.UUID, limit: int = 200
) -> Sequence[tuple[TradeIn, Category, str]]:
    """Each with its category and the number of the shop's part of the order, the latest first."""
    rows = session.execute(
        select(TradeIn, Category, ShopOrder.number)
        .join(Order, TradeIn.reference == func.concat("order:", Order.id))
        .join(ShopOrder, ShopOrder.order_id == Order.id)
        .join(Category, Category.code == TradeIn.category_code)
        .where(ShopOrder.shop_id == shop_id)
        .order_by(TradeIn.id.desc())
        .limit(limit)
    )
    return [(old, category, number) for old, category, number in rows]
