"""After a breakdown: one more wave of the same day with what the failed runs did not get to."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.delivery.close_batch import close_next_wave
from market.delivery.free_vehicles import free_vehicles
from market.delivery.models import Batch, Job, JobState, Run, Stop
from market.delivery.queries import breakdowns
from market.delivery.told import RUN_REASONS
from market.kernel.clock import local_date
from market.kernel.errors import NotFound, Refused


def rest(session: Session, batch_id: uuid.UUID) -> Sequence[Job]:
    """The jobs that wait because a run of the batch could not go on."""
    runs = session.scalars(select(Run.id).where(Run.batch_id == batch_id)).all()
    failed = {event.run_id for event in breakdowns(session, runs)}
    on_batch = select(Stop.id).where(Stop.run_id.in_(failed))
    waits = Job.state == JobState.ready, Job.reason.in_(RUN_REASONS), Job.stop_id.in_(on_batch)
    return session.scalars(select(Job).where(*waits).order_by(Job.id)).all()


def plan_rest(session: Session, county_code: str, batch_id: uuid.UUID, now: datetime) -> Batch:
    """The extra wave, closed and to be planned over the vehicles that have some of their shift left.

    Raises NotFound; Refused: ``delivery.nothing_left``, ``delivery.no_vehicle_left``.
    """
    # Locked, so that of two operators the second sees that the first has taken all.
    own = select(Batch).where(Batch.id == batch_id, Batch.county_code == county_code).with_for_update()
    batch = session.scalars(own).one_or_none()
    if batch is None:
        raise NotFound
    waiting = {job.id for job in rest(session, batch_id)}
    if not waiting:
        raise Refused("delivery.nothing_left")
    wave = close_next_wave(session, county_code, batch.day, now, waiting)
    if batch.day < local_date(now) or not free_vehicles(session, wave, now):
        raise Refused("delivery.no_vehicle_left")
    return wave
