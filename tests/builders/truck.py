"""What somebody has bought, on a courier's truck; and a recall of some of its serial numbers."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.catalog.models import Listing
from market.catalog.recall_rule import Scope, ScopeKind
from market.catalog.recalled import open_scope
from market.delivery.models import Job, JobState, Stop
from market.orders.cart import Owner, entries, find, put
from market.orders.checkout import Choices, checkout
from market.orders.deliver import job_scheduled
from market.orders.fulfill import confirm_shop_order, hand_over, receive_at_hub
from market.orders.models import Order, PaymentMethod, Place
from market.orders.quote import Options, price_entries
from market.people.models import Account
from market.people.queries import addresses


def bought(session: Session, buyer: Account, listing: Listing, now: datetime) -> Order:
    """One piece for the first address that she has, paid in cash at the door."""
    put(session, Owner(account_id=buyer.id), listing.id, 1, now)
    address, cart = addresses(session, buyer.id)[0], find(session, Owner(account_id=buyer.id))
    options = Options(address.county_code, buyer.id, Place.door, 0, None)
    priced = price_entries(session, entries(session, cart), options, now)
    choices = Choices(address.id, Place.door, PaymentMethod.cash, priced.payable_fen)
    return checkout(session, buyer, choices, str(uuid.uuid4()), now)


def put_on_truck(session: Session, order: Order, stop: Stop, now: datetime) -> None:
    """The order's one part stands at the hub and is what the courier brings to `stop`, instead of its job."""
    (part,) = order.shop_orders
    confirm_shop_order(session, part.shop_id, part.id, now)
    hand_over(session, part.shop_id, part.id, now)
    receive_at_hub(session, order.county_code, part.id, now)
    (before,) = session.scalars(select(Job).where(Job.stop_id == stop.id))
    job = session.scalars(select(Job).where(Job.reference == part.reference)).one()
    job.state, job.batch_id, job.stop_id = JobState.scheduled, before.batch_id, stop.id
    session.delete(before)
    session.flush()
    job_scheduled(session, part.reference, now)


def recall_run(session: Session, listing: Listing, first: str, last: str, now: datetime) -> None:
    """Call back the pieces from `first` to `last`, as publishing does; no shop is asked to look, and no buyer
    told: other journeys count those."""
    scope = Scope(ScopeKind.serials, first=first, last=last)
    open_scope(session, f"recall:{uuid.uuid4()}", listing.product_id, scope, now)
