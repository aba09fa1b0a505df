"""What was left at a village station is fetched by the truck of the next batch, without anybody asking."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from market.delivery.drive import Left, complete_stop
from market.delivery.models import Job, JobState
from market.kernel.errors import Refused
from market.kernel.outbox import OutboxRow
from market.recycling import custody, send_in
from market.recycling.custody_models import Device
from market.recycling.fetch_from_station import take_in_at_station
from market.recycling.states import RecyclingState as S
from tests.builders.delivery import DAY, a_courier, a_run_underway
from tests.builders.mail_in import a_quoted_phone
from tests.builders.places import a_station
from tests.builders.stations import a_keeper
from worker.handlers import HANDLERS


@pytest.fixture
def left(session, consumer, recycler, now):
    """A phone with its label, and the station that it was carried to."""
    order = a_quoted_phone(session, consumer, now)
    send_in.accept_quote(session, consumer.id, order.id, now)
    return order, a_station(session)


def holder(session, order):
    return session.get_one(Device, order.id).holder


def test_its_job_is_ready_at_once_and_there_is_one(session, left, now):
    order, station = left
    keeper = a_keeper(session, station, now)
    for _ in range(2):
        take_in_at_station(session, station, order.code, keeper.id, now)
    job = session.scalars(select(Job)).one()
    assert (job.reference, job.state, job.party) == (f"from_station:{order.id}", JobState.ready, "county")
    assert (job.order_number, job.address_text, job.weight_grams) == (order.code, station.name, 200)
    assert (job.promised_on, holder(session, order)) == (date(2026, 11, 26), f"station:{station.id}")


def test_the_next_batch_takes_it_and_the_worker_moves_its_custody_once(session, left, now):
    order, station = left
    courier, keeper = a_courier(session, now), a_keeper(session, station, now)
    take_in_at_station(session, station, order.code, keeper.id, now)
    # Until its last day a single job waits for a fuller one.
    session.scalars(select(Job)).one().promised_on = DAY
    session.flush()
    (stop,) = a_run_underway(session, courier, now).stops
    complete_stop(session, courier, stop.id, Left(station.keeper_name, cash_fen=0), now)
    told = session.scalars(select(OutboxRow).where(OutboxRow.kind == "delivery.job_done")).one()
    for moment in (now + timedelta(days=1), now + timedelta(days=2)):  # the worker was dead for a day
        for handler in HANDLERS[told.kind]:
            handler(session, told.payload, moment)
    assert (order.state, holder(session, order)) == (S.in_transit, f"courier:{courier.id}")
    rows = [it for it in custody.trail(session, order.id) if it.by == f"courier:{courier.id}"]
    assert (len(rows), custody.broken_at(custody.trail(session, order.id))) == (1, None)


def test_an_unknown_label_brings_no_truck(session, left, now):
    order, station = left
    keeper = a_keeper(session, station, now)
    with pytest.raises(Refused, match=r"recycling\.not_carried"):
        take_in_at_station(session, station, "H-2222-2222", keeper.id, now)
    assert session.scalar(select(func.count()).select_from(Job)) == 0
    assert holder(session, order) == "consumer"
