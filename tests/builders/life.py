"""An order's way through every room, by the use cases and the worker's own handlers."""

from collections import Counter
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from market import audit
from market.catalog.models import Listing
from market.delivery.close_batch import close_batch
from market.delivery.drive import Left, checks_for, complete_stop, start_run
from market.delivery.models import Courier, Run, Stop, StopState
from market.delivery.plan_batch import plan_batch, release_batch
from market.kernel.clock import local_date
from market.kernel.errors import Refused
from market.kernel.outbox import OutboxRow, OutboxState
from market.orders.fulfill import confirm_shop_order, hand_over, receive_at_hub
from market.orders.models import Order, PaymentMethod
from market.payments.models import Payment
from market.payments.pay import begin, open_page
from market.payments.provider import PaymentProvider
from market.payments.settle import settle
from market.people.models import Account
from tests.builders.catalog import a_listing, a_verified_label
from tests.builders.orders import an_order
from tests.builders.people import an_account
from tests.builders.places import a_county
from tests.builders.shops import a_shop
from tests.builders.stripe_sandbox import pay
from tests.builders.subsidies import a_funded_programme
from worker.handlers import HANDLERS

COUNTY = "610924"
PAGES = {"locale": "zh", "success_url": "http://127.0.0.1:1/ok", "cancel_url": "http://127.0.0.1:1/no"}

# What asks the payment provider or plans a day: a test that wants it calls it by itself.
BY_HAND = frozenset(
    {
        "delivery.batch_closed",
        "delivery.batch_planned",
        "payments.refund_requested",
        "orders.shop_order_undone",
    }
)


def two_listings(session: Session, now: datetime, stock: int = 10) -> tuple[Listing, Listing]:
    """A washer of grade 1, subsidised at 15 %, and a rice cooker, of two shops of one county."""
    a_county(session, COUNTY)
    a_funded_programme(session, COUNTY, now)
    washer = a_listing(session, a_shop(session, now), now, stock=stock)
    a_verified_label(session, washer, now)
    cooker = a_listing(session, a_shop(session, now), now, category="rice_cooker", stock=stock)
    return washer, cooker


def a_begun_payment(
    session: Session, provider: PaymentProvider, now: datetime
) -> tuple[Account, Order, Payment]:
    """A buyer, her order of one washer, and the payment whose hosted page she has before her."""
    a_county(session)
    buyer = an_account(session, now)
    listing = a_listing(session, a_shop(session, now), now)
    order = an_order(session, buyer, [(listing, 1)], now, PaymentMethod.stripe)
    return buyer, order, begun(session, provider, buyer, order, now)


def begun(
    session: Session, provider: PaymentProvider, buyer: Account, order: Order, now: datetime
) -> Payment:
    """The payment of `order` with its hosted page open."""
    payment = begin(session, buyer.id, order.id, now)
    open_page(session, provider, payment, **PAGES)
    return payment


def paid(
    session: Session,
    provider: PaymentProvider,
    buyer: Account,
    order: Order,
    now: datetime,
    method: str = "alipay",
) -> Payment:
    """The payment of `order`, paid on the hosted page and booked."""
    payment = begun(session, provider, buyer, order, now)
    status, _, _ = pay(payment.checkout_url or "", method, number="4242 4242 4242 4242")
    assert status == 303
    settle(session, provider, payment.id, now)
    return payment


def react(session: Session, now: datetime, by_hand: Collection[str] = BY_HAND) -> None:
    """Let the worker's handlers do what is due, as the relay would, but for the kinds done `by_hand`."""
    while rows := session.scalars(
        select(OutboxRow)
        .where(OutboxRow.state == OutboxState.pending, OutboxRow.due_at <= now)
        .order_by(OutboxRow.id)
    ).all():
        for row in rows:
            if row.kind not in by_hand:
                for handler in HANDLERS[row.kind]:
                    handler(session, row.payload, now)
            row.state = OutboxState.done
        session.flush()


def to_the_hub(session: Session, order: Order, now: datetime) -> None:
    """Every shop confirms and hands over, and the hub receives."""
    for part in order.shop_orders:
        confirm_shop_order(session, part.shop_id, part.id, now)
        hand_over(session, part.shop_id, part.id, now)
        receive_at_hub(session, COUNTY, part.id, now)


def released_run(session: Session, now: datetime, cpu_seconds: float = 0.5) -> Run:
    """Tomorrow's batch with all that stands at the hub: closed, planned and released; its one run."""
    batch = close_batch(session, COUNTY, local_date(now) + timedelta(days=1), 1, now)
    plan_batch(session, batch.id, now, cpu_seconds=cpu_seconds)
    session.refresh(batch)
    release_batch(session, COUNTY, batch.id, now)
    react(session, now)
    return session.scalars(select(Run).where(Run.batch_id == batch.id)).one()


def left_at(stop: Stop, **changes: Any) -> Left:
    """What a courier who does everything right leaves at `stop`."""
    return replace(Left("王秀英", stop.cash_due_fen, checks=frozenset(checks_for(stop))), **changes)


def delivered(session: Session, courier: Courier, order: Order, now: datetime) -> None:
    """`order` all the way from the shops to the buyer's door."""
    to_the_hub(session, order, now)
    run = released_run(session, now, cpu_seconds=0.1)
    start_run(session, courier, run.id, now)
    react(session, now)
    for stop in run.stops:
        if stop.state is StopState.pending:
            complete_stop(session, courier, stop.id, left_at(stop), now)
    react(session, now)
    session.expire_all()


def clean(session: Session, now: datetime) -> bool:
    """Whether every book balances."""
    session.flush()
    session.expire_all()
    return audit.run(session, now) == []


def at_once(engine: Engine, times: int, act: Callable[[Session, int], object]) -> Counter[str]:
    """Let `act(session, number)` happen `times` times at one moment, each in a thread and a transaction.

    How many were done, and how many refused by each code.
    """
    together = Barrier(times)

    def one(number: int) -> str:
        with Session(engine) as session:
            together.wait()
            try:
                act(session, number)
                session.commit()
            except Refused as refused:
                return refused.code
            return "done"

    with ThreadPoolExecutor(times) as pool:
        return Counter(pool.map(one, range(times)))
