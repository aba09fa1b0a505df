"""Goods on their way to a station, and whoever keeps it."""

from datetime import datetime

from sqlalchemy.orm import Session

from market.catalog.models import Listing
from market.delivery.close_batch import close_batch
from market.delivery.drive import Left, complete_stop, start_run
from market.delivery.models import Courier, Stop
from market.delivery.plan_batch import plan_batch, release_batch
from market.orders import pay
from market.orders.cart import Owner, entries, find, put
from market.orders.checkout import Choices, checkout
from market.orders.fulfill import confirm_shop_order, hand_over, receive_at_hub
from market.orders.models import Order, PaymentMethod, Place, ShopOrder
from market.orders.quote import Options, price_entries
from market.people.models import Account, StationKeeper
from market.places.models import Station
from tests.builders.delivery import DAY
from tests.builders.people import an_account, an_address


def a_keeper(session: Session, station: Station, now: datetime) -> Account:
    """Who keeps `station`."""
    account = an_account(session, now, name=station.keeper_name)
    session.add(StationKeeper(account_id=account.id, station_id=station.id, created_at=now))
    session.flush()
    return account


def station_choices(
    session: Session,
    buyer: Account,
    station: Station,
    now: datetime,
    method: PaymentMethod = PaymentMethod.stripe,
) -> Choices:
    """Delivery of the buyer's cart to `station`, with her consent."""
    address = an_address(session, buyer, now)
    options = Options(address.county_code, buyer.id, Place.station)
    priced = price_entries(session, entries(session, find(session, Owner(account_id=buyer.id))), options, now)
    return Choices(address.id, Place.station, method, priced.payable_fen, station.id, True)


def a_paid_part(
    session: Session, buyer: Account, listing: Listing, station: Station, now: datetime
) -> ShopOrder:
    """One piece of `listing`, paid for, at the hub, to be carried to `station`."""
    put(session, Owner(account_id=buyer.id), listing.id, 1, now)
    order: Order = checkout(session, buyer, station_choices(session, buyer, station, now), "key", now)
    pay.mark_paid(session, pay.lock(session, order.id), now)
    (part,) = order.shop_orders
    confirm_shop_order(session, part.shop_id, part.id, now)
    hand_over(session, part.shop_id, part.id, now)
    return receive_at_hub(session, order.county_code, part.id, now)


def left_at_station(session: Session, courier: Courier, now: datetime) -> Stop:
    """All that is ready, driven by `courier` and taken in by the keeper at its one stop."""
    batch = close_batch(session, courier.county_code, DAY, 1, now)
    plan_batch(session, batch.id, now, cpu_seconds=0.5)
    release_batch(session, courier.county_code, batch.id, now)
    session.refresh(batch)
    (run,) = batch.runs
    start_run(session, courier, run.id, now)
    return complete_stop(session, courier, run.stops[0].id, Left("服务站", 0, with_keeper=True), now)
