"""Cash for tests: orders delivered against cash, and hand-ins up to the hub's safe."""

from datetime import datetime

from sqlalchemy.orm import Session

from market.cash.hand_in import begin_hand_in, receive_hand_in
from market.cash.models import HandIn
from market.catalog.models import Listing
from market.delivery.models import Courier
from market.kernel.ids import new_id
from market.orders import deliver
from market.orders.fulfill import confirm_shop_order, hand_over, receive_at_hub
from market.orders.models import ShopOrder
from market.people.models import Account
from tests.builders.orders import an_order
from tests.builders.people import an_account

CASH_FEN = 2635_00  # what one washer of the builders costs, brought to the door


def a_part_at_hub(
    session: Session, listing: Listing, now: datetime, buyer: Account | None = None
) -> ShopOrder:
    """A cash order's one part, on the hub's floor."""
    (part,) = an_order(
        session, buyer or an_account(session, now), [(listing, 1)], now, key=str(new_id())
    ).shop_orders
    confirm_shop_order(session, part.shop_id, part.id, now)
    hand_over(session, part.shop_id, part.id, now)
    return receive_at_hub(session, part.order.county_code, part.id, now)


def a_collection(session: Session, courier: Courier, listing: Listing, now: datetime) -> ShopOrder:
    """One washer delivered by `courier`, who took the cash."""
    part = a_part_at_hub(session, listing, now)
    deliver.job_done(session, part.reference, courier.id, now, now)
    return part


def a_received_hand_in(
    session: Session, courier: Courier, counted_fen: int, by: Account, now: datetime
) -> HandIn:
    """All the courier held, counted as `counted_fen` at the counter."""
    hand_in, code = begin_hand_in(session, courier, now)
    return receive_hand_in(session, courier.county_code, hand_in.id, code, counted_fen, by.id, now)
