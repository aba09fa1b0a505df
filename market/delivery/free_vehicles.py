"""Which vehicles a batch may have, and when: one that is on the road comes back first."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.delivery.live import back_at
from market.delivery.models import Batch, CourierEvent, EventKind, EventOutcome, Run, Vehicle
from market.kernel.clock import at, local_date

LOADING = timedelta(seconds=1200)  # as the planner has it
# The truck or its driver is out for the day. After a closed road or bad weather the truck is not.
OUT_FOR_THE_DAY = frozenset({"breakdown", "unwell"})


@dataclass(frozen=True, slots=True)
class Free:
    """A vehicle, and the seconds of the day from which it may load at the hub and until which it is back.

    For `worked_seconds` it was on other runs before; `has_rested` tells whether its crew had a break on one.
    """

    vehicle: Vehicle
    from_second: int
    until_second: int
    worked_seconds: int = 0
    has_rested: bool = False


def free_vehicles(session: Session, batch: Batch, now: datetime) -> list[Free]:
    """The county's vehicles that have some of their shift left on the batch's day, by plate."""
    runs = _other_runs(session, batch)
    out = _out_for_the_day(session, [run.id for each in runs.values() for run in each])
    vehicles = session.scalars(
        select(Vehicle)
        .where(Vehicle.county_code == batch.county_code, Vehicle.active)
        .order_by(Vehicle.plate)
    )
    free = [_free(vehicle, batch, runs[vehicle.id], now) for vehicle in vehicles if vehicle.id not in out]
    return [it for it in free if it.from_second < it.until_second]


def _free(vehicle: Vehicle, batch: Batch, runs: Sequence[Run], now: datetime) -> Free:
    """After the runs of other batches that leave before this one's, and before the loading for later ones.

    A batch that has no run yet comes after all: its number says nothing of the hour.
    """
    midnight = at(batch.day, time())
    first = min((run.depart_at for run in batch.runs), default=None)
    before = [run for run in runs if first is None or run.depart_at <= first]
    back = [back_at(run, now) for run in before]
    leaves = [run.depart_at - LOADING for run in runs if first is not None and run.depart_at > first]
    start = max([*back, now] if batch.day == local_date(now) else back, default=midnight)
    end = min([*leaves, at(batch.day, vehicle.shift_end)])
    worked, rested = sum(run.seconds for run in before), any(run.break_at for run in before)
    return Free(vehicle, _seconds(start - midnight), _seconds(end - midnight), worked, rested)


def _seconds(since_midnight: timedelta) -> int:
    return round(since_midnight.total_seconds())


def _other_runs(session: Session, batch: Batch) -> dict[UUID, list[Run]]:
    of_day = Batch.county_code == batch.county_code, Batch.day == batch.day, Batch.id != batch.id
    runs: dict[UUID, list[Run]] = defaultdict(list)
    for run in session.scalars(select(Run).join(Run.batch).where(*of_day)):
        runs[run.vehicle_id].append(run)
    return runs


def _out_for_the_day(session: Session, run_ids: Sequence[UUID]) -> set[UUID]:
    failed = select(CourierEvent.run_id).where(
        CourierEvent.run_id.in_(run_ids),
        CourierEvent.kind == EventKind.run_failed,
        CourierEvent.outcome.in_((EventOutcome.open, EventOutcome.applied)),
        CourierEvent.payload["reason"].astext.in_(OUT_FOR_THE_DAY),
    )
    return set(session.scalars(select(Run.vehicle_id).where(Run.id.in_(failed))))
