"""From the shop to the hub: confirm, hand over, receive."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.credit.models import SubjectKind
from market.credit.record_event import record_event
from market.delivery.jobs import create_job, mark_at_hub
from market.inventory.reserve import allocate, ship
from market.kernel.clock import local_date
from market.kernel.errors import NotFound
from market.notices.notify import notify
from market.orders import queries
from market.orders.jobs import collection_request, delivery_request
from market.orders.models import Fulfillment, ShopOrder
from market.orders.recalled import none_frozen, pieces_told_apart
from market.orders.steps import advance
from market.recycling import queries as recycling


def confirm_shop_order(
    session: Session, shop_id: uuid.UUID, shop_order_id: uuid.UUID, now: datetime
) -> ShopOrder:
    """The shop will deliver: its stock is allocated and the load announced to the county's delivery.

    Raises NotFound where it is another shop's; Refused(``state.illegal_move`` | ``order.recalled``).
    """
    shop_order = _locked_of_shop(session, shop_id, shop_order_id)
    none_frozen(session, shop_order)
    advance(session, shop_order, Fulfillment.confirmed, now)
    for line in sorted(shop_order.lines, key=lambda line: line.listing_id):
        allocate(session, line.reference, now)
    create_job(session, delivery_request(shop_order), now)
    _tell(session, shop_order, "order.confirmed", now)
    return shop_order


def hand_over(session: Session, shop_id: uuid.UUID, shop_order_id: uuid.UUID, now: datetime) -> ShopOrder:
    """The goods leave the shop for the hub.

    Raises as `confirm_shop_order`; of a product whose pieces are called back in part, every one that leaves
    has its number, or it is Refused(``order.serials_needed``, field serials).
    """
    shop_order = _locked_of_shop(session, shop_id, shop_order_id)
    none_frozen(session, shop_order)
    pieces_told_apart(session, shop_order)
    advance(session, shop_order, Fulfillment.handed_over, now)
    for line in sorted(shop_order.lines, key=lambda line: line.listing_id):
        ship(session, line.reference, now)
    late = local_date(now) > shop_order.order.promised_on
    record_event(
        session,
        SubjectKind.shop,
        shop_id,
        "handed_over_late" if late else "handed_over_on_time",
        shop_order.reference,
        now,
    )
    return shop_order


def receive_at_hub(session: Session, county_code: str, shop_order_id: uuid.UUID, now: datetime) -> ShopOrder:
    """The hub has the goods: the job may be batched, and with it the old appliance's collection.

    Raises NotFound where it is another county's; Refused(``state.illegal_move``).
    """
    shop_order = queries.county_shop_order(session, county_code, shop_order_id, lock=True)
    if shop_order is None:
        raise NotFound
    advance(session, shop_order, Fulfillment.at_hub, now)
    mark_at_hub(session, shop_order.reference, now)
    trade_in = recycling.trade_in_of(session, f"order:{shop_order.order_id}")
    if trade_in is not None:
        request = collection_request(shop_order.order, trade_in)
        create_job(session, request, now)
        mark_at_hub(session, request.reference, now)
    return shop_order


def _locked_of_shop(session: Session, shop_id: uuid.UUID, shop_order_id: uuid.UUID) -> ShopOrder:
    shop_order = queries.shop_order_of(session, shop_id, shop_order_id, lock=True)
    if shop_order is None:
        raise NotFound
    return shop_order


def _tell(session: Session, shop_order: ShopOrder, kind: str, now: datetime) -> None:
    notify(
        session,
        shop_order.order.account_id,
        kind,
        {"number": shop_order.number, "shop": shop_order.shop_name},
        now,
        reference=f"order:{shop_order.order_id}",
        dedupe_key=f"{kind}:{shop_order.id}",
    )
