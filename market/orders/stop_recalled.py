"""Stop a shop order whose goods are called back, wherever it is until a courier has it."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.delivery.jobs import cancel_job
from market.delivery.kept import call_back
from market.delivery.queries import is_done
from market.notices.notify import notify
from market.orders import steps, undo
from market.orders.models import Fulfillment, Order, ShopOrder
from market.orders.recalled import RECALLED, STOPPABLE

_IN_SHOP = (Fulfillment.placed, Fulfillment.confirmed)


def stop_recalled(session: Session, shop_order_id: uuid.UUID, now: datetime) -> bool:
    """The buyer gets back whatever she gave, and the goods go back to their shop. Once; False where a courier
    has them already, or it is over.
    """
    found = session.get_one(ShopOrder, shop_order_id)
    order = undo.lock_all(session, found.order_id)
    if found.state not in STOPPABLE or is_done(session, found.reference):
        return False
    if found.state in _IN_SHOP:
        undo.undo(session, order, found, Fulfillment.canceled, RECALLED, now)
    elif found.state is not Fulfillment.at_station:
        _call_back(session, order, found, now)
        cancel_job(session, found.reference, now)
    elif call_back(session, found.reference, RECALLED, now):
        _call_back(session, order, found, now)
    else:
        return False  # she has just fetched it; the news is on its way
    undo.end(session, order, now)
    _tell(session, order, found, now)
    return True


def _call_back(session: Session, order: Order, found: ShopOrder, now: datetime) -> None:
    steps.advance(session, found, Fulfillment.refused, now)
    found.reason = RECALLED
    undo.give_back(session, order, found, now)


def _tell(session: Session, order: Order, found: ShopOrder, now: datetime) -> None:
    notify(
        session,
        order.account_id,
        "order.recalled",
        {"number": found.number, "shop": found.shop_name},
        now,
        reference=f"order:{order.id}",
        dedupe_key=f"order.recalled:{found.id}",
    )
