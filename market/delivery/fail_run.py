"""A run cannot go on (the truck broke down, the road is closed): the rest waits for the next batch."""

import uuid
from collections.abc import Set
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.delivery.drive import fail_stop
from market.delivery.models import Courier, Run, RunState, StopState
from market.kernel.errors import NotFound, Refused


def fail_run(
    session: Session,
    courier: Courier,
    run_id: uuid.UUID,
    reason: str,
    now: datetime,
    ended: Set[uuid.UUID] = frozenset(),
) -> Run:
    """Fail what is still to do on the run, except the stops `ended` on a phone. Over before: unchanged.

    Raises NotFound where the run is another courier's; Refused: ``delivery.reason_missing`` (field reason),
    ``delivery.not_underway``.
    """
    run = session.scalars(
        select(Run).where(Run.id == run_id, Run.courier_id == courier.id).with_for_update(of=Run)
    ).one_or_none()
    if run is None:
        raise NotFound
    if run.state is RunState.done:
        return run
    if run.state is not RunState.underway:
        raise Refused("delivery.not_underway")
    for stop in run.stops:
        if stop.state is StopState.pending and stop.id not in ended:
            fail_stop(session, courier, stop.id, reason, now)
    return run
