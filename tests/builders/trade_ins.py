"""Orders with an old appliance, for tests: delivered, and the appliance on the truck or not."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.delivery.models import Courier
from market.orders import deliver
from market.orders.models import Order, PaymentMethod
from market.orders.pay import lock, mark_paid
from market.orders.quote import TradeInAnswers
from market.people.models import Account
from market.recycling.models import Recycler, TradeIn
from market.recycling.queries import trade_in_of
from market.recycling.trade_in import trade_in_collected
from tests.builders.catalog import a_listing
from tests.builders.custody import to_the_recycler
from tests.builders.life import to_the_hub
from tests.builders.orders import an_order
from tests.builders.recycling import price_tables
from tests.builders.shops import a_shop

OLD_FRIDGE = TradeInAnswers("fridge", 3, works=True, complete=True)  # quoted at 208.00 yuan
CREDIT_FEN = 208_00
WORSE_FEN = 83_20  # the same fridge where it does not work


def an_order_with_a_fridge(session: Session, buyer: Account, now: datetime) -> tuple[Order, TradeIn]:
    """Paid online and at the hub, the old fridge still at home."""
    price_tables(session)
    listing = a_listing(session, a_shop(session, now), now, stock=3)
    order = an_order(session, buyer, [(listing, 1)], now, PaymentMethod.stripe, trade_in=OLD_FRIDGE)
    mark_paid(session, lock(session, order.id), now)
    to_the_hub(session, order, now)
    old = trade_in_of(session, f"order:{order.id}")
    assert old is not None
    return order, old


def a_collected_fridge(session: Session, buyer: Account, courier: Courier, now: datetime) -> TradeIn:
    """The new one delivered and the old one taken along; it is at the recycler's, where there is one."""
    order, old = an_order_with_a_fridge(session, buyer, now)
    for part in order.shop_orders:
        deliver.job_done(session, part.reference, courier.id, now, now)
    trade_in_collected(session, f"trade_in:{old.id}", now, courier.id)
    if recycler := session.scalars(select(Recycler).where(Recycler.county_code == old.county_code)).first():
        to_the_recycler(session, old, recycler, now)
    return old
