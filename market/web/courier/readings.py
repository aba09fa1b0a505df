"""Whose data the courier's phone has been given."""

from collections.abc import Sequence

from market.delivery.models import Run
from market.people.models import ViewerRole, ViewPurpose
from market.web.readings import note_orders_read


def note_run_readings(runs: Sequence[Run]) -> None:
    """Record that the signed-in courier was shown the buyers of `runs`: each order once a day. Commits."""
    numbers = {job.order_number for run in runs for stop in run.stops for job in stop.jobs}
    note_orders_read(numbers, ViewerRole.courier, ViewPurpose.delivery)
