"""Goods the buyer did not want: what she gave goes back to her, and the goods to the hub and their shop."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.inventory.reserve import take_back
from market.kernel.errors import NotFound
from market.notices.notify import notify
from market.orders import queries, steps, undo
from market.orders.deliver import catch_up
from market.orders.models import Fulfillment, ShopOrder

REFUSED = "refused"


def job_refused(session: Session, reference: str, now: datetime) -> None:
    """The courier comes back with the goods. Money, subsidy and points go back now, stock on arrival.

    Harmless the second time, after the delivery, and for references of other rooms.
    """
    found = queries.by_reference(session, reference)
    if found is None:
        return
    order = undo.lock_all(session, found.order_id)
    if found.is_over:
        return
    catch_up(session, found, Fulfillment.refused, now)
    steps.advance(session, found, Fulfillment.refused, now)
    found.reason = REFUSED
    undo.give_back(session, order, found, now)
    undo.end(session, order, now)
    notify(
        session,
        order.account_id,
        "order.refused",
        {"number": found.number, "shop": found.shop_name},
        now,
        reference=f"order:{order.id}",
        dedupe_key=f"order.refused:{found.id}",
    )


def refused_back_at_hub(
    session: Session, county_code: str, shop_order_id: uuid.UUID, now: datetime
) -> ShopOrder:
    """The refused goods stand at the hub again. The second time nothing happens.

    Raises NotFound where it is another county's; Refused(``state.illegal_move``).
    """
    shop_order = queries.county_shop_order(session, county_code, shop_order_id, lock=True)
    if shop_order is None:
        raise NotFound
    if shop_order.state is not Fulfillment.returned_to_hub:
        steps.advance(session, shop_order, Fulfillment.returned_to_hub, now)
    return shop_order


def refused_back_at_shop(
    session: Session, shop_id: uuid.UUID, shop_order_id: uuid.UUID, now: datetime
) -> ShopOrder:
    """The refused goods are in their shop again and can be sold. The second time nothing happens.

    Raises NotFound where it is another shop's; Refused(``state.illegal_move``).
    """
    shop_order = queries.shop_order_of(session, shop_id, shop_order_id, lock=True)
    if shop_order is None:
        raise NotFound
    if shop_order.state is not Fulfillment.returned:
        steps.advance(session, shop_order, Fulfillment.returned, now)
        for line in sorted(shop_order.lines, key=lambda line: line.listing_id):
            take_back(session, line.reference, now)
    return shop_order
