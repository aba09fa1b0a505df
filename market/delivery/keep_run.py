"""Write down what one vehicle does in a batch."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.delivery import planner
from market.delivery.models import Batch, Courier, Job, Run, RunState, Stop, StopState
from market.kernel.clock import at
from market.kernel.ids import new_id


def keep_run(
    session: Session,
    batch: Batch,
    planned: planner.Run,
    jobs: Mapping[str, Sequence[Job]],
    rows: Mapping[str, Stop] | None = None,
) -> Run | None:
    """The run as `planned`, its stops with their `jobs`; those there are are `rows`, by the same ids.

    A stop without a job is skipped, and a run without a stop is none. The vehicle's usual courier drives a
    new run.
    """
    visits = [
        (number, visit)
        for number, trip in enumerate(planned.trips, 1)
        for visit in trip.visits
        if jobs[visit.stop_id]
    ]
    if not visits:
        return None
    midnight = at(batch.day, time())
    run = _run(session, batch, uuid.UUID(planned.vehicle_id))
    run.depart_at = midnight + timedelta(seconds=planned.trips[0].depart)
    run.return_at = midnight + timedelta(seconds=planned.trips[-1].return_at)
    rests = planned.break_at is not None
    run.break_at = midnight + timedelta(seconds=planned.break_at or 0) if rests else None
    run.meters, run.seconds, run.cost_fen = planned.meters, planned.seconds, planned.cost_fen
    session.add(run)
    for sequence, (trip, visit) in enumerate(visits, 1):
        stop = (rows or {}).get(visit.stop_id) or Stop(id=new_id(), state=StopState.pending)
        stop.run_id, stop.trip, stop.sequence = run.id, trip, sequence
        stop.arrive_at = midnight + timedelta(seconds=visit.arrive)
        stop.leave_at = midnight + timedelta(seconds=visit.leave)
        session.add(stop)
        session.flush()
        for job in jobs[visit.stop_id]:
            job.stop_id = stop.id
    return run


def _run(session: Session, batch: Batch, vehicle_id: uuid.UUID) -> Run:
    found = session.scalar(select(Run).where(Run.batch_id == batch.id, Run.vehicle_id == vehicle_id))
    return found or Run(
        id=new_id(),
        batch_id=batch.id,
        vehicle_id=vehicle_id,
        courier_id=session.scalar(select(Courier.id).where(Courier.vehicle_id == vehicle_id)),
        state=RunState.planned,
    )
