"""The worker's reactions to what the truck and the carrier tell, each run twice."""

from datetime import timedelta

import pytest

from market.delivery.drive import NOT_HANDED_IN
from market.kernel.outbox import OutboxRow
from market.recycling import parcel, send_in
from market.recycling.states import RecyclingState as S
from tests.builders.mail_in import a_phone_for_the_courier
from tests.builders.recycling import a_labelled_phone
from worker.handlers import HANDLERS


def handle(session, kind, payload, now):
    for handler in (*HANDLERS[kind], *HANDLERS[kind]):
        handler(session, payload, now)


def test_every_clock_and_wish_of_an_order_has_its_handler(session, consumer, recycler, now):
    order = a_labelled_phone(session, consumer, now)
    send_in.book_pickup(session, consumer.id, order.id, now.date() + timedelta(days=2), now)
    rows = session.query(OutboxRow).filter(OutboxRow.payload["order_id"].astext == str(order.id))
    kinds = {row.kind for row in rows}
    assert {"recycling.parcel_wanted", "recycling.pickup_reminder", "recycling.label_expires"} <= kinds
    assert kinds <= HANDLERS.keys()


@pytest.mark.parametrize("dead_for", [timedelta(0), timedelta(days=1)])
def test_the_truck_has_it(session, consumer, recycler, now, dead_for):
    order = a_phone_for_the_courier(session, consumer, now)
    reference = f"recycling:{order.id}"
    handle(session, "delivery.job_scheduled", {"reference": reference, "day": "2026-11-24"}, now)
    handle(session, "delivery.job_departed", {"reference": reference}, now)
    failed = {"job_id": str(order.id), "reference": reference, "reason": NOT_HANDED_IN}
    handle(session, "delivery.job_failed", failed, now)
    assert order.state is S.awaiting_pickup
    done = {"reference": reference, "courier_id": str(order.id), "done_at": now.isoformat()}
    handle(session, "delivery.job_done", done, now + dead_for)
    assert order.state is S.in_transit


def test_the_carrier_is_booked_and_followed(session, consumer, recycler, now):
    order = a_labelled_phone(session, consumer, now)
    payload = {"order_id": str(order.id)}
    handle(session, "recycling.parcel_wanted", payload, now)
    send_in.mark_posted(session, consumer.id, order.id, "", now)
    handle(session, "recycling.parcel_check_due", payload, now + timedelta(minutes=2))
    assert len(parcel.scans(session, order.id)) == 2
