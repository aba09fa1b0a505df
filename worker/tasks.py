"""What the broker carries. Each task is safe to run twice, and late."""

import logging
import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.catalog import views
from market.delivery.close_batch import close_due_batches
from market.inventory import low
from market.kernel import clock, tally
from market.kernel import pulse as workers_pulse
from market.kernel.outbox import OutboxState
from market.payments import send_refund, settle
from market.payments.provider import stripe_provider
from market.places.models import County
from market.privacy.erase import MOST_ROWS, purge
from market.settings import read
from market.settlements.pay import draw_up
from market.settlements.rules import last_month, last_week
from market.settlements.statements import draw_up_statements
from worker import chores
from worker import relay as outbox
from worker.app import app
from worker.database import engine
from worker.handlers import HANDLERS
from worker.parts import answer_part, valkey
from worker.work import work

log = logging.getLogger(__name__)


@app.task
def handle(row_id: str) -> None:
    """Do one outbox row."""
    with Session(engine()) as session, session.begin():
        state = work(session, uuid.UUID(row_id), HANDLERS, clock.now())
    if state not in (None, OutboxState.done):
        log.warning("outbox row %s failed and is %s", row_id, state)


@app.task
def search_part(key: str) -> None:
    """Search a part of a large day that some planning waits for."""
    answer_part(valkey(), key)


@app.task
def relay() -> None:
    """Send what is due."""
    with Session(engine()) as session, session.begin():
        outbox.relay(session, lambda row_id: handle.delay(str(row_id)), clock.now())


@app.task
def sweep() -> None:
    """Send again what seems lost."""
    with Session(engine()) as session, session.begin():
        outbox.sweep(session, clock.now())


@app.task
def pulse() -> None:
    """Be heard from."""
    workers_pulse.beat(read().redis_url, clock.now())


@app.task
def close_batches() -> None:
    """Close the batches whose cut-off has passed."""
    with Session(engine()) as session, session.begin():
        close_due_batches(session, clock.now())


@app.task
def settle_payments() -> None:
    """Ask the provider about payments and refunds whose news may have been lost, each by itself."""
    provider, now = stripe_provider(read()), clock.now()
    with Session(engine()) as session:
        payments, refunds = settle.stale(session, now), send_refund.stale(session, now)
    for payment_id in payments:
        with Session(engine()) as session, session.begin():
            settle.settle(session, provider, payment_id, now)
    for refund_id in refunds:
        with Session(engine()) as session, session.begin():
            send_refund.settle_refund(session, provider, refund_id, now)


@app.task
def draw_up_sheets() -> None:
    """Draw up every county's sheets of the last week and statements of the last month, each by itself."""
    now = clock.now()
    with Session(engine()) as session:
        counties = session.scalars(select(County.code).order_by(County.code)).all()
    for county_code in counties:
        with Session(engine()) as session, session.begin():
            draw_up(session, county_code, last_week(now), now)
            draw_up_statements(session, county_code, last_month(now), now)


@app.task
def purge_personal() -> None:
    """Take away personal data that is past its time, so many rows in a transaction."""
    now = clock.now()
    while True:
        with Session(engine()) as session, session.begin():
            counts = purge(session, now)
        if counts:
            log.info("purged %s", counts)
        if max(counts.values(), default=0) < MOST_ROWS:
            return


@app.task
def tell_low() -> None:
    """Tell the shops what runs low."""
    with Session(engine()) as session, session.begin():
        low.tell_low(session, clock.now())


@app.task
def keep_views() -> None:
    """Write down how often each listing was looked at. What cannot be read now is read the next time."""
    now = clock.now()
    with tally.broker(read().redis_url) as valkey:
        found = list(tally.counted(valkey, views.TALLY, clock.local_date(now)))
    for day, counts in found:
        with Session(engine()) as session, session.begin():
            views.keep_views(session, day, counts)


@app.task
def tidy() -> None:
    """Drop rows that have served: done outbox rows and used idempotency keys; renew seals under a new key."""
    with Session(engine()) as session, session.begin():
        chores.tidy(session, clock.now())
    if keys := read().secret_keys:
        chores.renew_seals(engine(), keys)
