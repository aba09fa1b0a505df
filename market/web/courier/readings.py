"""Whose data the courier's phone has been given."""

from collections.abc import Sequence

from flask_login import current_user
from sqlalchemy.orm import Session

from market.delivery.models import Run
from market.kernel import clock
from market.orders.queries import buyers_of
from market.people.data_access import record_access
from market.people.models import ViewerRole, ViewPurpose


def note_run_readings(session: Session, runs: Sequence[Run]) -> None:
    """Record that the signed-in courier was shown the buyers of `runs`: each order once a day. Commits."""
    numbers = {job.order_number for run in runs for stop in run.stops for job in stop.jobs}
    for number, buyer in sorted(buyers_of(session, numbers).items()):
        role, purpose = ViewerRole.courier, ViewPurpose.delivery
        record_access(session, buyer, current_user.id, role, purpose, number, clock.now())
    session.commit()
