"""A transfer goes into the truck's batch by itself, and the worker takes its load off the point."""

from sqlalchemy import select

from market.collection.bring import take_in
from market.collection.close_point import close_point
from market.collection.models import Transfer
from market.collection.states import PointState, TransferState
from market.delivery.drive import Left, complete_stop
from market.delivery.models import Job
from market.kernel.outbox import OutboxRow
from tests.builders.collection import a_point
from tests.builders.delivery import DAY, a_courier, a_run_underway
from tests.builders.people import an_account
from tests.builders.recycling import a_recycler
from worker.handlers import HANDLERS


def test_what_a_closing_point_holds_is_fetched_by_the_next_batch(session, now):
    courier, keeper = a_courier(session, now), an_account(session, now, name="收货人")
    a_recycler(session, now)
    point = a_point(session, now)
    take_in(session, point, keeper.id, "fridge", "", now)
    close_point(session, "610924", point.id, "修路", now)
    # Until its last day a single job waits for a fuller one.
    session.scalars(select(Job)).one().promised_on = DAY
    session.flush()
    (stop,) = a_run_underway(session, courier, now).stops
    assert [job.items for job in stop.jobs] == [[["fridge", 1]]]
    assert (point.load_cm3, point.state) == (700_000, PointState.closing)
    complete_stop(session, courier, stop.id, Left(recipient_name="焕古供销社", cash_fen=0), now)
    told = session.scalars(select(OutboxRow).where(OutboxRow.kind == "delivery.job_done")).one()
    for _ in range(2):
        for handler in HANDLERS[told.kind]:
            handler(session, told.payload, now)
    session.refresh(point)
    assert session.scalars(select(Transfer.state)).all() == [TransferState.collected]
    assert (point.load_cm3, point.state) == (0, PointState.closed)
