"""Close a county's batch: at the cut-off by the clock, or earlier by an operator."""

import uuid
from collections.abc import Collection
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.delivery.closed_days import closed_on
from market.delivery.events import BatchClosed
from market.delivery.models import BATCH_STATES, Batch, BatchState, Job, JobState
from market.delivery.waiting import take_in
from market.kernel.clock import local
from market.kernel.ids import new_id
from market.kernel.outbox import emit
from market.places.queries import counties

CUTOFF_WAVE = 1


def close_due_batches(session: Session, now: datetime) -> list[Batch]:
    """Close tomorrow's batch of every county whose cut-off has passed today, unless its hub is closed then.

    Harmless at any time.
    """
    here = local(now)
    tomorrow = here.date() + timedelta(days=1)
    due = [
        county
        for county in counties(session)
        if here.time() >= county.cutoff and tomorrow not in closed_on(county)
    ]
    return [close_batch(session, county.code, tomorrow, CUTOFF_WAVE, now) for county in due]


def close_next_wave(
    session: Session, county_code: str, day: date, now: datetime, only: Collection[uuid.UUID] | None = None
) -> Batch:
    """Close what is ready now, or of it `only` the jobs with these ids, as one more wave of `day`."""
    last = session.scalar(
        select(func.max(Batch.wave)).where(Batch.county_code == county_code, Batch.day == day)
    )
    return close_batch(session, county_code, day, max(last or 0, CUTOFF_WAVE) + 1, now, only)


def close_batch(
    session: Session,
    county_code: str,
    day: date,
    wave: int,
    now: datetime,
    only: Collection[uuid.UUID] | None = None,
) -> Batch:
    """The batch, closed with every job that is ready. The second call finds it closed and changes nothing.

    Two closers at once: the second waits on the unique index, then on the row, and sees the first's work.
    """
    session.execute(
        insert(Batch)
        .values(id=new_id(), county_code=county_code, day=day, wave=wave, state=BatchState.open)
        .on_conflict_do_nothing()
    )
    batch = session.scalars(
        select(Batch)
        .where(Batch.county_code == county_code, Batch.day == day, Batch.wave == wave)
        .with_for_update()
    ).one()
    if batch.state is not BatchState.open:
        return batch
    BATCH_STATES.move(batch, BatchState.closed)
    batch.closed_at = now
    for job in _ready(session, county_code):
        if only is None or job.id in only:
            take_in(job, batch.id)
    session.flush()
    emit(session, BatchClosed(batch.id), now, dedupe_key=f"batch_closed:{batch.id}")
    return batch


def _ready(session: Session, county_code: str) -> list[Job]:
    return list(
        session.scalars(
            select(Job)
            .where(Job.county_code == county_code, Job.state == JobState.ready)
            .order_by(Job.id)
            .with_for_update()
        )
    )
