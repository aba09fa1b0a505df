"""Which rows of other tables are a person's: the ways from a row to the account (`holding.ME`)."""

import uuid

from sqlalchemy import ColumnElement, Select, Text, cast, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from market.aftersales.models import Repair, ReturnRequest
from market.delivery.models import Job, JobState
from market.orders.models import Order, ShopOrder
from market.privacy.holding import ME
from market.recycling.models import RecyclingOrder, TradeIn

_ORDERS = select(Order.id).where(Order.account_id == ME)
_SHOP_ORDERS = select(ShopOrder.id).where(ShopOrder.order_id.in_(_ORDERS))
_NUMBERS = union_all(
    select(Order.number).where(Order.account_id == ME),
    select(ShopOrder.number).where(ShopOrder.order_id.in_(_ORDERS)),
    select(TradeIn.code).where(TradeIn.account_id == ME),
    select(RecyclingOrder.code).where(RecyclingOrder.account_id == ME),
    select(ReturnRequest.code).where(ReturnRequest.account_id == ME),
    select(Repair.code).where(Repair.account_id == ME),
)
_RECYCLING = select(RecyclingOrder.id).where(RecyclingOrder.account_id == ME)
_CASES = union_all(
    select("return:" + cast(ReturnRequest.id, Text)).where(ReturnRequest.account_id == ME),
    select("repair:" + cast(Repair.id, Text)).where(Repair.account_id == ME),
)
JOBS_OVER = (JobState.done, JobState.refused, JobState.canceled)


def by_order(column: InstrumentedAttribute[object]) -> ColumnElement[bool]:
    """Rows of the person's orders."""
    return column.in_(_ORDERS)


def by_shop_order(column: InstrumentedAttribute[object]) -> ColumnElement[bool]:
    """Rows of the shops' parts of the person's orders."""
    return column.in_(_SHOP_ORDERS)


def by_recycling_order(column: InstrumentedAttribute[object]) -> ColumnElement[bool]:
    """Rows of what the person sent in."""
    return column.in_(_RECYCLING)


def by_number(column: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Rows that bear the number of anything of the person's."""
    return column.in_(_NUMBERS)


def by_case(column: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Rows of the person's returns and repairs."""
    return column.in_(_CASES)


def stops() -> Select[uuid.UUID | None]:
    """The stops at which the person's things were handed over, once that is over."""
    return select(Job.stop_id).where(
        Job.stop_id.is_not(None), Job.order_number.in_(_NUMBERS), Job.state.in_(JOBS_OVER)
    )
